/* Where a recorded data set comes from: attributes of the file's root, told again in metadata.json.
 * One list names them all; every one may be missing, as in files that others made. */
#ifndef MG_DEMOS_ORIGIN_H
#define MG_DEMOS_ORIGIN_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Missing: "", -1, NaN; the checksum and the seed where there is no program. */
typedef struct mg_dataset_origin {
  char env_id[64], env_kwargs[1024]; /* task and its arguments, a JSON object */
  char program[256], simulator[256]; /* "mgail 0.1.0 (<git>)", "MuJoCo 3.3.7" */
  char policy[64];                   /* "mean action" or "stochastic" */
  char parameters[16];               /* of the policy: "average" or "raw" */
  char algorithm[64];                /* that trained it, for so many steps: */
  int64_t trained_steps;
  uint64_t policy_checksum; /* of the parameters' bytes */
  uint64_t seed;
  int64_t observation_size, action_size; /* discrete tasks: number of choices */
  int64_t total_episodes, total_steps;
  double return_mean, return_sd, return_min, return_max; /* sd with n-1; 0 of one episode */
  double minimum_return;                                 /* episodes below it were not kept: */
  int64_t rejected_episodes;                             /* so many */
} mg_dataset_origin;

typedef enum mg_origin_kind {
  MG_ORIGIN_TEXT,
  MG_ORIGIN_INT64,
  MG_ORIGIN_UINT64,
  MG_ORIGIN_FLOAT64
} mg_origin_kind;

typedef struct mg_origin_row {
  const char *name; /* of the attribute */
  mg_origin_kind kind;
  size_t offset, size; /* in mg_dataset_origin */
} mg_origin_row;

/* Ends with a row whose name is NULL. */
extern const mg_origin_row mg_origin_rows[];

/* False if the field of this row is missing. */
bool mg_origin_has(const mg_origin_row *row, const mg_dataset_origin *origin);

enum { MG_ORIGIN_TEXT_MAX = 1024 };

/* A text as it is, a number as JSON has it (what JSON has no number for: null). */
void mg_origin_format(const mg_origin_row *row, const mg_dataset_origin *origin,
                      char text[MG_ORIGIN_TEXT_MAX]);

/* All missing. */
mg_dataset_origin mg_dataset_origin_none(void);

/* Of the file `path`; all missing where it is not HDF5. MG_ERR_DATA: not what was written, by its
 * checksum, if it has one. Local. Opens the file with HDF5: for files from strangers, call it in a
 * child process. Control characters in texts become '?'. */
mg_status mg_dataset_origin_read(const char *path, mg_dataset_origin *origin);

/* Every field that is not missing, into a new object "recording" of `json`. */
struct cJSON;
void mg_dataset_origin_add(struct cJSON *json, const mg_dataset_origin *origin);

#endif
