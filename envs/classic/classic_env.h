/* Tasks of a few equations (Gymnasium's classic_control): a small state in double precision, a
 * choice of actions, observations rounded to float32 as Gymnasium returns them. */
#ifndef MG_ENVS_CLASSIC_ENV_H
#define MG_ENVS_CLASSIC_ENV_H

#include "envs/env_impl.h"
#include "envs/env_options.h"

enum { MG_CLASSIC_MAX_STATE = 4 };

/* A task. The state starts uniform between reset_low and reset_high. */
typedef struct mg_classic_task {
  int state_size, observation_size, num_actions;
  double dt; /* [s], 0 where the task has none */
  double reset_low[MG_CLASSIC_MAX_STATE], reset_high[MG_CLASSIC_MAX_STATE];
  bool reset_rounded; /* to float32 */

  /* state [state_size] advances by one step under this choice; returns the reward. */
  double (*step)(const mg_env_arguments *a, double *state, int action, bool *terminated);

  /* observation [observation_size] of a state; the caller rounds it to float32. Nullable: the state
   * is the observation. */
  void (*observe)(const double *state, double *observation);

  /* Nullable: none. Phi(s) of mg_env_potential. */
  double (*potential)(const double *state);

  const char *takes;         /* Gymnasium's arguments that the task has */
  mg_env_arguments defaults; /* of these */

  double random_return, reference_return;
} mg_classic_task;

/* `task` is a const mg_classic_task, which must outlive the environment. MG_ERR_MEMORY;
 * MG_ERR_CONFIG if it does not take the options. */
mg_status mg_classic_create(const char *id, const void *task, const mg_env_options *options,
                            mg_env **env);

#endif
