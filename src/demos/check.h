/* Whether a data set fits a task. */
#ifndef MG_DEMOS_CHECK_H
#define MG_DEMOS_CHECK_H

#include "demos/dataset.h"

/* MG_ERR_DATA unless the sizes match the task's: observation [observation_size], action
 * [action_size] or, if discrete, choices 0..action_size-1. */
mg_status mg_dataset_check(const mg_dataset *dataset, const char *path, const char *env_id,
                           int observation_size, int action_size, bool discrete);

/* For a discrete task: actions [T, choices] whose rows are exactly one 1 among 0s, and floats [T,
 * 1] that are whole numbers, become indices [T], in place. Other data sets stay as they are, for
 * mg_dataset_check to judge. MG_ERR_DATA if the columns are the task's choices and a row is not
 * one-hot. To be called before mg_dataset_check. */
mg_status mg_dataset_one_hot_to_index(mg_dataset *dataset, const char *path, const char *env_id,
                                      int choices);

/* The column of the only 1 among 0s in row [columns]; -1 if the row is something else. */
int mg_one_hot_index(const double *row, int columns);

#endif
