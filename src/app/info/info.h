/* What `mgail info` prints to standard output, about each kind of file and the tasks. Local. */
#ifndef MG_APP_INFO_INFO_H
#define MG_APP_INFO_INFO_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* task: its id, for data sets that name none; Nullable. */
mg_status mg_info_dataset(const char *path, const char *task, bool json);
mg_status mg_info_checkpoint(const char *path, bool json);
mg_status mg_info_curves(const char *path, bool json);
mg_status mg_info_collection(const char *path, bool json);

/* A run's folder: what it is of, how far it is, what came out. Reads in a child process itself. */
bool mg_info_is_run(const char *path);
mg_status mg_info_run(const char *path, bool json);

/* Problems and remarks about a data set, a line each, and "valid" or how many problems: compared
 * with `task`, or, where that is NULL, with the task that the file names. Fails only where there is
 * nothing to look at, or no such task. */
mg_status mg_info_validate(const char *path, const char *task, int64_t *problems);

/* The ids of all tasks, one a line; as JSON an array of {id, observation_size, action_size,
 * discrete, max_episode_steps, random_return, reference_return}; null: a return that is not known. */
mg_status mg_info_tasks(bool json);

#endif
