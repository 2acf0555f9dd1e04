/* Whether a data set fits a task: one judgement for training, validation and conversion. */
#ifndef MG_DEMOS_TASK_H
#define MG_DEMOS_TASK_H

#include "base/status.h"
#include "base/trajectory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mg_dataset_file;

/* What a task expects; the registry is not known here. */
typedef struct mg_dataset_task {
  const char *env_id;
  int observation_size, action_size; /* discrete: number of choices */
  bool discrete;
  int64_t max_steps;                      /* time limit; 0: none */
  const double *action_low, *action_high; /* [action_size], Nullable */
  bool any; /* files that name another task are taken, if their sizes fit */
  /* Nullable. Whether arguments or another version of the task give observations of so many entries;
   * text [capacity] <- which: "with env.use_contact_forces = on it has 111". */
  bool (*advise)(const void *user, int observation_size, char *text, size_t capacity);
  const void *user;
} mg_dataset_task;

/* Whether two ids are versions of one task: Hopper-v2, hopper-medium-v0 and gym/Hopper-v4 are. */
bool mg_same_task(const char *a, const char *b);

/* Compares the name and the sizes of a file with file->access.task (Nullable: with nothing);
 * file->task <- the task if they fit. */
mg_status mg_task_compare(struct mg_dataset_file *file);

/* With a discrete file->task: whether the actions of episode k are choices, as indices 0, 1, ... in
 * whatever type, or as one-hot rows. */
mg_status mg_task_check_choices(struct mg_dataset_file *file, int64_t k, const mg_trajectory *t);

/* Rows of such actions, once checked, become indices, in place. */
void mg_task_index_choices(const struct mg_dataset_file *file, mg_trajectory *t);

#endif
