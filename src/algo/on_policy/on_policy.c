#include "algo/on_policy/on_policy.h"

#include "algo/acting.h"
#include "base/timer.h"
#include "math/vec.h"
#include "model/value.h"

#include <math.h>
#include <string.h>

_Static_assert((int)MG_ON_POLICY_METRIC_COUNT <= (int)MG_METRICS_MAX, "the report holds all");

/* ---- create ---- */

mg_status mg_on_policy_begin(mg_on_policy *p, const mg_context *context) {
  const mg_settings *s = context->settings;
  int ranks = context->comm->size;
  p->settings = s;
  p->comm = context->comm;
  p->sync = (mg_sync){context->comm, (mg_sync_mode)s->run.sync};
  p->base.set = &p->set;
  p->rate_factor = 1;
  if (s->run.environments < ranks || s->run.environments % ranks != 0)
    return mg_fail(MG_ERR_CONFIG, "run.environments is %d, expected a multiple of the %d ranks",
                   s->run.environments, ranks);
  p->environments = s->run.environments / ranks;
  p->rows = s->ppo.horizon * p->environments;
  if (s->ppo.minibatches > p->rows)
    return mg_fail(MG_ERR_CONFIG,
                   "ppo.minibatches is %d, expected at most the %d steps of a rank's segment",
                   s->ppo.minibatches, p->rows);
  p->batch = (p->rows + s->ppo.minibatches - 1) / s->ppo.minibatches;
  return MG_OK;
}

static void make_optimisers(mg_on_policy *p, mg_arena *arena) {
  const mg_settings *s = p->settings;
  p->policy_adam = mg_adam_make(mg_policy_size(&p->base.policy), arena);
  p->value_adam = mg_adam_make(mg_mlp_size(&p->value_net), arena);
  p->policy_adam.epsilon = p->value_adam.epsilon = 1e-5;
  p->policy_adam.clip = s->policy.clip;
  p->value_adam.clip = s->value.clip;
}

void mg_on_policy_make(mg_on_policy *p, mg_arena *arena) {
  const mg_policy *policy = &p->base.policy;
  const mg_settings *s = p->settings;
  size_t S = (size_t)policy->state_size, A = (size_t)policy->action_size;
  size_t R = (size_t)p->rows, B = (size_t)p->batch;
  p->value_net = mg_value_make(policy->state_size, s->value.hidden.count, s->value.hidden.width,
                               (mg_activation)s->value.activation);
  mg_paramset_add(&p->set, "policy", mg_policy_size(policy));
  mg_paramset_add(&p->set, "value", mg_mlp_size(&p->value_net));
  p->trained = p->set.size;
  make_optimisers(p, arena);
  p->reward_scale = mg_normaliser_make(1, 1e-8, 0, arena);
  p->discounted = MG_NEW(arena, double, (size_t)p->environments);
  p->value = MG_NEW(arena, mg_real, R);
  p->next_value = MG_NEW(arena, mg_real, R);
  p->advantage = MG_NEW(arena, mg_real, R);
  p->returns = MG_NEW(arena, mg_real, R);
  p->old_lp = MG_NEW(arena, mg_real, R);
  p->never = MG_NEW(arena, uint8_t, R);
  p->cut = MG_NEW(arena, uint8_t, R);
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
  if (s->policy.average_steps > 0) p->base.average = MG_NEW(arena, mg_real, mg_policy_size(policy));
}

mg_status mg_on_policy_collector(mg_on_policy *p, bool observe, double shaping, mg_arena *arena) {
  const mg_settings *s = p->settings;
  mg_collector_options options = {
      .env_id = s->run.env,
      .env_options = &s->env,
      .environments = p->environments,
      .first_index = (int64_t)p->comm->rank * p->environments,
      .seed = (uint64_t)s->run.seed,
      .observe = observe,
      .shaping = shaping,
      .gamma = s->ppo.gamma,
  };
  return mg_collector_create(&options, &p->base.policy, p->base.normaliser, arena, &p->collector);
}

/* ---- an iteration ---- */

void mg_on_policy_report(mg_on_policy *p, int metric, double value, double weight) {
  if (!isfinite(value) || weight <= 0) return;
  p->sum[metric] += value * weight;
  p->weight[metric] += weight;
}

void mg_on_policy_report_clone(mg_on_policy *p, double other_norm, mg_clone_figures figures) {
  if (!p->clone) return;
  mg_on_policy_report(p, p->clone_metric, other_norm, 1);
  mg_on_policy_report(p, p->clone_metric + 1, figures.norm, 1);
  mg_on_policy_report(p, p->clone_metric + 2, figures.loss, 1);
}

