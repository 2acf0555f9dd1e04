/* A dataset of numbers, opened with everything that is not on the allow-list refused. Allowed: hard
 * links, contiguous, compact or chunked layout within this file, the filters deflate, shuffle,
 * fletcher32 and LZF, float16, float32 and float64, integers, booleans. */
#ifndef MG_FILES_H5_ARRAY_H
#define MG_FILES_H5_ARRAY_H

#include "base/status.h"
#include "files/value_type.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

enum { MG_ARRAY_MAX_RANK = 8 };

typedef enum mg_array_kind { MG_ARRAY_FLOAT, MG_ARRAY_INTEGER, MG_ARRAY_BOOLEAN } mg_array_kind;

typedef struct mg_array {
  hid_t id;                        /* < 0: not open */
  const char *path, *where, *name; /* for sentences: "path: where/name is ..." */
  mg_array_kind kind;
  mg_value_type type; /* float16: MG_FLOAT32 */
  double epsilon;     /* of floats as stored: the step from 1 to the next; 0 of others, */
  double least;       /* and the step from 0 to the next */
  int rank;           /* 1 to that asked for; see `stored_rank` */
  hsize_t dims[3];    /* beyond rank: 1 */
  uint64_t bytes;     /* as doubles */
  /* As it stands in the file: dimensions of size 1 are passed over where there are more than were
   * asked for, the last ones first. axis [rank]: which of the stored ones is left. */
  int stored_rank, axis[3];
  hsize_t stored_dims[MG_ARRAY_MAX_RANK];
  bool chunked;                     /* stored in chunks, */
  hsize_t chunk[MG_ARRAY_MAX_RANK]; /* which are this large */
} mg_array;

/* What an array is wanted for. */
typedef struct mg_array_use {
  uint64_t max_bytes;
  int most_rank; /* 1 to 3 */
  bool parts;    /* read in parts: not its whole size is limited but a chunk's, and the library's
                    cache is made to hold the chunks that one row (of the first dimension) touches,
                    within max_bytes, so that reading rows in order unpacks no chunk twice */
  bool sparse;   /* may have been written in part or never: the rest is the fill value */
  bool padded;   /* may have been written in part, for not all of it is read */
} mg_array_use;

/* Opens and checks type, layout, filters and dimensions, before anything is read or allocated.
 * `where` is what sentences call the group; the names stay the caller's, and alive. To be closed,
 * if it was opened. */
mg_status mg_array_open(const char *path, hid_t group, const char *where, const char *name,
                        const mg_array_use *use, mg_array *array);

/* No-op if it is not open. */
void mg_array_close(mg_array *array);

/* values [count...] <- the block at `start`, which the array has, as doubles; refuses NaN and
 * infinities, naming the first by its place in the array. */
mg_status mg_array_read_part(const mg_array *array, const hsize_t *start, const hsize_t *count,
                             double *values);

/* The same with whatever stands there. */
mg_status mg_array_read_any(const mg_array *array, const hsize_t *start, const hsize_t *count,
                            double *values);

/* The same of all values. */
mg_status mg_array_read(const mg_array *array, double *values);

/* False if chunks of the block were never stored: it would be read as the fill value. */
bool mg_array_is_stored(const mg_array *array, const hsize_t *start, const hsize_t *count);

/* The type that files and memory have in common (of float16: float32); false if it is not on the
 * list. */
bool mg_array_find_type(hid_t type, mg_value_type *found);

/* NULL if the dataset's storage is allowed, else what it is. Call it before asking for the
 * dataspace: for virtual data that alone would open other files. */
const char *mg_array_refuse_storage(hid_t dataset, uint64_t max_bytes);

#endif
