#include "algo/mgail/mgail.h"

#include "base/timer.h"
#include "math/vec.h"
#include "model/value.h"
#include "nn/categorical.h"
#include "nn/gaussian.h"
#include "nn/loss.h"
#include "rollout/returns.h"

#include <math.h>
#include <string.h>

/* Keeps the forward model's scale away from 0 in dimensions that do not change. */
static const double DELTA_SD_FLOOR = 0.01;

/* The gradient of one slice, averaged over ranks if so set, then one Adam step. Returns its norm.
 */
static double step(mg_mgail *self, int slice, mg_adam *adam, double rate) {
  mg_real *gradient = mg_paramset_gradient(&self->set, slice);
  const double begin = mg_timer_now();
  mg_sync_gradient(&self->sync, gradient, self->set.slice[slice].size);
  self->sync_seconds += mg_timer_now() - begin;
  return mg_adam_step(adam, rate, gradient, mg_paramset_theta(&self->set, slice));
}

static mg_real *zero_gradient(mg_mgail *self, int slice) {
  mg_real *gradient = mg_paramset_gradient(&self->set, slice);
  mg_vec_fill(self->set.slice[slice].size, 0, gradient);
  return gradient;
}

void mg_mgail_update_discriminator(mg_mgail *self, double rate, mg_rng *rng, mg_report *report) {
  double norm;
  const mg_discriminator_loss loss = mg_adversary_update(
      &self->adversary, &self->sync, rate, rng,
      mg_paramset_theta(&self->set, self->discriminator_slice),
      mg_paramset_gradient(&self->set, self->discriminator_slice), &norm, &self->sync_seconds);
  self->base.flops += mg_adversary_flops(&self->adversary);
  mg_report_add(report, MG_MGAIL_D_POLICY_LOSS, loss.policy);
  mg_report_add(report, MG_MGAIL_D_EXPERT_LOSS, loss.expert);
  mg_report_add(report, MG_MGAIL_D_PENALTY, loss.penalty);
  mg_report_add(report, MG_MGAIL_D_POLICY_ACCURACY, loss.policy_accuracy);
  mg_report_add(report, MG_MGAIL_D_EXPERT_ACCURACY, loss.expert_accuracy);
  mg_report_add(report, MG_MGAIL_D_GRADIENT, norm);
}

void mg_mgail_update_delta_scale(mg_mgail *self) {
  const double begin = mg_timer_now();
  mg_replay_delta_sd(&self->replay, self->delta_sd);
  for (int i = 0; i < self->S; i++) self->delta_sd[i] *= self->delta_sd[i];
  mg_comm_reduce_f64(self->comm, MG_REDUCE_SUM, self->delta_sd, (size_t)self->S);
  for (int i = 0; i < self->S; i++) {
    self->delta_scale[i] = (mg_real)(sqrt(self->delta_sd[i] / self->comm->size) + DELTA_SD_FLOOR);
  }
  self->sync_seconds += mg_timer_now() - begin;
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
      if (dy) dy[k] = 2 * e / (scale[i] * (mg_real)(B * S));
    }
    total += (double)row;
  }
  return total / B / S;
}

void mg_mgail_update_forward_model(mg_mgail *self, double rate, mg_rng *rng, mg_report *report) {
  const int B = self->forward_batch, S = self->S;
  const mg_real *theta = mg_paramset_theta(&self->set, self->forward_slice);
  const mg_forward_model *f = &self->forward_model;
  mg_replay_sample(&self->replay, B, rng, self->forward_xa, self->forward_target);
  mg_forward_model_forward(f, B, theta, self->delta_scale, self->forward_xa, &self->forward_tape,
                           self->forward_out);
  const double loss = scaled_error(B, S, self->forward_out, self->forward_target, self->delta_scale,
                                   self->forward_slope);
  mg_real *gradient = zero_gradient(self, self->forward_slice);
  mg_forward_model_backward_input(f, 0, B, theta, self->delta_scale, &self->forward_tape,
                                  self->forward_slope, NULL);
  mg_forward_model_backward_theta(f, B, &self->forward_tape, gradient);
  const double norm = step(self, self->forward_slice, &self->forward_adam, rate);
  self->base.flops += mg_forward_model_flops_forward(f, B) +
                      mg_forward_model_flops_backward_input(f, B, 0) +
                      mg_forward_model_flops_backward_theta(f, B);
  mg_report_add(report, MG_MGAIL_MODEL_LOSS, loss);
  mg_report_add(report, MG_MGAIL_MODEL_GRADIENT, norm);
}

/* Segment `from` becomes trajectories first .. first+N-1 of the batch. */
static void put_segment(mg_mgail *self, const mg_segment *from, int first) {
  mg_mgail_batch *to = &self->batch;
  const size_t S = (size_t)self->S, A = (size_t)self->A, N = (size_t)from->environments;
  for (int t = 0; t < from->steps; t++) {
    const size_t source = (size_t)t * N;
    const size_t r = (size_t)t * (size_t)to->trajectories + (size_t)first;
    memcpy(to->x + r * S, from->x + source * S, N * S * sizeof(mg_real));
    memcpy(to->next_x + r * S, from->next_x + source * S, N * S * sizeof(mg_real));
    memcpy(to->a + r * A, from->a + source * A, N * A * sizeof(mg_real));
    memcpy(to->noise + r * A, from->noise + source * A, N * A * sizeof(mg_real));
    memcpy(to->terminated + r, from->terminated + source, N);
    memcpy(to->truncated + r, from->truncated + source, N);
    for (size_t n = 0; n < N; n++) {
      mg_adversary_pair(&self->adversary, to->x + (r + n) * S, to->a + (r + n) * A,
                        to->xa + (r + n) * (S + A));
    }
  }
}

