#include "envs/classic/classic_env.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct classic_env {
  mg_env base;
  const mg_classic_task *task;
  mg_env_arguments arguments;
  double state[MG_CLASSIC_MAX_STATE];
  int steps;
} classic_env;

static void observe(const classic_env *e, double *observation) {
  const double *from = e->state;
  if (e->task->observe) e->task->observe(from, observation), from = observation;
  for (int i = 0; i < e->task->observation_size; i++) observation[i] = (double)(float)from[i];
}

static void classic_destroy(mg_env *env) {
  free(env);
}

static void classic_reset_to(mg_env *env, const double *qpos, const double *qvel,
                             double *observation) {
  classic_env *e = (classic_env *)env;
  (void)qvel;
  memcpy(e->state, qpos, (size_t)e->task->state_size * sizeof(double));
  e->steps = 0;
  observe(e, observation);
}

static void classic_reset(mg_env *env, mg_rng *rng, double *observation) {
  const mg_classic_task *task = ((classic_env *)env)->task;
  double state[MG_CLASSIC_MAX_STATE];
  for (int i = 0; i < task->state_size; i++) {
    state[i] =
        task->reset_low[i] + (task->reset_high[i] - task->reset_low[i]) * mg_rng_uniform(rng);
    if (task->reset_rounded) state[i] = (double)(float)state[i];
  }
  classic_reset_to(env, state, NULL, observation);
}

static mg_env_outcome classic_step(mg_env *env, const double *action, double *observation) {
  classic_env *e = (classic_env *)env;
  const mg_classic_task *task = e->task;
  mg_env_outcome outcome = {0};
  /* What is no choice (NaN, out of range) is reported and steps as choice 0. */
  int choice = 0;
  if (action[0] >= 0 && action[0] < task->num_actions)
    choice = (int)action[0];
  else
    outcome.unstable = true;
  outcome.reward = task->step(&e->arguments, e->state, choice, &outcome.terminated);
  outcome.truncated = ++e->steps == e->arguments.max_episode_steps;
  for (int i = 0; i < task->state_size; i++)
    if (!isfinite(e->state[i])) outcome.unstable = true;
  observe(e, observation);
  for (int i = 0; i < task->observation_size; i++)
    if (!isfinite(observation[i])) outcome.unstable = true;
  return outcome;
}

static void classic_bare_step(mg_env *env, const double *action, int steps) {
  classic_env *e = (classic_env *)env;
  bool terminated;
  for (int i = 0; i < steps; i++)
    e->task->step(&e->arguments, e->state, (int)action[0], &terminated);
}

static void classic_get_qpos_qvel(const mg_env *env, double *qpos, double *qvel) {
  const classic_env *e = (const classic_env *)env;
  (void)qvel;
  memcpy(qpos, e->state, (size_t)e->task->state_size * sizeof(double));
}

static double classic_potential(const mg_env *env) {
  const classic_env *e = (const classic_env *)env;
  return e->task->potential(e->state);
}

/* [step count | state] */
static size_t classic_bytes(const mg_env *env) {
  (void)env;
  return sizeof(classic_env);
}

static size_t classic_state_size(const mg_env *env) {
  return 1 + (size_t)((const classic_env *)env)->task->state_size;
}

static void classic_get_state(const mg_env *env, double *state) {
  const classic_env *e = (const classic_env *)env;
  state[0] = e->steps;
  memcpy(state + 1, e->state, (size_t)e->task->state_size * sizeof(double));
}

static void classic_set_state(mg_env *env, const double *state, double *observation) {
  classic_env *e = (classic_env *)env;
  e->steps = (int)state[0];
  memcpy(e->state, state + 1, (size_t)e->task->state_size * sizeof(double));
  if (observation) observe(e, observation);
}

static const mg_env_ops classic_ops = {
    .destroy = classic_destroy,
    .reset = classic_reset,
    .reset_to = classic_reset_to,
    .step = classic_step,
    .bare_step = classic_bare_step,
    .get_qpos_qvel = classic_get_qpos_qvel,
    .potential = classic_potential,
    .bytes = classic_bytes,
    .state_size = classic_state_size,
    .get_state = classic_get_state,
    .set_state = classic_set_state,
};

mg_status mg_classic_create(const char *id, const void *task_row, const mg_env_options *options,
                            mg_env **env) {
  const mg_classic_task *task = task_row;
  mg_env_arguments arguments = task->defaults;
  MG_TRY(mg_env_options_apply(id, task->takes, options, &arguments));
  assert(task->state_size <= MG_CLASSIC_MAX_STATE);
  assert(task->observe || task->observation_size == task->state_size);
  classic_env *e = calloc(1, sizeof *e);
  if (!e) return mg_fail(MG_ERR_MEMORY, "%s: no memory for an environment", id);
  e->task = task;
  e->arguments = arguments;
  e->base.takes = task->takes;
  e->base.arguments = &e->arguments;
  e->base.ops = &classic_ops;
  mg_env_spec *spec = &e->base.spec;
  snprintf(spec->id, sizeof spec->id, "%s", id);
  spec->discrete = true;
  spec->observation_size = spec->motion_size = task->observation_size;
  spec->action_size = task->num_actions;
  spec->max_episode_steps = arguments.max_episode_steps;
  spec->dt = task->dt;
  spec->qpos_size = task->state_size;
  spec->random_return = task->random_return;
  spec->reference_return = task->reference_return;
  spec->has_potential = task->potential != NULL;
  *env = &e->base;
  return MG_OK;
}
