/* mgail render: films and pictures of policies and demonstrations. */
#include "app/commands/command.h"
#include "app/number.h"
#include "app/render/film.h"
#include "app/render/render.h"
#include "app/render/stage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const mg_option options[] = {
    {"checkpoint", "RUN|FILE", "film a policy: a run's folder, its checkpoint or an export"},
    {"grid", "[NAME=]RUN,...",
     "film several side by side, with their names (default: the algorithm's)"},
    {"data", "FILE", "film a recorded demonstration"},
    {"output", "FILE|DIR/",
     "ending with .mp4, .gif or .webp, or a folder for PNG files (required)"},
    {"episodes", "N", "how many (default 1)"},
    {"episode", "K", "the first of them, counted from 0 (default 0)"},
    {"seed", "N", "of resets and actions (default: the run's)"},
    {"stochastic", NULL, "sample actions; without: the mean action, or the most probable choice"},
    {"policy", "raw|average", "current parameters or their running average (default, if kept)"},
    {"env", "ID", "the task of --data, for files that do not name one"},
    {"size", "WxH", "of a picture, of each in a grid (default 640x480)"},
    {"fps", "N",
     "pictures a second of the task's time (default: one a step, 50 at most in .gif and .webp)"},
    {"camera", "NAME", "of the task's model, or free, from above (default track); all go along"},
    {"overlay", NULL,
     "show D, the discriminator's opinion of each step (mgail and gail; of a grid, those)"},
    {0},
};

enum { LEAST_SIDE = 16, MOST_SIDE = 4096, MOST_EPISODES = 10000 };

/* ---- the request ---- */

static mg_status parse_size(const mg_args *args, mg_render_request *r) {
  const char *text = mg_args_text(args, "size");
  r->width = 640, r->height = 480;
  if (!text) return MG_OK;
  char first[32];
  int64_t width, height;
  const size_t length = strcspn(text, "x");
  if (text[length] == 'x' && length < sizeof first) {
    memcpy(first, text, length);
    first[length] = 0;
    if (mg_number_parse_whole(first, &width) && mg_number_parse_whole(text + length + 1, &height) &&
        width >= LEAST_SIDE && width <= MOST_SIDE && height >= LEAST_SIDE && height <= MOST_SIDE) {
      r->width = (int)width, r->height = (int)height;
      return MG_OK;
    }
  }
  return mg_fail(MG_ERR_USAGE, "--size %s: expected WIDTHxHEIGHT, each from %d to %d", text,
                 LEAST_SIDE, MOST_SIDE);
}

static mg_status parse(const mg_args *args, mg_render_request *r) {
  int most_fps;
  int64_t fps = 0;
  *r = (mg_render_request){.episodes = 1, .camera = mg_args_text(args, "camera")};
  MG_TRY(mg_args_require(args, "render", "output", &r->output));
  MG_TRY(mg_film_check(r->output, &most_fps));
  MG_TRY(mg_args_int(args, "episodes", 1, MOST_EPISODES, &r->episodes));
  MG_TRY(mg_args_int(args, "episode", 0, 1000000, &r->episode));
  MG_TRY(mg_args_int(args, "fps", 1, most_fps, &fps));
  r->fps = (int)fps;
  return parse_size(args, r);
}

/* ---- who is filmed ---- */

typedef struct cast {
  int actors;
  mg_actor *actor[MG_STAGE_MAX];
  char *words; /* the grid's, cut into pieces */
} cast;

static mg_status add_policy(cast *c, mg_policy_request *r, mg_app *app) {
  MG_TRY(mg_policy_actor_open(r, app, &c->actor[c->actors]));
  c->actors++;
  return MG_OK;
}

/* "NAME=RUN" is a name and a run, unless there is such a file. */
static void split_name(char *word, mg_policy_request *r) {
  struct stat info;
  char *equals = strchr(word, '=');
  r->label = NULL;
  r->checkpoint = word;
  if (!equals || stat(word, &info) == 0) return;
  *equals = 0;
  r->label = word;
  r->checkpoint = equals + 1;
}

