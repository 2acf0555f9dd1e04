/* One iteration of MGAIL, in the order of the paper and of src/DESIGN.md section 5:
 *
 *   1 collect a segment    2 discriminator    3 forward model    4 policy, then value    5 average
 *
 * Steps 2 to 4 are a round, of which there are mgail.updates. */
#include "algo/mgail/mgail.h"

#include "math/vec.h"
#include "nn/categorical.h"
#include "nn/gaussian.h"

#include <math.h>
#include <string.h>

/* The forward model's scale is estimated anew each iteration at first, then now and then. */
enum { SCALE_EVERY_UNTIL = 200, SCALE_EVERY_AFTER = 20 };

/* Keeps it away from 0 in dimensions that do not change. */
static const double DELTA_SD_FLOOR = 0.01;

/* ---- 1. One segment with the policy fixed; its transitions go to the replay ---- */

static void collect(mg_mgail *self) {
  mg_adversary *adversary = &self->adversary;
  mg_segment *segment = mg_adversary_next(adversary);
  mg_learner_collect(&self->learner, segment);
  mg_adversary_collected(adversary);
  const size_t N = (size_t)segment->environments, S = (size_t)self->S, A = (size_t)self->A;
  const size_t W = (size_t)adversary->width;
  const mg_real *xa = mg_adversary_pairs(adversary, 0);
  for (size_t t = 0; t < (size_t)segment->steps; t++, xa += N * W)
    mg_replay_add(&self->replay, xa, xa + W - A, W, segment->next_x + t * N * S);
}

/* ---- 2. The discriminator: the expert's pairs against the policy's ---- */

void mg_mgail_update_discriminator(mg_mgail *self, double rate, mg_rng *rng) {
  mg_adversary_update(&self->adversary, &self->learner, rate, rng);
}

/* ---- 3. The forward model: the next state, in spreads of its change ---- */

static double *local_squares(mg_mgail *self) {
  double *sd = self->delta_sd;
  mg_replay_delta_sd(&self->replay, sd);
  for (int i = 0; i < self->S; i++) sd[i] *= sd[i] * self->learner.sync.weight;
  return sd;
}

static void take_squares(mg_mgail *self, const double *sum) {
  for (int i = 0; i < self->S; i++)
    self->delta_scale[i] = (mg_real)(sqrt(sum[i] / self->learner.comm->size) + DELTA_SD_FLOOR);
}

void mg_mgail_update_delta_scale(mg_mgail *self) {
  double *squares = local_squares(self);
  mg_learner_sum(&self->learner, squares, (size_t)self->S);
  take_squares(self, squares);
}

/* dy <- gradient of mean(((y - target)/scale)^2); returns the mean. */
static double scaled_error(int B, int S, const mg_real *y, const mg_real *target,
                           const mg_real *scale, mg_real *dy) {
  double total = 0;
  for (int b = 0; b < B; b++) {
    mg_real row = 0;
    for (int i = 0; i < S; i++) {
      const size_t k = (size_t)b * (size_t)S + (size_t)i;
      const mg_real e = (y[k] - target[k]) / scale[i];
      row += e * e;
      dy[k] = 2 * e / (scale[i] * (mg_real)(B * S));
    }
    total += (double)row;
  }
  return total / B / S;
}

/* The same of the policy's batch: of all entries, and of the worst one. A model that is right on the
 * whole may know nothing of a joint that hardly moves. */
static void report_segment_error(mg_mgail *self) {
  const int R = self->batch.steps * self->batch.trajectories, S = self->S;
  double *entry = self->entry_error, total = 0, worst = 0;
  for (int i = 0; i < S; i++) entry[i] = 0;
  for (int r = 0; r < R; r++) {
    const mg_real *y = self->work.prediction + (size_t)r * (size_t)S;
    const mg_real *target = self->batch.next_x + (size_t)r * (size_t)S;
    for (int i = 0; i < S; i++) {
      const mg_real e = (y[i] - target[i]) / self->delta_scale[i];
      entry[i] += (double)(e * e);
    }
  }
  for (int i = 0; i < S; i++) {
    total += entry[i] / R;
    worst = fmax(worst, entry[i] / R);
  }
  mg_learner_report(&self->learner, MG_METRIC_MODEL_SEGMENT_ERROR, total / S);
  mg_learner_report(&self->learner, MG_METRIC_MODEL_WORST_ERROR, worst);
}

