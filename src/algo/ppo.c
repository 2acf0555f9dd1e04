#include "algo/ppo.h"

#include "algo/acting.h"
#include "base/timer.h"
#include "math/vec.h"
#include "model/value.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const mg_metric metric_table[] = {
#define METRIC_ROW(MG_PPO_index, name, unit, help) {name, unit, help},
    MG_PPO_METRICS(METRIC_ROW)
#undef METRIC_ROW
};

/* ---- create ---- */

static void allocate(mg_ppo *p, mg_arena *arena, int N) {
  const mg_policy *policy = &p->base.policy;
  size_t S = (size_t)policy->state_size, A = (size_t)policy->action_size;
  size_t R = (size_t)p->rows, B = (size_t)p->batch;
  mg_paramset_add(&p->set, "policy", mg_policy_size(policy));
  mg_paramset_add(&p->set, "value", mg_mlp_size(&p->value_net));
  mg_paramset_allocate(&p->set, arena);
  p->policy_adam = mg_adam_make(mg_policy_size(policy), arena);
  p->value_adam = mg_adam_make(mg_mlp_size(&p->value_net), arena);
  p->segment = mg_segment_make(p->rows / N, N, policy->state_size, policy->action_size, arena);
  p->discounted = MG_NEW(arena, double, (size_t)N);
  p->value = MG_NEW(arena, mg_real, R);
  p->next_value = MG_NEW(arena, mg_real, R);
  p->advantage = MG_NEW(arena, mg_real, R);
  p->returns = MG_NEW(arena, mg_real, R);
  p->old_lp = MG_NEW(arena, mg_real, R);
  p->order = MG_NEW(arena, int, R);
  p->policy_tape = mg_mlp_tape_make(&policy->net, p->batch, arena);
  p->value_tape = mg_mlp_tape_make(&p->value_net, p->batch, arena);
  p->x = MG_NEW(arena, mg_real, B * S);
  p->a = MG_NEW(arena, mg_real, B * A);
  p->head = MG_NEW(arena, mg_real, B * A);
  p->dhead = MG_NEW(arena, mg_real, B * A);
  p->b_advantage = MG_NEW(arena, mg_real, B);
  p->b_returns = MG_NEW(arena, mg_real, B);
  p->b_old_lp = MG_NEW(arena, mg_real, B);
  p->work = MG_NEW(arena, mg_real, 2 * B);
  if (p->settings->policy.average > 0)
    p->base.average = MG_NEW(arena, mg_real, mg_policy_size(policy));
}

/* Orthogonal, a nearly uniform first policy, the same on all ranks. */
static mg_status initialise(mg_ppo *p) {
  const mg_policy *policy = &p->base.policy;
  uint64_t seed = (uint64_t)p->settings->run.seed;
  mg_real *theta = mg_paramset_theta(&p->set, MG_PPO_POLICY);
  mg_rng rng = mg_rng_at(seed, MG_RNG_INIT, MG_PPO_POLICY, 0);
  MG_TRY(mg_mlp_init_orthogonal(&policy->net, sqrt(2), 0.01, &rng, theta));
  for (size_t i = mg_policy_log_sigma_offset(policy); i < mg_policy_size(policy); i++)
    theta[i] = (mg_real)p->settings->policy.log_sigma;
  rng = mg_rng_at(seed, MG_RNG_INIT, MG_PPO_VALUE, 0);
  MG_TRY(mg_mlp_init_orthogonal(&p->value_net, sqrt(2), 1, &rng,
                                mg_paramset_theta(&p->set, MG_PPO_VALUE)));
  if (p->base.average) mg_vec_copy(mg_policy_size(policy), theta, p->base.average);
  return MG_OK;
}

static mg_status task_spec(const mg_settings *s, mg_env_spec *spec) {
  mg_env *env = NULL;
  MG_TRY(mg_env_create_with(s->run.env, &s->env, &env));
  *spec = *mg_env_get_spec(env);
  mg_env_destroy(env);
  return MG_OK;
}

