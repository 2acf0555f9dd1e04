#include "app/render/encoder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The first picture's colours are the film's, so that no picture has to wait for the last. */
#define FIRST_PALETTE                                                                              \
  "split[a][b];[a]trim=end_frame=1,palettegen[p];[b][p]paletteuse=dither=bayer:bayer_scale=4"

/* clang-format off */
static const mg_film_format formats[] = {
    /* Players want pixels in blocks of two by two. */
    {".mp4", 240, {"-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p", "-crf", "20",
                   "-movflags", "+faststart", "-f", "mp4"}},
    {".gif", 50, {"-filter_complex", FIRST_PALETTE, "-loop", "0", "-f", "gif"}},
    {".webp", 50, {"-c:v", "libwebp_anim", "-quality", "75", "-loop", "0", "-f", "webp"}},
};
/* clang-format on */

const mg_film_format *mg_film_format_of(const char *path) {
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    const size_t length = strlen(path), ending = strlen(formats[i].ending);
    if (length > ending && strcmp(path + length - ending, formats[i].ending) == 0)
      return &formats[i];
  }
  return NULL;
}

struct mg_encoder {
  pid_t process;
  int pipe;
  FILE *complaints; /* what ffmpeg prints */
  bool ended;
};

/* ---- start ---- */

enum { MAX_ARGUMENTS = 40 };

typedef struct command {
  int count;
  const char *word[MAX_ARGUMENTS];
  char size[32], rate[16];
} command;

static void make_command(const mg_film_format *format, const char *path, int width, int height,
                         int fps, command *c) {
  snprintf(c->size, sizeof c->size, "%dx%d", width, height);
  snprintf(c->rate, sizeof c->rate, "%d", fps);
  const char *input[] = {"ffmpeg",      "-nostdin", "-hide_banner", "-loglevel",     "error",
                         "-y",          "-f",       "rawvideo",     "-pixel_format", "rgb24",
                         "-video_size", c->size,    "-framerate",   c->rate,         "-i",
                         "pipe:0",      "-an"};
  c->count = 0;
  for (size_t i = 0; i < sizeof input / sizeof *input; i++) c->word[c->count++] = input[i];
  for (const char *const *a = format->arguments; *a; a++) c->word[c->count++] = *a;
  c->word[c->count++] = path;
  c->word[c->count] = NULL;
}

/* Its own process group: Ctrl-C on a terminal is for this program, which then ends it. */
static int spawn(mg_encoder *e, int input, const command *c) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t how;
  sigset_t defaults;
  int error = posix_spawn_file_actions_init(&files);
  if (error) return error;
  error = posix_spawnattr_init(&how);
  if (!error) {
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE); /* ignored here */
    sigaddset(&defaults, SIGXFSZ);
    error = posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    if (!error) error = posix_spawnattr_setpgroup(&how, 0);
    if (!error) error = posix_spawnattr_setsigdefault(&how, &defaults);
    if (!error) error = posix_spawn_file_actions_adddup2(&files, input, 0);
    if (!error) error = posix_spawn_file_actions_adddup2(&files, fileno(e->complaints), 1);
    if (!error) error = posix_spawn_file_actions_adddup2(&files, fileno(e->complaints), 2);
    if (!error)
      error = posix_spawnp(&e->process, c->word[0], &files, &how, (char *const *)c->word, environ);
    posix_spawnattr_destroy(&how);
  }
  posix_spawn_file_actions_destroy(&files);
  return error;
}

static mg_status start(mg_encoder *e, const command *c) {
  int ends[2];
  e->complaints = tmpfile();
  if (!e->complaints || pipe(ends) != 0)
    return mg_fail(MG_ERR_IO, "cannot start ffmpeg: %s", strerror(errno));
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  fcntl(fileno(e->complaints), F_SETFD, FD_CLOEXEC);
  e->pipe = ends[1];
  const int error = spawn(e, ends[0], c);
  close(ends[0]);
  if (error) e->ended = true;
  if (error == ENOENT)
    return mg_fail(MG_ERR_CONFIG, "films need the program ffmpeg, which is not there; on Debian: "
                                  "apt-get install ffmpeg; pictures in a folder (--output DIR/) do "
                                  "not");
  return error ? mg_fail(MG_ERR_CONFIG, "cannot start ffmpeg: %s", strerror(error)) : MG_OK;
}

static void discard(mg_encoder *e) {
  if (e->pipe >= 0) close(e->pipe);
  if (e->complaints) fclose(e->complaints);
  free(e);
}

mg_status mg_encoder_open(const mg_film_format *format, const char *path, int width, int height,
                          int fps, mg_encoder **encoder) {
  command c;
  mg_encoder *e = calloc(1, sizeof *e);
  if (!e) return mg_fail(MG_ERR_MEMORY, "no memory for ffmpeg");
  e->pipe = -1;
  make_command(format, path, width, height, fps, &c);
  const mg_status status = start(e, &c);
  if (status == MG_OK)
    *encoder = e;
  else
    discard(e);
  return status;
}

/* ---- work ---- */

/* The last line that it printed. */
static mg_status complain(mg_encoder *e, int result) {
  char line[256] = "", last[256] = "it says nothing";
  rewind(e->complaints);
  while (fgets(line, sizeof line, e->complaints)) {
    line[strcspn(line, "\n")] = 0;
    if (*line) memcpy(last, line, sizeof last);
  }
  mg_make_printable(last);
  if (WIFSIGNALED(result))
    return mg_fail(MG_ERR_IO, "ffmpeg was ended by signal %d: %s", WTERMSIG(result), last);
  return mg_fail(MG_ERR_IO, "ffmpeg failed with exit code %d: %s", WEXITSTATUS(result), last);
}

static int wait_for(mg_encoder *e) {
  int result = 0;
  while (waitpid(e->process, &result, 0) < 0 && errno == EINTR)
    ;
  e->ended = true;
  return result;
}

mg_status mg_encoder_add(mg_encoder *e, const mg_picture *p) {
  const uint8_t *from = p->rgb;
  for (size_t left = 3 * (size_t)p->width * (size_t)p->height; left > 0;) {
    const ssize_t put = write(e->pipe, from, left);
    if (put > 0)
      from += put, left -= (size_t)put;
    else if (put < 0 && errno != EINTR)
      return complain(e, wait_for(e)); /* the other end is closed: it has ended */
  }
  return MG_OK;
}

mg_status mg_encoder_close(mg_encoder *e, bool finish) {
  mg_status status = MG_OK;
  close(e->pipe);
  e->pipe = -1;
  if (!e->ended) {
    if (!finish) kill(e->process, SIGKILL);
    const int result = wait_for(e);
    if (finish && result != 0) status = complain(e, result);
  }
  discard(e);
  return status;
}
