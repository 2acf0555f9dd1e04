#include "algo/on_policy/trpo.h"

#include "algo/on_policy/ppo_loss.h"
#include "base/timer.h"
#include "math/conjugate_gradient.h"
#include "math/vec.h"

#include <assert.h>
#include <math.h>

static const double SHRINK = 0.8, CG_TOLERANCE = 1e-5;

mg_trpo mg_trpo_make(const mg_policy *policy, int rows, mg_arena *arena) {
  const size_t n = mg_policy_size(policy), R = (size_t)rows, A = (size_t)policy->action_size;
  return (mg_trpo){
      .policy = policy,
      .rows = rows,
      .tape = mg_mlp_tape_make(&policy->net, rows, arena),
      .tangent = mg_mlp_tangent_make(&policy->net, arena),
      .head = MG_NEW(arena, mg_real, R * A),
      .dhead = MG_NEW(arena, mg_real, R * A),
      .work = MG_NEW(arena, mg_real, 2 * R),
      .gradient = MG_NEW(arena, mg_real, n),
      .direction = MG_NEW(arena, mg_real, n),
      .before = MG_NEW(arena, mg_real, n),
      .image = MG_NEW(arena, mg_real, n),
      .scratch = MG_NEW(arena, mg_real, 3 * n),
  };
}

/* ---- the surrogate ---- */

double mg_trpo_surrogate_gradient(mg_trpo *t, double entropy_weight, const mg_trpo_batch *batch,
                                  const mg_real *theta, double *entropy, mg_real *dtheta) {
  const mg_policy *policy = t->policy;
  const int B = batch->rows;
  assert(B <= t->rows);
  mg_policy_forward(policy, B, theta, batch->x, &t->tape, t->head);
  /* PPO's loss with nothing clipped; image takes the slope of log_sigma where nobody wants it. */
  const mg_ppo_loss loss =
      mg_ppo_policy_loss(policy, B, theta, t->head, batch->a, batch->old_lp, batch->advantage,
                         INFINITY, entropy_weight, t->work, t->dhead, dtheta ? dtheta : t->image);
  t->flops += mg_mlp_flops_forward(&policy->net, B);
  if (entropy) *entropy = loss.entropy;
  if (dtheta) {
    mg_policy_backward_input(policy, 0, B, theta, &t->tape, t->dhead, NULL);
    mg_policy_backward_theta(policy, B, &t->tape, dtheta);
    t->flops += mg_mlp_flops_backward_input(&policy->net, B, 0) +
                mg_mlp_flops_backward_theta(&policy->net, B);
  }
  return entropy_weight * loss.entropy - loss.surrogate;
}

/* ---- the divergence and its second derivative ---- */

static double gaussian_divergence(int B, int A, const mg_real *m, const mg_real *s,
                                  const mg_real *new_m, const mg_real *new_s) {
  double total = 0;
  for (int i = 0; i < A; i++) {
    const double variance = exp(2 * (double)s[i]), inverse = exp(-2 * (double)new_s[i]);
    double square = 0;
    for (int b = 0; b < B; b++) {
      const double d = (double)new_m[b * A + i] - (double)m[b * A + i];
      square += d * d / B;
    }
    total += (double)new_s[i] - (double)s[i] + 0.5 * ((variance + square) * inverse - 1);
  }
  return total;
}

static double categorical_divergence(int B, int A, const mg_real *l, const mg_real *new_l) {
  double total = 0;
  for (int b = 0; b < B; b++, l += A, new_l += A) {
    const double sum = mg_vec_log_sum_exp((size_t)A, l);
    const double new_sum = mg_vec_log_sum_exp((size_t)A, new_l);
    for (int k = 0; k < A; k++) {
      const double log_p = (double)l[k] - sum;
      total += exp(log_p) * (log_p - (double)new_l[k] + new_sum);
    }
  }
  return total / B;
}

double mg_trpo_divergence(const mg_policy *policy, int B, const mg_real *old_head,
                          const mg_real *old_log_sigma, const mg_real *new_head,
                          const mg_real *new_log_sigma) {
  const int A = policy->action_size;
  return policy->discrete
             ? categorical_divergence(B, A, old_head, new_head)
             : gaussian_divergence(B, A, old_head, old_log_sigma, new_head, new_log_sigma);
}

/* dhead <- M u / B where u [B,A] is the head's tangent; for a Gaussian in units of the network's
 * output, which is action_sd of a mean action. */
static void gaussian_product(const mg_policy *policy, int B, const mg_real *log_sigma, mg_real *u) {
  const int A = policy->action_size;
  for (int i = 0; i < A; i++) {
    const mg_real weight = (mg_real)(policy->action_sd[i] * exp(-2 * (double)log_sigma[i]) / B);
    for (int b = 0; b < B; b++) u[b * A + i] *= weight;
  }
}

static void categorical_product(int B, int A, const mg_real *logits, mg_real *u) {
  for (int b = 0; b < B; b++, logits += A, u += A) {
    const double sum = mg_vec_log_sum_exp((size_t)A, logits);
    double mean = 0; /* of u under p */
    for (int k = 0; k < A; k++) mean += exp((double)logits[k] - sum) * (double)u[k];
    for (int k = 0; k < A; k++)
      u[k] = (mg_real)(exp((double)logits[k] - sum) * ((double)u[k] - mean) / B);
  }
}

