#include "app/report/figure.h"

#include "app/methods.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table ---- */

static const mg_figure_unit STEPS[] = {
    {1e6, 1e6, " (million)"}, {1e4, 1e3, " (thousand)"}, {0, 1, ""}};
static const mg_figure_unit PLAIN[] = {{0, 1, ""}};

const mg_figure_row mg_figure_rows[] = {
    {.name = "curves",
     .title = "Learning curves",
     .reading = "Evaluations during training with the mean action, over steps of the environment. "
                "Line: mean over runs, their number in brackets; band: from the least to the most. "
                "Dashed: what stands when all runs have ended, and a method that takes no "
                "environment steps, by its final result.",
     .x_label = "environment steps",
     .y_label = "return",
     .unit = STEPS,
     .add = mg_lines_of_means,
     .read = mg_collection_read_curves,
     .told = INFINITY},
    {.name = "times",
     .title = "Learning curves over time",
     .reading =
         "The same evaluations over wall-clock time of training, on whatever machines and "
         "beside whatever other work the runs had, on a logarithmic axis. A mean is over the "
         "runs that were evaluated by then; one that has ended keeps its last value.",
     .x_label = "wall-clock time",
     .y_label = "return",
     .unit = PLAIN,
     .of_time = true,
     .add = mg_lines_of_means,
     .read = mg_collection_read_times,
     .told = INFINITY},
    {.name = "profiles",
     .title = "Performance profiles",
     .reading = "The share of a method's finished runs, of all its cells together, whose score is "
                "above each score: the higher and the further to the right, the better; a line "
                "that falls early has runs that failed. Band: 95 % percentile interval of the "
                "stratified bootstrap, at each score. After Agarwal et al. 2021.",
     .x_label = "score: 0 random actions, 1 the data",
     .y_label = "share of runs above",
     .unit = PLAIN,
     .overall = true,
     .add = mg_lines_of_profiles,
     .told = MG_SOLVED_SCORE},
    {.name = "runs",
     .title = "Worst runs",
     .reading = "Of each cell the run with the least return. In the figures it is the thick line, "
                "named by its seed; thin: the other finished runs.",
     .x_label = "environment steps",
     .y_label = "return",
     .unit = STEPS,
     .add = mg_lines_of_runs,
     .read = mg_collection_read_curves,
     .told = INFINITY,
     .table = mg_report_worst_table},
    {0},
};

/* ---- drawing ---- */

void mg_figure_clean(const char *text, char *name, size_t size) {
  static const char GOOD[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
  size_t n = 0;
  for (; *text && n + 1 < size; text++) name[n++] = strchr(GOOD, *text) ? *text : '-';
  name[n] = '\0';
}

/* A new figure of the report: of a cell's task and trajectories, or of all. */
static mg_figure *add_figure(mg_report *report, const mg_figure_row *row, const mg_cell *cell) {
  mg_figure *figure = &report->figure[report->figures++];
  *figure = (mg_figure){.row = row};
  snprintf(figure->name, sizeof figure->name, "%s", row->name);
  strcpy(figure->of, "all cells");
  if (row->overall) return figure;
  char task[32];
  mg_figure_clean(cell->task, task, sizeof task);
  const long long n = (long long)cell->trajectories;
  if (n == 0)
    snprintf(figure->of, sizeof figure->of, "%s, all trajectories", task);
  else
    snprintf(figure->of, sizeof figure->of, "%s, %lld %s", task, n,
             mg_plural(n, "trajectory", "trajectories"));
  for (char *c = task; *c; c++) *c = (char)tolower((unsigned char)*c);
  snprintf(figure->name, sizeof figure->name, "%s-%s-%lld", row->name, task, n);
  snprintf(figure->task, sizeof figure->task, "%s", cell->task);
  figure->trajectories = cell->trajectories;
  return figure;
}

/* What has no points is no line. */
static void drop_empty(mg_lines *lines) {
  int kept = 0;
  for (int k = 0; k < lines->count; k++)
    if (lines->line[k].points > 0) lines->line[kept++] = lines->line[k];
  lines->count = kept;
}

static mg_status draw_figure(mg_report *report, const mg_figure_row *row, const mg_cell *cell,
                             bool *missing, mg_log *log) {
  mg_figure *figure = add_figure(report, row, cell);
  mg_lines lines = {0};
  mg_status status = row->add(row, report, figure, &lines);
  drop_empty(&lines);
  if (status == MG_OK) status = mg_figure_plot(report, figure, &lines, missing, log);
  free(lines.line);
  return status;
}

static mg_status draw_row(mg_report *report, const mg_figure_row *row, bool *missing, mg_log *log) {
  const mg_cell *last = NULL;
  for (int k = 0; k < report->cells && !(row->overall && last); k++) {
    const mg_cell *cell = &report->cell[k];
    if (!mg_method_is(cell->method, MG_METHOD_IMITATES) || (last && mg_cell_beside(last, cell)))
      continue;
    MG_TRY(draw_figure(report, row, cell, missing, log));
    last = cell;
  }
  return MG_OK;
}

mg_status mg_report_draw(mg_report *report, mg_log *log) {
  const size_t rows = sizeof mg_figure_rows / sizeof *mg_figure_rows - 1;
  report->figure = calloc((size_t)report->cells * rows + 1, sizeof *report->figure);
  if (!report->figure) return mg_fail(MG_ERR_MEMORY, "%s: no memory for figures", report->folder);
  bool missing = false;
  for (const mg_figure_row *row = mg_figure_rows; row->name; row++)
    MG_TRY(draw_row(report, row, &missing, log));
  return MG_OK;
}
