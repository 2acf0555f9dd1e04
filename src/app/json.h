/* JSON by cJSON, with the few habits of this program: not-a-number is null, and one place that
 * turns an object into text. */
#ifndef MG_APP_JSON_H
#define MG_APP_JSON_H

#include "app/run/provenance.h"
#include "base/statistics.h"
#include "base/status.h"

#include <cjson/cJSON.h>
#include <stdint.h>

/* All digits: cJSON's own numbers have 15. */
void mg_json_add_whole(cJSON *object, const char *name, int64_t value);

/* [n] to the last bit: cJSON's own numbers may be one off. NULL if memory is out. */
cJSON *mg_json_exact(const double *values, int n);

/* {mean, sd, min, max} */
void mg_json_add_summary(cJSON *object, const char *name, const mg_summary *summary);

/* {simulator, hdf5, blas, mpi, compiler} */
void mg_json_add_libraries(cJSON *object, const mg_provenance *provenance);

/* Indented text with a final line break; frees `object`, which may be NULL (out of memory, as any
 * failed add before). The caller frees *text. MG_ERR_MEMORY. */
mg_status mg_json_finish(cJSON *object, char **text);

/* The same to standard output. */
mg_status mg_json_print(cJSON *object);

#endif
