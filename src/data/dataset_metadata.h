/* Minari's metadata.json, read as far as it concerns us and written; private to this folder. */
#ifndef MG_DATA_DATASET_METADATA_H
#define MG_DATA_DATASET_METADATA_H

#include "data/dataset.h"

/* The name of the file beside `path`: .h5 or .hdf5 at its end replaced by .metadata.json. */
mg_status mg_metadata_path(const char *path, char *metadata, size_t capacity);

/* True for 1 to 63 of the characters that Gymnasium allows. */
bool mg_is_env_id(const char *text);

/* The id in an EnvSpec in JSON; false if there is none. */
bool mg_env_id_of_spec(const char *spec, char *env_id, size_t capacity);

/* The task's id from the file beside `path` (for main_data.hdf5 also metadata.json, Minari's own
 * name): env_spec.id or env_id. False if there is none; never an error. */
bool mg_metadata_env_id(const char *path, char *env_id, size_t capacity);

/* The text of metadata.json for a data set written here; NULL when memory is out. To be freed. */
char *mg_metadata_text(const mg_dataset_provenance *provenance, const char *dataset_id,
                       int64_t episodes, int64_t steps);

#endif
