#include "algo/mgail/mgail_objective.h"

#include "math/vec.h"
#include "nn/categorical.h"
#include "nn/gaussian.h"

#include <assert.h>
#include <string.h>

mg_mgail_batch mg_mgail_batch_make(int steps, int trajectories, int state_size, int action_size,
                                   int width, mg_arena *arena) {
  const size_t R = (size_t)steps * (size_t)trajectories, S = (size_t)state_size,
               A = (size_t)action_size;
  return (mg_mgail_batch){
      .steps = steps,
      .trajectories = trajectories,
      .width = width,
      .xa = MG_NEW(arena, mg_real, R * (size_t)width),
      .x = MG_NEW(arena, mg_real, R * S),
      .next_x = MG_NEW(arena, mg_real, R * S),
      .a = MG_NEW(arena, mg_real, R * A),
      .noise = MG_NEW(arena, mg_real, R * A),
      .log_probability = MG_NEW(arena, mg_real, R),
      .terminated = MG_NEW(arena, uint8_t, R),
      .truncated = MG_NEW(arena, uint8_t, R),
  };
}

mg_mgail_work mg_mgail_work_make(const mg_mgail_objective *objective, int rows, mg_arena *arena) {
  const size_t R = (size_t)rows, S = (size_t)objective->policy->state_size,
               A = (size_t)objective->policy->action_size;
  const size_t W = (size_t)objective->discriminator->width[0];
  mg_mgail_work work = {
      .rows = rows,
      .policy = mg_mlp_tape_make(&objective->policy->net, rows, arena),
      .discriminator = mg_mlp_tape_make(objective->discriminator, rows, arena),
      .forward_model = mg_forward_tape_make(objective->forward_model, rows, arena),
      .head = MG_NEW(arena, mg_real, R * A),
      .logit = MG_NEW(arena, mg_real, R),
      .reward = MG_NEW(arena, mg_real, R),
      .dlogit = MG_NEW(arena, mg_real, R),
      .weight = MG_NEW(arena, mg_real, R),
      .dpair = MG_NEW(arena, mg_real, R * W),
      .prediction = MG_NEW(arena, mg_real, R * S),
      .bootstrap_x = MG_NEW(arena, mg_real, R * S),
      .bootstrap_v = MG_NEW(arena, mg_real, R),
      .dbootstrap_v = MG_NEW(arena, mg_real, R),
      .dbootstrap = MG_NEW(arena, mg_real, R * S),
      .bootstrap_row = MG_NEW(arena, int, R),
      .dnext = MG_NEW(arena, mg_real, R * S),
      .dxa = MG_NEW(arena, mg_real, R * (S + A)),
      .da = MG_NEW(arena, mg_real, R * A),
      .dhead = MG_NEW(arena, mg_real, R * A),
      .dx = MG_NEW(arena, mg_real, R * S),
      .dentropy = MG_NEW(arena, mg_real, R),
  };
  if (W > S + A) work.model_xa = MG_NEW(arena, mg_real, R * (S + A));
  if (objective->value) work.value = mg_mlp_tape_make(objective->value, rows, arena);
  if (objective->action_value) {
    work.bootstrap_policy = mg_mlp_tape_make(&objective->policy->net, rows, arena);
    work.action_value = mg_action_value_work_make(objective->action_value, rows, arena);
    work.bootstrap_head = MG_NEW(arena, mg_real, R * A);
    work.bootstrap_xa = MG_NEW(arena, mg_real, R * W);
    work.dbootstrap_xa = MG_NEW(arena, mg_real, R * W);
  }
  return work;
}

/* weight [H,N] <- gamma^k, k counting from the segment's start and anew after every reset. */
static void discount_weights(const mg_mgail_batch *batch, double gamma, mg_real *weight) {
  const int N = batch->trajectories;
  for (int n = 0; n < N; n++) weight[n] = 1;
  for (int r = N; r < batch->steps * N; r++) {
    const bool fresh = batch->terminated[r - N] || batch->truncated[r - N];
    weight[r] = fresh ? 1 : (mg_real)gamma * weight[r - N];
  }
}

/* 4.1 The reward of every pair, c(l(x,a~)), and through D alone its derivative by (x, a~). The
 * discriminator's parameters are frozen: the gradient only passes through. */
