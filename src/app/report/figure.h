/* The figures of a report. Private to it. */
#ifndef MG_APP_REPORT_FIGURE_H
#define MG_APP_REPORT_FIGURE_H

#include "app/report/report.h"

/* A method's line, with a band around it. */
typedef struct mg_line {
  const mg_cell *cell;
  int runs;
  bool flat; /* takes no environment steps: its final result, over the whole width */
  int points;
  double x[MG_COLLECTION_GRID];
  double mean[MG_COLLECTION_GRID], low[MG_COLLECTION_GRID], high[MG_COLLECTION_GRID];
} mg_line;

/* A figure for each task x trajectories, with a line for each method that has values there. A row
 * is all that a figure needs: it gives the files' names, the section of report.md and report.html
 * and what gnuplot is told. */
struct mg_figure_row {
  const char *name;            /* of the files: NAME-task-trajectories.* */
  const char *title, *reading; /* of the section; how its figures are read */
  const char *x_label, *y_label;
  /* The kind: what a cell's line is. Without points where there is none. */
  mg_status (*line)(const mg_figure_row *row, const mg_report *report, const mg_cell *cell,
                    mg_line *line);
  /* Columns: offsets in mg_collected_curves. Of y the first that has a value; y[1] 0: no second. */
  size_t x, y[2];
};

/* In the report's order; a row without a name ends them (report_figures.c). */
extern const mg_figure_row mg_figure_rows[];

/* name [size] <- text with letters, digits and the few signs that mean nothing to gnuplot or a
 * file system. */
void mg_figure_clean(const char *text, char *name, size_t size);

/* NAME.dat and NAME.gp, then NAME.svg and NAME.png by gnuplot. *missing: there is no gnuplot. */
mg_status mg_figure_plot(const mg_report *report, mg_figure *figure, int lines, const mg_line *line,
                         bool *missing, mg_log *log);

#endif