void mg_on_policy_start(mg_on_policy *p) {
  const mg_settings *s = p->settings;
  int64_t done = p->base.steps;
  memset(p->sum, 0, sizeof p->sum);
  memset(p->weight, 0, sizeof p->weight);
  p->sync_seconds = 0;
  p->skipped = 0;
  p->policy_rate =
      mg_schedule(s->policy.learning_rate, s->policy.final_learning_rate, done, s->run.steps);
  p->value_rate =
      mg_schedule(s->value.learning_rate, s->value.final_learning_rate, done, s->run.steps);
  p->clip_ratio = mg_schedule(s->ppo.clip_ratio, s->ppo.final_clip_ratio, done, s->run.steps);
  if (p->clone) p->clone_weight = mg_clone_weight(p->clone, done);
  mg_on_policy_report(p, MG_ON_POLICY_POLICY_RATE, p->policy_rate * p->rate_factor, 1);
}

void mg_on_policy_collect(mg_on_policy *p) {
  p->began = mg_timer_now();
  mg_collector_run(p->collector, mg_paramset_theta(&p->set, MG_ON_POLICY_POLICY), &p->segment);
  p->collected = mg_timer_now();
  mg_episodes episodes = mg_collector_take_episodes(p->collector);
  mg_on_policy_report(p, MG_ON_POLICY_EPISODE_RETURN,
                      episodes.total_return / fmax(1, episodes.count), episodes.count);
  mg_on_policy_report(p, MG_ON_POLICY_EPISODE_LENGTH,
                      episodes.total_length / fmax(1, episodes.count), episodes.count);
  mg_on_policy_report(p, MG_ON_POLICY_EPISODES, episodes.count, 1);
  mg_on_policy_report(p, MG_ON_POLICY_UNSTABLE, episodes.unstable, 1);
}

static void report_end(mg_on_policy *p, int metrics, mg_report *report) {
  const mg_policy *policy = &p->base.policy;
  const mg_real *theta = mg_paramset_theta(&p->set, MG_ON_POLICY_POLICY);
  for (size_t i = mg_policy_log_sigma_offset(policy); i < mg_policy_size(policy); i++)
    mg_on_policy_report(p, MG_ON_POLICY_SIGMA, exp((double)theta[i]), 1);
  mg_on_policy_report(p, MG_ON_POLICY_SECONDS_SYNC, p->sync_seconds, 1);
  mg_on_policy_report(p, MG_ON_POLICY_SKIPPED, p->skipped, 1);
  memset(report, 0, sizeof *report);
  for (int k = 0; k < metrics; k++) {
    report->weight[k] = p->weight[k];
    report->value[k] = p->weight[k] > 0 ? p->sum[k] / p->weight[k] : 0;
  }
}

static void track_average(mg_on_policy *p) {
  if (!p->base.average) return;
  size_t n = mg_policy_size(&p->base.policy);
  double decay = mg_average_decay(p->settings, (double)p->rows * p->comm->size);
  mg_vec_scale(n, (mg_real)decay, p->base.average);
  mg_vec_axpy(n, (mg_real)(1 - decay), mg_paramset_theta(&p->set, MG_ON_POLICY_POLICY),
              p->base.average);
}

void mg_on_policy_finish(mg_on_policy *p, int metrics, mg_report *report) {
  double updated = mg_timer_now();
  mg_on_policy_report(p, MG_ON_POLICY_SECONDS_ROLLOUT, p->collected - p->began, 1);
  mg_on_policy_report(p, MG_ON_POLICY_SECONDS_UPDATE, updated - p->collected - p->sync_seconds, 1);
  mg_sync_parameters(&p->sync, p->set.theta, p->set.size);
  p->sync_seconds += mg_timer_now() - updated;
  track_average(p);
  p->base.iteration++;
  p->base.steps += (int64_t)p->rows * p->comm->size;
  report_end(p, metrics, report);
}

/* ---- checkpoint ---- */

void mg_on_policy_visit(mg_on_policy *p, mg_archive *archive) {
  mg_algorithm *self = &p->base;
  mg_acting_visit(self, archive);
  mg_archive_shared(archive, "iteration", MG_TYPE_I64, &self->iteration, 1);
  mg_archive_shared(archive, "steps", MG_TYPE_I64, &self->steps, 1);
  mg_archive_shared(archive, "theta", MG_TYPE_REAL, p->set.theta, p->set.size);
  mg_adam_visit(&p->policy_adam, p->sync.mode, "policy", archive);
  mg_adam_visit(&p->value_adam, p->sync.mode, "value", archive);
  /* Its derived values come with the next merge, which is before their next use. */
  mg_archive_shared(archive, "reward_scale/count", MG_TYPE_F64, p->reward_scale.count, 1);
  mg_archive_shared(archive, "reward_scale/mean", MG_TYPE_F64, p->reward_scale.mean, 1);
  mg_archive_shared(archive, "reward_scale/m2", MG_TYPE_F64, p->reward_scale.m2, 1);
  mg_archive_shared(archive, "rate_factor", MG_TYPE_F64, &p->rate_factor, 1);
  mg_archive_local(archive, "discounted_return", MG_TYPE_F64, p->discounted,
                   (size_t)p->environments);
  mg_archive_local(archive, "flops", MG_TYPE_F64, &self->flops, 1);
  mg_collector_visit(p->collector, archive);
}
