/* One optimiser step of each of MGAIL's networks, in double: the batches hold what they should, and
 * the gradients that reach the optimiser are those of the losses that are reported. */
#include "algo/mgail/mgail.h"
#include "model/value.h"
#include "nn/loss.h"
#include "rollout/returns.h"
#include "support/gradient_check.h"
#include "support/scratch_folder.h"
#include "support/tiny_run.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

typedef struct run {
  mg_settings settings;
  mg_comm comm;
  mg_log log;
  mg_context context;
  mg_mgail *self;
  mg_mlp_tape tape; /* of the slow ways */
  mg_forward_tape forward_tape;
  mg_real *kept;      /* [set size] parameters before the step */
  mg_metrics metrics; /* where its steps report */
} run;

static void start_with(run *r, const char *env_id, mg_mgail_episodes episodes, bool endings,
                       mg_value_kind kind) {
  memset(r, 0, sizeof *r);
  cr_assert_not_null(scratch_make());
  const char *path = scratch_path("expert.h5");
  mg_status status = tiny_expert(env_id, path);
  cr_assert_eq(status, MG_OK, "%s", mg_status_message());
  r->settings = tiny_settings(env_id, path);
  r->settings.mgail.episodes = episodes;
  r->settings.value.endings = endings;
  r->settings.value.kind = kind;
  r->settings.policy.clip = 0; /* clipping scales the gradient in place */
  r->comm = mg_comm_self();
  r->log = mg_log_open(NULL, 0);
  r->context = (mg_context){&r->settings, &r->comm, &r->log, mg_arena_create()};
  mg_algorithm *algorithm = NULL;
  status = mg_algorithm_create(&mg_mgail_class, &r->context, &algorithm);
  cr_assert_eq(status, MG_OK, "%s", mg_status_message());
  r->self = (mg_mgail *)algorithm;
  for (int i = 0; i < 7; i++) mg_algorithm_iterate(algorithm, &r->metrics);
  r->metrics = (mg_metrics){0};
  r->self->learner.metrics = &r->metrics;
  r->kept = MG_NEW(r->context.arena, mg_real, r->self->learner.set.size);
  r->forward_tape =
      mg_forward_tape_make(&r->self->forward_model, r->self->forward_batch, r->context.arena);
  memcpy(r->kept, r->self->learner.set.theta, r->self->learner.set.size * sizeof *r->kept);
}

static void start(run *r, const char *env_id) {
  start_with(r, env_id, MG_MGAIL_AS_IS, false, MG_VALUE_V);
}

static void stop(run *r) {
  mg_algorithm_destroy(&r->self->learner.base);
  mg_arena_destroy(r->context.arena);
  scratch_remove();
}

/* Back to the parameters that the gradient was computed at. */
static mg_real *rewind_theta(run *r, int slice) {
  memcpy(r->self->learner.set.theta, r->kept, r->self->learner.set.size * sizeof *r->kept);
  return mg_learner_theta(&r->self->learner, slice);
}

static void expect_gradient(run *r, const char *what, int slice, gradient_objective objective) {
  const size_t n = r->self->learner.set.slice[slice].size;
  const mg_real *claimed = mg_learner_gradient(&r->self->learner, slice);
  mg_real *theta = rewind_theta(r, slice);
  cr_expect(gradient_agrees(what, gradient_check(objective, r, n, theta, claimed), 1e-5));
}

static void expect_descent(run *r, const char *what, int slice, double before,
                           gradient_objective objective) {
  const double after = objective(r); /* at the parameters after the step */
  cr_expect_lt(after, before, "%s: from %.9g to %.9g", what, before, after);
  rewind_theta(r, slice);
}

/* mean over rows and columns of ((f - x') / scale)^2 on the batch that the step has drawn. */
static double model_loss(void *context) {
  mg_mgail *self = ((run *)context)->self;
  const int B = self->forward_batch, S = self->S;
  mg_forward_model_forward(&self->forward_model, B,
                           mg_learner_theta(&self->learner, self->forward_slice), self->delta_scale,
                           self->forward_xa, &((run *)context)->forward_tape, self->forward_out);
  double sum = 0;
  for (int k = 0; k < B * S; k++)
    sum += pow((self->forward_out[k] - self->forward_target[k]) / self->delta_scale[k % S], 2);
  return sum / (B * S);
}

