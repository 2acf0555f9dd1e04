#include "app/methods.h"
#include "app/report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char READING[] =
    "Return: mean and standard deviation over runs of each run's final mean with the mean action; "
    "worst: the run with the least. Score: interquartile mean over runs of (R - random) / (data - "
    "random), 0 for random actions and 1 for the mean return of the trajectories used, with a 95 % "
    "percentile interval of the stratified bootstrap. Of reference: mean over runs of (R - random) "
    "/ (reference - random), 1 for a published expert of the task. Steps to 0.9: environment steps "
    "at a run's first evaluation of a score of 0.9, the median over runs, and how many of them "
    "ever had it. Paper: the published return, mean and standard deviation over episodes.";

/* An interval around a score on a scale from random to data. */
static void set_score_picture(mg_text_table *table, const char *method, double iqm,
                              mg_interval interval) {
  if (!isfinite(iqm)) return;
  static const double FIRST = -0.15, LAST = 1.3;
  double x[5] = {0, 1, iqm, interval.low, interval.high};
  for (int k = 0; k < 5; k++)
    x[k] = 4 + 132 * (fmin(fmax(x[k], FIRST), LAST) - FIRST) / (LAST - FIRST);
  const char *colour = mg_method_named(method)->colour;
  char html[768];
  snprintf(html, sizeof html,
           "<svg width=\"140\" height=\"18\" role=\"img\" aria-label=\"score %.2f\">"
           "<path d=\"M%.1f 2V16M%.1f 2V16\" stroke=\"currentColor\" opacity=\".45\"/>"
           "<path d=\"M%.1f 9H%.1f\" stroke=\"%s\" stroke-width=\"3\" stroke-linecap=\"round\" "
           "opacity=\".5\"/><circle cx=\"%.1f\" cy=\"9\" r=\"4\" fill=\"%s\"/></svg>",
           iqm, x[0], x[1], x[3], x[4], colour, x[2], colour);
  mg_table_set_html(table, html);
}

static void set_runs(mg_text_table *table, int column, const mg_cell *cell) {
  if (cell->partial > 0)
    mg_table_set(table, column, "%d + %d partial", cell->finished, cell->partial);
  else
    mg_table_set(table, column, cell->finished ? "%d" : "–", cell->finished);
}

/* Without "-0.00". */
static double hundredths(double score) {
  return fabs(score) < 0.005 ? 0 : score;
}

static void set_score(mg_text_table *table, int column, double iqm, mg_interval interval,
                      int runs) {
  if (!isfinite(iqm))
    mg_table_set(table, column, "–");
  else if (runs == 1)
    mg_table_set(table, column, "%.2f", hundredths(iqm));
  else
    mg_table_set(table, column, "%.2f [%.2f, %.2f]", hundredths(iqm), hundredths(interval.low),
                 hundredths(interval.high));
}

/* The score stands where a phone shows it. */
enum { TASK, SIZE, METHOD, RUNS, SCORE, RETURN, WORST, SPEED, REFERENCE, PAPER, COLUMNS };

/* "12k", "1.25M (2 of 3)"; a method without environment steps has no such figure. */
static void set_speed(mg_text_table *table, const mg_cell *cell) {
  const double steps = cell->steps_to_90;
  char number[32] = "–", some[32] = "";
  if (cell->takes_steps && isfinite(steps))
    snprintf(number, sizeof number, "%.3g%s", steps < 999500 ? steps / 1e3 : steps / 1e6,
             steps < 999500 ? "k" : "M");
  if (cell->takes_steps && cell->reached < cell->finished)
    snprintf(some, sizeof some, " (%d of %d)", cell->reached, cell->finished);
  mg_table_set(table, SPEED, "%s%s", number, some);
}

static mg_text_table make_table(void) {
  return (mg_text_table){.columns = COLUMNS,
                         .left = 1 << TASK | 1 << METHOD,
                         .grouped = METHOD,
                         .head = {"task", "trajectories", "method", "runs", "score [95 %]",
                                  "return", "worst (seed)", "steps to 0.9", "of reference",
                                  "paper"},
                         .html_head = "random | data"};
}

/* A row that begins with the cell's task, trajectories and method. */
static void begin_row(mg_text_table *table, const mg_cell *cell, bool group) {
  mg_table_add_row(table, group);
  mg_table_set(table, TASK, "%s", cell->task);
  if (!mg_method_is(cell->method, MG_METHOD_IMITATES))
    mg_table_set(table, SIZE, "–");
  else if (cell->trajectories == 0)
    mg_table_set(table, SIZE, "all");
  else
    mg_table_set(table, SIZE, "%lld", (long long)cell->trajectories);
  mg_table_set(table, METHOD, "%s", cell->method);
}

static void add_cell(mg_text_table *table, const mg_cell *cell, bool group) {
  begin_row(table, cell, group);
  set_runs(table, RUNS, cell);
  if (cell->finished == 0) {
    mg_table_set(table, RETURN, "–");
    mg_table_set(table, WORST, "–");
  } else {
    mg_table_set(table, RETURN, isnan(cell->sd) ? "%.1f" : "%.1f ± %.1f", cell->mean, cell->sd);
    mg_table_set(table, WORST, "%.1f (%lld)", cell->worst, (long long)cell->worst_seed);
  }
  set_score(table, SCORE, cell->iqm, cell->interval, cell->finished);
  set_speed(table, cell);
  mg_table_set(table, REFERENCE, isfinite(cell->reference_score) ? "%.2f" : "–",
               hundredths(cell->reference_score));
  if (cell->published)
    mg_table_set(table, PAPER, "%.1f ± %.1f", cell->paper_mean, cell->paper_sd);
  else
    mg_table_set(table, PAPER, "–");
  set_score_picture(table, cell->method, cell->iqm, cell->interval);
}

