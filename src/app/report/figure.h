/* The figures of a report. Private to it. */
#ifndef MG_APP_REPORT_FIGURE_H
#define MG_APP_REPORT_FIGURE_H

#include "app/report/report.h"

/* What a line is, and so how it looks. */
typedef enum mg_line_style {
  MG_LINE_MEAN,  /* over runs, with a band around it */
  MG_LINE_FINAL, /* what stands from there on */
  MG_LINE_RUN,   /* one of many */
  MG_LINE_WORST, /* one of them that is named */
  MG_LINE_DATA,  /* what others are compared with: the demonstrations, */
  MG_LINE_RANDOM /* random actions */
} mg_line_style;

typedef struct mg_line {
  mg_line_style style;
  char name[64]; /* in the key; "": it has no line there */
  const char *colour;
  int points; /* 1: from there to the figure's end */
  double x[MG_COLLECTION_GRID], y[MG_COLLECTION_GRID];
  double low[MG_COLLECTION_GRID], high[MG_COLLECTION_GRID]; /* the band */
} mg_line;

typedef struct mg_lines {
  int count, capacity;
  mg_line *line;
} mg_lines;

/* A unit of the x axis for values of at least so much; the last one's is 0. */
typedef struct mg_figure_unit {
  double from, size;
  const char *suffix; /* of the axis' label */
} mg_figure_unit;

/* A row is all that a figure needs: it gives the files' names, the section of report.md and
 * report.html and what gnuplot is told. */
struct mg_figure_row {
  const char *name;            /* of the files: NAME-task-trajectories.*, or NAME.* */
  const char *title, *reading; /* of the section; how its figures are read */
  const char *x_label, *y_label;
  const mg_figure_unit *unit;
  bool of_time; /* x is in seconds, on a logarithmic axis */
  bool overall; /* one of all cells; else one for each task x trajectories */
  /* The kind: the lines of a figure. Without lines there is no figure. */
  mg_status (*add)(const mg_figure_row *row, const mg_report *report, const mg_figure *figure,
                   mg_lines *lines);
  mg_collection_reader *read; /* of the kinds that show curves */
  double told;                /* the x at which words tell where a line is; infinite: its end */
  mg_text_table (*table)(const mg_report *report); /* of the section, above its figures; Nullable */
};

/* In the report's order; a row without a name ends them (report_figures.c). */
extern const mg_figure_row mg_figure_rows[];

/* name [size] <- text with letters, digits and the few signs that mean nothing to gnuplot or a
 * file system. */
void mg_figure_clean(const char *text, char *name, size_t size);

/* ---- figure_lines.c ---- */

/* A new line without points, or NULL: no memory. */
mg_line *mg_lines_add(mg_lines *lines, mg_line_style style, const char *colour, const char *format,
                      ...) __attribute__((format(printf, 4, 5)));

/* The kinds: means over runs; every finished run and the worst; shares of runs above a score. */
mg_status mg_lines_of_means(const mg_figure_row *row, const mg_report *report,
                            const mg_figure *figure, mg_lines *lines);
mg_status mg_lines_of_runs(const mg_figure_row *row, const mg_report *report,
                           const mg_figure *figure, mg_lines *lines);
mg_status mg_lines_of_profiles(const mg_figure_row *row, const mg_report *report,
                               const mg_figure *figure, mg_lines *lines);

/* ---- figure_plot.c ---- */

/* The greys of a figure, for a page that has others. */
#define MG_FIGURE_INK   "#333333"
#define MG_FIGURE_FRAME "#555555"
#define MG_FIGURE_GRID  "#e4e4e4"
#define MG_FIGURE_PAPER "#ffffff"

/* NAME.dat and NAME.gp, then NAME.svg and NAME.png by gnuplot; figure->words. Every line has a point.
 * *missing: there is no gnuplot. */
mg_status mg_figure_plot(const mg_report *report, mg_figure *figure, const mg_lines *lines,
                         bool *missing, mg_log *log);

#endif
