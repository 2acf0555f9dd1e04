/* All that is wrong with a file of demonstrations, and what is remarkable about it. */
#ifndef MG_DEMOS_VALIDATE_H
#define MG_DEMOS_VALIDATE_H

#include "demos/describe.h"
#include "demos/judge/task.h"

#include <stdint.h>

/* Reads everything and tells of every problem and of what is remarkable, in a sentence each;
 * *problems counts the former. task (Nullable): what to compare with. Fails only where nothing can
 * be said. */
mg_status mg_dataset_validate(const char *path, const mg_dataset_task *task, mg_note note,
                              void *user, int64_t *problems);

#endif
