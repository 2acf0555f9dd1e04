/* A film for each task: a demonstration, and beside it what was learned from it. */
#include "app/methods.h"
#include "app/render/render.h"
#include "app/render/stage.h"
#include "app/report/figure.h"
#include "app/run/run_folder.h"
#include "app/run/signals.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Small enough for a page with a film of every task. */
enum { WIDTH = 200, HEIGHT = 150, FPS = 10, SECONDS = 4 };

typedef struct cast {
  int actors;
  mg_actor *actor[MG_STAGE_MAX];
} cast;

static int by_result(const void *a, const void *b) {
  const mg_collected_run *x = *(const mg_collected_run *const *)a,
                         *y = *(const mg_collected_run *const *)b;
  return x->result != y->result ? (x->result > y->result) - (x->result < y->result)
                                : (x->seed > y->seed) - (x->seed < y->seed);
}

/* Of a method's finished runs on a task the middle one, of two the worse; *runs: how many there are.
 * NULL: none, or no memory. */
static const mg_collected_run *middle_run(const mg_report *report, const char *task,
                                          const char *method, int *runs) {
  const mg_collection *c = report->collection;
  const mg_collected_run **list = malloc(((size_t)c->runs + 1) * sizeof(mg_collected_run *));
  int n = 0;
  for (int i = 0; list && i < c->runs; i++)
    if (strcmp(c->run[i].task, task) == 0 && strcmp(c->run[i].method, method) == 0 &&
        strcmp(c->run[i].state, "finished") == 0 && isfinite(c->run[i].result))
      list[n++] = &c->run[i];
  if (n > 0) qsort(list, (size_t)n, sizeof(mg_collected_run *), by_result);
  const mg_collected_run *middle = n > 0 ? list[(n - 1) / 2] : NULL;
  free(list);
  *runs = n;
  return middle;
}

static void say(mg_report_one_film *film, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(mg_report_one_film *film, const char *format, ...) {
  const size_t used = strlen(film->words);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(film->words + used, sizeof film->words - used, format, arguments);
  va_end(arguments);
}

/* Told, and remembered for the page and for the end. */
static void note(mg_app *app, mg_report *report, const char *task, mg_failure *failure,
                 mg_status status) {
  if (status == MG_OK) return;
  mg_log_warning(&app->log, "film of %s: %s", task, mg_status_message());
  if (!*report->no_films)
    snprintf(report->no_films, sizeof report->no_films, "%s: %.400s", task, mg_status_message());
  mg_failure_note(failure, status);
}

/* What the runs on a task have imitated. */
static mg_status add_expert(mg_app *app, const mg_report *report, const char *task, cast *c,
                            mg_report_one_film *film) {
  const char *expert = "";
  for (int i = 0; !*expert && i < report->collection->runs; i++)
    if (strcmp(report->collection->run[i].task, task) == 0)
      expert = report->collection->run[i].expert;
  if (!*expert) return MG_OK;
  mg_actor *actor;
  MG_TRY(mg_data_actor_open(expert, task, app, &actor));
  strcpy(actor->label, "expert");
  c->actor[c->actors++] = actor;
  say(film, "a demonstration of the expert");
  return MG_OK;
}

static mg_status add_method(mg_app *app, const mg_report *report, const char *task,
                            const char *method, cast *c, mg_report_one_film *film) {
  int runs;
  const mg_collected_run *run = middle_run(report, task, method, &runs);
  if (!run) return MG_OK;
  const mg_policy_request request = {.checkpoint = run->folder, .label = run->method, .seed = -1};
  MG_TRY(mg_policy_actor_open(&request, app, &c->actor[c->actors]));
  c->actors++;
  say(film, "%s%s, seed %lld, return %.1f", *film->words ? "; " : "", method, (long long)run->seed,
      run->result);
  if (runs > 1) say(film, " (the middle one of %d runs)", runs);
  return MG_OK;
}

static mg_status film_task(mg_app *app, mg_report *report, const char *task, mg_failure *failure) {
  mg_report_one_film film = {0};
  char clean[32], name[80], path[MG_FOLDER_PATH_MAX];
  cast c = {0};
  snprintf(film.task, sizeof film.task, "%s", task);
  mg_figure_clean(task, clean, sizeof clean);
  for (char *s = clean; *s; s++) *s = (char)tolower((unsigned char)*s);
  snprintf(film.name, sizeof film.name, "film-%s", clean);
  snprintf(name, sizeof name, "%s.webp", film.name);
  MG_TRY(mg_run_folder_file(report->folder, name, path, sizeof path));
  note(app, report, task, failure, add_expert(app, report, task, &c, &film));
  for (const mg_method *m = mg_methods; *m->name; m++)
    if (m->is & MG_METHOD_IMITATES)
      note(app, report, task, failure, add_method(app, report, task, m->name, &c, &film));
  const mg_render_request request = {.output = path,
                                     .episodes = 1,
                                     .width = WIDTH,
                                     .height = HEIGHT,
                                     .fps = FPS,
                                     .seconds = SECONDS};
  const mg_status status = c.actors > 0 ? mg_render(&request, c.actors, c.actor, app) : MG_OK;
  for (int i = 0; i < c.actors; i++) mg_actor_destroy(c.actor[i]);
  if (status == MG_ERR_STOPPED) return status;
  note(app, report, task, failure, status);
  if (status == MG_OK && c.actors > 0) report->film[report->films++] = film;
  return MG_OK;
}

mg_status mg_report_film(mg_app *app, mg_report *report) {
  report->film = calloc((size_t)report->cells + 1, sizeof *report->film);
  if (!report->film) return mg_fail(MG_ERR_MEMORY, "%s: no memory for films", report->folder);
  mg_signals_install();
  mg_failure failure = {0};
  const char *last = "";
  for (int k = 0; k < report->cells; k++) {
    const char *task = report->cell[k].task;
    if (strcmp(task, last) == 0 || !mg_method_is(report->cell[k].method, MG_METHOD_IMITATES))
      continue;
    MG_TRY(film_task(app, report, task, &failure));
    last = task;
  }
  return mg_failure_again(&failure);
}
