/* One optimiser step of MGAIL's value, V(s) or Q(s,a), in double: targets, batches and gradients. */
#include "model/value.h"
#include "rollout/returns.h"
#include "support/update_run.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static double value_loss(void *context) {
  update_run *r = context;
  mg_mgail *self = r->self;
  const int R = self->value_rows;
  mg_mlp_forward(&self->value, R, mg_learner_theta(&self->learner, self->value_slice),
                 self->value_x, &r->tape, self->value_out);
  double sum = 0;
  for (int k = 0; k < R; k++) sum += pow(self->value_out[k] - self->returns[k], 2);
  return sum / R;
}

/* Targets: TD(lambda) returns of D's rewards of the batch, with the target network's values of the
 * true next states; `ending` follows a true end. */
static void expect_targets(update_run *r, double ending) {
  mg_mgail *self = r->self;
  const mg_mgail_batch *b = &self->batch;
  const int R = b->steps * b->trajectories;
  mg_real *reward = MG_NEW(r->context.arena, mg_real, (size_t)R);
  mg_real *next = MG_NEW(r->context.arena, mg_real, (size_t)R);
  mg_real *returns = MG_NEW(r->context.arena, mg_real, (size_t)R);
  mg_mlp_forward(&self->adversary.discriminator, R,
                 mg_learner_theta(&self->learner, self->adversary.slice), b->xa,
                 &self->work.discriminator, reward);
  for (int k = 0; k < R; k++)
    reward[k] = log1p(exp(reward[k])) + (b->terminated[k] ? 0.95 * ending : 0);
  mg_mlp_forward(&self->value, R, mg_learner_theta(&self->learner, self->target_slice), b->next_x,
                 &r->tape, next);
  mg_returns_td_lambda(b->steps, b->trajectories, reward, next, b->terminated, b->truncated, 0.95,
                       0.95, returns);
  for (int k = 0; k < R; k++) cr_expect_float_eq(self->returns[k], returns[k], 1e-12);
}

Test(mgail_value, value) {
  update_run r;
  update_start(&r, "CartPole-v0");
  mg_mgail *self = r.self;
  r.settings.value.updates = 1;
  r.settings.value.redraw = true; /* the first step is on the policy's batch all the same */
  r.tape =
      mg_mlp_tape_make(&self->value, self->batch.steps * self->batch.trajectories, r.context.arena);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  mg_mgail_update_policy(self, 0, true, &rng);
  mg_mgail_update_value(self, 1e-4, &rng);
  update_check_batch(&r);
  expect_targets(&r, 0);

  const double loss = r.metrics.value[MG_METRIC_VALUE_LOSS];
  update_expect_descent(&r, "value", self->value_slice, loss, value_loss);
  cr_expect_float_eq(loss, value_loss(&r), 1e-12);
  update_expect_gradient(&r, "value", self->value_slice, value_loss);
  update_stop(&r);
}

/* A fall is worth what D pays the absorbing state for ever: in the targets, drawn anew or not, and in J. */
Test(mgail_value, absorbing) {
  update_run r;
  update_start_with(&r, "CartPole-v0", MG_MGAIL_ABSORBING, false, MG_VALUE_V);
  mg_mgail *self = r.self;
  const mg_mgail_batch *b = &self->batch;
  const int R = b->steps * b->trajectories, W = self->adversary.width;
  cr_assert_eq(W, self->S + 1 + self->A);
  r.tape = mg_mlp_tape_make(&self->value, R, r.context.arena);
  mg_real *pair = MG_NEW(r.context.arena, mg_real, (size_t)W), logit;
  pair[self->S] = MG_ABSORBING_MARK;
  mg_mlp_forward(&self->adversary.discriminator, 1,
                 mg_learner_theta(&self->learner, self->adversary.slice), pair,
                 &self->work.discriminator, &logit);
  const double worth = log1p(exp(logit)) / (1 - 0.95);
  int falls = 0;
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  for (int redraw = 0; redraw <= 1; redraw++) {
    r.settings.value.redraw = redraw;
    r.settings.value.updates = 2;
    mg_mgail_update_policy(self, 0, true, &rng);
    cr_expect_float_eq(self->objective.ending, worth, 1e-9 * worth);
    mg_mgail_update_value(self, 0, &rng);
    expect_targets(&r, worth);
    for (int k = 0; k < R; k++) falls += b->terminated[k];
  }
  cr_expect_gt(falls, 0);
  update_stop(&r);
}