void mg_mgail_update_forward_model(mg_mgail *self, double rate, mg_rng *rng) {
  mg_learner *l = &self->learner;
  const int B = self->forward_batch, S = self->S;
  const mg_real *theta = mg_learner_theta(l, self->forward_slice);
  const mg_forward_model *f = &self->forward_model;
  mg_replay_sample(&self->replay, B, rng, self->forward_xa, self->forward_target);
  mg_forward_model_forward(f, B, theta, self->delta_scale, self->forward_xa, &self->forward_tape,
                           self->forward_out);
  const double loss = scaled_error(B, S, self->forward_out, self->forward_target, self->delta_scale,
                                   self->forward_dout);
  mg_real *gradient = mg_learner_zero_gradient(l, self->forward_slice);
  mg_forward_model_backward_input(f, 0, B, theta, self->delta_scale, &self->forward_tape,
                                  self->forward_dout, NULL);
  mg_forward_model_backward_theta(f, B, &self->forward_tape, gradient);
  const double norm = mg_learner_step(l, self->forward_slice, rate);
  l->base.flops += mg_forward_model_flops_forward(f, B) +
                   mg_forward_model_flops_backward_input(f, B, 0) +
                   mg_forward_model_flops_backward_theta(f, B);
  mg_learner_report(l, MG_METRIC_MODEL_LOSS, loss);
  mg_learner_report(l, MG_METRIC_MODEL_GRADIENT, norm);
}

/* ---- 4. The policy through D, f and time ---- */

/* The segment of that age becomes trajectories first .. first+N-1 of the batch. */
static void put_segment(mg_mgail *self, int age, int first) {
  mg_mgail_batch *to = &self->batch;
  const mg_segment *from = mg_adversary_segment(&self->adversary, age);
  const mg_real *xa = mg_adversary_pairs(&self->adversary, age);
  const size_t S = (size_t)self->S, A = (size_t)self->A, W = (size_t)to->width;
  const size_t N = (size_t)from->environments;
  for (int t = 0; t < from->steps; t++) {
    const size_t source = (size_t)t * N;
    const size_t r = (size_t)t * (size_t)to->trajectories + (size_t)first;
    memcpy(to->x + r * S, from->x + source * S, N * S * sizeof(mg_real));
    memcpy(to->next_x + r * S, from->next_x + source * S, N * S * sizeof(mg_real));
    memcpy(to->a + r * A, from->a + source * A, N * A * sizeof(mg_real));
    memcpy(to->noise + r * A, from->noise + source * A, N * A * sizeof(mg_real));
    memcpy(to->log_probability + r, from->log_probability + source, N * sizeof(mg_real));
    memcpy(to->terminated + r, from->terminated + source, N);
    memcpy(to->truncated + r, from->truncated + source, N);
    memcpy(to->xa + r * W, xa + source * W, N * W * sizeof(mg_real));
  }
}

void mg_mgail_draw_segments(mg_mgail *self, int first, int least_age, int memory, mg_rng *rng) {
  const int there = mg_adversary_held(&self->adversary);
  const int choice = (there < memory ? there : memory) - least_age;
  int *ages = self->ages, left = 0; /* the first `left` of them have not been drawn */
  for (int m = first; m < self->learner.settings->mgail.segments; m++) {
    int age = 0;
    if (choice > 0) {
      if (left == 0)
        for (; left < choice; left++) ages[left] = left + least_age;
      const int k = (int)mg_rng_below(rng, (uint64_t)left);
      age = ages[k];
      ages[k] = ages[--left];
    }
    put_segment(self, age, m * self->learner.environments);
  }
}

/* The current segment and older ones. */
static void fill_batch(mg_mgail *self, mg_rng *rng) {
  put_segment(self, 0, 0);
  mg_mgail_draw_segments(self, 1, 1, self->learner.settings->mgail.memory, rng);
}

static double policy_entropy(const mg_mgail *self, const mg_real *theta, int rows) {
  const mg_policy *policy = &self->learner.base.policy;
  if (!policy->discrete)
    return mg_gaussian_entropy(self->A, theta + mg_policy_log_sigma_offset(policy));
  return mg_categorical_entropy(rows, self->A, self->work.head, NULL, NULL) / rows;
}

/* The value falls off steeply where episodes end, and -dJ with it is now and then many times what
 * it is as a rule; the clone's gradient is not. Limiting the former alone keeps the two in
 * proportion. On several ranks it is each rank's own, whose mean then is shorter: limited after the average
 * instead, Hopper on two ranks ends below 0.75 with three seeds of nine. Returns its norm before that. */
static double limit_adversary(const mg_mgail *self, mg_real *gradient) {
  const size_t n = mg_policy_size(&self->learner.base.policy);
  const double norm = mg_vec_norm(n, gradient), limit = self->learner.settings->mgail.clip;
  if (limit > 0 && norm > limit) mg_vec_scale(n, (mg_real)(limit / norm), gradient);
  return norm;
}

