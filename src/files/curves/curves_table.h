/* All columns of a group of curves.h5, also while the run is still writing it. */
#ifndef MG_FILES_CURVES_TABLE_H
#define MG_FILES_CURVES_TABLE_H

#include "base/status.h"

#include <stdint.h>

enum { MG_CURVES_COLUMNS_MAX = 128 };

typedef struct mg_curves_table {
  char started[32]; /* when the run began, ISO 8601 in UTC; "" where the file does not tell */
  int columns;
  char name[MG_CURVES_COLUMNS_MAX]
           [64]; /* iteration, environment_steps, wall_seconds, then by name */
  int64_t rows;
  double *value; /* [columns, rows], to be freed; of columns with a value an episode the mean */
} mg_curves_table;

enum { MG_CURVES_ITERATION, MG_CURVES_STEPS, MG_CURVES_SECONDS };

/* group: "curves" or "evaluation". Rows that a writer has not finished are left out. Reads in a child
 * process with limits. MG_ERR_NO_INPUT: not there; MG_ERR_DATA: no such curves, damaged, or more than
 * 2^24 rows; MG_ERR_MEMORY. */
mg_status mg_curves_table_read(const char *path, const char *group, mg_curves_table *table);

#endif
