#include "envs/env.h"

#include "envs/env_impl.h"

#include <assert.h>

void mg_env_destroy(mg_env *env) {
  if (env) env->ops->destroy(env);
}

const mg_env_spec *mg_env_get_spec(const mg_env *env) {
  return &env->spec;
}

size_t mg_env_bytes(const mg_env *env) {
  return env->ops->bytes(env);
}

bool mg_env_get_argument(const mg_env *env, const char *name, char text[MG_ENV_OPTION_MAX]) {
  return mg_env_option_show(env->takes, env->arguments, name, text);
}

void mg_env_reset(mg_env *env, mg_rng *rng, double *observation) {
  env->ops->reset(env, rng, observation);
}

void mg_env_reset_to(mg_env *env, const double *qpos, const double *qvel, double *observation) {
  env->ops->reset_to(env, qpos, qvel, observation);
}

mg_env_outcome mg_env_step(mg_env *env, const double *action, double *observation) {
  return env->ops->step(env, action, observation);
}

void mg_env_bare_step(mg_env *env, const double *action, int steps) {
  env->ops->bare_step(env, action, steps);
}

void mg_env_get_qpos_qvel(const mg_env *env, double *qpos, double *qvel) {
  env->ops->get_qpos_qvel(env, qpos, qvel);
}

double mg_env_potential(const mg_env *env) {
  assert(env->spec.has_potential);
  return env->ops->potential(env);
}

size_t mg_env_state_size(const mg_env *env) {
  return env->ops->state_size(env);
}

void mg_env_get_state(const mg_env *env, double *state) {
  env->ops->get_state(env, state);
}

void mg_env_set_state(mg_env *env, const double *state, double *observation) {
  env->ops->set_state(env, state, observation);
}
