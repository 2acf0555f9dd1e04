#include "app/report/report.h"

#include "app/methods.h"
#include "envs/env.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static int task_rank(const char *task) {
  const char *const *ids = mg_env_ids();
  int k = 0;
  while (ids[k] && strcmp(ids[k], task) != 0) k++;
  return k;
}

static int compare_cells(const void *x, const void *y) {
  const mg_cell *a = x, *b = y;
  int order = task_rank(a->task) - task_rank(b->task);
  if (order == 0) order = strcmp(a->task, b->task);
  if (order == 0) order = (a->trajectories > b->trajectories) - (a->trajectories < b->trajectories);
  const mg_method *first = mg_method_named(a->method), *second = mg_method_named(b->method);
  if (order == 0) order = (first > second) - (first < second);
  return order ? order : strcmp(a->method, b->method);
}

static bool is_finished(const mg_collected_run *run) {
  return strcmp(run->state, "finished") == 0 && isfinite(run->result);
}

static bool is_of(const mg_cell *cell, const char *task, int64_t trajectories, const char *method) {
  return cell->trajectories == trajectories && strcmp(cell->task, task) == 0 &&
         strcmp(cell->method, method) == 0;
}

bool mg_cell_counts(const mg_cell *cell, const mg_collected_run *run) {
  return is_finished(run) && is_of(cell, run->task, run->trajectories, run->method);
}

bool mg_cell_beside(const mg_cell *a, const mg_cell *b) {
  return a->trajectories == b->trajectories && strcmp(a->task, b->task) == 0;
}

static mg_status fail_memory(const mg_report *report) {
  return mg_fail(MG_ERR_MEMORY, "%s: no memory for the report", report->collection->path);
}

/* The cell, a new one if need be; NULL: no memory. */
static mg_cell *get_cell(mg_report *report, const char *task, int64_t trajectories,
                         const char *method) {
  for (int k = 0; k < report->cells; k++)
    if (is_of(&report->cell[k], task, trajectories, method)) return &report->cell[k];
  mg_cell *larger = realloc(report->cell, (size_t)(report->cells + 1) * sizeof *larger);
  if (!larger) return NULL;
  report->cell = larger;
  mg_cell *cell = &larger[report->cells++];
  *cell = (mg_cell){.trajectories = trajectories,
                    .mean = NAN,
                    .sd = NAN,
                    .worst = NAN,
                    .worst_run = -1,
                    .steps_to_90 = NAN,
                    .iqm = NAN,
                    .interval = {NAN, NAN},
                    .random_return = NAN,
                    .data_return = NAN,
                    .reference_score = NAN};
  snprintf(cell->task, sizeof cell->task, "%s", task);
  snprintf(cell->method, sizeof cell->method, "%s", method);
  cell->published =
      mg_paper_find(&report->paper, task, trajectories, method, &cell->paper_mean, &cell->paper_sd);
  return cell;
}

/* Those of the runs, and of what the paper has beside them. */
static mg_status make_cells(mg_report *report) {
  const mg_collection *c = report->collection;
  for (int i = 0; i < c->runs; i++) {
    const mg_collected_run *run = &c->run[i];
    mg_cell *cell = get_cell(report, run->task, run->trajectories, run->method);
    if (!cell) return fail_memory(report);
    cell->random_return = run->random_return;
    if (is_finished(run))
      cell->finished++;
    else
      cell->partial++;
  }
  for (int k = 0, own = report->cells; k < own; k++) {
    const mg_cell cell = report->cell[k]; /* a copy: the list may move */
    double mean, sd;
    for (int m = 0; m < MG_PAPER_METHODS; m++)
      if (mg_paper_find(&report->paper, cell.task, cell.trajectories, mg_paper_methods[m], &mean,
                        &sd) &&
          !get_cell(report, cell.task, cell.trajectories, mg_paper_methods[m]))
        return fail_memory(report);
  }
  qsort(report->cell, (size_t)report->cells, sizeof *report->cell, compare_cells);
  return MG_OK;
}

/* The cell's runs, in [all runs]; how many. */
static int list_runs(const mg_collection *c, const mg_cell *cell, const mg_collected_run **list) {
  int n = 0;
  for (int i = 0; i < c->runs; i++)
    if (mg_cell_counts(cell, &c->run[i])) list[n++] = &c->run[i];
  return n;
}

/* A field of each run; its offset. */
static void take(int n, const mg_collected_run **list, size_t field, double *value) {
  for (int i = 0; i < n; i++) value[i] = *(const double *)((const char *)list[i] + field);
}

static int count_settings(int n, const mg_collected_run **list) {
  int different = 0;
  for (int i = 0; i < n; i++) {
    int j = 0;
    while (j < i && strcmp(list[j]->settings, list[i]->settings) != 0) j++;
    different += j == i;
  }
  return different;
}