static mg_text_table make_main(const mg_report *report) {
  mg_text_table table = make_table();
  const mg_cell *last = NULL;
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *cell = &report->cell[k];
    if (mg_method_is(cell->method, MG_METHOD_CONTROL)) continue;
    add_cell(&table, cell, !last || !mg_cell_beside(last, cell));
    last = cell;
  }
  return table;
}

/* The control, and what it is the control of on the same task and data. */
static mg_text_table make_control(const mg_report *report) {
  mg_text_table table = make_table();
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *control = &report->cell[k];
    if (!mg_method_is(control->method, MG_METHOD_CONTROL)) continue;
    add_cell(&table, control, true);
    for (int j = 0; j < report->cells; j++) {
      const mg_cell *cell = &report->cell[j];
      if (mg_cell_beside(cell, control) && cell->finished + cell->partial > 0 &&
          mg_method_is(cell->method, MG_METHOD_CONTROLLED))
        add_cell(&table, cell, false);
    }
  }
  return table;
}

static mg_text_table make_overall(const mg_report *report) {
  mg_text_table table = {.columns = 5,
                         .left = 1,
                         .head = {"method", "tasks", "cells", "runs", "score [95 %]"},
                         .html_head = "random | data"};
  for (int k = 0; k < report->overalls; k++) {
    const mg_overall *overall = &report->overall[k];
    mg_table_add_row(&table, false);
    mg_table_set(&table, 0, "%s", overall->method);
    mg_table_set(&table, 1, "%d", overall->tasks);
    mg_table_set(&table, 2, "%d", overall->cells);
    mg_table_set(&table, 3, "%d", overall->runs);
    set_score(&table, 4, overall->iqm, overall->interval, overall->runs);
    set_score_picture(&table, overall->method, overall->iqm, overall->interval);
  }
  return table;
}

mg_text_table mg_report_worst_table(const mg_report *report) {
  enum { SEED = METHOD + 1, WORST_RETURN, WORST_SCORE, MEAN, FOLDER, WORST_COLUMNS };
  mg_text_table table = {
      .columns = WORST_COLUMNS,
      .left = 1 << TASK | 1 << METHOD | 1 << FOLDER,
      .grouped = METHOD,
      .head = {"task", "trajectories", "method", "seed", "return", "score", "mean", "folder"}};
  const mg_cell *last = NULL;
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *cell = &report->cell[k];
    if (cell->worst_run < 0) continue;
    const mg_collected_run *run = &report->collection->run[cell->worst_run];
    begin_row(&table, cell, !last || !mg_cell_beside(last, cell));
    mg_table_set(&table, SEED, "%lld", (long long)run->seed);
    mg_table_set(&table, WORST_RETURN, "%.1f", run->result);
    mg_table_set(&table, WORST_SCORE, isfinite(run->score) ? "%.2f" : "–", hundredths(run->score));
    mg_table_set(&table, MEAN, "%.1f", cell->mean);
    mg_table_set(&table, FOLDER, "%s", run->folder);
    last = cell;
  }
  return table;
}

/* ---- the tables ---- */

const mg_report_table mg_report_tables[MG_REPORT_TABLES] = {
    [MG_REPORT_MAIN] = {.title = "Results", .reading = READING, .caption = "", .make = make_main},
    [MG_REPORT_OVERALL] =
        {.title = "In short",
         .reading = "All cells of a method together: the interquartile mean of its finished runs' "
                    "scores, 0 for random actions and 1 for the mean return of the trajectories "
                    "used, with a 95 % percentile interval of the stratified bootstrap. A cell is "
                    "a task with a number of trajectories.",
         .caption = "all cells of a method together",
         .make = make_overall},
    [MG_REPORT_CONTROL] = {.title = "No expert",
                           .reading = "Method none: the discriminator is never updated, so that "
                                      "its reward knows nothing of the expert.",
                           .caption = "no expert: the discriminator is never updated",
                           .make = make_control},
    [MG_REPORT_SETTINGS] =
        {.title = "Settings that differ",
         .reading = "Between the methods on a task, or between the runs of one: of those settings "
                    "that the method reads. Task, trajectories, seeds and paths are left out; "
                    "config.ini in a run's folder has them all.",
         .make = mg_report_settings_table},
};

mg_status mg_report_print(const mg_report *report, FILE *to) {
  bool ok = true;
  for (const mg_report_table *t = mg_report_tables; ok && t < mg_report_tables + MG_REPORT_TABLES;
       t++) {
    if (!t->caption) continue;
    mg_text_table table = t->make(report);
    ok = !table.failed;
    if (ok && table.rows > 0) {
      if (*t->caption) fprintf(to, "\n%s\n\n", t->caption);
      mg_table_print(&table, to);
    }
    mg_table_free(&table);
  }
  return ok ? MG_OK
            : mg_fail(MG_ERR_MEMORY, "%s: no memory for the report", report->collection->path);
}