/* With value.endings V also learns the states that falls go into, worth what follows one, and J has V there. */
static void check_endings(mg_mgail_episodes episodes) {
  update_run r;
  update_start_with(&r, "CartPole-v0", episodes, true, MG_VALUE_V);
  mg_mgail *self = r.self;
  const mg_mgail_batch *b = &self->batch;
  const int R = b->steps * b->trajectories;
  const size_t S = (size_t)self->S;
  cr_assert(self->objective.value_at_end);
  r.tape = mg_mlp_tape_make(&self->value, 2 * R, r.context.arena);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  int most = 0;
  for (int redraw = 0; redraw <= 1; redraw++) {
    r.settings.value.redraw = redraw;
    r.settings.value.updates = 2;
    mg_mgail_update_policy(self, 0, true, &rng);
    mg_mgail_update_value(self, 0, &rng);
    const double ending = self->objective.ending;
    cr_expect_eq(ending > 0, episodes == MG_MGAIL_ABSORBING);
    expect_targets(&r, ending);
    int row = R;
    cr_expect_eq(memcmp(self->value_x, b->x, (size_t)R * S * sizeof(mg_real)), 0,
                 "the batch first");
    for (int k = 0; k < R; k++) {
      if (!b->terminated[k]) continue;
      cr_expect_eq(
          memcmp(self->value_x + (size_t)row * S, b->next_x + (size_t)k * S, S * sizeof(mg_real)),
          0, "fall %d", row - R);
      cr_expect_float_eq(self->returns[row], ending, 1e-12);
      row++;
    }
    cr_expect_eq(self->value_rows, row, "%d rows, %d expected", self->value_rows, row);
    most = row - R > most ? row - R : most;
  }
  cr_expect_gt(most, 0, "no episode fell");

  r.settings.value.updates = 1;
  r.metrics = (mg_metrics){0};
  mg_mgail_update_policy(self, 0, true, &rng);
  mg_mgail_update_value(self, 1e-4, &rng);
  update_expect_descent(&r, "value", self->value_slice, r.metrics.value[MG_METRIC_VALUE_LOSS],
                        value_loss);
  update_expect_gradient(&r, "value", self->value_slice, value_loss);
  update_stop(&r);
}

Test(mgail_value, endings) {
  check_endings(MG_MGAIL_AS_IS);
  check_endings(MG_MGAIL_ABSORBING);
}

static double action_value_loss(void *context) {
  update_run *r = context;
  mg_mgail *self = r->self;
  const int R = self->value_rows;
  double sum = 0;
  for (size_t i = 0; i < MG_ACTION_VALUES; i++) {
    mg_mlp_forward(&self->value, R,
                   mg_learner_theta(&self->learner, self->value_slice) +
                       i * mg_mlp_size(&self->value),
                   self->value_x, &r->tape, self->value_out);
    for (int k = 0; k < R; k++) sum += pow(self->value_out[k] - self->returns[k], 2) / R;
  }
  return sum;
}

/* The least of two, by networks [2], of a pair. */
static double least(update_run *r, const mg_real *theta, const mg_real *pair) {
  const mg_mlp *net = &r->self->value;
  mg_real q[MG_ACTION_VALUES];
  for (size_t i = 0; i < MG_ACTION_VALUES; i++)
    mg_mlp_forward(net, 1, theta + i * mg_mlp_size(net), pair, &r->tape, &q[i]);
  return fmin(q[0], q[1]);
}

/* log pi(a|x) / pi_then(a|x), the latter of the noise that was drawn: a = mean + sigma xi. */
static double log_ratio(const mg_mgail *self, const mg_real *head, int row, const mg_real *then) {
  const mg_mgail_batch *b = &self->batch;
  const mg_policy *pi = &self->learner.base.policy;
  const mg_real *now = mg_learner_theta(&self->learner, self->policy_slice);
  const size_t at = mg_policy_log_sigma_offset(pi);
  double sum = 0;
  for (int i = 0; i < self->A; i++) {
    const int k = row * self->A + i;
    const double z = (b->a[k] - head[i]) / exp(now[at + (size_t)i]);
    sum += (b->noise[k] * b->noise[k] - z * z) / 2 + then[i] - now[at + (size_t)i];
  }
  return sum;
}

/* Q's targets: returns by the target networks, of actions that the policy of now draws in the next states, cut
 * where it would not act as was acted. */
