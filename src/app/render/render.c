#include "app/render/render.h"

#include "app/render/film.h"
#include "app/render/stage.h"
#include "app/run/progress.h"
#include "app/run/signals.h"
#include "base/timer.h"

#include <inttypes.h>
#include <math.h>

enum { ABOUT = 4096 };

typedef struct renderer {
  const mg_render_request *request;
  mg_app *app;
  mg_stage stage;
  mg_film *film;
  int fps;
  mg_progress progress;
  mg_pace pace;
  double began; /* [s] */
} renderer;

static void print_take(const mg_actor *actor, int64_t episode) {
  const mg_take *take = &actor->take;
  printf("%s, %s, episode %" PRId64 ": ", actor->label, mg_env_get_spec(actor->env)->id, episode);
  if (take->returns) printf("return %.2f, ", take->returns[take->steps]);
  printf("length %" PRId64 "\n", take->steps);
}

/* How many pictures there will be is known once all episodes were played; until then the next ones
 * are taken to be as long as those so far. */
static void count_pictures(renderer *r, int64_t of_episode, int64_t played) {
  r->pace.total = (r->pace.done + of_episode) * r->request->episodes / played;
}

static mg_status film_episode(renderer *r, int64_t played) {
  const mg_render_request *q = r->request;
  const int64_t all = mg_stage_pictures(&r->stage, r->fps), most = (int64_t)(q->seconds * r->fps);
  const int64_t pictures = most > 0 && most < all ? most : all;
  char about[ABOUT];
  count_pictures(r, pictures, played);
  mg_stage_begin(&r->stage, q->episodes > 1 ? q->episode + played - 1 : -1);
  for (int64_t k = 0; k < pictures; k++) {
    if (mg_signals_stop_requested())
      return mg_fail(MG_ERR_STOPPED,
                     "stopped on request after %" PRId64 " pictures; %s is not written",
                     r->pace.done, q->output);
    MG_TRY(mg_stage_show(&r->stage, k, r->fps, about, sizeof about));
    MG_TRY(mg_film_add(r->film, &r->stage.picture, about));
    r->pace.done++;
    mg_progress_show(&r->progress, &r->app->log, r->pace, NAN, NULL);
  }
  return MG_OK;
}

static mg_status film_all(renderer *r) {
  const mg_render_request *q = r->request;
  r->pace = (mg_pace){.unit = "pictures"};
  r->progress = mg_progress_begin(r->pace);
  for (int64_t i = 0; i < q->episodes; i++) {
    for (int f = 0; f < r->stage.fields; f++)
      MG_TRY(mg_actor_play(r->stage.field[f].actor, q->episode + i));
    MG_TRY(film_episode(r, i + 1));
    for (int f = 0; f < r->stage.fields; f++) print_take(r->stage.field[f].actor, q->episode + i);
  }
  return MG_OK;
}

static void announce(renderer *r) {
  const mg_picture *p = &r->stage.picture;
  const double seconds = mg_timer_now() - r->began;
  mg_log_line(&r->app->log,
              "%s: %" PRId64 " %s of %d x %d, %.1f s at %d a second; drawn by %s in %.1f s, %.1f "
              "pictures/s",
              r->request->output, r->pace.done, mg_plural(r->pace.done, "picture", "pictures"),
              p->width, p->height, (double)r->pace.done / r->fps, r->fps,
              r->stage.field[0].artist->renderer, seconds, (double)r->pace.done / seconds);
}

static mg_status choose_fps(renderer *r) {
  int most;
  MG_TRY(mg_film_check(r->request->output, &most));
  const int own = mg_stage_fps(&r->stage);
  r->fps = r->request->fps > 0 ? r->request->fps : own < most ? own : most;
  if (r->fps <= most) return MG_OK;
  return mg_fail(MG_ERR_USAGE, "--fps %d: expected at most %d in %s", r->fps, most,
                 r->request->output);
}

static mg_status film(renderer *r) {
  MG_TRY(choose_fps(r));
  const mg_picture *p = &r->stage.picture;
  MG_TRY(mg_film_open(r->request->output, p->width, p->height, r->fps, &r->film));
  mg_failure failure = {0};
  mg_failure_note(&failure, film_all(r));
  mg_failure_note(&failure, mg_film_close(r->film, failure.status == MG_OK));
  MG_TRY(mg_failure_again(&failure));
  announce(r);
  return MG_OK;
}

mg_status mg_render(const mg_render_request *request, int actors, mg_actor *const *actor,
                    mg_app *app) {
  renderer r = {.request = request, .app = app, .began = mg_timer_now()};
  mg_failure failure = {0};
  mg_failure_note(&failure, mg_stage_open(actors, actor, request->width, request->height,
                                          request->camera, &r.stage));
  if (failure.status == MG_OK) mg_failure_note(&failure, film(&r));
  mg_stage_close(&r.stage);
  return mg_failure_again(&failure);
}