static mg_status build(mg_ppo *p, const mg_context *context) {
  const mg_settings *s = context->settings;
  mg_arena *arena = context->arena;
  int ranks = context->comm->size;
  if (s->run.environments < ranks || s->run.environments % ranks != 0)
    return mg_fail(MG_ERR_CONFIG, "run.environments is %d, expected a multiple of the %d ranks",
                   s->run.environments, ranks);
  int N = s->run.environments / ranks;
  p->rows = s->ppo.horizon * N;
  if (s->ppo.minibatches > p->rows)
    return mg_fail(MG_ERR_CONFIG,
                   "ppo.minibatches is %d, expected at most the %d steps of a rank's segment",
                   s->ppo.minibatches, p->rows);
  p->batch = (p->rows + s->ppo.minibatches - 1) / s->ppo.minibatches;

  mg_env_spec spec;
  MG_TRY(task_spec(s, &spec));
  if (s->ppo.shaping != 0 && !spec.has_potential)
    return mg_fail(MG_ERR_CONFIG,
                   "ppo.shaping is %g, but %s has no potential to shape with: expected 0",
                   s->ppo.shaping, s->run.env);
  double *mean = MG_NEW(arena, double, (size_t)spec.action_size);
  double *sd = MG_NEW(arena, double, (size_t)spec.action_size);
  MG_TRY(mg_arena_status(arena));
  for (int k = 0; k < spec.action_size; k++) sd[k] = 1;
  p->base.policy =
      mg_policy_make(spec.observation_size, spec.action_size, spec.discrete, s->policy.hidden.count,
                     s->policy.hidden.width, (mg_activation)s->policy.activation, mean, sd);
  p->value_net = mg_value_make(spec.observation_size, s->value.hidden.count, s->value.hidden.width,
                               (mg_activation)s->value.activation);
  p->normaliser = mg_normaliser_make(spec.observation_size, 1e-8, 10, arena);
  p->reward_scale = mg_normaliser_make(1, 1e-8, 0, arena);
  allocate(p, arena, N);
  MG_TRY(mg_arena_status(arena));
  p->rate_factor = 1;
  p->policy_adam.epsilon = p->value_adam.epsilon = 1e-5;
  p->policy_adam.clip = s->policy.clip;
  p->value_adam.clip = s->value.clip;
  MG_TRY(initialise(p));
  mg_collector_options options = {
      .env_id = s->run.env,
      .env_options = &s->env,
      .environments = N,
      .first_index = (int64_t)context->comm->rank * N,
      .seed = (uint64_t)s->run.seed,
      .observe = true,
      .shaping = s->ppo.shaping,
      .gamma = s->ppo.gamma,
  };
  return mg_collector_create(&options, &p->base.policy, &p->normaliser, arena, &p->collector);
}

static mg_status ppo_create(const mg_context *context, mg_algorithm **self) {
  *self = NULL;
  mg_ppo *p = MG_NEW(context->arena, mg_ppo, 1);
  mg_status status = mg_arena_status(context->arena);
  if (p) {
    p->settings = context->settings;
    p->comm = context->comm;
    p->sync = (mg_sync){context->comm, (mg_sync_mode)context->settings->run.sync};
    p->base.class_ = &mg_ppo_class;
    p->base.normaliser = &p->normaliser;
    p->base.set = &p->set;
    status = build(p, context);
  }
  status = mg_comm_agree(context->comm, status);
  if (status != MG_OK) {
    if (p) mg_collector_destroy(p->collector);
    return status;
  }
  *self = &p->base;
  return MG_OK;
}

static void ppo_destroy(mg_algorithm *self) {
  if (self) mg_collector_destroy(((mg_ppo *)self)->collector);
}

/* ---- the iteration's report ---- */

void mg_ppo_report(mg_ppo *p, int metric, double value, double weight) {
  if (!isfinite(value) || weight <= 0) return;
  p->sum[metric] += value * weight;
  p->weight[metric] += weight;
}

static void report_rollout(mg_ppo *p) {
  mg_episodes episodes = mg_collector_take_episodes(p->collector);
  mg_ppo_report(p, MG_PPO_EPISODE_RETURN, episodes.total_return / fmax(1, episodes.count),
                episodes.count);
  mg_ppo_report(p, MG_PPO_EPISODE_LENGTH, episodes.total_length / fmax(1, episodes.count),
                episodes.count);
  mg_ppo_report(p, MG_PPO_EPISODES, episodes.count, 1);
  mg_ppo_report(p, MG_PPO_UNSTABLE, episodes.unstable, 1);
}

static void report_end(mg_ppo *p, double rate, mg_report *report) {
  const mg_policy *policy = &p->base.policy;
  const mg_real *theta = mg_paramset_theta(&p->set, MG_PPO_POLICY);
  for (size_t i = mg_policy_log_sigma_offset(policy); i < mg_policy_size(policy); i++)
    mg_ppo_report(p, MG_PPO_SIGMA, exp((double)theta[i]), 1);
  mg_ppo_report(p, MG_PPO_POLICY_RATE, rate, 1);
  mg_ppo_report(p, MG_PPO_SECONDS_SYNC, p->sync_seconds, 1);
  mg_ppo_report(p, MG_PPO_SKIPPED, p->skipped, 1);
  memset(report, 0, sizeof *report);
  for (int k = 0; k < MG_PPO_METRIC_COUNT; k++) {
    report->weight[k] = p->weight[k];
    report->value[k] = p->weight[k] > 0 ? p->sum[k] / p->weight[k] : 0;
  }
}

static void synchronise(mg_ppo *p) {
  double start = mg_timer_now();
  mg_sync_parameters(&p->sync, p->set.theta, p->set.size);
  mg_normaliser_merge(&p->normaliser, p->comm);
  p->sync_seconds += mg_timer_now() - start;
}

