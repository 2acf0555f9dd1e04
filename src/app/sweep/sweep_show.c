#include "app/sweep/sweep_show.h"

#include "app/json.h"
#include "app/sweep/sweep_file.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

/* ---- which runs ---- */

/* The axes of all runs, with all their values, against which mistyped conditions are found. */
static mg_status check_conditions(const mg_manifest *manifest, int n,
                                  const char *const *condition) {
  char axis[MG_SWEEP_AXES_MAX][MG_SWEEP_AXIS_MAX];
  mg_sweep_values values[MG_SWEEP_AXES_MAX] = {{0}};
  int axes = 0;
  mg_status status = MG_OK;
  for (int i = 0; i < manifest->runs && status == MG_OK; i++) {
    const mg_sweep_point point = mg_sweep_run_point(&manifest->run[i]);
    for (int a = 0; a < point.axes && status == MG_OK; a++) {
      int k = 0;
      while (k < axes && strcmp(axis[k], point.axis[a].name) != 0) k++;
      if (k == MG_SWEEP_AXES_MAX) continue;
      if (k == axes) strcpy(axis[axes++], point.axis[a].name);
      if (!mg_sweep_values_have(&values[k], point.axis[a].value))
        status = mg_sweep_values_add(&values[k], point.axis[a].value);
    }
  }
  for (int i = 0; i < n && status == MG_OK; i++)
    status = mg_sweep_condition_check(condition[i], axes, axis, values);
  for (int k = 0; k < axes; k++) mg_sweep_values_free(&values[k]);
  return status;
}

static mg_status is_chosen(const mg_sweep_run *run, int n, const char *const *condition, int named,
                           const char *const *name, bool *chosen) {
  const mg_sweep_point point = mg_sweep_run_point(run);
  *chosen = named == 0;
  for (int i = 0; i < named && !*chosen; i++) *chosen = strcmp(run->name, name[i]) == 0;
  for (int i = 0; i < n && *chosen; i++)
    MG_TRY(mg_sweep_condition_holds(condition[i], &point, chosen));
  return MG_OK;
}

mg_status mg_sweep_view_create(const char *folder, const mg_manifest *manifest, int n,
                               const char *const *condition, int named, const char *const *name,
                               const mg_sweep_queue *queue, mg_sweep_view *view) {
  const size_t most = (size_t)manifest->runs + 1;
  *view = (mg_sweep_view){.folder = folder};
  MG_TRY(check_conditions(manifest, n, condition));
  view->run = calloc(most, sizeof(void *));
  view->status = calloc(most, sizeof *view->status);
  if (!view->run || !view->status)
    return mg_fail(MG_ERR_MEMORY, "out of memory for %d runs", manifest->runs);
  for (int i = 0; i < manifest->runs; i++) {
    const mg_sweep_run *run = &manifest->run[i];
    bool chosen;
    MG_TRY(is_chosen(run, n, condition, named, name, &chosen));
    if (!chosen) continue;
    view->run[view->runs] = run;
    MG_TRY(mg_sweep_status_read(folder, run->name, queue, &view->status[view->runs]));
    view->of[view->status[view->runs++].state]++;
  }
  return MG_OK;
}

void mg_sweep_view_free(mg_sweep_view *view) {
  free(view->run);
  free(view->status);
  *view = (mg_sweep_view){0};
}

/* ---- how they fare ---- */

void mg_sweep_print(const mg_sweep_view *view) {
  for (int i = 0; i < view->runs; i++) {
    const mg_sweep_status *s = &view->status[i];
    printf("%-8s  %s%s%s\n", mg_sweep_state_name(s->state), view->run[i]->name, *s->why ? "  " : "",
           s->why);
  }
  printf("%s: %d %s: %d done, %d running, %d waiting, %d failed\n", view->folder, view->runs,
         mg_plural(view->runs, "run", "runs"), view->of[MG_SWEEP_DONE], view->of[MG_SWEEP_RUNNING],
         view->of[MG_SWEEP_WAITING], view->of[MG_SWEEP_FAILED]);
}