static double discriminator_term(const mg_mgail_objective *o, const mg_real *theta,
                                 const mg_mgail_batch *batch, mg_real share, mg_mgail_work *work) {
  const int R = batch->steps * batch->trajectories;
  mg_mlp_forward(o->discriminator, R, theta, batch->xa, &work->discriminator, work->logit);
  mg_reward_of(o->reward, R, work->logit, work->reward, work->dlogit);
  double J = 0;
  for (int r = 0; r < R; r++) {
    J += (double)work->weight[r] * (double)work->reward[r];
    work->dlogit[r] *= share * work->weight[r];
  }
  mg_mlp_backward_input(o->discriminator, 0, R, theta, &work->discriminator, work->dlogit,
                        work->dpair);
  return (double)share * J;
}

/* The pairs as f sees them: without what D's have between state and action. */
static const mg_real *model_pairs(const mg_mgail_objective *o, const mg_mgail_batch *batch,
                                  mg_mgail_work *work) {
  const size_t S = (size_t)o->policy->state_size, A = (size_t)o->policy->action_size;
  const size_t R = (size_t)batch->steps * (size_t)batch->trajectories, W = (size_t)batch->width;
  if (W == S + A) return batch->xa;
  for (size_t r = 0; r < R; r++) {
    mg_real *to = work->model_xa + r * (S + A);
    memcpy(to, batch->xa + r * W, S * sizeof *to);
    memcpy(to + S, batch->xa + r * W + W - A, A * sizeof *to);
  }
  return work->model_xa;
}

/* dxa [N,S+A] += dpair of time t. */
static void add_dpair(const mg_mgail_objective *o, const mg_mgail_batch *batch, int t,
                      mg_mgail_work *work) {
  const size_t S = (size_t)o->policy->state_size, A = (size_t)o->policy->action_size;
  const size_t N = (size_t)batch->trajectories, W = (size_t)batch->width;
  const mg_real *dpair = work->dpair + (size_t)t * N * W;
  if (W == S + A) {
    mg_vec_axpy(N * W, 1, dpair, work->dxa);
    return;
  }
  for (size_t n = 0; n < N; n++) {
    mg_vec_axpy(S, 1, dpair + n * W, work->dxa + n * (S + A));
    mg_vec_axpy(A, 1, dpair + n * W + W - A, work->dxa + n * (S + A) + S);
  }
}

void mg_mgail_make_pairs(const mg_mgail_objective *o, int B, const mg_real *x, const mg_real *a,
                         mg_real *xa) {
  const size_t S = (size_t)o->policy->state_size, A = (size_t)o->policy->action_size;
  const size_t W = (size_t)o->discriminator->width[0];
  for (size_t b = 0; b < (size_t)B; b++) {
    mg_real *to = xa + b * W;
    memcpy(to, x + b * S, S * sizeof *to);
    for (size_t i = S; i < W - A; i++) to[i] = 0; /* the mark of an absorbing state */
    for (size_t i = 0; i < A; i++)
      to[W - A + i] =
          (mg_real)(((double)a[b * A + i] - o->policy->action_mean[i]) * o->action_inverse[i]);
  }
}

/* V(x) = Q(x, a~(x)) of the mean action at the first `count` rows of bootstrap_x, and its derivative by x:
 * dQ/dx + dQ/da~ da~/dx. What the policy's parameters do to that last action counts, too. */
static void action_value_term(const mg_mgail_objective *o, const mg_mgail_theta *theta, int count,
                              mg_mgail_work *work, mg_real *dpolicy) {
  const size_t S = (size_t)o->policy->state_size, A = (size_t)o->policy->action_size;
  const size_t W = (size_t)o->discriminator->width[0];
  mg_policy_forward(o->policy, count, theta->policy, work->bootstrap_x, &work->bootstrap_policy,
                    work->bootstrap_head);
  mg_mgail_make_pairs(o, count, work->bootstrap_x, work->bootstrap_head, work->bootstrap_xa);
  mg_action_value_least(o->action_value, count, theta->value, work->bootstrap_xa,
                        &work->action_value, work->bootstrap_v);
  mg_action_value_backward_input(o->action_value, count, theta->value, &work->action_value,
                                 work->dbootstrap_v, work->dbootstrap_xa);
  for (size_t k = 0; k < (size_t)count; k++)
    for (size_t i = 0; i < A; i++)
      work->bootstrap_head[k * A + i] =
          work->dbootstrap_xa[k * W + W - A + i] * (mg_real)o->action_inverse[i];
  mg_policy_backward_input(o->policy, 0, count, theta->policy, &work->bootstrap_policy,
                           work->bootstrap_head, work->dbootstrap);
  mg_policy_backward_theta(o->policy, count, &work->bootstrap_policy, dpolicy);
  for (size_t k = 0; k < (size_t)count; k++)
    mg_vec_axpy(S, 1, work->dbootstrap_xa + k * W, work->dbootstrap + k * S);
}

