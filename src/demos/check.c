#include "demos/check.h"

#include <inttypes.h>
#include <math.h>

mg_status mg_dataset_check(const mg_dataset *d, const char *path, const char *env_id,
                           int observation_size, int action_size, bool discrete) {
  if (d->observation_size != observation_size)
    return mg_fail(MG_ERR_DATA, "%s: observations have %d entries; expected %d, as %s has", path,
                   d->observation_size, observation_size, env_id);
  if (d->discrete != discrete)
    return mg_fail(MG_ERR_DATA, "%s: actions are %s; expected %s ones, as %s has", path,
                   d->discrete ? "discrete" : "continuous", discrete ? "discrete" : "continuous",
                   env_id);
  if (!discrete && d->action_size != action_size)
    return mg_fail(MG_ERR_DATA, "%s: actions have %d entries; expected %d, as %s has", path,
                   d->action_size, action_size, env_id);
  for (int k = 0; discrete && k < d->trajectories; k++) {
    const mg_trajectory *t = &d->trajectory[k];
    for (int64_t i = 0; i < t->steps; i++)
      if (!(t->actions[i] >= 0 && t->actions[i] < action_size))
        return mg_fail(MG_ERR_DATA,
                       "%s: action %" PRIi64 " of the trajectory with id %" PRIi64
                       " is %.0f; expected 0..%d, as %s has",
                       path, i, t->id, t->actions[i], action_size - 1, env_id);
  }
  return MG_OK;
}

int mg_one_hot_index(const double *row, int columns) {
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
      if (mg_one_hot_index(t->actions + i * choices, choices) < 0)
        return mg_fail(MG_ERR_DATA,
                       "%s: action %" PRIi64 " of the trajectory with id %" PRIi64
                       " is not one 1 among %d 0s; expected one-hot choices, as %s is discrete",
                       path, i, t->id, choices - 1, env_id);
  }
  for (int k = 0; k < d->trajectories; k++) {
    mg_trajectory *t = &d->trajectory[k];
    for (int64_t i = 0; i < t->steps; i++)
      t->actions[i] = mg_one_hot_index(t->actions + i * choices, choices);
  }
  d->discrete = true;
  d->action_size = 1;
  return MG_OK;
}
