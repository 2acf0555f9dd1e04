/* One dataset of an episode, opened with everything that is not on the allow-list refused; private
 * to this folder. Allowed: hard links, contiguous, compact or chunked layout within this file, the
 * filters deflate, shuffle and fletcher32, float32 and float64, integers, booleans. */
#ifndef MG_DATA_DATASET_ARRAY_H
#define MG_DATA_DATASET_ARRAY_H

#include "base/status.h"

#include <hdf5.h>
#include <stdint.h>

typedef enum mg_array_kind { MG_ARRAY_FLOAT, MG_ARRAY_INTEGER, MG_ARRAY_BOOLEAN } mg_array_kind;

typedef struct mg_array {
  hid_t id;
  mg_array_kind kind;
  int rank; /* 1 or 2 */
  hsize_t dims[2];
  uint64_t bytes; /* as doubles */
} mg_array;

/* Opens and checks type, layout, filters and dimensions against max_bytes, before anything is read
 * or allocated. On success the caller closes id; on failure nothing is open. */
mg_status mg_array_open(const char *path, hid_t group, const char *episode, const char *name,
                        uint64_t max_bytes, mg_array *array);

/* All values as doubles; refuses NaN and infinities, naming the first. */
mg_status mg_array_read(const mg_array *array, const char *path, const char *episode,
                        const char *name, double *values);

#endif