/* 4.2 The value that closes a piece: gamma^K V(x_K) and its derivative at the rows where a piece
 * ends; without value_at_end a true end is worth a constant. bootstrap_row maps a row to its place
 * among them. */
static double value_term(const mg_mgail_objective *o, const mg_mgail_theta *theta,
                         const mg_mgail_batch *batch, mg_real share, mg_mgail_work *work,
                         mg_real *dpolicy) {
  const int H = batch->steps, N = batch->trajectories, S = o->policy->state_size;
  int count = 0;
  double endings = 0;
  for (int r = 0; r < H * N; r++) {
    const bool last = r >= (H - 1) * N || batch->truncated[r];
    const bool closes = mg_mgail_has_value(o) && (batch->terminated[r] ? o->value_at_end : last);
    work->bootstrap_row[r] = closes ? count : -1;
    if (batch->terminated[r] && !closes)
      endings += (double)share * o->gamma * (double)work->weight[r] * o->ending;
    if (!closes) continue;
    memcpy(work->bootstrap_x + (size_t)count * (size_t)S, batch->next_x + (size_t)r * (size_t)S,
           (size_t)S * sizeof(mg_real));
    work->dbootstrap_v[count++] = share * (mg_real)o->gamma * work->weight[r];
  }
  if (!count) return endings;
  if (o->action_value) {
    action_value_term(o, theta, count, work, dpolicy);
  } else {
    mg_mlp_forward(o->value, count, theta->value, work->bootstrap_x, &work->value,
                   work->bootstrap_v);
    mg_mlp_backward_input(o->value, 0, count, theta->value, &work->value, work->dbootstrap_v,
                          work->dbootstrap);
  }
  return endings + mg_vec_dot((size_t)count, work->bootstrap_v, work->dbootstrap_v);
}

/* dnext of every trajectory at time t: handed back by the next step where the episode goes on, the
 * value's where a piece ends, 0 at a true end that it does not close. */
static void by_next_state(const mg_mgail_batch *batch, int t, int S, mg_mgail_work *work) {
  const int N = batch->trajectories;
  for (int n = 0; n < N; n++) {
    const int r = t * N + n, k = work->bootstrap_row[r];
    const bool ended = batch->terminated[r] || batch->truncated[r] || t == batch->steps - 1;
    mg_real *to = work->dnext + (size_t)n * (size_t)S;
    if (k >= 0)
      memcpy(to, work->dbootstrap + (size_t)k * (size_t)S, (size_t)S * sizeof *to);
    else if (ended)
      memset(to, 0, (size_t)S * sizeof *to);
    else
      memcpy(to, work->dx + (size_t)n * (size_t)S, (size_t)S * sizeof *to);
  }
}

/* dhead from da~ (the entries S.. of the rows of dxa), through the reparametrised
 * action: a = mean + sigma xi, or the Gumbel-softmax with a straight-through choice. */
static void by_head(const mg_mgail_objective *o, const mg_mgail_batch *batch, int t,
                    mg_mgail_work *work, mg_real *dlog_sigma) {
  const int N = batch->trajectories, S = o->policy->state_size, A = o->policy->action_size;
  const size_t at = (size_t)t * (size_t)N * (size_t)A;
  for (int n = 0; n < N; n++) {
    const mg_real *da = work->dxa + (size_t)n * (size_t)(S + A) + S;
    mg_real *to = work->da + (size_t)n * (size_t)A;
    for (int i = 0; i < A; i++)
      to[i] = o->policy->discrete ? da[i] : da[i] * (mg_real)o->action_inverse[i];
  }
  if (o->policy->discrete) {
    mg_gumbel_backward(N, A, work->head + at, batch->noise + at, (mg_real)o->temperature, work->da,
                       work->dhead);
  } else {
    mg_gaussian_sample_backward(N, A, work->head + at, batch->a + at, work->da, dlog_sigma);
    mg_vec_copy((size_t)(N * A), work->da, work->dhead); /* da/dmean = 1 */
  }
}

/* Entropy bonus at time t (or, for a Gaussian, whose entropy is the same in every state, of all
 * times at once when t = 0). */
