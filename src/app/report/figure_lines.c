/* What the figures show: lines made of the collected runs. */
#include "app/methods.h"
#include "app/report/figure.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

mg_line *mg_lines_add(mg_lines *lines, mg_line_style style, const char *colour, const char *format,
                      ...) {
  if (lines->count == lines->capacity) {
    const int capacity = lines->capacity ? 2 * lines->capacity : 8;
    mg_line *larger = realloc(lines->line, (size_t)capacity * sizeof *larger);
    if (!larger) return NULL;
    lines->line = larger, lines->capacity = capacity;
  }
  mg_line *l = &lines->line[lines->count++];
  l->style = style, l->colour = colour, l->points = 0;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(l->name, sizeof l->name, format, arguments);
  va_end(arguments);
  for (char *c = l->name; *c; c++) /* an algorithm's name may come from anywhere */
    if (*c < ' ' || *c > '~' || strchr("'\"`\\#<>&", *c)) *c = '-';
  return l;
}

static mg_status fail_memory(const mg_report *report) {
  return mg_fail(MG_ERR_MEMORY, "%s: no memory for figures", report->folder);
}

static void add_point(mg_line *l, double x, double y, double low, double high) {
  if (!isfinite(y)) return;
  l->x[l->points] = x, l->y[l->points] = y;
  l->low[l->points] = low, l->high[l->points++] = high;
}

static bool is_shown(const mg_figure *figure, const mg_cell *cell) {
  return cell->finished + cell->partial > 0 && cell->trajectories == figure->trajectories &&
         strcmp(cell->task, figure->task) == 0;
}

static const char *colour_of(const char *method) {
  return mg_method_named(method)->colour;
}

/* Of the average where there is one. */
static double value_of(const mg_collected_curves *curves, int run, int point) {
  const int at = run * curves->points + point;
  return isnan(curves->average[at]) ? curves->raw[at] : curves->average[at];
}

/* ---- means over runs ---- */

/* Over the runs that have a value at each point. */
static void take_means(const mg_collected_curves *curves, mg_line *l) {
  for (int i = 0; i < curves->points; i++) {
    double sum = 0, low = INFINITY, high = -INFINITY;
    int n = 0;
    for (int r = 0; r < curves->runs; r++) {
      const double value = value_of(curves, r, i);
      if (isnan(value)) continue;
      sum += value, low = fmin(low, value), high = fmax(high, value);
      n++;
    }
    if (n > 0) add_point(l, curves->at[i], sum / n, low, high);
  }
}

/* Of a method without environment steps, or without evaluations on the way: the final results of its
 * runs, from x on. */
static void take_results(const mg_report *report, const mg_cell *cell, double x, mg_line *l) {
  double low = cell->mean, high = cell->mean;
  for (int i = 0; i < report->collection->runs; i++) {
    const mg_collected_run *run = &report->collection->run[i];
    if (!mg_cell_counts(cell, run)) continue;
    low = fmin(low, run->result), high = fmax(high, run->result);
  }
  add_point(l, x, cell->mean, low, high);
}

static mg_status add_mean(const mg_figure_row *row, const mg_report *report, const mg_cell *cell,
                          mg_lines *lines) {
  mg_collected_curves curves;
  MG_TRY(row->read(report->collection, cell->task, cell->method, cell->trajectories, &curves));
  const char *colour = colour_of(cell->method);
  bool evaluated = false;
  for (int k = 0; k < curves.runs * curves.points; k++)
    evaluated |= isfinite(curves.raw[k]) || isfinite(curves.average[k]);
  const bool flat = curves.points == 1 || !evaluated;
  mg_line *l =
      flat ? mg_lines_add(lines, MG_LINE_FINAL, colour, "%s, final (%d)", cell->method,
                          cell->finished)
           : mg_lines_add(lines, MG_LINE_MEAN, colour, "%s (%d)", cell->method, curves.runs);
  if (l && flat) take_results(report, cell, curves.at[curves.points - 1], l);
  if (l && !flat) take_means(&curves, l);
  mg_collected_curves_free(&curves);
  if (!l) return fail_memory(report);
  if (flat || l->points == 0 || cell->partial > 0) return MG_OK;
  /* All runs have ended: what stands then stands on. */
  const int last = l->points - 1;
  const double x = l->x[last], y = l->y[last];
  mg_line *rest = mg_lines_add(lines, MG_LINE_FINAL, colour, "%s", "");
  if (!rest) return fail_memory(report);
  add_point(rest, x, y, y, y);
  return MG_OK;
}