Test(mgail_value, action_value) {
  update_run r;
  update_start_with(&r, "Hopper-v4", MG_MGAIL_AS_IS, false, MG_VALUE_Q);
  mg_mgail *self = r.self;
  const mg_mgail_batch *b = &self->batch;
  const mg_policy *pi = &self->learner.base.policy;
  const int R = b->steps * b->trajectories, S = self->S, A = self->A;
  const mg_real *target = mg_learner_theta(&self->learner, self->target_slice);
  mg_real *theta = mg_learner_theta(&self->learner, self->policy_slice);
  const size_t sigma = mg_policy_log_sigma_offset(pi);
  cr_assert_null(self->objective.value);
  r.tape = mg_mlp_tape_make(&self->value, R, r.context.arena);
  r.settings.value.updates = 1;
  mg_real then[8];
  cr_assert_leq(A, 8);
  memcpy(then, theta + sigma, (size_t)A * sizeof *then);
  mg_algorithm_iterate(&self->learner.base, &r.metrics);
  r.metrics = (mg_metrics){0};
  self->learner.metrics = &r.metrics;
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  mg_mgail_update_policy(self, 0, true, &rng);
  mg_mgail_update_value(self, 1e-4, &rng);

  int whole = 0, cut = 0;
  double future[1 << 12];
  cr_assert_leq(R, 1 << 12);
  mg_mlp_tape tape = mg_mlp_tape_make(&pi->net, 1, r.context.arena);
  for (int k = R - 1; k >= 0; k--) {
    mg_real head[8], pair[64] = {0};
    mg_policy_forward(pi, 1, theta, b->x + k * S, &tape, head);
    const double ratio = log_ratio(self, head, k, then);
    const bool newest = k % b->trajectories < self->learner.environments; /* whose sigma we know */
    if (newest)
      cr_expect_float_eq(self->trace[k], fmin(1, exp(ratio / A)), 1e-6, "%g, %g", self->trace[k],
                         exp(ratio / A));
    whole += self->trace[k] == 1, cut += self->trace[k] < 0.99;
    mg_policy_forward(pi, 1, theta, b->next_x + k * S, &tape, head);
    memcpy(pair, b->next_x + k * S, (size_t)S * sizeof *pair);
    for (int i = 0; i < A; i++) {
      const double a = head[i] + exp(theta[sigma + (size_t)i]) * self->next_noise[k * A + i];
      pair[S + i] = (a - pi->action_mean[i]) * self->objective.action_inverse[i];
    }
    future[k] = b->terminated[k] ? 0 : least(&r, target, pair);
    const int j = k + b->trajectories;
    if (!b->terminated[k] && !b->truncated[k] && j < R)
      future[k] +=
          0.95 * self->trace[j] * (self->returns[j] - least(&r, target, b->xa + j * (S + A)));
    mg_real logit;
    mg_mlp_forward(&self->adversary.discriminator, 1,
                   mg_learner_theta(&self->learner, self->adversary.slice), b->xa + k * (S + A),
                   &self->work.discriminator, &logit);
    cr_expect_float_eq(self->returns[k], log1p(exp(logit)) + 0.95 * future[k], 1e-9);
  }
  cr_expect(whole > 0 && cut > 0, "%d of %d whole, %d cut", whole, R, cut);
  cr_expect(self->next_noise[0] != self->next_noise[A], "every row its own noise");

  memcpy(r.kept, self->learner.set.theta, self->learner.set.size * sizeof *r.kept);
  r.metrics = (mg_metrics){0};
  mg_mgail_update_value(self, 1e-4, &rng);
  const double loss = r.metrics.value[MG_METRIC_VALUE_LOSS];
  update_expect_descent(&r, "Q", self->value_slice, loss, action_value_loss);
  cr_expect_float_eq(loss, action_value_loss(&r), 1e-12);
  update_expect_gradient(&r, "Q", self->value_slice, action_value_loss);
  update_stop(&r);
}

/* With value.redraw the steps after the first draw from the memory, the newest segment included. */
Test(mgail_value, value_redraw) {
  enum { DRAWS = 100, AGES = 5 };
  update_run r;
  update_start(&r, "CartPole-v0");
  mg_mgail *self = r.self;
  const mg_mgail_batch *b = &self->batch;
  const int N = self->learner.environments, row = self->S;
  r.settings.value.updates = 2;
  r.settings.mgail.memory = 4;
  r.tape = mg_mlp_tape_make(&self->value, b->steps * b->trajectories, r.context.arena);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  for (int memory = -1; memory <= 3;
       memory += 2) { /* -1: not drawn anew; 0 would be mgail.memory's 4 */
    const bool redraw = memory >= 0;
    r.settings.value.redraw = redraw;
    r.settings.value.memory = memory > 2 ? 0 : memory;
    const int oldest = memory > 2 ? 4 : memory;
    int first[AGES] = {0};
    for (int k = 0; k < DRAWS; k++) {
      mg_mgail_update_policy(self, 0, true, &rng);
      mg_mgail_update_value(self, 0, &rng);
      for (int age = 0; age < AGES; age++) {
        const mg_segment *s = mg_adversary_segment(&self->adversary, age);
        first[age] += memcmp(b->x, s->x, (size_t)(N * row) * sizeof *s->x) == 0;
      }
      if (k == 0) expect_targets(&r, 0);
    }
    for (int age = 0; age < AGES; age++)
      cr_expect_eq(first[age] > 0, age == 0 || age < oldest, "%d of age %d", first[age], age);
  }
  update_stop(&r);
}
