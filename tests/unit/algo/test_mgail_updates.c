/* One optimiser step of MGAIL's policy, discriminator and forward model, in double: the batches hold what they should, and
 * the gradients that reach the optimiser are those of the losses that are reported. */
#include "nn/loss.h"
#include "support/update_run.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* mean over rows and columns of ((f - x') / scale)^2 on the batch that the step has drawn. */
static double model_loss(void *context) {
  mg_mgail *self = ((update_run *)context)->self;
  const int B = self->forward_batch, S = self->S;
  mg_forward_model_forward(&self->forward_model, B,
                           mg_learner_theta(&self->learner, self->forward_slice), self->delta_scale,
                           self->forward_xa, &((update_run *)context)->forward_tape,
                           self->forward_out);
  double sum = 0;
  for (int k = 0; k < B * S; k++)
    sum += pow((self->forward_out[k] - self->forward_target[k]) / self->delta_scale[k % S], 2);
  return sum / (B * S);
}

static void check_forward_model(const char *env_id) {
  update_run r;
  update_start(&r, env_id);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  mg_mgail_update_forward_model(r.self, 1e-4, &rng);
  const double loss = r.metrics.value[MG_METRIC_MODEL_LOSS];
  update_expect_descent(&r, "forward model", r.self->forward_slice, loss, model_loss);
  cr_expect_float_eq(loss, model_loss(&r), 1e-12 * loss);
  update_expect_gradient(&r, "forward model", r.self->forward_slice, model_loss);
  update_stop(&r);
}

Test(mgail_updates, forward_model_discrete) {
  check_forward_model("CartPole-v0");
}
Test(mgail_updates, forward_model_continuous) {
  check_forward_model("Hopper-v4");
}

/* Penalty included. */
static double discriminator_loss(void *context) {
  update_run *r = context;
  mg_mgail *self = r->self;
  static mg_real scratch[1 << 14];
  cr_assert_leq(mg_mlp_size(&self->adversary.discriminator), sizeof scratch / sizeof *scratch);
  const mg_discriminator_loss loss = mg_discriminator_gradient(
      &self->adversary.discriminator, mg_learner_theta(&self->learner, self->adversary.slice),
      self->adversary.pairs, self->adversary.mix, r->settings.discriminator.penalty,
      r->settings.discriminator.penalty_target, &self->adversary.work, scratch);
  return loss.policy + loss.expert + r->settings.discriminator.penalty * loss.penalty;
}

/* Every row of `pairs` is among the rows of a table [count, I]. */
static bool among(const mg_real *row, const mg_real *table, int count, int I) {
  for (int k = 0; k < count; k++)
    if (memcmp(row, table + k * I, (size_t)I * sizeof *row) == 0) return true;
  return false;
}

static void check_discriminator(const char *env_id) {
  update_run r;
  update_start(&r, env_id);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  mg_mgail_update_discriminator(r.self, 1e-4, &rng);
  const mg_mgail *self = r.self;
  const int B = self->adversary.batch, I = self->S + self->A;
  int distinct = 0;
  for (int b = 0; b < B; b++) {
    const mg_real *expert = self->adversary.pairs + (B + b) * I;
    cr_expect(among(expert, self->adversary.expert_xa, self->adversary.expert->train.count, I),
              "an expert's pair");
    cr_expect_not(among(self->adversary.pairs + b * I, self->adversary.expert_xa,
                        self->adversary.expert->train.count, I));
    distinct += b == 0 || memcmp(expert, expert - I, (size_t)I * sizeof *expert) != 0;
    cr_expect(self->adversary.mix[b] > 0 && self->adversary.mix[b] < 1);
  }
  cr_expect_gt(distinct, B / 2);
  const double loss = r.metrics.value[MG_METRIC_D_POLICY_LOSS] +
                      r.metrics.value[MG_METRIC_D_EXPERT_LOSS] +
                      r.settings.discriminator.penalty * r.metrics.value[MG_METRIC_D_PENALTY];
  const size_t n = mg_mlp_size(&self->adversary.discriminator);
  mg_real *gradient = MG_NEW(r.context.arena, mg_real, n);
  memcpy(gradient, mg_learner_gradient(&self->learner, self->adversary.slice),
         n * sizeof *gradient);
  update_expect_descent(&r, "discriminator", self->adversary.slice, loss, discriminator_loss);
  cr_expect_float_eq(loss, discriminator_loss(&r), 1e-12);
  update_expect_gradient(&r, "discriminator", self->adversary.slice, discriminator_loss);
  update_stop(&r);
}

Test(mgail_updates, discriminator_discrete) {
  check_discriminator("CartPole-v0");
}
Test(mgail_updates, discriminator_continuous) {
  check_discriminator("Hopper-v4");
}

/* Policy steps draw from the last mgail.memory segments, D from the last discriminator.segments. */
Test(mgail_updates, memories) {
  enum { DRAWS = 200, KEPT = 6 };
  update_run r;
  update_start(&r, "CartPole-v0");
  mg_mgail *self = r.self;
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  const int row = self->S, rows = self->learner.environments * self->horizon;
  cr_assert_eq(self->adversary.ring, 5);
  for (int memory = 1; memory <= 5; memory++) {
    r.settings.mgail.memory = memory > 4 ? 4 : memory;
    self->adversary.memory = memory;
    int policy[KEPT] = {0}, discriminator[KEPT] = {0};
    for (int k = 0; k < DRAWS; k++) {
      mg_mgail_update_policy(self, 0, true, &rng);
      mg_mgail_update_discriminator(self, 0, &rng);
      for (int age = 0; age < 5; age++) {
        const mg_segment *s = mg_adversary_segment(&self->adversary, age);
        const int last = self->batch.trajectories - self->learner.environments;
        policy[age] += memcmp(self->batch.x + last * row, s->x, (size_t)row * sizeof *s->x) == 0;
        for (int b = 0; b < self->adversary.batch; b++)
          discriminator[age] +=
              among(self->adversary.pairs + b * (row + self->A), s->x, rows, row) ? 1 : 0;
      }
    }
    for (int age = 0; age < 5; age++) {
      cr_expect_eq(discriminator[age] > 0, age < memory, "D, memory %d, age %d", memory, age);
      const bool drawn = memory == 1 ? age == 0 : age > 0 && age < r.settings.mgail.memory;
      cr_expect_eq(policy[age] > 0, drawn, "policy, memory %d, age %d: %d", memory, age,
                   policy[age]);
    }
  }
  update_stop(&r);
}