static void check_forward_model(const char *env_id) {
  run r;
  start(&r, env_id);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  mg_mgail_update_forward_model(r.self, 1e-4, &rng);
  const double loss = r.metrics.value[MG_METRIC_MODEL_LOSS];
  expect_descent(&r, "forward model", r.self->forward_slice, loss, model_loss);
  cr_expect_float_eq(loss, model_loss(&r), 1e-12 * loss);
  expect_gradient(&r, "forward model", r.self->forward_slice, model_loss);
  stop(&r);
}

Test(mgail_updates, forward_model_discrete) {
  check_forward_model("CartPole-v0");
}
Test(mgail_updates, forward_model_continuous) {
  check_forward_model("Hopper-v4");
}

/* Penalty included. */
static double discriminator_loss(void *context) {
  run *r = context;
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
  run r;
  start(&r, env_id);
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
  expect_descent(&r, "discriminator", self->adversary.slice, loss, discriminator_loss);
  cr_expect_float_eq(loss, discriminator_loss(&r), 1e-12);
  expect_gradient(&r, "discriminator", self->adversary.slice, discriminator_loss);
  stop(&r);
}

Test(mgail_updates, discriminator_discrete) {
  check_discriminator("CartPole-v0");
}
Test(mgail_updates, discriminator_continuous) {
  check_discriminator("Hopper-v4");
}

/* The batch is the newest segment, then older ones without repetition; its pairs are normalised as
 * the expert's are. */
static void check_batch(const run *r) {
  const mg_mgail *self = r->self;
  const mg_mgail_batch *b = &self->batch;
  const int S = self->S, A = self->A, N = self->learner.environments, M = b->trajectories / N;
  const int newest = (int)((*self->adversary.collected - 1) % self->adversary.ring);
  int which[8] = {-1};
  cr_assert(M > 1 && M <= 8 && b->trajectories == M * N);
  for (int m = 0; m < M; m++) {
    which[m] = -1;
    for (int k = 0; k < self->adversary.ring; k++) {
      const mg_segment *s = &self->adversary.segment[k];
      if (memcmp(b->x + m * N * S, s->x, (size_t)(N * S) * sizeof(mg_real)) == 0) which[m] = k;
    }
    cr_expect_geq(which[m], 0, "columns %d.. are no segment", m * N);
    for (int j = 0; j < m; j++) cr_expect_neq(which[j], which[m], "segment %d twice", which[m]);
    const mg_segment *s = &self->adversary.segment[which[m] < 0 ? 0 : which[m]];
    for (int t = 0; t < b->steps; t++)
      for (int n = 0; n < N; n++) {
        const int to = t * b->trajectories + m * N + n, from = t * N + n;
        const mg_real *pair = b->xa + to * (S + A);
        cr_expect_eq(b->terminated[to], s->terminated[from]);
        cr_expect_eq(b->truncated[to], s->truncated[from]);
        for (int i = 0; i < S; i++) {
          cr_expect_eq(b->x[to * S + i], s->x[from * S + i]);
          cr_expect_eq(b->next_x[to * S + i], s->next_x[from * S + i]);
          cr_expect_eq(pair[i], s->x[from * S + i]);
        }
        for (int i = 0; i < A; i++) {
          const double a = s->a[from * A + i];
          const double mean =
              self->learner.base.policy.discrete ? 0 : self->adversary.expert->actions.shift[i];
          const double inverse =
              self->learner.base.policy.discrete ? 1 : self->adversary.expert->actions.inverse[i];
          cr_expect_eq(b->a[to * A + i], a);
          cr_expect_eq(b->noise[to * A + i], s->noise[from * A + i]);
          cr_expect_float_eq(pair[S + i], (a - mean) * inverse, 1e-12);
        }
      }
  }
  cr_expect_eq(which[0], newest);
}

