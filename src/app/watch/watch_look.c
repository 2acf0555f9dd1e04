#include "app/watch/watch.h"

#include "app/run/run_read.h"
#include "base/statistics.h"
#include "files/file_lock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *const mg_watch_states[] = {MG_WATCH_STATE_LIST(MG_NAMED_TEXT)};

static const double RECENT = 10;   /* [s] that a rate is at least of */
static const double SILENCE = 600; /* [s] without a change of its files */

static struct timespec time_of(const char *folder, const char *name) {
  char path[MG_FOLDER_PATH_MAX];
  struct stat info;
  if (mg_run_folder_file(folder, name, path, sizeof path) != MG_OK || stat(path, &info) != 0)
    return (struct timespec){0};
  return info.st_mtim;
}

static bool same_time(struct timespec a, struct timespec b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* ---- one run ---- */

/* Of its lock, where there is no result. */
static mg_watch_state state_of_lock(const mg_watched *w) {
  char path[MG_FOLDER_PATH_MAX];
  if (mg_run_folder_file(w->path, "lock", path, sizeof path) != MG_OK) return MG_WATCH_STOPPED;
  switch (mg_file_lock_look(path)) {
  case MG_LOCK_ABSENT:
    return MG_WATCH_STOPPED;
  case MG_LOCK_DEAD:
    return MG_WATCH_KILLED;
  case MG_LOCK_HELD:
    return MG_WATCH_RUNNING;
  case MG_LOCK_ELSEWHERE:
    break;
  }
  const struct timespec log = time_of(w->path, "log.txt");
  const time_t last = log.tv_sec > w->curves.tv_sec ? log.tv_sec : w->curves.tv_sec;
  return difftime(time(NULL), last) > SILENCE ? MG_WATCH_SILENT : MG_WATCH_RUNNING;
}

static double value_of(const mg_curve_point *p) {
  return isnan(p->average) ? p->raw : p->average;
}

/* Since the last evaluation that is not quite new, so that it tells of now. */
static void find_rate(mg_watched *w) {
  const mg_collected_run *r = &w->run;
  const bool steps = r->planned_steps > 0;
  double from_steps = 0, from_seconds = 0;
  for (int64_t k = w->points - 1; steps && k >= 0; k--) {
    if (r->seconds - w->point[k].seconds < RECENT) continue;
    from_steps = w->point[k].steps, from_seconds = w->point[k].seconds;
    break;
  }
  const double done = steps ? (double)r->steps : (double)r->iterations;
  w->rate = (done - from_steps) / (r->seconds - from_seconds);
  const double left = (double)(r->planned_steps - r->steps) / w->rate;
  w->left = steps && w->state == MG_WATCH_RUNNING && left >= 0 ? left : NAN;
}

static void find_return(mg_watched *w) {
  const mg_collected_run *r = &w->run;
  w->last_return = r->result;
  if (isnan(w->last_return) && w->points > 0) w->last_return = value_of(&w->point[w->points - 1]);
  w->score = mg_stat_score(w->last_return, r->random_return, r->data_return);
  w->reference_score = mg_stat_score(w->last_return, r->random_return, r->reference_return);
}

static void read_run(mg_watched *w, mg_run_known *known) {
  free(w->point);
  w->point = NULL;
  w->points = 0;
  w->reason[0] = '\0';
  if (mg_run_score(w->path, known, &w->run, &w->points, &w->point) == MG_OK) return;
  w->run = (mg_collected_run){0};
  w->rate = w->left = w->last_return = w->score = w->reference_score = NAN;
  snprintf(w->reason, sizeof w->reason, "%s", mg_status_message());
}

/* Whether a file was written since the last look, or may be written in this very moment. */
static void look_at(mg_watched *w, mg_run_known *known) {
  const struct timespec curves = time_of(w->path, "curves.h5"),
                        result = time_of(w->path, "result.json");
  const bool known_already =
      *w->run.folder && same_time(curves, w->curves) && same_time(result, w->result);
  w->curves = curves, w->result = result;
  if (!known_already) read_run(w, known);
  w->state = result.tv_sec ? MG_WATCH_FINISHED : state_of_lock(w);
  if (*w->reason)
    w->state = w->state == MG_WATCH_RUNNING && !curves.tv_sec ? MG_WATCH_STARTING : MG_WATCH_BROKEN;
  if (*w->reason) return;
  find_rate(w);
  find_return(w);
}

/* ---- all ---- */

static mg_status check_words(const mg_watch *watch) {
  struct stat info;
  for (int i = 0; i < watch->words; i++)
    if (stat(watch->word[i], &info) != 0 || !S_ISDIR(info.st_mode))
      return mg_fail(MG_ERR_NO_INPUT, "watch: %s: no such folder", watch->word[i]);
  return MG_OK;
}

static mg_watched *find(const mg_watch *watch, const char *path) {
  for (int i = 0; i < watch->runs; i++)
    if (strcmp(watch->run[i].path, path) == 0) return &watch->run[i];
  return NULL;
}

static int compare(const void *a, const void *b) {
  const mg_watched *x = a, *y = b;
  return x->state != y->state ? (x->state > y->state) - (x->state < y->state)
                              : strcmp(x->path, y->path);
}

/* The runs of the folders, with what was known of them before. */
static mg_status replace(mg_watch *watch, const mg_run_folders *f) {
  mg_watched *run = calloc((size_t)f->count + 1, sizeof *run);
  if (!run) return mg_fail(MG_ERR_MEMORY, "watch: no memory for %d runs", f->count);
  int runs = 0;
  for (int i = 0; i < f->count; i++) {
    if (!mg_is_run_folder(f->run[i].path)) continue; /* not yet, or not any more */
    mg_watched *before = find(watch, f->run[i].path);
    if (before) {
      run[runs] = *before;
      before->point = NULL;
      before->path[0] = '\0';
    }
    snprintf(run[runs++].path, sizeof run->path, "%s", f->run[i].path);
  }
  mg_watch_free(watch);
  watch->run = run, watch->runs = runs;
  return MG_OK;
}

mg_status mg_watch_look(mg_watch *watch) {
  mg_run_folders f = {0};
  MG_TRY(check_words(watch));
  mg_status status = MG_OK;
  for (int i = 0; status == MG_OK && i < watch->words; i++)
    status = mg_run_folders_add(&f, watch->word[i]);
  if (status == MG_OK) status = replace(watch, &f);
  mg_run_folders_free(&f);
  MG_TRY(status);
  watch->known.without_checksum = true;
  for (int i = 0; i < watch->runs; i++) look_at(&watch->run[i], &watch->known);
  qsort(watch->run, (size_t)watch->runs, sizeof *watch->run, compare);
  return MG_OK;
}

void mg_watch_free(mg_watch *watch) {
  for (int i = 0; i < watch->runs; i++) free(watch->run[i].point);
  free(watch->run);
  watch->run = NULL;
  watch->runs = 0;
}
