/* What layouts share that have a few arrays for all episodes; and what arrays tell of the form. */
#ifndef MG_DEMOS_LAYOUT_ARRAYS_H
#define MG_DEMOS_LAYOUT_ARRAYS_H

#include "demos/layouts/layout.h"
#include "files/h5_array.h"

/* What arrays of one episode are wanted for: [T,m], [T], and [T] that may never have been written. */
extern const mg_array_use mg_use_matrix, mg_use_vector, mg_use_flags;

/* As mg_array_open, within the file's limits. Dimensions that were passed over are remarked, of the
 * first array of a file. */
mg_status mg_layout_open_array(mg_dataset_file *file, hid_t group, const char *where,
                               const char *name, const mg_array_use *use, mg_array *array);

typedef struct mg_array_row {
  const char *name;
  bool kept;     /* below metadata/minari, in files written here; else in the root */
  bool required; /* else it may be missing */
  bool vital;    /* nothing to go on with without it, even while problems are collected */
  bool sparse;   /* this and the next: as in mg_array_use */
  bool padded;
  int most_rank;
} mg_array_row;

/* array [rows] <- those of the table (which ends with a row without a name) that are there and can
 * be read in parts; of the others the id is below 0. */
mg_status mg_arrays_open(mg_dataset_file *file, const mg_array_row *rows, mg_array *array);
void mg_arrays_close(const mg_array_row *rows, mg_array *array);

/* True for the name of one in the root; an mg_h5_skip whose user is the table. */
bool mg_arrays_skip(const void *rows, const char *name);

/* values <- a block, as mg_array_read_part; what is wrong with it is a problem of the file. */
mg_status mg_arrays_read(mg_dataset_file *file, const mg_array *array, const hsize_t *start,
                         const hsize_t *count, double *values);

/* ---- the form ---- */

/* [rows, size] of floats. */
bool mg_array_is_observations(const mg_array *array);

/* [rows] or [rows, 1] of whole numbers or booleans. Whole numbers of more than one column are
 * one-hot choices, or nothing that we know. */
bool mg_array_is_choices(const mg_array *array);

/* What numbers of this type are written as: booleans as int8. */
mg_value_type mg_layout_number_type(mg_value_type type);

/* A number of columns that can be. */
bool mg_array_has_size(const mg_array *array);

/* Sizes and types, of arrays that fit. Rewards need not be open. */
void mg_array_take_form(const mg_array *observations, const mg_array *actions,
                        const mg_array *rewards, mg_form *form);

#endif
