/* Demonstrations written anew in another layout. */
#ifndef MG_DEMOS_CONVERT_H
#define MG_DEMOS_CONVERT_H

#include "demos/describe.h"
#include "demos/judge/task.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct mg_convert_options {
  const char *layout;          /* by name; NULL: by the output's ending */
  const char *env_id;          /* where the file does not say; Nullable */
  const mg_dataset_task *task; /* as in mg_dataset_options, but choices stay as they are */
  bool skip_bad;
  bool (*stopped)(void); /* Nullable: asked now and then; true ends with MG_ERR_STOPPED */
} mg_convert_options;

typedef struct mg_convert_result {
  int64_t episodes, steps;
  char from[32], to[32]; /* layouts */
} mg_convert_result;

/* Writes `input` anew in another layout, one episode in memory at a time; types stay, and what the
 * file carries beside goes along. `output` must not exist. Remarks go to `note` (Nullable). */
mg_status mg_dataset_convert(const char *input, const char *output,
                             const mg_convert_options *options, mg_note note, void *user,
                             mg_convert_result *result);

#endif
