/* Minari's metadata.json, read as far as it concerns us and written. */
#ifndef MG_DEMOS_METADATA_H
#define MG_DEMOS_METADATA_H

#include "demos/demo_file.h"
#include "demos/recording/origin.h"

/* The name of the file beside `path`: .h5 or .hdf5 at its end replaced by .metadata.json. */
mg_status mg_metadata_path(const char *path, char *metadata, size_t capacity);

/* True for 1 to 63 of the characters that Gymnasium allows. */
bool mg_is_env_id(const char *text);

/* The id in an EnvSpec in JSON; false if there is none. */
bool mg_env_id_of_spec(const char *spec, char *env_id, size_t capacity);

/* The task's id from the file beside `path` (for main_data.hdf5 also metadata.json, Minari's own
 * name): env_spec.id or env_id. False if there is none; never an error. */
bool mg_metadata_env_id(const char *path, char *env_id, size_t capacity);

/* The same from the root's attributes of an HDF5 file: env_id, or the id within env_spec. */
bool mg_metadata_env_id_of_file(hid_t file, char *env_id, size_t capacity);

/* Whether this metadata.json says that its data are in Arrow files; never an error. */
bool mg_metadata_is_arrow(const char *metadata);

/* The whole text beside `path`, NULL if there is none or it is not JSON. To be freed. */
char *mg_metadata_beside(const char *path);

/* The text for a converted data set, called after the file `name`; NULL when memory is out. */
char *mg_metadata_of_form(const mg_form *form, const char *name, int64_t episodes, int64_t steps);

/* True for such a text. */
bool mg_metadata_is_generated(const char *text);

/* "<prefix>/hopper-v4/<file name>-v0": what Minari's own ids look like. id [192] */
void mg_metadata_dataset_id(const char *prefix, const char *env_id, const char *path, char *id);

/* The text of metadata.json for a data set written here; NULL when memory is out. To be freed. */
char *mg_metadata_text(const mg_dataset_origin *p, bool discrete, const char *dataset_id);

#endif