static cJSON *describe(const mg_sweep_view *view, int i) {
  const mg_sweep_run *run = view->run[i];
  const mg_sweep_status *s = &view->status[i];
  const mg_sweep_record *r = &s->record;
  const mg_sweep_point point = mg_sweep_run_point(run);
  char path[MG_FOLDER_PATH_MAX] = "";
  (void)mg_sweep_path(view->folder, "runs", run->name, "", path);
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "name", run->name);
  cJSON_AddStringToObject(json, "folder", path);
  cJSON_AddStringToObject(json, "state", mg_sweep_state_name(s->state));
  cJSON_AddStringToObject(json, "why", s->why);
  cJSON_AddNumberToObject(json, "ranks", run->ranks);
  cJSON_AddNumberToObject(json, "minutes", run->minutes);
  cJSON *axes = cJSON_AddObjectToObject(json, "axes");
  for (int a = 0; a < point.axes; a++)
    cJSON_AddStringToObject(axes, point.axis[a].name, point.axis[a].value);
  if (!r->there) return json;
  cJSON *last = cJSON_AddObjectToObject(json, "last");
  if (r->code >= 0) cJSON_AddNumberToObject(last, "exit_code", r->code);
  cJSON_AddNumberToObject(last, "tries", r->tries);
  mg_json_add_whole(last, "since", r->since);
  cJSON_AddStringToObject(last, "node", r->node);
  cJSON_AddStringToObject(last, "job", r->job);
  cJSON_AddStringToObject(last, "line", r->line);
  return json;
}

mg_status mg_sweep_print_json(const mg_sweep_view *view) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "folder", view->folder);
  for (int s = 0; s < MG_SWEEP_STATES; s++)
    cJSON_AddNumberToObject(json, mg_sweep_state_name((mg_sweep_state)s), view->of[s]);
  cJSON *runs = cJSON_AddArrayToObject(json, "runs");
  for (int i = 0; i < view->runs; i++) cJSON_AddItemToArray(runs, describe(view, i));
  return mg_json_print(json);
}

/* ---- what would start the rest ---- */

static bool of_one_kind(const mg_sweep_run *a, const mg_sweep_run *b) {
  return a->ranks == b->ranks && a->minutes == b->minutes && a->pack == b->pack &&
         strcmp(a->sbatch, b->sbatch) == 0;
}

bool mg_sweep_is_to_start(const mg_sweep_status *s, bool failed) {
  return (s->state == MG_SWEEP_WAITING && !s->queued) || (failed && s->state == MG_SWEEP_FAILED);
}

/* Those of the kind of run `first` that follow it, `pack` in a line. */
static void print_kind(const mg_sweep_view *view, int first, bool *todo) {
  const mg_sweep_run *kind = view->run[first];
  int member[MG_SWEEP_RUNS_MAX], members = 0;
  for (int i = first; i < view->runs; i++) {
    if (!todo[i] || !of_one_kind(kind, view->run[i])) continue;
    member[members++] = i;
    todo[i] = false;
  }
  for (int from = 0; from < members; from += kind->pack) {
    const int to = from + kind->pack < members ? from + kind->pack : members;
    printf("%d\t%d\t%d\t", kind->ranks, kind->minutes, to - from);
    for (int k = from; k < to; k++) printf("%s%s", k > from ? " " : "", view->run[member[k]]->name);
    printf("\t%s\n", kind->sbatch);
  }
}

mg_status mg_sweep_print_plan(const mg_sweep_view *view, bool failed) {
  bool *todo = calloc((size_t)view->runs + 1, sizeof *todo);
  if (!todo) return mg_fail(MG_ERR_MEMORY, "out of memory for %d runs", view->runs);
  for (int i = 0; i < view->runs; i++) todo[i] = mg_sweep_is_to_start(&view->status[i], failed);
  for (int i = 0; i < view->runs; i++)
    if (todo[i]) print_kind(view, i, todo);
  free(todo);
  return MG_OK;
}
