/* Between the policy and an environment: actions as the environment takes them, and a step whose
 * failures stay inside the simulator. */
#ifndef MG_ROLLOUT_CONTAINED_STEP_H
#define MG_ROLLOUT_CONTAINED_STEP_H

#include "envs/env.h"
#include "math/real.h"

/* action [action_size] <- row a [A] of a policy: the vector, or in action[0] the index of the
 * one-hot's choice. */
void mg_action_decode(const mg_env_spec *spec, const mg_real *a, double *action);

/* mg_env_step, from `observation` [d] to `next` [d]. If the simulator reports a bad state, or
 * anything it returns is not finite in float32, the outcome is unstable and terminated, not
 * truncated; `next` is then a copy of `observation` and the reward 0, so that nothing bad goes on
 * to the networks. */
mg_env_outcome mg_contained_step(mg_env *env, const double *action, const double *observation,
                                 double *next);

#endif
