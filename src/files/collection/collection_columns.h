/* The index of a collection as a table of columns. */
#ifndef MG_FILES_COLLECTION_COLUMNS_H
#define MG_FILES_COLLECTION_COLUMNS_H

#include "files/collection/collection.h"

typedef enum mg_collection_kind {
  MG_COLLECTION_KIND_TEXT,
  MG_COLLECTION_KIND_I64,
  MG_COLLECTION_KIND_F64
} mg_collection_kind;

typedef struct mg_collection_column {
  const char *name, *unit, *help;
  mg_collection_kind kind;
  size_t offset, size; /* of the field in mg_collected_run; size of a text */
} mg_collection_column;

#define MG_COLLECTION_COLUMN(kind, name, size, unit, help)                                         \
  {#name, unit, help, MG_COLLECTION_KIND_##kind, offsetof(mg_collected_run, name), size},
#define MG_COLLECTION_ONE(kind, name, size, unit, help) +1
enum { MG_COLLECTION_COLUMNS = 0 MG_COLLECTION_LIST(MG_COLLECTION_ONE) };

#define MG_COLLECTION_FORMAT "mgail collection 4"
#define MG_COLLECTION_OPEN   "mgail collection 3" /* without a checksum */
#define MG_COLLECTION_FORMER "mgail collection 2" /* without /runs/reason and /settings */

/* Of /evaluations. */
enum { MG_POINT_STEPS, MG_POINT_SECONDS, MG_POINT_RAW, MG_POINT_AVERAGE, MG_POINT_COLUMNS };
#define MG_POINT_NAMES                                                                             \
  { "environment_steps", "wall_seconds", "return_raw", "return_average" }

/* Stores the checksum of all that a closed file has. */
bool mg_collection_seal(const char *path);

/* "<task>_<method>_<trajectories>", "/" replaced. */
void mg_collection_group_name(const char *task, const char *method, int64_t trajectories,
                              char name[128]);

#endif
