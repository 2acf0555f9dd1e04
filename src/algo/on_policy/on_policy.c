#include "algo/on_policy/on_policy.h"

#include "math/vec.h"
#include "model/value.h"

#include <math.h>
#include <string.h>

/* Of Adam, as in the paper's authors' implementation of PPO; and what keeps a spread from 0. */
static const double ADAM_EPSILON = 1e-5, SPREAD_EPSILON = 1e-8;

/* ---- build ---- */

mg_status mg_on_policy_begin(mg_on_policy *p, int horizon, double gamma, double lambda) {
  mg_learner *l = &p->learner;
  const int minibatches = l->settings->ppo.minibatches;
  MG_TRY(mg_learner_share_environments(l));
  p->horizon = horizon;
  p->gamma = gamma;
  p->lambda = lambda;
  p->rate_factor = 1;
  p->rows = horizon * l->environments;
  mg_status status = MG_OK; /* ranks may have different numbers of rows */
  if (minibatches > p->rows)
    status = mg_fail(MG_ERR_CONFIG,
                     "ppo.minibatches is %d, expected at most the %d steps of a rank's segment",
                     minibatches, p->rows);
  MG_TRY(mg_comm_agree(l->comm, status));
  p->batch = (p->rows + minibatches - 1) / minibatches;
  return MG_OK;
}

static void make_networks(mg_on_policy *p) {
  mg_learner *l = &p->learner;
  const mg_settings *s = l->settings;
  const mg_policy *policy = &l->base.policy;
  p->value_net = mg_value_make(policy->state_size, s->value.hidden.count, s->value.hidden.width,
                               (mg_activation)s->value.activation);
  mg_learner_network(l, "policy", mg_policy_size(policy), s->policy.clip);
  mg_learner_network(l, "value", mg_mlp_size(&p->value_net), s->value.clip);
  l->adam[MG_ON_POLICY_POLICY].epsilon = l->adam[MG_ON_POLICY_VALUE].epsilon = ADAM_EPSILON;
  p->trained = l->set.size;
}

void mg_on_policy_make(mg_on_policy *p) {
  mg_arena *arena = p->learner.arena;
  const mg_policy *policy = &p->learner.base.policy;
  const size_t S = (size_t)policy->state_size, A = (size_t)policy->action_size;
  const size_t R = (size_t)p->rows, B = (size_t)p->batch;
  make_networks(p);
  p->reward_scale = mg_normaliser_make(1, SPREAD_EPSILON, 0, arena);
  p->discounted = MG_NEW(arena, double, (size_t)p->learner.environments);
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
  if (p->learner.settings->policy.average_steps > 0)
    p->learner.base.average = MG_NEW(arena, mg_real, mg_policy_size(policy));
}

/* ---- an iteration ---- */

void mg_on_policy_start(mg_on_policy *p) {
  mg_learner *l = &p->learner;
  const mg_settings *s = l->settings;
  memset(p->pass, 0, sizeof p->pass);
  p->policy_rate = mg_learner_schedule(l, s->policy.learning_rate, s->policy.final_learning_rate);
  p->value_rate = mg_learner_schedule(l, s->value.learning_rate, s->value.final_learning_rate);
  p->clip_ratio = mg_learner_schedule(l, s->ppo.clip_ratio, s->ppo.final_clip_ratio);
  if (p->clone) p->clone_weight = mg_clone_weight(p->clone, l->base.steps);
  mg_learner_report(l, MG_METRIC_POLICY_RATE, p->policy_rate * p->rate_factor);
}

static void report_passes(mg_on_policy *p) {
  const mg_policy *policy = &p->learner.base.policy;
  const mg_real *theta = mg_learner_theta(&p->learner, MG_ON_POLICY_POLICY);
  for (size_t i = mg_policy_log_sigma_offset(policy); i < mg_policy_size(policy); i++)
    mg_tally_add(&p->pass[MG_METRIC_SIGMA], exp((double)theta[i]), 1);
  for (int k = 0; k < MG_METRIC_COUNT; k++) {
    const mg_tally t = p->pass[k];
    if (t.weight > 0)
      mg_metrics_add(p->learner.metrics, k, t.sum / t.weight, t.weight * p->learner.sync.weight);
  }
}

/* Here after the mean over ranks, which MGAIL's average is part of. */
static void track_average(mg_on_policy *p) {
  mg_learner *l = &p->learner;
  if (!l->base.average) return;
  const size_t n = mg_policy_size(&l->base.policy);
  const double decay =
      mg_learner_average_decay(l, (double)p->horizon * l->settings->run.environments);
  mg_vec_scale(n, (mg_real)decay, l->base.average);
  mg_vec_axpy(n, (mg_real)(1 - decay), mg_learner_theta(l, MG_ON_POLICY_POLICY), l->base.average);
}

void mg_on_policy_finish(mg_on_policy *p) {
  mg_learner *l = &p->learner;
  mg_learner_synchronise(l);
  track_average(p);
  mg_learner_count(l, (int64_t)p->horizon * l->settings->run.environments);
  report_passes(p);
}

/* ---- checkpoint ---- */

void mg_on_policy_visit(mg_on_policy *p, mg_archive *archive) {
  /* Its derived values come with the next merge, which is before their next use. */
  mg_archive_shared(archive, "reward_scale/count", MG_TYPE_F64, p->reward_scale.count, 1);
  mg_archive_shared(archive, "reward_scale/mean", MG_TYPE_F64, p->reward_scale.mean, 1);
  mg_archive_shared(archive, "reward_scale/m2", MG_TYPE_F64, p->reward_scale.m2, 1);
  mg_archive_shared(archive, "rate_factor", MG_TYPE_F64, &p->rate_factor, 1);
  mg_archive_divided(archive, "discounted_return", MG_TYPE_F64, p->discounted, &p->learner.share, 1,
                     1);
}