/* Over the whole width: what random actions and the demonstrations return. */
static mg_status add_levels(const mg_report *report, const mg_figure *figure, mg_lines *lines) {
  double data = NAN, random = NAN;
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *cell = &report->cell[k];
    if (!is_shown(figure, cell)) continue;
    if (isnan(data)) data = cell->data_return;
    if (isnan(random)) random = cell->random_return;
  }
  const struct {
    const char *name;
    double level;
    mg_line_style style;
  } levels[] = {{"data", data, MG_LINE_DATA}, {"random", random, MG_LINE_RANDOM}};
  for (int k = 0; k < 2; k++) {
    if (!isfinite(levels[k].level)) continue;
    mg_line *l = mg_lines_add(lines, levels[k].style, MG_FIGURE_INK, "%s %.0f", levels[k].name,
                              levels[k].level);
    if (!l) return fail_memory(report);
    add_point(l, 0, levels[k].level, levels[k].level, levels[k].level);
  }
  return MG_OK;
}

mg_status mg_lines_of_means(const mg_figure_row *row, const mg_report *report,
                            const mg_figure *figure, mg_lines *lines) {
  for (int k = 0; k < report->cells; k++)
    if (is_shown(figure, &report->cell[k])) MG_TRY(add_mean(row, report, &report->cell[k], lines));
  return add_levels(report, figure, lines);
}

/* ---- runs ---- */

/* The finished runs of a cell: the worst, or all others. */
static mg_status add_runs(const mg_figure_row *row, const mg_report *report, const mg_cell *cell,
                          bool worst, mg_lines *lines) {
  mg_collected_curves curves;
  MG_TRY(row->read(report->collection, cell->task, cell->method, cell->trajectories, &curves));
  mg_status status = MG_OK;
  for (int r = 0; status == MG_OK && r < curves.runs; r++) {
    const mg_collected_run *run = &report->collection->run[curves.run[r]];
    if (!mg_cell_counts(cell, run) || (curves.run[r] == cell->worst_run) != worst) continue;
    const bool flat = curves.points == 1;
    char name[64] = "";
    if (worst) snprintf(name, sizeof name, "%s, seed %lld", cell->method, (long long)run->seed);
    mg_line *l = mg_lines_add(lines,
                              flat    ? MG_LINE_FINAL
                              : worst ? MG_LINE_WORST
                                      : MG_LINE_RUN,
                              colour_of(cell->method), "%s", name);
    if (!l) status = fail_memory(report);
    if (l && flat && worst) add_point(l, 0, run->result, run->result, run->result);
    for (int i = 0; l && !flat && i < curves.points; i++) {
      const double y = value_of(&curves, r, i);
      add_point(l, curves.at[i], y, y, y);
    }
  }
  mg_collected_curves_free(&curves);
  return status;
}

mg_status mg_lines_of_runs(const mg_figure_row *row, const mg_report *report,
                           const mg_figure *figure, mg_lines *lines) {
  for (int worst = 0; worst < 2; worst++) /* above all others */
    for (int k = 0; k < report->cells; k++)
      if (is_shown(figure, &report->cell[k]))
        MG_TRY(add_runs(row, report, &report->cell[k], worst, lines));
  return add_levels(report, figure, lines);
}

/* ---- profiles ---- */

mg_status mg_lines_of_profiles(const mg_figure_row *row, const mg_report *report,
                               const mg_figure *figure, mg_lines *lines) {
  (void)row, (void)figure;
  for (int k = 0; k < report->overalls; k++) {
    const mg_overall *o = &report->overall[k];
    mg_line *l =
        mg_lines_add(lines, MG_LINE_MEAN, colour_of(o->method), "%s (%d)", o->method, o->runs);
    if (!l) return fail_memory(report);
    for (int i = 0; i < MG_COLLECTION_GRID; i++)
      add_point(l, report->score_grid[i], o->share[i], o->band[i].low, o->band[i].high);
  }
  if (lines->count == 0) return MG_OK;
  mg_line *l = mg_lines_add(lines, MG_LINE_DATA, MG_FIGURE_INK, "the data");
  if (!l) return fail_memory(report);
  add_point(l, 1, 0, 0, 0);
  add_point(l, 1, 1, 1, 1);
  return MG_OK;
}
