#include "algo/cloning/bc_loss.h"

#include "math/vec.h"
#include "nn/categorical.h"
#include "nn/gaussian.h"

#include <assert.h>

mg_bc_work mg_bc_work_make(const mg_policy *policy, int capacity, mg_arena *arena) {
  const size_t B = (size_t)capacity, A = (size_t)policy->action_size;
  return (mg_bc_work){
      .capacity = capacity,
      .tape = mg_mlp_tape_make(&policy->net, capacity, arena),
      .head = MG_NEW(arena, mg_real, B * A),
      .dhead = MG_NEW(arena, mg_real, B * A),
      .log_probability = MG_NEW(arena, mg_real, B),
      .weight = MG_NEW(arena, mg_real, B),
  };
}

/* Forward of at most `capacity` rows; leaves the tape and the head for the way back. */
static double forward(const mg_policy *policy, int B, const mg_real *theta, const mg_real *x,
                      const mg_real *a, mg_bc_work *work) {
  const int A = policy->action_size;
  assert(B <= work->capacity);
  mg_policy_forward(policy, B, theta, x, &work->tape, work->head);
  if (policy->discrete) {
    mg_categorical_log_probability(B, A, work->head, a, work->log_probability);
  } else {
    mg_gaussian_log_probability(B, A, work->head, theta + mg_policy_log_sigma_offset(policy), a,
                                work->log_probability);
  }
  double loss = 0;
  for (int b = 0; b < B; b++) loss -= (double)work->log_probability[b];
  return loss;
}

double mg_bc_loss(const mg_policy *policy, int B, const mg_real *theta, const mg_real *x,
                  const mg_real *a, mg_bc_work *work) {
  const size_t S = (size_t)policy->state_size, A = (size_t)policy->action_size;
  double loss = 0;
  for (int first = 0; first < B; first += work->capacity) {
    const int rows = B - first < work->capacity ? B - first : work->capacity;
    loss += forward(policy, rows, theta, x + (size_t)first * S, a + (size_t)first * A, work);
  }
  return loss;
}

/* dhead of the forward pass's rows -> dtheta. */
static void backward(const mg_policy *policy, int B, const mg_real *theta, mg_bc_work *work,
                     mg_real *dtheta) {
  mg_policy_backward_input(policy, 0, B, theta, &work->tape, work->dhead, NULL);
  mg_policy_backward_theta(policy, B, &work->tape, dtheta);
}

double mg_bc_loss_gradient(const mg_policy *policy, int B, const mg_real *theta, const mg_real *x,
                           const mg_real *a, double weight, mg_bc_work *work, mg_real *dtheta) {
  const int A = policy->action_size;
  const double loss = forward(policy, B, theta, x, a, work);
  mg_vec_fill((size_t)B, (mg_real)-weight, work->weight); /* dL/d log pi is -1 */
  if (policy->discrete) {
    mg_categorical_log_probability_backward(B, A, work->head, a, work->weight, work->dhead);
  } else {
    const size_t offset = mg_policy_log_sigma_offset(policy);
    mg_gaussian_log_probability_backward(B, A, work->head, theta + offset, a, work->weight,
                                         work->dhead, dtheta + offset);
  }
  backward(policy, B, theta, work, dtheta);
  return loss;
}

double mg_bc_squared_error_gradient(const mg_policy *policy, int B, const mg_real *theta,
                                    const mg_real *x, const mg_real *a, const double *inverse,
                                    double weight, mg_bc_work *work, mg_real *dtheta) {
  const int A = policy->action_size;
  assert(B <= work->capacity && !policy->discrete);
  mg_policy_forward(policy, B, theta, x, &work->tape, work->head);
  double error = 0;
  for (int b = 0; b < B; b++) {
    for (int i = 0; i < A; i++) {
      const int k = b * A + i;
      const double e = ((double)work->head[k] - (double)a[k]) * inverse[i];
      error += 0.5 * e * e;
      work->dhead[k] = (mg_real)(weight * e * inverse[i]);
    }
  }
  if (dtheta) backward(policy, B, theta, work, dtheta);
  return error;
}
