/* Step 4's second half: the value, towards returns of the imitation reward. V(x) learns from what was done,
 * by whatever policy; Q(x, a~) knows the action, and so learns what the policy of today would have had. */
#include "algo/mgail/mgail.h"

#include "model/value.h"
#include "nn/gaussian.h"
#include "rollout/returns.h"

#include <math.h>
#include <string.h>

/* Other trajectories than the policy's, with their rewards by D. */
static void redraw_batch(mg_mgail *self, mg_rng *rng) {
  const mg_mgail_objective *o = &self->objective;
  mg_mgail_work *work = &self->work;
  const int R = self->batch.steps * self->batch.trajectories;
  const mg_settings *s = self->learner.settings;
  mg_mgail_draw_segments(self, 0, 0, s->value.memory ? s->value.memory : s->mgail.memory, rng);
  mg_mlp_forward(o->discriminator, R, mg_learner_theta(&self->learner, self->adversary.slice),
                 self->batch.xa, &work->discriminator, work->logit);
  mg_reward_of(o->reward, R, work->logit, work->reward, NULL);
  self->learner.base.flops += mg_mlp_flops_forward(o->discriminator, R);
}

/* What follows a true end is part of its reward here. */
static void add_ending_rewards(mg_mgail *self) {
  const mg_mgail_batch *batch = &self->batch;
  const mg_real ending = (mg_real)(self->learner.settings->mgail.gamma * self->objective.ending);
  if (ending == 0) return;
  for (int r = 0; r < batch->steps * batch->trajectories; r++)
    if (batch->terminated[r]) self->work.reward[r] += ending;
}

/* ---- V: TD(lambda), of whatever policy acted ---- */

/* The states in which the task ended episodes, behind the batch's. A fall is a cliff of the value: where V
 * knows its foot, its slope there leads back, else the policy hears of a fall from the states before it alone. */
static void add_endings(mg_mgail *self, int R) {
  const mg_mgail_batch *batch = &self->batch;
  const size_t S = (size_t)self->S;
  int rows = R;
  memcpy(self->value_states, batch->x, (size_t)R * S * sizeof(mg_real));
  for (int r = 0; r < R; r++) {
    if (!batch->terminated[r]) continue;
    memcpy(self->value_states + (size_t)rows * S, batch->next_x + (size_t)r * S,
           S * sizeof(mg_real));
    self->returns[rows++] = (mg_real)self->objective.ending;
  }
  self->value_x = self->value_states;
  self->value_rows = rows;
}

static void value_targets(mg_mgail *self) {
  mg_learner *l = &self->learner;
  const mg_mgail_batch *batch = &self->batch;
  const int R = batch->steps * batch->trajectories;
  mg_mlp_forward(&self->value, R, mg_learner_theta(l, self->target_slice), batch->next_x,
                 &self->value_tape, self->next_value);
  mg_returns_td_lambda(batch->steps, batch->trajectories, self->work.reward, self->next_value,
                       batch->terminated, batch->truncated, l->settings->mgail.gamma,
                       l->settings->value.lambda, self->returns);
  self->value_x = batch->x;
  self->value_rows = R;
  if (self->objective.value_at_end) add_endings(self, R);
  l->base.flops += mg_mlp_flops_forward(&self->value, R);
}

/* ---- Q: Retrace, of the policy as it is ---- */

/* trace [R] <- min(1, (pi(a|x) / pi_then(a|x))^(1/A)): the ratio's geometric mean over the entries of the action.
 * The ratio itself is a product of A of them, and soon nothing where the noise is small. */