/* Policy steps draw from the last mgail.memory segments, D from the last discriminator.segments. */
Test(mgail_updates, memories) {
  enum { DRAWS = 200, KEPT = 6 };
  run r;
  start(&r, "CartPole-v0");
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
  stop(&r);
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
static void check_terms(run *r, const mg_metrics *report, const mg_real *theta, size_t n) {
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
  run r;
  start(&r, env_id);
  const size_t n = r.self->learner.set.slice[r.self->policy_slice].size;
  const mg_real *theta = mg_learner_theta(&r.self->learner, r.self->policy_slice);
  const mg_real *kept = r.kept + (theta - r.self->learner.set.theta);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  mg_mgail_update_policy(r.self, 1e-3, true, &rng);
  cr_expect_eq(memcmp(theta, kept, n * sizeof *theta), 0, "frozen");
  check_batch(&r);
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
  stop(&r);
}

Test(mgail_updates, policy_discrete) {
  check_policy("CartPole-v0");
}
Test(mgail_updates, policy_continuous) {
  check_policy("Hopper-v4");
}

static double value_loss(void *context) {
  run *r = context;
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
static void expect_targets(run *r, double ending) {
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

Test(mgail_updates, value) {
  run r;
  start(&r, "CartPole-v0");
  mg_mgail *self = r.self;
  r.settings.value.updates = 1;
  r.settings.value.redraw = true; /* the first step is on the policy's batch all the same */
  r.tape =
      mg_mlp_tape_make(&self->value, self->batch.steps * self->batch.trajectories, r.context.arena);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  mg_mgail_update_policy(self, 0, true, &rng);
  mg_mgail_update_value(self, 1e-4, &rng);
  check_batch(&r);
  expect_targets(&r, 0);

  const double loss = r.metrics.value[MG_METRIC_VALUE_LOSS];
  expect_descent(&r, "value", self->value_slice, loss, value_loss);
  cr_expect_float_eq(loss, value_loss(&r), 1e-12);
  expect_gradient(&r, "value", self->value_slice, value_loss);
  stop(&r);
}

/* A fall is worth what D pays the absorbing state for ever: in the targets, drawn anew or not, and in J. */
Test(mgail_updates, absorbing) {
  run r;
  start_with(&r, "CartPole-v0", MG_MGAIL_ABSORBING, false, MG_VALUE_V);
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
  stop(&r);
}

/* With value.endings V also learns the states that falls go into, worth what follows one, and J has V there. */
static void check_endings(mg_mgail_episodes episodes) {
  run r;
  start_with(&r, "CartPole-v0", episodes, true, MG_VALUE_V);
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
  expect_descent(&r, "value", self->value_slice, r.metrics.value[MG_METRIC_VALUE_LOSS], value_loss);
  expect_gradient(&r, "value", self->value_slice, value_loss);
  stop(&r);
}

Test(mgail_updates, endings) {
  check_endings(MG_MGAIL_AS_IS);
  check_endings(MG_MGAIL_ABSORBING);
}

static double action_value_loss(void *context) {
  run *r = context;
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
static double least(run *r, const mg_real *theta, const mg_real *pair) {
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
Test(mgail_updates, action_value) {
  run r;
  start_with(&r, "Hopper-v4", MG_MGAIL_AS_IS, false, MG_VALUE_Q);
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
  expect_descent(&r, "Q", self->value_slice, loss, action_value_loss);
  cr_expect_float_eq(loss, action_value_loss(&r), 1e-12);
  expect_gradient(&r, "Q", self->value_slice, action_value_loss);
  stop(&r);
}

/* With value.redraw the steps after the first draw from the memory, the newest segment included. */
Test(mgail_updates, value_redraw) {
  enum { DRAWS = 100, AGES = 5 };
  run r;
  start(&r, "CartPole-v0");
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
  stop(&r);
}

/* The scale is the spread of the change over the replay, and a floor. */
Test(mgail_updates, delta_scale) {
  run r;
  start(&r, "Hopper-v4");
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
  stop(&r);
}