/* Room for one entry a run each. */
typedef struct scratch {
  const mg_collected_run **list;
  double *value;
} scratch;

static mg_status describe(const mg_report *report, const scratch *room, mg_cell *cell) {
  const mg_collected_run **list = room->list;
  const int n = list_runs(report->collection, cell, list);
  double *value = room->value;
  take(n, list, offsetof(mg_collected_run, data_return), value);
  cell->data_return = mg_stat_mean(n, value);
  take(n, list, offsetof(mg_collected_run, reference_score), value);
  cell->reference_score = mg_stat_mean(n, value);
  take(n, list, offsetof(mg_collected_run, result), value);
  for (int i = 0; i < n; i++)
    if (!(value[i] >= cell->worst)) {
      cell->worst = value[i], cell->worst_seed = list[i]->seed;
      cell->worst_run = (int)(list[i] - report->collection->run);
    }
  cell->mean = mg_stat_mean(n, value);
  if (n > 1) cell->sd = mg_stat_sd(n, value, cell->mean);
  for (int i = 0; i < n; i++) {
    cell->takes_steps |= list[i]->planned_steps > 0;
    cell->reached += isfinite(list[i]->steps_to_90);
    /* What a run did not reach comes after all that was. */
    value[i] = isfinite(list[i]->steps_to_90) ? list[i]->steps_to_90 : INFINITY;
  }
  cell->steps_to_90 = mg_stat_median(n, value);
  cell->settings = count_settings(n, list);
  take(n, list, offsetof(mg_collected_run, score), value);
  if (!isfinite(mg_stat_mean(n, value))) return MG_OK;
  MG_TRY(
      mg_stat_bootstrap_iqm(1, &n, value, report->resamples, 0.95, report->seed, &cell->interval));
  cell->iqm = mg_stat_iqm(n, value);
  return MG_OK;
}

/* A method over its cells; count has room for one entry a cell. */
static mg_status describe_overall(const mg_report *report, const char *method, const scratch *room,
                                  int *count, mg_overall *overall) {
  *overall = (mg_overall){0};
  snprintf(overall->method, sizeof overall->method, "%s", method);
  const char *task = "";
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *cell = &report->cell[k];
    if (strcmp(cell->method, method) != 0 || cell->finished == 0 || !isfinite(cell->iqm)) continue;
    const int n = list_runs(report->collection, cell, room->list);
    take(n, room->list, offsetof(mg_collected_run, score), room->value + overall->runs);
    count[overall->cells++] = n;
    overall->runs += n;
    overall->tasks += strcmp(task, cell->task) != 0;
    task = cell->task;
  }
  if (overall->cells == 0) return MG_OK;
  MG_TRY(mg_stat_bootstrap_iqm(overall->cells, count, room->value, report->resamples, 0.95,
                               report->seed, &overall->interval));
  MG_TRY(mg_stat_profile(overall->cells, count, room->value, MG_COLLECTION_GRID, report->score_grid,
                         report->resamples, 0.95, report->seed, overall->share, overall->band));
  overall->iqm = mg_stat_iqm(overall->runs, room->value);
  return MG_OK;
}

/* As far as any run's score goes, in tenths, but not for ever: some tasks have no end. */
static void make_score_grid(mg_report *report) {
  double most = 1;
  for (int i = 0; i < report->collection->runs; i++)
    if (is_finished(&report->collection->run[i]))
      most = fmax(most, report->collection->run[i].score);
  most = fmin(ceil(10 * most + 0.5) / 10, 2);
  for (int i = 0; i < MG_COLLECTION_GRID; i++)
    report->score_grid[i] = most * i / (MG_COLLECTION_GRID - 1);
}

mg_status mg_report_fill(mg_report *report) {
  MG_TRY(make_cells(report));
  make_score_grid(report);
  const size_t runs = (size_t)report->collection->runs + 1;
  scratch room = {malloc(runs * sizeof(void *)), malloc(runs * sizeof *room.value)};
  int *count = malloc((size_t)(report->cells + 1) * sizeof *count);
  report->overall = calloc((size_t)report->cells + 1, sizeof *report->overall);
  mg_status status =
      room.list && room.value && count && report->overall ? MG_OK : fail_memory(report);
  for (int k = 0; status == MG_OK && k < report->cells; k++)
    if (report->cell[k].finished > 0) status = describe(report, &room, &report->cell[k]);
  for (const mg_method *m = mg_methods; status == MG_OK && *m->name; m++) {
    mg_overall *overall = &report->overall[report->overalls];
    status = describe_overall(report, m->name, &room, count, overall);
    if (overall->cells > 0) report->overalls++;
  }
  free(room.list);
  free(room.value);
  free(count);
  return status;
}

void mg_report_free(mg_report *report) {
  free(report->cell);
  free(report->overall);
  free(report->figure);
  free(report->film);
  report->cell = NULL;
  report->overall = NULL;
  report->figure = NULL;
  report->film = NULL;
}
