#include "app/report/figure.h"

#include "app/methods.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 8 };

/* ---- lines ---- */

/* [G], or [n,G]: a column of the collected curves. */
static const double *column_of(const mg_collected_curves *curves, size_t offset) {
  return *(double *const *)((const char *)curves + offset);
}

/* Mean, least and most over the runs that have a value at point i. */
static void summarise_point(const mg_figure_row *row, const mg_collected_curves *curves, int i,
                            mg_line *l) {
  double sum = 0, low = INFINITY, high = -INFINITY;
  int n = 0;
  for (int r = 0; r < curves->runs; r++) {
    const int at = r * curves->points + i;
    double value = column_of(curves, row->y[0])[at];
    if (isnan(value) && row->y[1]) value = column_of(curves, row->y[1])[at];
    if (isnan(value)) continue;
    sum += value, low = fmin(low, value), high = fmax(high, value);
    n++;
  }
  l->mean[i] = n ? sum / n : NAN, l->low[i] = n ? low : NAN, l->high[i] = n ? high : NAN;
}

/* Of a method without environment steps: the final results of its runs. */
static void take_results(const mg_report *report, const mg_cell *cell, mg_line *l) {
  l->runs = cell->finished;
  l->mean[0] = cell->mean, l->low[0] = l->high[0] = cell->mean;
  for (int i = 0; i < report->collection->runs; i++) {
    const mg_collected_run *run = &report->collection->run[i];
    if (!mg_cell_counts(cell, run)) continue;
    l->low[0] = fmin(l->low[0], run->result), l->high[0] = fmax(l->high[0], run->result);
  }
}

static mg_status line_of_curves(const mg_figure_row *row, const mg_report *report,
                                const mg_cell *cell, mg_line *l) {
  mg_collected_curves curves;
  MG_TRY(mg_collection_read_curves(report->collection, cell->task, cell->method, cell->trajectories,
                                   &curves));
  *l = (mg_line){.cell = cell, .runs = curves.runs, .points = curves.points};
  l->flat = curves.points == 1;
  for (int i = 0; i < curves.points; i++) {
    l->x[i] = column_of(&curves, row->x)[i];
    summarise_point(row, &curves, i, l);
  }
  mg_collected_curves_free(&curves);
  if (l->flat && cell->finished > 0) take_results(report, cell, l);
  return MG_OK;
}

static bool has_values(const mg_line *l) {
  for (int i = 0; i < l->points; i++)
    if (isfinite(l->mean[i])) return true;
  return false;
}

/* ---- the table ---- */

const mg_figure_row mg_figure_rows[] = {
    {.name = "curves",
     .title = "Learning curves",
     .reading = "Evaluations during training with the mean action. Line: mean over runs, their "
                "number in brackets; band: from the least to the most. Dashed: a method that takes "
                "no environment steps, by its final result.",
     .x_label = "environment steps",
     .y_label = "return",
     .line = line_of_curves,
     .x = offsetof(mg_collected_curves, at),
     .y = {offsetof(mg_collected_curves, average), offsetof(mg_collected_curves, raw)}},
    {0},
};

/* ---- drawing ---- */

static mg_status draw_figure(mg_report *report, mg_figure *figure, mg_line *l, bool *missing,
                             mg_log *log) {
  int lines = 0;
  for (int k = 0; k < report->cells && lines < LINES_MAX; k++) {
    const mg_cell *cell = &report->cell[k];
    if (cell->finished + cell->partial == 0 || cell->trajectories != figure->trajectories ||
        strcmp(cell->task, figure->task) != 0)
      continue;
    MG_TRY(figure->row->line(figure->row, report, cell, &l[lines]));
    lines += has_values(&l[lines]);
  }
  return lines ? mg_figure_plot(report, figure, lines, l, missing, log) : MG_OK;
}

/* A new figure of the report for a cell's task and trajectories. */
static mg_figure *add_figure(mg_report *report, const mg_figure_row *row, const mg_cell *cell) {
  mg_figure *figure = &report->figure[report->figures++];
  char task[32];
  mg_figure_clean(cell->task, task, sizeof task);
  for (char *c = task; *c; c++) *c = (char)tolower((unsigned char)*c);
  *figure = (mg_figure){.row = row, .trajectories = cell->trajectories};
  snprintf(figure->task, sizeof figure->task, "%s", cell->task);
  snprintf(figure->name, sizeof figure->name, "%s-%s-%lld", row->name, task,
           (long long)cell->trajectories);
  return figure;
}

static mg_status draw_row(mg_report *report, const mg_figure_row *row, mg_line *l, bool *missing,
                          mg_log *log) {
  const mg_cell *last = NULL;
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *cell = &report->cell[k];
    if (!mg_method_is(cell->method, MG_METHOD_IMITATES) || (last && mg_cell_beside(last, cell)))
      continue;
    MG_TRY(draw_figure(report, add_figure(report, row, cell), l, missing, log));
    last = cell;
  }
  return MG_OK;
}

mg_status mg_report_draw(mg_report *report, mg_log *log) {
  const size_t rows = sizeof mg_figure_rows / sizeof *mg_figure_rows - 1;
  report->figure = calloc((size_t)report->cells * rows + 1, sizeof *report->figure);
  mg_line *l = malloc(LINES_MAX * sizeof *l);
  bool missing = false;
  mg_status status = MG_OK;
  if (!report->figure || !l)
    status = mg_fail(MG_ERR_MEMORY, "%s: no memory for figures", report->folder);
  for (const mg_figure_row *row = mg_figure_rows; status == MG_OK && row->name; row++)
    status = draw_row(report, row, l, &missing, log);
  free(l);
  return status;
}
