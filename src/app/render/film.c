#include "app/render/film.h"

#include "app/render/draw/png.h"
#include "app/render/encoder.h"
#include "files/safe_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct mg_film {
  char output[MG_PATH_MAX], temporary[MG_PATH_MAX];
  mg_encoder *encoder; /* NULL: a folder of pictures */
  int pictures;
};

static bool is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool names_folder(const char *output) {
  const size_t length = strlen(output);
  return (length > 1 && output[length - 1] == '/') || is_folder(output);
}

mg_status mg_film_check(const char *output, int *most_fps) {
  const mg_film_format *format = mg_film_format_of(output);
  *most_fps = 1000;
  if (names_folder(output)) return MG_OK;
  if (!format)
    return mg_fail(MG_ERR_USAGE,
                   "--output %s: expected a name that ends with .mp4, .gif or .webp, or that of a "
                   "folder, which ends with /",
                   output);
  *most_fps = format->most_fps;
  return MG_OK;
}

/* ---- a folder ---- */

static mg_status check_empty(const char *folder) {
  DIR *open = opendir(folder);
  if (!open)
    return errno == ENOENT ? MG_OK : mg_fail(MG_ERR_CREATE, "%s: %s", folder, strerror(errno));
  int entries = 0;
  while (readdir(open)) entries++;
  closedir(open);
  if (entries <= 2) return MG_OK; /* itself and the one above */
  return mg_fail(MG_ERR_CREATE, "%s: has files in it; give another --output", folder);
}

static mg_status open_folder(mg_film *f) {
  for (size_t n = strlen(f->output); n > 1 && f->output[n - 1] == '/'; n--) f->output[n - 1] = 0;
  MG_TRY(check_empty(f->output));
  MG_TRY(mg_safe_temporary(f->output, f->temporary));
  if (mkdir(f->temporary, 0777) == 0) return MG_OK;
  return mg_fail(MG_ERR_CREATE, "%s: cannot be created: %s", f->output, strerror(errno));
}

static void picture_name(const mg_film *f, int k, char *path, size_t size) {
  snprintf(path, size, "%s/%06d.png", f->temporary, k);
}

static void remove_folder(mg_film *f) {
  char path[MG_PATH_MAX + 32];
  for (int k = 0; k < f->pictures; k++) {
    picture_name(f, k, path, sizeof path);
    unlink(path);
  }
  rmdir(f->temporary);
}

/* ---- a film ---- */

/* The file is made here, so that what cannot be written is known by its own name and at once. */
static mg_status open_encoder(mg_film *f, const mg_film_format *format, int width, int height,
                              int fps) {
  if (is_folder(f->output)) return mg_fail(MG_ERR_CREATE, "%s: is a folder", f->output);
  MG_TRY(mg_safe_temporary(f->output, f->temporary));
  const int file = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0)
    return mg_fail(MG_ERR_CREATE, "%s: cannot be created: %s", f->output, strerror(errno));
  close(file);
  const mg_status status = mg_encoder_open(format, f->temporary, width, height, fps, &f->encoder);
  if (status != MG_OK) unlink(f->temporary);
  return status;
}

/* ---- either ---- */

mg_status mg_film_open(const char *output, int width, int height, int fps, mg_film **film) {
  mg_film *f = calloc(1, sizeof *f);
  if (!f) return mg_fail(MG_ERR_MEMORY, "%s: no memory", output);
  mg_status status = MG_OK;
  if (snprintf(f->output, sizeof f->output, "%s", output) >= (int)sizeof f->output)
    status = mg_fail(MG_ERR_CREATE, "%.64s...: the name is too long", output);
  if (status == MG_OK)
    status = names_folder(output) ? open_folder(f)
                                  : open_encoder(f, mg_film_format_of(output), width, height, fps);
  if (status == MG_OK)
    *film = f;
  else
    free(f);
  return status;
}

mg_status mg_film_add(mg_film *f, const mg_picture *picture, const char *about) {
  if (f->encoder) return mg_encoder_add(f->encoder, picture);
  char path[MG_PATH_MAX + 32];
  picture_name(f, f->pictures, path, sizeof path);
  MG_TRY(mg_png_write(path, picture, 1, &(mg_png_text){"Comment", about}));
  f->pictures++;
  return MG_OK;
}

static mg_status finish(mg_film *f, bool keep) {
  if (f->encoder) {
    const mg_status status = mg_encoder_close(f->encoder, keep);
    if (status == MG_OK && keep) return mg_safe_commit(f->temporary, f->output, false);
    unlink(f->temporary);
    return status;
  }
  if (keep && rename(f->temporary, f->output) == 0) return MG_OK;
  const int error = errno;
  remove_folder(f);
  return keep ? mg_fail(MG_ERR_CREATE, "%s: %s", f->output, strerror(error)) : MG_OK;
}

mg_status mg_film_close(mg_film *f, bool keep) {
  if (!f) return MG_OK;
  const mg_status status = finish(f, keep);
  free(f);
  return status;
}
