/* Numeric arrays written to HDF5, at once or row by row. Chunked and packed with shuffle and
 * gzip. False if a write failed, which is how a full disk shows itself. */
#ifndef MG_FILES_H5_COLUMN_H
#define MG_FILES_H5_COLUMN_H

#include "files/value_type.h"

#include <hdf5.h>

/* rank 1: [rows], 2: [rows, columns]. values: doubles; for booleans 0 and 1. */
bool mg_h5_write_array(hid_t group, const char *name, int rank, hsize_t rows, hsize_t columns,
                       mg_value_type type, const double *values);

/* [steps] booleans, all false but the last. */
bool mg_h5_write_last(hid_t group, const char *name, int64_t steps, bool last);

/* An array that grows by its first dimension. */
typedef struct mg_h5_column {
  hid_t data;
  int rank;
  mg_value_type type;
  hsize_t dims[8]; /* now */
} mg_h5_column;

/* A new array of no rows; dims [rank - 1] are the dimensions of a row. `path` may name groups,
 * which are made. */
bool mg_h5_column_create(hid_t group, const char *path, mg_value_type type, int rank,
                         const hsize_t *row_dims, mg_h5_column *column);

/* Appends rows: doubles (not for booleans), or values of the array's own type in memory. NULL:
 * zeros. */
bool mg_h5_column_append(mg_h5_column *column, hsize_t rows, const double *values);
bool mg_h5_column_append_native(mg_h5_column *column, hsize_t rows, const void *values);

/* No-op if data < 0. */
bool mg_h5_column_close(mg_h5_column *column);

#endif
