#include "app/report/report.h"

#include "app/methods.h"
#include "envs/env.h"

#include <math.h>
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
  for (int k = 0; k < report->cells; k++) {
    if (is_of(&report->cell[k], task, trajectories, method)) return &report->cell[k];
  }
  mg_cell *larger = realloc(report->cell, (size_t)(report->cells + 1) * sizeof *larger);
  if (!larger) return NULL;
  report->cell = larger;
  mg_cell *cell = &larger[report->cells++];
  *cell = (mg_cell){.trajectories = trajectories,
                    .mean = NAN,
                    .sd = NAN,
                    .worst = NAN,
                    .steps_to_90 = NAN,
                    .iqm = NAN,
                    .interval = {NAN, NAN},
                    .random_return = NAN,
                    .expert_return = NAN};
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
    cell->random_return = run->random_return, cell->expert_return = run->expert_return;
    if (is_finished(run))
      cell->finished++;
    else
      cell->partial++;
  }
  for (int k = 0, own = report->cells; k < own; k++) {
    const mg_cell cell = report->cell[k]; /* a copy: the list may move */
    double mean, sd;
    for (int m = 0; m < MG_PAPER_METHODS; m++) {
      if (mg_paper_find(&report->paper, cell.task, cell.trajectories, mg_paper_methods[m], &mean,
                        &sd) &&
          !get_cell(report, cell.task, cell.trajectories, mg_paper_methods[m]))
        return fail_memory(report);
    }
  }
  qsort(report->cell, (size_t)report->cells, sizeof *report->cell, compare_cells);
  return MG_OK;
}

/* Scores of a cell's finished runs; how many. */
static int take_scores(const mg_collection *c, const mg_cell *cell, double *score) {
  int n = 0;
  for (int i = 0; i < c->runs; i++) {
    const mg_collected_run *run = &c->run[i];
    if (mg_cell_counts(cell, run))
      score[n++] = mg_stat_score(run->result, run->random_return, run->expert_return);
  }
  return n;
}

static int count_settings(const mg_collection *c, const mg_cell *cell) {
  int different = 0;
  for (int i = 0; i < c->runs; i++) {
    const mg_collected_run *run = &c->run[i];
    if (!mg_cell_counts(cell, run)) continue;
    bool seen = false;
    for (int j = 0; j < i && !seen; j++) {
      const mg_collected_run *other = &c->run[j];
      seen = mg_cell_counts(cell, other) && strcmp(other->settings, run->settings) == 0;
    }
    different += !seen;
  }
  return different;
}

static int compare_numbers(const void *x, const void *y) {
  const double *a = x, *b = y;
  return (*a > *b) - (*a < *b);
}

/* What a run did not reach comes after all that was. steps: room for all runs. */
static void describe_speed(const mg_collection *c, double *steps, mg_cell *cell) {
  int n = 0;
  for (int i = 0; i < c->runs; i++) {
    const mg_collected_run *run = &c->run[i];
    if (!mg_cell_counts(cell, run)) continue;
    cell->takes_steps |= run->planned_steps > 0;
    cell->reached += isfinite(run->steps_to_90);
    steps[n++] = isfinite(run->steps_to_90) ? run->steps_to_90 : INFINITY;
  }
  if (n == 0) return;
  qsort(steps, (size_t)n, sizeof *steps, compare_numbers);
  const double low = steps[(n - 1) / 2], high = steps[n / 2];
  cell->steps_to_90 = low == high ? low : (low + high) / 2;
}

static mg_status describe(const mg_report *report, double *score, mg_cell *cell) {
  const mg_collection *c = report->collection;
  double sum = 0, squares = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (int i = 0; i < c->runs; i++) {
      const mg_collected_run *run = &c->run[i];
      if (!mg_cell_counts(cell, run)) continue;
      if (pass == 1) {
        squares += (run->result - cell->mean) * (run->result - cell->mean);
        continue;
      }
      sum += run->result;
      if (!(run->result >= cell->worst)) cell->worst = run->result, cell->worst_seed = run->seed;
      if (cell->few_episodes == 0 || run->episodes < cell->few_episodes)
        cell->few_episodes = run->episodes;
    }
    cell->mean = sum / cell->finished;
  }
  if (cell->finished > 1) cell->sd = sqrt(squares / (cell->finished - 1));
  cell->settings = count_settings(c, cell);
  describe_speed(c, score, cell);
  int n = take_scores(c, cell, score);
  if (!isfinite(mg_stat_score(0, cell->random_return, cell->expert_return))) return MG_OK;
  MG_TRY(
      mg_stat_bootstrap_iqm(1, &n, score, report->resamples, 0.95, report->seed, &cell->interval));
  cell->iqm = mg_stat_iqm(n, score);
  return MG_OK;
}

/* A method over its cells: count and score have room for all cells and runs. */
static mg_status describe_overall(const mg_report *report, const char *method, int *count,
                                  double *score, mg_overall *overall) {
  *overall = (mg_overall){0};
  snprintf(overall->method, sizeof overall->method, "%s", method);
  const char *task = "";
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *cell = &report->cell[k];
    if (strcmp(cell->method, method) != 0 || cell->finished == 0 || !isfinite(cell->iqm)) continue;
    count[overall->cells] = take_scores(report->collection, cell, score + overall->runs);
    overall->runs += count[overall->cells++];
    overall->tasks += strcmp(task, cell->task) != 0;
    task = cell->task;
  }
  if (overall->cells == 0) return MG_OK;
  MG_TRY(mg_stat_bootstrap_iqm(overall->cells, count, score, report->resamples, 0.95, report->seed,
                               &overall->interval));
  overall->iqm = mg_stat_iqm(overall->runs, score);
  return MG_OK;
}

mg_status mg_report_fill(mg_report *report) {
  MG_TRY(make_cells(report));
  int runs = report->collection->runs;
  double *score = malloc((size_t)(runs + 1) * sizeof *score);
  int *count = malloc((size_t)(report->cells + 1) * sizeof *count);
  report->overall = calloc((size_t)report->cells + 1, sizeof *report->overall);
  mg_status status = score && count && report->overall ? MG_OK : fail_memory(report);
  for (int k = 0; status == MG_OK && k < report->cells; k++) {
    if (report->cell[k].finished > 0) status = describe(report, score, &report->cell[k]);
  }
  for (const mg_method *m = mg_methods; status == MG_OK && *m->name; m++) {
    mg_overall *overall = &report->overall[report->overalls];
    status = describe_overall(report, m->name, count, score, overall);
    if (overall->cells > 0) report->overalls++;
  }
  free(score);
  free(count);
  return status;
}

void mg_report_free(mg_report *report) {
  free(report->cell);
  free(report->overall);
  free(report->figure);
  report->cell = NULL;
  report->overall = NULL;
  report->figure = NULL;
}