void mg_trpo_fisher_product(mg_trpo *t, int B, const mg_real *theta, const mg_real *v,
                            mg_real *Fv) {
  const mg_policy *policy = t->policy;
  const mg_mlp *net = &policy->net;
  const size_t n = mg_policy_size(policy), offset = mg_policy_log_sigma_offset(policy);
  mg_mlp_tangent_forward(net, B, theta, &t->tape, v, &t->tangent, t->dhead);
  if (policy->discrete)
    categorical_product(B, policy->action_size, t->head, t->dhead);
  else
    gaussian_product(policy, B, theta + offset, t->dhead);
  mg_vec_fill(n, 0, Fv);
  for (size_t i = offset; i < n; i++) Fv[i] = 2 * v[i];
  mg_policy_backward_input(policy, 0, B, theta, &t->tape, t->dhead, NULL);
  mg_policy_backward_theta(policy, B, &t->tape, Fv);
  t->flops += mg_mlp_flops_tangent(net, B) + mg_mlp_flops_backward_input(net, B, 0) +
              mg_mlp_flops_backward_theta(net, B);
}

/* ---- the step ---- */

typedef struct step {
  mg_trpo *trpo;
  const mg_trpo_options *options;
  const mg_trpo_batch *batch;
  const mg_sync *sync;
  const mg_real *theta;
  double sync_seconds;
} step;

/* L at theta, its clone's part included, and the gradient of -L at theta is added to dtheta
 * (Nullable); what the parts are goes to *result then. */
static double objective(step *s, const mg_real *theta, mg_trpo_result *result, mg_real *dtheta) {
  mg_trpo *t = s->trpo;
  const mg_trpo_options *o = s->options;
  const double surrogate = mg_trpo_surrogate_gradient(t, o->entropy, s->batch, theta,
                                                      dtheta ? &result->entropy : NULL, dtheta);
  if (dtheta) result->adversarial_norm = mg_vec_norm(mg_policy_size(t->policy), dtheta);
  if (!o->clone) return surrogate;
  const mg_clone_figures clone = mg_clone_gradient(o->clone, theta, o->beta, dtheta);
  if (dtheta) result->clone = clone;
  t->flops +=
      dtheta ? mg_clone_flops(o->clone) : mg_mlp_flops_forward(&t->policy->net, o->clone->batch);
  return surrogate - o->beta * clone.loss;
}

static void average(step *s, mg_real *x) {
  const double begin = mg_timer_now();
  mg_sync_mean(s->sync, x, mg_policy_size(s->trpo->policy));
  s->sync_seconds += mg_timer_now() - begin;
}

/* x [n] <- mean over ranks, in one reduction. */
static void average_figures(step *s, double *x, size_t n) {
  const double begin = mg_timer_now();
  for (size_t i = 0; i < n; i++) x[i] *= s->sync->weight;
  mg_comm_reduce_f64(s->sync->comm, MG_REDUCE_SUM, x, n);
  for (size_t i = 0; i < n; i++) x[i] /= s->sync->comm->size;
  s->sync_seconds += mg_timer_now() - begin;
}

static void damped_product(void *context, const mg_real *v, mg_real *Fv) {
  step *s = context;
  mg_trpo_fisher_product(s->trpo, s->batch->rows, s->theta, v, Fv);
  average(s, Fv);
  mg_vec_axpy(mg_policy_size(s->trpo->policy), (mg_real)s->options->damping, v, Fv);
}

/* s and its length beta; 0 if there is no direction to go. */
static double search_direction(step *s, mg_trpo_result *result) {
  mg_trpo *t = s->trpo;
  const size_t n = mg_policy_size(t->policy);
  result->residual =
      mg_conjugate_gradient(n, damped_product, s, t->gradient, s->options->cg_iterations,
                            CG_TOLERANCE, t->direction, t->scratch);
  damped_product(s, t->direction, t->image);
  const double curvature = mg_vec_dot(n, t->direction, t->image);
  if (!(curvature > 0) || !isfinite(curvature)) return 0;
  return sqrt(2 * s->options->max_kl / curvature);
}

/* theta <- the first point on the way back that is better and near enough. */
static void line_search(step *s, double start, double beta, mg_real *theta,
                        mg_trpo_result *result) {
  mg_trpo *t = s->trpo;
  const mg_trpo_batch *batch = s->batch;
  const size_t n = mg_policy_size(t->policy), offset = mg_policy_log_sigma_offset(t->policy);
  for (int k = 0; k <= s->options->backtracks; k++, beta *= SHRINK) {
    mg_vec_copy(n, t->before, theta);
    mg_vec_axpy(n, (mg_real)beta, t->direction, theta);
    double figure[2];
    figure[0] = objective(s, theta, result, NULL) - start;
    figure[1] = mg_trpo_divergence(t->policy, batch->rows, batch->head, t->before + offset, t->head,
                                   theta + offset);
    average_figures(s, figure, 2);
    if (figure[0] > 0 && figure[1] <= s->options->max_kl) {
      result->accepted = true;
      result->surrogate = figure[0];
      result->kl = figure[1];
      result->backtracks = k;
      return;
    }
  }
  mg_vec_copy(n, t->before, theta);
}

mg_trpo_result mg_trpo_step(mg_trpo *t, const mg_trpo_options *options, const mg_trpo_batch *batch,
                            const mg_sync *sync, mg_real *theta, double *sync_seconds) {
  const size_t n = mg_policy_size(t->policy);
  step s = {t, options, batch, sync, theta, 0};
  mg_trpo_result result = {.backtracks = options->backtracks};
  mg_vec_copy(n, theta, t->before);
  mg_vec_fill(n, 0, t->gradient);
  const double start = objective(&s, theta, &result, t->gradient);
  mg_vec_scale(n, -1, t->gradient); /* upwards */
  average(&s, t->gradient);
  result.gradient_norm = mg_vec_norm(n, t->gradient);
  const double beta = isfinite(result.gradient_norm) ? search_direction(&s, &result) : 0;
  if (beta > 0) line_search(&s, start, beta, theta, &result);
  *sync_seconds += s.sync_seconds;
  return result;
}
