/* What the layouts in NumPy archives share. */
#ifndef MG_DEMOS_LAYOUT_NPZ_H
#define MG_DEMOS_LAYOUT_NPZ_H

#include "demos/layouts/layout.h"
#include "demos/numpy/npz.h"
#include "demos/numpy/npz_writer.h"

enum { NPZ_ARRAYS = MG_PART_REWARDS + 1 }; /* the parts that every such layout has */

/* Of an open archive. */
typedef struct mg_npz_state {
  mg_npz *npz;
  mg_npz_stream *stream[NPZ_ARRAYS]; /* NULL: rewards are not there */
} mg_npz_state;

/* True if the file is an archive with all of these members (NULL-terminated names). */
bool mg_npz_has(const mg_dataset_file *file, const char *const *names);

/* Opens the archive and the three arrays of these names, and finds the form; *rows and *steps are
 * the rows of observations and of actions. Rewards may be missing. Arrays are [rows, size] (lead 1)
 * or [episodes, steps, size] (lead 2), where an episode is a row. */
mg_status mg_npz_open_arrays(mg_dataset_file *file, const char *const names[NPZ_ARRAYS], int lead,
                             uint64_t *rows, uint64_t *steps);
void mg_npz_close_file(mg_dataset_file *file);

/* A member of n values, to be closed; MG_ERR_DATA if it is missing or has not n values. */
mg_status mg_npz_open_vector(mg_dataset_file *file, const char *name, uint64_t n,
                             mg_npz_stream **stream);

/* values [n] <- such a member. */
mg_status mg_npz_read_vector(mg_dataset_file *file, const char *name, uint64_t n, double *values);

/* A member that is an array of one true value. */
bool mg_npz_is_marked(const mg_dataset_file *file, const char *name);

/* MG_ERR_DATA that names the first of values [n] that is not finite, by its row and column in
 * `name`, and counts them all. */
mg_status mg_npz_check_finite(const mg_dataset_file *file, const char *name, uint64_t first_row,
                              uint64_t columns, uint64_t n, const double *values);

/* values <- `rows` rows of one of the three from `first` on. */
mg_status mg_npz_read_part(mg_dataset_file *file, mg_part part, int64_t first, int64_t rows,
                           double *values);

/* ---- writing ---- */

typedef struct mg_npz_column {
  const char *name;
  mg_npy_type type;
  int columns; /* 0: of rank 1 */
} mg_npz_column;

typedef struct mg_npz_output {
  mg_npz_writer *writer;
  double *scratch; /* [longest] */
} mg_npz_output;

/* The type that archives have for it. */
mg_npy_type mg_npz_type_of(mg_value_type type);

/* With so many arrays, which are appended to by their place in the list. */
mg_status mg_npz_output_create(mg_sink *sink, int arrays, const mg_npz_column *column);
mg_status mg_npz_output_append(mg_sink *sink, int array, int64_t rows, const double *values);
mg_status mg_npz_output_mark(mg_sink *sink, const char *name);
mg_status mg_npz_output_finish(mg_sink *sink);
void mg_npz_output_discard(mg_sink *sink);

#endif
