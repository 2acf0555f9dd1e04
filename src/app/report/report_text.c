#include "app/methods.h"
#include "app/report/report.h"
#include "app/run/run_folder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char mg_report_reading[] =
    "Return: mean and standard deviation over runs of each run's final mean with the mean action; "
    "worst: the run with the least. Score: interquartile mean over runs of (R - random) / (expert "
    "- "
    "random), 0 for random actions and 1 for the reference expert, with a 95 % percentile interval "
    "of the stratified bootstrap. Steps to 0.9: environment steps at a run's first evaluation of "
    "that "
    "score, the median over runs, and how many of them ever had it. Paper: the published return, "
    "mean and standard deviation over "
    "episodes.";

/* An interval around a score on a scale from random to expert. */
static void set_score_picture(mg_text_table *table, const mg_cell *cell) {
  if (!isfinite(cell->iqm)) return;
  static const double FIRST = -0.15, LAST = 1.3;
  double x[5] = {0, 1, cell->iqm, cell->interval.low, cell->interval.high};
  for (int k = 0; k < 5; k++)
    x[k] = 4 + 132 * (fmin(fmax(x[k], FIRST), LAST) - FIRST) / (LAST - FIRST);
  const char *colour = mg_method_named(cell->method)->colour;
  char html[768];
  snprintf(html, sizeof html,
           "<svg width=\"140\" height=\"18\" role=\"img\" aria-label=\"score %.2f\">"
           "<path d=\"M%.1f 2V16M%.1f 2V16\" stroke=\"#bbb\" fill=\"none\"/>"
           "<path d=\"M%.1f 9H%.1f\" stroke=\"%s\" stroke-width=\"3\" stroke-linecap=\"round\" "
           "opacity=\".5\"/><circle cx=\"%.1f\" cy=\"9\" r=\"4\" fill=\"%s\"/></svg>",
           cell->iqm, x[0], x[1], x[3], x[4], colour, x[2], colour);
  mg_table_set_html(table, html);
}

static void set_runs(mg_text_table *table, int column, const mg_cell *cell) {
  if (cell->partial > 0)
    mg_table_set(table, column, "%d + %d partial", cell->finished, cell->partial);
  else
    mg_table_set(table, column, cell->finished ? "%d" : "–", cell->finished);
}

static void set_score(mg_text_table *table, int column, double iqm, mg_interval interval,
                      int runs) {
  if (!isfinite(iqm))
    mg_table_set(table, column, "–");
  else if (runs == 1)
    mg_table_set(table, column, "%.2f", iqm);
  else
    mg_table_set(table, column, "%.2f [%.2f, %.2f]", iqm, interval.low, interval.high);
}

enum { TASK, SIZE, METHOD, RUNS, RETURN, WORST, SCORE, SPEED, PAPER, COLUMNS };

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
                         .head = {"task", "trajectories", "method", "runs", "return",
                                  "worst (seed)", "score [95 %]", "steps to 0.9", "paper"}};
}

static void add_cell(mg_text_table *table, const mg_cell *cell, bool group, bool html) {
  mg_table_add_row(table, group);
  mg_table_set(table, TASK, "%s", cell->task);
  if (!mg_method_named(cell->method)->imitates)
    mg_table_set(table, SIZE, "–");
  else if (cell->trajectories == 0)
    mg_table_set(table, SIZE, "all");
  else
    mg_table_set(table, SIZE, "%lld", (long long)cell->trajectories);
  mg_table_set(table, METHOD, "%s", cell->method);
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
  if (cell->published)
    mg_table_set(table, PAPER, "%.1f ± %.1f", cell->paper_mean, cell->paper_sd);
  else
    mg_table_set(table, PAPER, "–");
  if (html) set_score_picture(table, cell);
}

mg_text_table mg_report_main_table(const mg_report *report, bool html) {
  mg_text_table table = make_table();
  const mg_cell *last = NULL;
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *cell = &report->cell[k];
    if (mg_method_named(cell->method)->control) continue;
    bool group =
        !last || last->trajectories != cell->trajectories || strcmp(last->task, cell->task) != 0;
    add_cell(&table, cell, group, html);
    last = cell;
  }
  return table;
}

/* The control, and what it is the control of on the same task and data. */
mg_text_table mg_report_control_table(const mg_report *report, bool html) {
  mg_text_table table = make_table();
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *control = &report->cell[k];
    if (!mg_method_named(control->method)->control) continue;
    add_cell(&table, control, true, html);
    for (int j = 0; j < report->cells; j++) {
      const mg_cell *cell = &report->cell[j];
      if (cell->trajectories == control->trajectories && strcmp(cell->task, control->task) == 0 &&
          cell->finished + cell->partial > 0 && mg_method_named(cell->method)->controlled)
        add_cell(&table, cell, false, html);
    }
  }
  return table;
}

