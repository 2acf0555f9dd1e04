/* Inside envs/ only: what every kind of environment provides behind env.h.
 *
 * Two kinds exist, each one glue file and a table that describes a task: mujoco_env.h for
 * rigid-body tasks, classic_env.h for tasks of a few equations. */
#ifndef MG_ENVS_ENV_IMPL_H
#define MG_ENVS_ENV_IMPL_H

#include "envs/env.h"

/* Semantics as the mg_env_* function of the same name. */
typedef struct mg_env_ops {
  void (*destroy)(mg_env *env);
  void (*reset)(mg_env *env, mg_rng *rng, double *observation);
  void (*reset_to)(mg_env *env, const double *qpos, const double *qvel, double *observation);
  mg_env_outcome (*step)(mg_env *env, const double *action, double *observation);
  void (*bare_step)(mg_env *env, const double *action, int steps);
  void (*get_qpos_qvel)(const mg_env *env, double *qpos, double *qvel);
  double (*potential)(const mg_env *env); /* Nullable: no task of this kind has one */
  size_t (*bytes)(const mg_env *env);
  size_t (*state_size)(const mg_env *env);
  void (*get_state)(const mg_env *env, double *state);
  void (*set_state)(mg_env *env, const double *state, double *observation);
} mg_env_ops;

/* First member of every environment. */
struct mg_env {
  const mg_env_ops *ops;
  mg_env_spec spec;
  const char *takes;                 /* names of its arguments (mg_env_options_apply), */
  const mg_env_arguments *arguments; /* and their values; the kind's own */
};

/* As np.clip: NaN stays NaN. */
static inline double mg_clip(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

/* x stands between the two, none of which it is. */
static inline bool mg_within(double x, const double range[2]) {
  return range[0] < x && x < range[1];
}

#endif
