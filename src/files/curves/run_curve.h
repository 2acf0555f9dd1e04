/* The evaluations of one run as a learning curve, read from its curves.h5; also while the run is
 * still writing it.
 *
 * HDF5 1.10 can be made to crash by a damaged file: for files that may be one, call this in a child
 * process. */
#ifndef MG_FILES_RUN_CURVE_H
#define MG_FILES_RUN_CURVE_H

#include "base/status.h"

#include <stdint.h>

/* One evaluation: means over its episodes; `average` is NaN where the run keeps no average. */
typedef struct mg_curve_point {
  double steps;   /* of the environment, all ranks together */
  double seconds; /* of wall time */
  double raw, average;
} mg_curve_point;

typedef struct mg_run_curve {
  int64_t points;
  mg_curve_point *point;     /* ascending in steps; to be freed */
  int64_t iterations, steps; /* of the last row written */
  double seconds;
  char program[64], git[64], ranks[16], demonstrations[4096]; /* attributes; "" where missing */
} mg_run_curve;

/* Rows that a writer has not finished are left out. A file that is caught in the middle of a flush
 * is tried again for about a second. MG_ERR_NO_INPUT: not there, or not a regular file;
 * MG_ERR_DATA: not readable, or more than 2^20 evaluations; MG_ERR_MEMORY. */
mg_status mg_run_curve_read(const char *path, mg_run_curve *curve);

/* Environment steps at the first of `points` evaluations whose return is `level` or more, of the
 * average where there is one; NaN: none is. */
double mg_run_curve_first(int64_t points, const mg_curve_point *point, double level);

#endif