static mg_status add_grid(cast *c, const char *grid, mg_policy_request *r, mg_app *app) {
  bool judged = false;
  c->words = strdup(grid);
  if (!c->words) return mg_fail(MG_ERR_MEMORY, "out of memory for --grid");
  r->or_none = true;
  for (char *word = c->words, *next; word; word = next) {
    next = strchr(word, ',');
    if (next) *next++ = 0;
    if (c->actors == MG_STAGE_MAX)
      return mg_fail(MG_ERR_USAGE, "--grid: expected at most %d runs", MG_STAGE_MAX);
    split_name(word, r);
    if (!*r->checkpoint || (r->label && !*r->label))
      return mg_fail(MG_ERR_USAGE, "--grid %s: expected RUN or NAME=RUN, with a comma between",
                     grid);
    MG_TRY(add_policy(c, r, app));
    judged |= c->actor[c->actors - 1]->judged;
  }
  if (r->opinion && !judged)
    return mg_fail(MG_ERR_CONFIG,
                   "--overlay: none of the grid's runs has a discriminator; expected one of mgail "
                   "or gail");
  return MG_OK;
}

static mg_status check_sources(const mg_args *args) {
  const char *const policies[] = {"seed", "stochastic", "policy", "overlay"};
  const bool data = mg_args_has(args, "data");
  if (mg_args_has(args, "checkpoint") + mg_args_has(args, "grid") + data != 1)
    return mg_fail(MG_ERR_USAGE, "render: expected one of --checkpoint, --grid and --data");
  if (!data && mg_args_has(args, "env"))
    return mg_fail(MG_ERR_USAGE, "render: --env is for --data; a checkpoint knows its task");
  for (size_t i = 0; data && i < sizeof policies / sizeof *policies; i++)
    if (mg_args_has(args, policies[i]))
      return mg_fail(MG_ERR_USAGE, "render: --%s is for policies; --data is as it was recorded",
                     policies[i]);
  return MG_OK;
}

static mg_status assemble(mg_app *app, const mg_args *args, cast *c) {
  const char *grid = mg_args_text(args, "grid"), *data = mg_args_text(args, "data");
  mg_policy_request r = {.checkpoint = mg_args_text(args, "checkpoint"),
                         .policy = mg_args_text(args, "policy"),
                         .seed = -1,
                         .stochastic = mg_args_has(args, "stochastic"),
                         .opinion = mg_args_has(args, "overlay")};
  MG_TRY(mg_args_int(args, "seed", 0, INT64_C(1) << 53, &r.seed));
  if (grid) return add_grid(c, grid, &r, app);
  if (!data) return add_policy(c, &r, app);
  MG_TRY(mg_data_actor_open(data, mg_args_text(args, "env"), app, &c->actor[0]));
  c->actors = 1;
  return MG_OK;
}

static mg_status run(mg_app *app, const mg_args *args) {
  mg_render_request r;
  cast c = {0};
  MG_TRY(parse(args, &r));
  MG_TRY(check_sources(args));
  mg_status status = assemble(app, args, &c);
  if (status == MG_OK) status = mg_render(&r, c.actors, c.actor, app);
  for (int i = 0; i < c.actors; i++) mg_actor_destroy(c.actor[i]);
  free(c.words);
  return status;
}

const mg_command mg_command_render = {
    .name = "render",
    .summary = "Films and pictures of policies and demonstrations",
    .usage = "--checkpoint RUN|FILE --output FILE|DIR/ [OPTION...]",
    .description =
        "Episodes are those of evaluate with the same seed, and so are the returns in the "
        "pictures. Needs no display: MuJoCo draws by EGL or OSMesa (Debian's libegl1 with "
        "libgl1-mesa-dri, or libosmesa6), classic tasks are drawn by Cairo (libcairo2), ffmpeg "
        "makes "
        "the films; each is asked for only where it is needed.",
    .options = options,
    .stops = true,
    .run = run,
};
