/* The paper's table over a collection of runs: cells, their statistics, their forms.
 *
 * A cell is task x trajectories x method. Its runs are those that have finished; partial ones are
 * counted and named. A run's result is its final mean over episodes with the mean action, of the
 * parameters' running average where it keeps one. */
#ifndef MG_APP_REPORT_REPORT_H
#define MG_APP_REPORT_REPORT_H

#include "app/commands/command.h"
#include "app/report/paper_table.h"
#include "app/report/text_table.h"
#include "base/log.h"
#include "base/statistics.h"
#include "files/collection/collection.h"

typedef struct mg_cell {
  char task[32], method[32];
  int64_t trajectories;
  int finished, partial;
  int settings;    /* different ones among its finished runs (collection.h) */
  double mean, sd; /* of the results over runs; sd (n-1), NaN for one */
  double worst;
  int64_t worst_seed;
  int worst_run;                     /* of the collection; -1: none */
  double random_return, data_return; /* data: mean over the finished runs; NaN for none */
  bool takes_steps;                  /* of the environment, while it learns */
  int reached;                       /* of the finished runs, in an evaluation, a score of 0.9 */
  double steps_to_90;     /* median over the finished runs; infinite where half did not reach it */
  double iqm;             /* of the scores, NaN where they have none */
  double reference_score; /* mean, NaN where they have none */
  mg_interval interval;
  bool published;
  double paper_mean, paper_sd;
} mg_cell;

/* One method over all its cells; strata are the cells. */
typedef struct mg_overall {
  char method[32];
  int tasks, cells, runs;
  double iqm;
  mg_interval interval;
  /* The performance profile: shares of runs above the scores of mg_report.score_grid. */
  double share[MG_COLLECTION_GRID];
  mg_interval band[MG_COLLECTION_GRID];
} mg_overall;

typedef struct mg_figure_row mg_figure_row; /* figure.h: the table of the figures */

/* What a page holds, or has beside it. */
typedef struct mg_inset {
  size_t bytes;  /* on the page */
  bool left_out; /* the page would be too large */
} mg_inset;

typedef struct mg_figure {
  const mg_figure_row *row;
  char task[32], name[64]; /* name: of its files, without ending */
  int64_t trajectories;
  char of[64];     /* what it is of, in signs that mean nothing to gnuplot */
  char words[768]; /* what it shows */
  bool drawn;
  mg_inset inset;
} mg_figure;

/* DIR/<name>.webp: who plays on a task, side by side. */
typedef struct mg_report_one_film {
  char task[32], name[64];
  char words[1024]; /* who they are, from left to right */
  mg_inset inset;
} mg_report_one_film;

typedef struct mg_report {
  const mg_collection *collection;
  const char *folder;
  int resamples;
  uint64_t seed;
  mg_paper paper;
  double score_grid[MG_COLLECTION_GRID]; /* evenly from 0 to a little over the best run's */
  int cells, overalls, figures;
  mg_cell *cell; /* by task, trajectories, method */
  mg_overall *overall;
  mg_figure *figure;
  int films;
  mg_report_one_film *film;
  char no_films[512]; /* why there are less than there should be; "": there are not */
  size_t most;        /* bytes of report.html */
} mg_report;

enum { MG_REPORT_BYTES = 5000000 };

/* ---- report_cells.c ---- */

/* Fills cells and overalls from collection, paper, resamples, seed. MG_ERR_MEMORY. */
mg_status mg_report_fill(mg_report *report);
void mg_report_free(mg_report *report);

/* Whether it is one of the runs that the cell's statistics are of. */
bool mg_cell_counts(const mg_cell *cell, const mg_collected_run *run);

/* Whether two cells are of the same task and trajectories. */
bool mg_cell_beside(const mg_cell *a, const mg_cell *b);

/* ---- report_figures.c ---- */

/* Every figure of the table for each task x trajectories that has something to show there. Without
 * gnuplot one sentence goes to the log and no figure is drawn. */
mg_status mg_report_draw(mg_report *report, mg_log *log);

/* ---- report_tables.c ---- */

/* A table of a report in all its forms; rows of a section each. In the order of a terminal. */
typedef struct mg_report_table {
  const char *title, *reading; /* of its section */
  const char *caption;         /* above it on a terminal; NULL: it is not there */
  mg_text_table (*make)(const mg_report *report); /* to be freed by the caller */
} mg_report_table;
enum { MG_REPORT_MAIN, MG_REPORT_OVERALL, MG_REPORT_CONTROL, MG_REPORT_SETTINGS, MG_REPORT_TABLES };
extern const mg_report_table mg_report_tables[MG_REPORT_TABLES];

/* The worst finished run of each cell. */
mg_text_table mg_report_worst_table(const mg_report *report);

mg_status mg_report_print(const mg_report *report, FILE *to);

/* ---- report_settings.c ---- */

mg_text_table mg_report_settings_table(const mg_report *report);

/* ---- report_films.c ---- */

/* For each task a film of a demonstration and of one run a method beside it: the middle one by its
 * result. What cannot be filmed is told in the log and in report->no_films, and is the status in the
 * end, but hinders nothing else. MG_ERR_STOPPED on a request to stop. */
mg_status mg_report_film(mg_app *app, mg_report *report);

/* ---- report_page.c ---- */

/* report.md and report.html, which holds all that it shows: films and figures too, but for the
 * largest, where there would be more than report->most bytes. */
mg_status mg_report_write(mg_report *report, mg_log *log);

#endif
