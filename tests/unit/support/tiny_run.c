#include "tiny_run.h"

#include "algo/mgail/mgail_objective.h"
#include "demos/recording/writer.h"
#include "envs/env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRAJECTORIES = 4, STEPS = 200 };

mg_settings tiny_settings(const char *env_id, const char *expert) {
  mg_settings s = {0};
  snprintf(s.run.algorithm, sizeof s.run.algorithm, "mgail");
  snprintf(s.run.env, sizeof s.run.env, "%s", env_id);
  s.run.seed = 1;
  s.run.steps = 4000;
  s.run.environments = 4;
  snprintf(s.run.observe, sizeof s.run.observe, "motion");
  snprintf(s.data.expert, sizeof s.data.expert, "%s", expert);
  s.data.trajectories = 3;
  s.data.minimum_return = MG_ANY_RETURN;
  s.data.subsample = 4;
  s.data.seed = -1;
  s.data.max_bytes = 1 << 28;
  s.data.state_epsilon = 1e-3;
  const mg_layers hidden = {2, {16, 12}};
  s.policy.hidden = s.value.hidden = s.discriminator.hidden = s.forward_model.hidden = hidden;
  s.policy.activation = s.value.activation = s.discriminator.activation = MG_TANH;
  s.forward_model.activation = MG_SWISH;
  s.policy.learning_rate = s.value.learning_rate = 1e-3;
  s.policy.final_learning_rate = s.value.final_learning_rate = 1e-4;
  s.discriminator.learning_rate = s.forward_model.learning_rate = 1e-3;
  s.discriminator.final_learning_rate = s.forward_model.final_learning_rate = 1e-3;
  s.policy.log_sigma = -0.5;
  s.policy.clip = 5;
  s.policy.average_steps = 230;
  s.policy.entropy = 1e-3;
  s.clone.weight = s.clone.final_weight = 0.5;
  s.clone.batch = 16;
  s.value.updates = 2;
  s.value.tau = 0.1;
  s.value.lambda = 0.95;
  s.discriminator.updates = 1;
  s.discriminator.batch = 32;
  s.discriminator.penalty = 1;
  s.discriminator.segments = 5;
  s.forward_model.kind = MG_FORWARD_DELTA;
  s.forward_model.updates = 2;
  s.forward_model.batch = 32;
  s.forward_model.replay = 300;
  s.mgail.horizon = 6;
  s.mgail.gamma = 0.95;
  s.mgail.updates = 2;
  s.mgail.segments = 3;
  s.mgail.memory = 4;
  s.mgail.reward = MG_REWARD_SOFTPLUS;
  s.mgail.terminal_value = true;
  s.mgail.warmup = 1;
  s.mgail.temperature = 1;
  s.ppo.horizon = 16;
  s.ppo.gamma = 0.95;
  s.ppo.lambda = 0.9;
  s.gail.lambda = -1; /* ppo.lambda */
  s.ppo.epochs = s.ppo.minibatches = 2;
  s.ppo.clip_ratio = s.ppo.final_clip_ratio = 0.2;
  s.ppo.scale_reward = true;
  s.gail.reward = MG_REWARD_SOFTPLUS;
  s.gail.clone_weight = 0.5;
  s.gail.max_kl = s.gail.final_max_kl = 0.01;
  s.gail.damping = 0.1;
  s.gail.cg_iterations = s.gail.backtracks = 10;
  return s;
}

/* Keeps the pole up, or moves a little at random. */
static void act(const mg_env_spec *spec, const double *observation, mg_rng *rng, double *action) {
  if (spec->discrete) {
    const double *s = observation;
    action[0] = s[2] + 0.5 * s[3] + 0.1 * s[1] + 0.05 * s[0] > 0;
    return;
  }
  for (int i = 0; i < spec->action_size; i++) action[i] = 0.3 * mg_rng_normal(rng);
}

static mg_status record(mg_env *env, int k, mg_trajectory *t) {
  const mg_env_spec *spec = mg_env_get_spec(env);
  const size_t d = (size_t)spec->observation_size;
  const size_t m = spec->discrete ? 1 : (size_t)spec->action_size;
  mg_rng rng = mg_rng_at(8, MG_RNG_TEST, (uint64_t)k, 0);
  *t = (mg_trajectory){.id = k};
  mg_env_reset(env, &rng, t->observations = calloc((STEPS + 1) * d, sizeof(double)));
  t->actions = calloc(STEPS * m, sizeof(double));
  t->rewards = calloc(STEPS, sizeof(double));
  if (!t->actions || !t->rewards) return mg_fail(MG_ERR_MEMORY, "no memory");
  while (t->steps < STEPS && !t->terminated && !t->truncated) {
    double *now = t->observations + (size_t)t->steps * d;
    double *action = t->actions + (size_t)t->steps * m;
    act(spec, now, &rng, action);
    const mg_env_outcome outcome = mg_env_step(env, action, now + d);
    t->rewards[t->steps++] = outcome.reward;
    t->total_reward += outcome.reward;
    t->terminated = outcome.terminated;
    t->truncated = outcome.truncated;
  }
  t->truncated = !t->terminated;
  return MG_OK;
}

mg_status tiny_expert(const char *env_id, const char *path) {
  mg_env *env = NULL;
  mg_dataset_writer *writer = NULL;
  MG_TRY(mg_env_create(env_id, &env));
  const mg_env_spec *spec = mg_env_get_spec(env);
  const mg_dataset_provenance provenance = {
      .env_id = env_id,
      .observation_size = spec->observation_size,
      .action_size = spec->action_size,
      .discrete = spec->discrete,
      .program = "test",
      .simulator = "none",
      .policy = "a rule",
  };
  mg_status status = mg_dataset_writer_create(path, &provenance, &writer);
  const bool created = status == MG_OK;
  for (int k = 0; k < TRAJECTORIES && status == MG_OK; k++) {
    mg_trajectory t;
    status = record(env, k, &t);
    if (status == MG_OK) status = mg_dataset_writer_append(writer, &t);
    free(t.observations);
    free(t.actions);
    free(t.rewards);
  }
  mg_env_destroy(env);
  if (!created) return status;
  const mg_status closed = mg_dataset_writer_close(writer, status == MG_OK);
  return status != MG_OK ? status : closed;
}

const char *tiny_metric_name(int metric) {
  mg_metric row[MG_METRIC_COUNT];
  int which[MG_METRIC_COUNT];
  return mg_metrics_of(MG_OF_ALL, row, which) == MG_METRIC_COUNT ? row[metric].name : "?";
}

bool tiny_reports(unsigned algorithm, int metric) {
  mg_metric row[MG_METRIC_COUNT];
  int which[MG_METRIC_COUNT];
  const int count = mg_metrics_of(algorithm, row, which);
  for (int k = 0; k < count; k++)
    if (which[k] == metric) return metric < MG_METRIC_SECONDS_START;
  return false;
}