/* -J, and its gradient is added. */
static double minus_J(mg_mgail *self, mg_real *gradient) {
  const mg_mgail_theta theta = {
      .policy = mg_learner_theta(&self->learner, self->policy_slice),
      .discriminator = mg_learner_theta(&self->learner, self->adversary.slice),
      .forward_model = mg_learner_theta(&self->learner, self->forward_slice),
      .value = mg_learner_theta(&self->learner, self->target_slice),
  };
  return -mg_mgail_policy_gradient(&self->objective, &theta, &self->batch, &self->work, gradient);
}

static double norm_of(const mg_real *x, size_t n) {
  double square = 0;
  for (size_t i = 0; i < n; i++) square += x[i] * x[i];
  return sqrt(square);
}

/* The optimiser's gradient is that of -J + beta L. */
static void check_terms(update_run *r, const mg_metrics *report, const mg_real *theta, size_t n) {
  mg_mgail *self = r->self;
  mg_real *expected = MG_NEW(r->context.arena, mg_real, n);
  mg_real *clone = MG_NEW(r->context.arena, mg_real, n);
  const double J = -minus_J(self, expected);
  cr_expect_float_eq(report->value[MG_METRIC_OBJECTIVE], J, 1e-12);
  cr_expect_float_eq(report->value[MG_METRIC_ADVERSARIAL_GRADIENT], norm_of(expected, n), 1e-12);
  const mg_clone_figures figures = mg_clone_gradient(&self->clone, theta, 1, clone);
  cr_expect_float_eq(report->value[MG_METRIC_CLONE_LOSS], figures.loss, 1e-12);
  cr_expect_float_eq(report->value[MG_METRIC_CLONE_GRADIENT], 0.5 * figures.norm, 1e-12);
  cr_expect_gt(figures.norm, 0);
  const mg_real *gradient = mg_learner_gradient(&self->learner, self->policy_slice);
  const double limit = r->settings.mgail.clip, norm = norm_of(expected, n);
  const double kept = limit > 0 && norm > limit ? limit / norm : 1;
  for (size_t i = 0; i < n; i++)
    cr_expect_float_eq(gradient[i], kept * expected[i] + 0.5 * clone[i], 1e-12, "entry %zu", i);
}

static void check_policy(const char *env_id) {
  update_run r;
  update_start(&r, env_id);
  const size_t n = r.self->learner.set.slice[r.self->policy_slice].size;
  const mg_real *theta = mg_learner_theta(&r.self->learner, r.self->policy_slice);
  const mg_real *kept = r.kept + (theta - r.self->learner.set.theta);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  mg_mgail_update_policy(r.self, 1e-3, true, &rng);
  cr_expect_eq(memcmp(theta, kept, n * sizeof *theta), 0, "frozen");
  update_check_batch(&r);
  check_terms(&r, &r.metrics, theta, n);
  r.settings.mgail.clip = r.metrics.value[MG_METRIC_ADVERSARIAL_GRADIENT] / 3;
  r.metrics = (mg_metrics){0};
  mg_mgail_update_policy(r.self, 1e-3, true, &rng);
  cr_expect_gt(r.metrics.value[MG_METRIC_ADVERSARIAL_GRADIENT], r.settings.mgail.clip);
  check_terms(&r, &r.metrics, theta, n);

  mg_mgail_update_policy(r.self, 1e-3, false, &rng);
  const mg_real *gradient = mg_learner_gradient(&r.self->learner, r.self->policy_slice);
  double along = 0;
  for (size_t i = 0; i < n; i++) along += gradient[i] * (theta[i] - kept[i]);
  cr_expect_lt(along, 0, "the step goes down the gradient of -J");
  update_stop(&r);
}

Test(mgail_updates, policy_discrete) {
  check_policy("CartPole-v0");
}
Test(mgail_updates, policy_continuous) {
  check_policy("Hopper-v4");
}

/* The scale is the spread of the change over the replay, and a floor. */
Test(mgail_updates, delta_scale) {
  update_run r;
  update_start(&r, "Hopper-v4");
  mg_mgail *self = r.self;
  const mg_replay *replay = &self->replay;
  const int count = (int)mg_replay_count(replay), next = self->S + self->A;
  mg_mgail_update_delta_scale(self);
  for (int i = 0; i < self->S; i++) {
    double mean = 0, square = 0;
    for (int k = 0; k < count; k++) {
      const mg_real *row = replay->rows + k * replay->width;
      mean += (row[next + i] - row[i]) / count;
    }
    for (int k = 0; k < count; k++) {
      const mg_real *row = replay->rows + k * replay->width;
      square += pow(row[next + i] - row[i] - mean, 2) / count;
    }
    cr_expect_float_eq(self->delta_scale[i], sqrt(square) + 0.01, 1e-9);
  }
  update_stop(&r);
}