mg_text_table mg_report_overall_table(const mg_report *report) {
  mg_text_table table = {
      .columns = 5, .left = 1, .head = {"method", "tasks", "cells", "runs", "score [95 %]"}};
  for (int k = 0; k < report->overalls; k++) {
    const mg_overall *overall = &report->overall[k];
    mg_table_add_row(&table, false);
    mg_table_set(&table, 0, "%s", overall->method);
    mg_table_set(&table, 1, "%d", overall->tasks);
    mg_table_set(&table, 2, "%d", overall->cells);
    mg_table_set(&table, 3, "%d", overall->runs);
    set_score(&table, 4, overall->iqm, overall->interval, overall->runs);
  }
  return table;
}

/* ---- terminal and Markdown ---- */

typedef void printer(const mg_text_table *table, FILE *to);

static bool print_one(mg_text_table table, const char *head, printer *print, FILE *to) {
  bool ok = !table.failed;
  if (ok && table.rows > 0) {
    fputs(head, to);
    print(&table, to);
  }
  mg_table_free(&table);
  return ok;
}

static mg_status fail_memory(const mg_report *report) {
  return mg_fail(MG_ERR_MEMORY, "%s: no memory for the report", report->collection->path);
}

mg_status mg_report_print(const mg_report *report, FILE *to) {
  bool ok = print_one(mg_report_main_table(report, false), "", mg_table_print, to) &&
            print_one(mg_report_overall_table(report), "\nall cells of a method together\n\n",
                      mg_table_print, to) &&
            print_one(mg_report_control_table(report, false),
                      "\nno expert: the discriminator is never updated\n\n", mg_table_print, to);
  return ok ? MG_OK : fail_memory(report);
}

static void print_lists(const mg_report *report, FILE *to) {
  const mg_collection *c = report->collection;
  bool any = false;
  for (int i = 0; i < c->runs; i++) {
    if (strcmp(c->run[i].state, "partial") != 0) continue;
    if (!any) fputs("\n## Partial runs\n\nNot in the tables, but in the figures.\n\n", to);
    any = true;
    fputs("- ", to);
    mg_text_markdown(c->run[i].folder, to);
    fprintf(to, ": %lld of %lld steps\n", (long long)c->run[i].steps,
            (long long)c->run[i].planned_steps);
  }
  if (c->skipped > 0) fputs("\n## Skipped folders\n\n", to);
  for (int i = 0; i < c->skipped; i++) {
    fputs("- ", to);
    mg_text_markdown(c->skip[i][1], to);
    putc('\n', to);
  }
}

static void print_notes(const mg_report *report, FILE *to) {
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *cell = &report->cell[k];
    if (cell->settings > 1) {
      fputs("\nNote: the runs of ", to);
      mg_text_markdown(cell->task, to);
      fprintf(to, ", %lld, ", (long long)cell->trajectories);
      mg_text_markdown(cell->method, to);
      fprintf(to, " are of %d different settings.\n", cell->settings);
    }
  }
}

static bool print_markdown(const mg_report *report, FILE *to) {
  fprintf(to, "# Imitation: results of %d runs\n\n%s\n\n", report->collection->runs,
          mg_report_reading);
  bool ok =
      print_one(mg_report_main_table(report, false), "", mg_table_print_markdown, to) &&
      print_one(mg_report_overall_table(report), "\n## All cells of a method together\n\n",
                mg_table_print_markdown, to) &&
      print_one(mg_report_control_table(report, false),
                "\n## No expert\n\nMethod none: the discriminator is never updated, so that its "
                "reward knows nothing of the expert.\n\n",
                mg_table_print_markdown, to);
  print_notes(report, to);
  bool any = false;
  for (int k = 0; k < report->figures; k++) {
    if (!report->figure[k].drawn) continue;
    if (!any) fputs("\n## Learning curves\n\nLine: mean over runs; band: least to most.\n\n", to);
    any = true;
    fprintf(to, "![%s](%s.png)\n\n", report->figure[k].name, report->figure[k].name);
  }
  print_lists(report, to);
  return ok;
}

mg_status mg_report_write_markdown(const mg_report *report) {
  char *text = NULL;
  size_t size;
  FILE *stream = open_memstream(&text, &size);
  if (!stream) return fail_memory(report);
  bool ok = print_markdown(report, stream);
  ok = fclose(stream) == 0 && ok;
  mg_status status = ok ? mg_report_write(report, "report.md", text) : fail_memory(report);
  free(text);
  return status;
}

mg_status mg_report_write(const mg_report *report, const char *name, const char *text) {
  mg_run_folder folder = {.lock = -1};
  if (strlen(report->folder) >= sizeof folder.path)
    return mg_fail(MG_ERR_CREATE, "%s: a name of more than %zu bytes", report->folder,
                   sizeof folder.path - 1);
  strcpy(folder.path, report->folder);
  return mg_run_folder_write(&folder, name, text);
}