static double entropy_term(const mg_mgail_objective *o, const mg_real *theta,
                           const mg_mgail_batch *batch, int t, mg_real share, mg_mgail_work *work,
                           mg_real *dlog_sigma) {
  if (o->entropy == 0) return 0;
  const int N = batch->trajectories, A = o->policy->action_size;
  if (!o->policy->discrete) {
    if (t > 0) return 0;
    const double total =
        (double)share * o->entropy * mg_vec_sum((size_t)(batch->steps * N), work->weight);
    for (int i = 0; i < A; i++) dlog_sigma[i] += (mg_real)total;
    return total * mg_gaussian_entropy(A, theta + mg_policy_log_sigma_offset(o->policy));
  }
  mg_real *weight = work->dentropy;
  for (int n = 0; n < N; n++) weight[n] = share * (mg_real)o->entropy * work->weight[t * N + n];
  return mg_categorical_entropy(N, A, work->head + (size_t)t * (size_t)N * (size_t)A, weight,
                                work->dhead);
}

double mg_mgail_policy_gradient(const mg_mgail_objective *o, const mg_mgail_theta *theta,
                                const mg_mgail_batch *batch, mg_mgail_work *work,
                                mg_real *dpolicy) {
  const int H = batch->steps, N = batch->trajectories, R = H * N;
  const int S = o->policy->state_size, A = o->policy->action_size;
  assert(R <= work->rows);
  /* Everything below differentiates -J: one sign, here. */
  const mg_real share = (mg_real)(-1.0 / R);
  discount_weights(batch, o->gamma, work->weight);

  /* The values of all states are known from the rollout, so pi, f and D go forward once over all
   * H N pairs, in wide products; only the adjoint below is sequential in time. */
  mg_policy_forward(o->policy, R, theta->policy, batch->x, &work->policy, work->head);
  mg_forward_model_forward(o->forward_model, R, theta->forward_model, o->delta_scale,
                           model_pairs(o, batch, work), &work->forward_model, work->prediction);
  double loss = discriminator_term(o, theta->discriminator, batch, share, work);
  loss += value_term(o, theta, batch, share, work, dpolicy);

  /* 4.3 The adjoint, backwards in time:
   *   lambda_t = dc/dx + (dc/da~)(da~/dx) + lambda_{t+1} (df/dx + df/da~ da~/dx)
   *   dJ/dtheta += (dc/da~ + lambda_{t+1} df/da~) da~/dtheta
   * gamma^k is in the weights of c and V already. */
  mg_real *dlog_sigma =
      o->policy->discrete ? NULL : dpolicy + mg_policy_log_sigma_offset(o->policy);
  for (int t = H - 1; t >= 0; t--) {
    by_next_state(batch, t, S, work);
    mg_forward_model_backward_input(o->forward_model, t * N, N, theta->forward_model,
                                    o->delta_scale, &work->forward_model, work->dnext, work->dxa);
    add_dpair(o, batch, t, work);
    by_head(o, batch, t, work, dlog_sigma);
    loss += entropy_term(o, theta->policy, batch, t, share, work, dlog_sigma);
    mg_policy_backward_input(o->policy, t * N, N, theta->policy, &work->policy, work->dhead,
                             t > 0 ? work->dx : NULL);
    if (t == 0) break;
    for (int n = 0; n < N; n++) {
      mg_vec_axpy((size_t)S, 1, work->dxa + (size_t)n * (size_t)(S + A),
                  work->dx + (size_t)n * (size_t)S);
    }
  }
  mg_policy_backward_theta(o->policy, R, &work->policy, dpolicy);
  return -loss;
}

double mg_mgail_policy_flops(const mg_mgail_objective *o, int steps, int trajectories) {
  const int R = steps * trajectories;
  double flops = mg_mlp_flops_forward(&o->policy->net, R) +
                 mg_mlp_flops_backward_input(&o->policy->net, R - trajectories, 1) +
                 mg_mlp_flops_backward_input(&o->policy->net, trajectories, 0) +
                 mg_mlp_flops_backward_theta(&o->policy->net, R);
  flops += mg_mlp_flops_forward(o->discriminator, R) +
           mg_mlp_flops_backward_input(o->discriminator, R, 1);
  flops += mg_forward_model_flops_forward(o->forward_model, R) +
           mg_forward_model_flops_backward_input(o->forward_model, R, 1);
  if (o->value) {
    flops += mg_mlp_flops_forward(o->value, trajectories) +
             mg_mlp_flops_backward_input(o->value, trajectories, 1);
  }
  if (o->action_value) {
    flops += MG_ACTION_VALUES * (mg_mlp_flops_forward(o->action_value, trajectories) +
                                 mg_mlp_flops_backward_input(o->action_value, trajectories, 1));
    flops += mg_mlp_flops_forward(&o->policy->net, trajectories) +
             mg_mlp_flops_backward_input(&o->policy->net, trajectories, 1) +
             mg_mlp_flops_backward_theta(&o->policy->net, trajectories);
  }
  return flops;
}