/* gradient += beta dL. */
static mg_clone_figures add_clone(mg_mgail *self, const mg_real *theta, mg_rng *rng,
                                  mg_real *gradient) {
  mg_clone *clone = &self->clone;
  if (clone->batch == 0) return (mg_clone_figures){0};
  mg_clone_draw(clone, rng);
  self->learner.base.flops += mg_clone_flops(clone);
  return mg_clone_gradient(clone, theta, mg_clone_weight(clone, self->learner.base.steps),
                           gradient);
}

/* A true end is worth what D pays its absorbing state from there on. */
static void price_ending(mg_mgail *self, const mg_real *discriminator) {
  if (!self->adversary.absorbing) return;
  const double reward =
      mg_adversary_absorbing_reward(&self->adversary, self->objective.reward, discriminator);
  self->objective.ending = reward / (1 - self->objective.gamma);
  mg_learner_report(&self->learner, MG_METRIC_ABSORBING_REWARD, reward);
}

void mg_mgail_update_policy(mg_mgail *self, double rate, bool frozen, mg_rng *rng) {
  mg_learner *l = &self->learner;
  const mg_mgail_batch *batch = &self->batch;
  fill_batch(self, rng);
  const int R = batch->steps * batch->trajectories;
  const mg_mgail_theta theta = {
      .policy = mg_learner_theta(l, self->policy_slice),
      .discriminator = mg_learner_theta(l, self->adversary.slice),
      .forward_model = mg_learner_theta(l, self->forward_slice),
      .value = mg_learner_theta(l, self->target_slice),
  };
  price_ending(self, theta.discriminator);
  mg_real *gradient = mg_learner_zero_gradient(l, self->policy_slice);
  const double J = mg_mgail_policy_gradient(&self->objective, &theta, batch, &self->work, gradient);
  const double adversarial = limit_adversary(self, gradient);
  const mg_clone_figures clone = add_clone(self, theta.policy, rng, gradient);
  if (self->clone.batch > 0)
    mg_clone_report(l, adversarial, clone);
  else
    mg_learner_report(l, MG_METRIC_ADVERSARIAL_GRADIENT, adversarial);
  mg_learner_report(l, MG_METRIC_ENTROPY, policy_entropy(self, theta.policy, R));
  const double norm = frozen ? mg_vec_norm(mg_policy_size(&l->base.policy), gradient)
                             : mg_learner_step(l, self->policy_slice, rate);
  l->base.flops += mg_mgail_policy_flops(&self->objective, batch->steps, batch->trajectories);
  mg_learner_report(l, MG_METRIC_OBJECTIVE, J);
  mg_learner_report(l, MG_METRIC_REWARD, mg_vec_sum((size_t)R, self->work.reward) / R);
  report_segment_error(self);
  mg_learner_report(l, MG_METRIC_POLICY_GRADIENT, norm);
}

/* ---- a round: steps 2 to 4, then what follows value and policy ---- */

/* The noise is for learning: at the end of a short run it would still be much of the action. */
static void bound_sigma(const mg_mgail *self) {
  const mg_learner *l = &self->learner;
  const mg_settings *s = l->settings;
  if (l->base.policy.discrete || s->mgail.final_log_sigma >= s->policy.log_sigma) return;
  const mg_real most =
      (mg_real)mg_learner_schedule(l, s->policy.log_sigma, s->mgail.final_log_sigma);
  mg_real *log_sigma =
      mg_learner_theta(l, self->policy_slice) + mg_policy_log_sigma_offset(&l->base.policy);
  for (int i = 0; i < self->A; i++)
    if (log_sigma[i] > most) log_sigma[i] = most;
}

/* The running average follows the policy, and with mgail.pull = kappa the policy is drawn to the average:
 *
 *   average += alpha (theta - average);   theta += kappa alpha (average - theta).
 *
 * Along a steady gradient both go 1 / (1 + kappa) times as fast as the policy would alone; where rounds pull it to and
 * fro, what is left of an excursion is gone 1 + kappa times as soon. So the policy may take larger and more
 * steps (elastic averaging, Zhang, Choromanska & LeCun 2015, with the average over time as its centre). */
static void follow_average(mg_mgail *self) {
  mg_learner *l = &self->learner;
  const mg_settings *s = l->settings;
  const size_t n = mg_policy_size(&l->base.policy);
  const double steps = (double)s->run.environments * self->horizon / s->mgail.updates;
  const double alpha = 1 - mg_learner_average_decay(l, steps);
  mg_real *policy = mg_learner_theta(l, self->policy_slice);
  mg_vec_track(n, (mg_real)alpha, policy, l->base.average);
  if (s->mgail.pull > 0)
    mg_vec_track(n, (mg_real)fmin(1, s->mgail.pull * alpha), l->base.average, policy);
}