static void traces(mg_mgail *self, const mg_real *policy) {
  const mg_policy *pi = &self->learner.base.policy;
  const mg_mgail_batch *batch = &self->batch;
  const int R = batch->steps * batch->trajectories, A = self->A;
  mg_policy_forward(pi, R, policy, batch->x, &self->work.policy, self->work.head);
  mg_gaussian_log_probability(R, A, self->work.head, policy + mg_policy_log_sigma_offset(pi),
                              batch->a, self->trace);
  for (int r = 0; r < R; r++) {
    const mg_real log_ratio = self->trace[r] - batch->log_probability[r];
    self->trace[r] = log_ratio < 0 ? (mg_real)exp((double)log_ratio / A) : 1;
  }
}

/* next_value [R] <- Q(x', a') of actions that the policy draws there. */
static void next_action_values(mg_mgail *self, const mg_real *policy, const mg_real *target,
                               mg_rng *rng) {
  const mg_policy *pi = &self->learner.base.policy;
  const mg_mgail_batch *batch = &self->batch;
  mg_mgail_work *work = &self->work;
  const int R = batch->steps * batch->trajectories, A = self->A;
  mg_policy_forward(pi, R, policy, batch->next_x, &work->policy, work->head);
  for (int r = 0; r < R; r++) mg_policy_noise(pi, rng, self->next_noise + (size_t)r * (size_t)A);
  mg_policy_act(pi, R, policy, work->head, self->next_noise, self->next_a);
  mg_mgail_make_pairs(&self->objective, R, batch->next_x, self->next_a, work->bootstrap_xa);
  mg_action_value_least(&self->value, R, target, work->bootstrap_xa, &work->action_value,
                        self->next_value);
}

static void action_value_targets(mg_mgail *self, mg_rng *rng) {
  mg_learner *l = &self->learner;
  const mg_mgail_batch *batch = &self->batch;
  const int R = batch->steps * batch->trajectories;
  const mg_real *policy = mg_learner_theta(l, self->policy_slice);
  const mg_real *target = mg_learner_theta(l, self->target_slice);
  traces(self, policy);
  next_action_values(self, policy, target, rng);
  mg_action_value_least(&self->value, R, target, batch->xa, &self->work.action_value,
                        self->taken_value);
  mg_returns_retrace(batch->steps, batch->trajectories, self->work.reward, self->next_value,
                     self->taken_value, self->trace, batch->terminated, batch->truncated,
                     l->settings->mgail.gamma, l->settings->value.lambda, self->returns);
  self->value_x = batch->xa;
  self->value_rows = R;
  l->base.flops += 2 * MG_ACTION_VALUES * mg_mlp_flops_forward(&self->value, R) +
                   2 * mg_mlp_flops_forward(&l->base.policy.net, R);
}

/* ---- both ---- */

static void targets(mg_mgail *self, mg_rng *rng) {
  add_ending_rewards(self);
  if (self->objective.action_value)
    action_value_targets(self, rng);
  else
    value_targets(self);
}

static double value_gradient(mg_mgail *self, mg_real *gradient) {
  mg_learner *l = &self->learner;
  const bool q = self->objective.action_value != NULL;
  l->base.flops +=
      (q ? MG_ACTION_VALUES : 1) * mg_mlp_flops_training(&self->value, self->value_rows);
  return (q ? mg_action_value_gradient : mg_value_gradient)(
      &self->value, self->value_rows, mg_learner_theta(l, self->value_slice), self->value_x,
      self->returns, &self->value_tape, self->value_out, gradient);
}

void mg_mgail_update_value(mg_mgail *self, double rate, mg_rng *rng) {
  mg_learner *l = &self->learner;
  const mg_settings *s = l->settings;
  for (int k = 0; k < s->value.updates; k++) {
    if (k > 0 && s->value.redraw) redraw_batch(self, rng);
    if (k == 0 || s->value.redraw) targets(self, rng);
    mg_real *gradient = mg_learner_zero_gradient(l, self->value_slice);
    const double loss = value_gradient(self, gradient);
    mg_learner_report(l, MG_METRIC_VALUE_GRADIENT, mg_learner_step(l, self->value_slice, rate));
    mg_learner_report(l, MG_METRIC_VALUE_LOSS, loss);
  }
}