/* The current segment and, at random without repetition as long as there are enough, older ones of
 * the memory. */
static void fill_batch(mg_mgail *self, mg_rng *rng) {
  const mg_adversary *held = &self->adversary;
  const int memory = self->settings->mgail.memory, there = mg_adversary_held(held);
  const int older = (there < memory ? there : memory) - 1;
  int *ages = self->ages, left = 0; /* the first `left` of them have not been drawn */
  put_segment(self, mg_adversary_segment(held, 0), 0);
  for (int m = 1; m < self->settings->mgail.segments; m++) {
    int age = 0;
    if (older > 0) {
      if (left == 0)
        for (; left < older; left++) ages[left] = left + 1;
      const int k = (int)mg_rng_below(rng, (uint64_t)left);
      age = ages[k];
      ages[k] = ages[--left];
    }
    put_segment(self, mg_adversary_segment(held, age), m * self->environments);
  }
}

static double policy_entropy(const mg_mgail *self, const mg_real *theta, int rows) {
  const mg_policy *policy = &self->base.policy;
  if (!policy->discrete) {
    return mg_gaussian_entropy(self->A, theta + mg_policy_log_sigma_offset(policy));
  }
  return mg_categorical_entropy(rows, self->A, self->work.head, NULL, NULL) / rows;
}

/* The value falls off steeply where episodes end, and -dJ with it is now and then many times what
 * it is as a rule; the clone's gradient is not. Limiting the former alone keeps the two in
 * proportion. Returns its norm before that. */
static double limit_adversary(const mg_mgail *self, mg_real *gradient) {
  const size_t n = self->set.slice[self->policy_slice].size;
  const double norm = mg_vec_norm(n, gradient), limit = self->settings->mgail.clip;
  if (limit > 0 && norm > limit) mg_vec_scale(n, (mg_real)(limit / norm), gradient);
  return norm;
}

/* gradient += beta dL. */
static void add_clone(mg_mgail *self, const mg_real *theta, mg_rng *rng, mg_real *gradient,
                      mg_report *report) {
  mg_clone *clone = &self->clone;
  if (clone->batch == 0) return;
  mg_clone_draw(clone, rng);
  const mg_clone_figures figures =
      mg_clone_gradient(clone, theta, mg_clone_weight(clone, self->base.steps), gradient);
  self->base.flops += mg_clone_flops(clone);
  mg_report_add(report, MG_MGAIL_CLONE_LOSS, figures.loss);
  mg_report_add(report, MG_MGAIL_CLONE_GRADIENT, figures.norm);
}

void mg_mgail_update_policy(mg_mgail *self, double rate, bool frozen, mg_rng *rng,
                            mg_report *report) {
  fill_batch(self, rng);
  const int R = self->batch.steps * self->batch.trajectories;
  const mg_mgail_theta theta = {
      .policy = mg_paramset_theta(&self->set, self->policy_slice),
      .discriminator = mg_paramset_theta(&self->set, self->discriminator_slice),
      .forward_model = mg_paramset_theta(&self->set, self->forward_slice),
      .value = self->value_target,
  };
  mg_real *gradient = zero_gradient(self, self->policy_slice);
  const double J =
      mg_mgail_policy_gradient(&self->objective, &theta, &self->batch, &self->work, gradient);
  mg_report_add(report, MG_MGAIL_ADVERSARIAL_GRADIENT, limit_adversary(self, gradient));
  add_clone(self, theta.policy, rng, gradient, report);
  mg_report_add(report, MG_MGAIL_ENTROPY, policy_entropy(self, theta.policy, R));
  const double norm = frozen ? mg_vec_norm(self->set.slice[self->policy_slice].size, gradient)
                             : step(self, self->policy_slice, &self->policy_adam, rate);
  self->base.flops +=
      mg_mgail_policy_flops(&self->objective, self->batch.steps, self->batch.trajectories);
  mg_report_add(report, MG_MGAIL_OBJECTIVE, J);
  mg_report_add(report, MG_MGAIL_REWARD, mg_vec_sum((size_t)R, self->work.reward) / R);
  mg_report_add(
      report, MG_MGAIL_MODEL_SEGMENT_ERROR,
      scaled_error(R, self->S, self->work.prediction, self->batch.next_x, self->delta_scale, NULL));
  mg_report_add(report, MG_MGAIL_POLICY_GRADIENT, norm);
}

void mg_mgail_update_value(mg_mgail *self, double rate, mg_report *report) {
  const mg_mgail_batch *batch = &self->batch;
  const int R = batch->steps * batch->trajectories;
  mg_mlp_forward(&self->value, R, self->value_target, batch->next_x, &self->value_tape,
                 self->next_value);
  mg_returns_td_lambda(batch->steps, batch->trajectories, self->work.reward, self->next_value,
                       batch->terminated, batch->truncated, self->settings->mgail.gamma,
                       self->settings->value.lambda, self->returns);
  self->base.flops += mg_mlp_flops_forward(&self->value, R);
  for (int k = 0; k < self->settings->value.updates; k++) {
    mg_real *gradient = zero_gradient(self, self->value_slice);
    const double loss =
        mg_value_gradient(&self->value, R, mg_paramset_theta(&self->set, self->value_slice),
                          batch->x, self->returns, &self->value_tape, self->value_out, gradient);
    mg_report_add(report, MG_MGAIL_VALUE_GRADIENT,
                  step(self, self->value_slice, &self->value_adam, rate));
    mg_report_add(report, MG_MGAIL_VALUE_LOSS, loss);
    self->base.flops += mg_mlp_flops_forward(&self->value, R) +
                        mg_mlp_flops_backward_input(&self->value, R, 0) +
                        mg_mlp_flops_backward_theta(&self->value, R);
  }
}
