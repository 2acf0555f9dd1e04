#include "rollout/contained_step.h"

#include "math/vec.h"

#include <math.h>
#include <string.h>

void mg_action_decode(const mg_env_spec *spec, const mg_real *a, double *action) {
  if (spec->discrete)
    action[0] = (double)mg_vec_argmax((size_t)spec->action_size, a);
  else
    for (int k = 0; k < spec->action_size; k++) action[k] = (double)a[k];
}

mg_env_outcome mg_contained_step(mg_env *env, const double *action, const double *observation,
                                 double *next) {
  size_t d = (size_t)mg_env_get_spec(env)->observation_size;
  mg_env_outcome outcome = mg_env_step(env, action, next);
  /* 0 * x is 0 for a finite x and NaN for any other. Networks see float32: what is infinite there
   * is infinite. */
  float probe = 0 * (float)outcome.reward;
  for (size_t j = 0; j < d; j++) probe += 0 * (float)next[j];
  if (outcome.unstable || isnan(probe)) {
    memcpy(next, observation, d * sizeof(double));
    outcome = (mg_env_outcome){.reward = 0, .terminated = true, .unstable = true};
  }
  return outcome;
}