static void follow(mg_mgail *self) {
  mg_learner *l = &self->learner;
  const mg_settings *s = l->settings;
  bound_sigma(self);
  if (mg_mgail_has_value(&self->objective)) {
    mg_vec_track(l->set.slice[self->value_slice].size, (mg_real)s->value.tau,
                 mg_learner_theta(l, self->value_slice), mg_learner_theta(l, self->target_slice));
  }
  if (l->base.average) follow_average(self);
}

static void round_of_updates(mg_mgail *self, int round) {
  mg_learner *l = &self->learner;
  const mg_settings *s = l->settings;
  const int64_t at = l->base.iteration * s->mgail.updates + round;
#define RATE(of) mg_learner_schedule(l, s->of.learning_rate, s->of.final_learning_rate)
  /* 2 */
  mg_rng rng = mg_learner_rng(l, MG_RNG_DISCRIMINATOR, at);
  for (int k = 0; k < s->discriminator.updates; k++)
    mg_mgail_update_discriminator(self, RATE(discriminator), &rng);
  /* 3 */
  rng = mg_learner_rng(l, MG_RNG_FORWARD_MODEL, at);
  for (int k = 0; k < s->forward_model.updates; k++)
    mg_mgail_update_forward_model(self, RATE(forward_model), &rng);
  /* 4 */
  rng = mg_learner_rng(l, MG_RNG_POLICY, at);
  mg_mgail_update_policy(self, RATE(policy), l->base.iteration < s->mgail.warmup, &rng);
  if (mg_mgail_has_value(&self->objective)) mg_mgail_update_value(self, RATE(value), &rng);
#undef RATE
  follow(self);
}

/* ---- an iteration ---- */

static void settle(mg_algorithm *algorithm) {
  const mg_learner *l = (const mg_learner *)algorithm;
  if (l->sums_sent > 0) take_squares((mg_mgail *)algorithm, l->sums);
}

static mg_status iterate(mg_algorithm *algorithm) {
  mg_mgail *self = (mg_mgail *)algorithm;
  mg_learner *l = &self->learner;
  const mg_settings *s = l->settings;
  const int64_t iteration = algorithm->iteration;
  mg_learner_report(l, MG_METRIC_POLICY_RATE,
                    mg_learner_schedule(l, s->policy.learning_rate, s->policy.final_learning_rate));
  /* 1 */
  collect(self);
  const bool scale = iteration < SCALE_EVERY_UNTIL || iteration % SCALE_EVERY_AFTER == 0;
  if (scale && (!l->overlap || iteration == 0)) mg_mgail_update_delta_scale(self);
  /* 2 to 4 */
  for (int k = 0; k < s->mgail.updates; k++) round_of_updates(self, k);
  mg_adversary_report_unseen(&self->adversary, l);
  /* 5. One vector for all networks and what follows them; with run.overlap the scale, too. */
  if (scale && l->overlap) mg_learner_also_sum(l, local_squares(self), (size_t)self->S);
  mg_learner_synchronise(l);
  mg_learner_count(l, (int64_t)s->run.environments * self->horizon);
  return MG_OK;
}

/* As much as there is in it. A lean checkpoint has but a mark, and it fills anew. */
static void visit_replay(mg_replay *replay, const mg_share *share, mg_archive *archive) {
  static const char mark[] = "replay/left_out";
  const bool loading = mg_archive_is_loading(archive);
  if (loading ? mg_archive_has(archive, mark) : mg_archive_is_lean(archive)) {
    int64_t steps = mg_replay_steps(replay);
    if (!loading) mg_archive_shared(archive, mark, MG_TYPE_I64, &steps, 1);
    return;
  }
  mg_archive_shared(archive, "replay/added", MG_TYPE_I64, replay->added, 1);
  mg_archive_divided(archive, "replay/rows", MG_TYPE_REAL, replay->rows, share,
                     (size_t)mg_replay_steps(replay), (size_t)replay->width);
}

static void visit(mg_algorithm *algorithm, mg_archive *archive) {
  mg_mgail *self = (mg_mgail *)algorithm;
  mg_adversary_visit(&self->adversary, &self->learner, archive);
  mg_archive_shared(archive, "delta_scale", MG_TYPE_REAL, self->delta_scale, (size_t)self->S);
  visit_replay(&self->replay, &self->learner.share, archive);
}

const mg_algorithm_class mg_mgail_class = {
    .name = "mgail",
    .metrics = MG_OF_MGAIL,
    .size = sizeof(mg_mgail),
    .any_policy = true,
    .build = mg_mgail_build,
    .iterate = iterate,
    .visit = visit,
    .settle = settle,
};