static void track_average(mg_ppo *p) {
  if (!p->base.average) return;
  size_t n = mg_policy_size(&p->base.policy);
  double decay = p->settings->policy.average;
  mg_vec_scale(n, (mg_real)decay, p->base.average);
  mg_vec_axpy(n, (mg_real)(1 - decay), mg_paramset_theta(&p->set, MG_PPO_POLICY), p->base.average);
}

static mg_status ppo_iterate(mg_algorithm *self, mg_report *report) {
  mg_ppo *p = (mg_ppo *)self;
  const mg_settings *s = p->settings;
  memset(p->sum, 0, sizeof p->sum);
  memset(p->weight, 0, sizeof p->weight);
  p->sync_seconds = 0;
  p->skipped = 0;
  p->policy_rate = mg_schedule(s->policy.learning_rate, s->policy.final_learning_rate, self->steps,
                               s->run.steps);
  p->value_rate =
      mg_schedule(s->value.learning_rate, s->value.final_learning_rate, self->steps, s->run.steps);
  p->clip_ratio =
      mg_schedule(s->ppo.clip_ratio, s->ppo.final_clip_ratio, self->steps, s->run.steps);

  double start = mg_timer_now();
  mg_collector_run(p->collector, mg_paramset_theta(&p->set, MG_PPO_POLICY), &p->segment);
  double collected = mg_timer_now();
  report_rollout(p);
  mg_ppo_scale_rewards(p);
  double rate = p->policy_rate * p->rate_factor;
  if (self->iteration > 0) mg_ppo_update(p);
  double updated = mg_timer_now();
  mg_ppo_report(p, MG_PPO_SECONDS_ROLLOUT, collected - start, 1);
  mg_ppo_report(p, MG_PPO_SECONDS_UPDATE, updated - collected - p->sync_seconds, 1);
  synchronise(p);
  track_average(p);
  self->iteration++;
  self->steps += (int64_t)p->rows * p->comm->size;
  report_end(p, rate, report);
  return MG_OK;
}

/* ---- checkpoint ---- */

/* With sync = gradients all ranks have the same moments. */
static void visit_adam(mg_ppo *p, mg_archive *archive, const char *name, mg_adam *adam) {
  mg_real *moments[2] = {adam->m, adam->v};
  char field[64];
  for (int k = 0; k < 2; k++) {
    snprintf(field, sizeof field, "adam/%s/%c", name, "mv"[k]);
    if (p->sync.mode == MG_SYNC_GRADIENTS)
      mg_archive_shared(archive, field, MG_TYPE_REAL, moments[k], adam->n);
    else
      mg_archive_local(archive, field, MG_TYPE_REAL, moments[k], adam->n);
  }
  snprintf(field, sizeof field, "adam/%s/steps", name);
  mg_archive_local(archive, field, MG_TYPE_I64, &adam->steps, 1);
}

static void ppo_visit(mg_algorithm *self, mg_archive *archive) {
  mg_ppo *p = (mg_ppo *)self;
  mg_acting_visit(self, archive);
  mg_archive_shared(archive, "iteration", MG_TYPE_I64, &self->iteration, 1);
  mg_archive_shared(archive, "steps", MG_TYPE_I64, &self->steps, 1);
  mg_archive_shared(archive, "theta", MG_TYPE_REAL, p->set.theta, p->set.size);
  visit_adam(p, archive, "policy", &p->policy_adam);
  visit_adam(p, archive, "value", &p->value_adam);
  /* Its derived values come with the next merge, which is before their next use. */
  mg_archive_shared(archive, "reward_scale/count", MG_TYPE_F64, p->reward_scale.count, 1);
  mg_archive_shared(archive, "reward_scale/mean", MG_TYPE_F64, p->reward_scale.mean, 1);
  mg_archive_shared(archive, "reward_scale/m2", MG_TYPE_F64, p->reward_scale.m2, 1);
  mg_archive_shared(archive, "rate_factor", MG_TYPE_F64, &p->rate_factor, 1);
  mg_archive_local(archive, "discounted_return", MG_TYPE_F64, p->discounted,
                   (size_t)p->segment.environments);
  mg_archive_local(archive, "flops", MG_TYPE_F64, &self->flops, 1);
  mg_collector_visit(p->collector, archive);
}

const mg_algorithm_class mg_ppo_class = {
    .name = "ppo",
    .metrics = MG_PPO_METRIC_COUNT,
    .metric = metric_table,
    .create = ppo_create,
    .iterate = ppo_iterate,
    .visit = ppo_visit,
    .destroy = ppo_destroy,
};
_Static_assert((int)MG_PPO_METRIC_COUNT <= (int)MG_METRICS_MAX, "the report holds all metrics");
