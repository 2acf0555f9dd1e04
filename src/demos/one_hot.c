#include "demos/dataset.h"

#include <inttypes.h>
#include <math.h>

/* The column of the only 1 among 0s; -1 if the row is something else. */
static int find_one(const double *row, int columns) {
  int one = -1;
  for (int i = 0; i < columns; i++) {
    if (row[i] == 0) continue;
    if (row[i] != 1 || one >= 0) return -1;
    one = i;
  }
  return one;
}

static bool are_whole(const mg_dataset *d) {
  for (int k = 0; k < d->trajectories; k++)
    for (int64_t t = 0; t < d->trajectory[k].steps; t++) {
      double value = d->trajectory[k].actions[t];
      if (value != floor(value) || value < 0 || value > INT32_MAX) return false;
    }
  return true;
}

mg_status mg_dataset_one_hot_to_index(mg_dataset *d, const char *path, const char *env_id,
                                      int choices) {
  if (d->discrete) return MG_OK;
  if (d->action_size == 1 && choices > 1) {
    d->discrete = are_whole(d);
    return MG_OK;
  }
  if (d->action_size != choices) return MG_OK;
  /* Judged before anything is changed. */
  for (int k = 0; k < d->trajectories; k++) {
    const mg_trajectory *t = &d->trajectory[k];
    for (int64_t i = 0; i < t->steps; i++)
      if (find_one(t->actions + i * choices, choices) < 0)
        return mg_fail(MG_ERR_DATA,
                       "%s: action %" PRIi64 " of the trajectory with id %" PRIi64
                       " is not one 1 among %d 0s; expected one-hot choices, as %s is discrete",
                       path, i, t->id, choices - 1, env_id);
  }
  for (int k = 0; k < d->trajectories; k++) {
    mg_trajectory *t = &d->trajectory[k];
    for (int64_t i = 0; i < t->steps; i++)
      t->actions[i] = find_one(t->actions + i * choices, choices);
  }
  d->discrete = true;
  d->action_size = 1;
  return MG_OK;
}
