#include "algo/ppo.h"

#include "algo/ppo_loss.h"
#include "base/timer.h"
#include "math/vec.h"
#include "model/value.h"
#include "rollout/returns.h"

#include <math.h>
#include <string.h>

static double variance(int n, const mg_real *x, const mg_real *minus) {
  double mean = 0, square = 0;
  for (int i = 0; i < n; i++) mean += ((double)x[i] - (minus ? (double)minus[i] : 0)) / n;
  for (int i = 0; i < n; i++) {
    double deviation = (double)x[i] - (minus ? (double)minus[i] : 0) - mean;
    square += deviation * deviation;
  }
  return square / n;
}

/* ---- rewards, values, advantages ---- */

/* Rewards are divided by the spread of the discounted return, so that the value's targets are of
 * order 1 in every task (not in the paper; from its authors' implementation). */
void mg_ppo_scale_rewards(mg_ppo *p) {
  if (!p->settings->ppo.scale_reward) return;
  const mg_segment *s = &p->segment;
  int N = s->environments;
  for (int i = 0; i < p->rows; i++) {
    double *discounted = &p->discounted[i % N];
    *discounted = (double)s->reward[i] + p->settings->ppo.gamma * *discounted;
    mg_normaliser_observe(&p->reward_scale, discounted);
    if (s->terminated[i] || s->truncated[i]) *discounted = 0;
  }
  double start = mg_timer_now();
  mg_normaliser_merge(&p->reward_scale, p->comm);
  p->sync_seconds += mg_timer_now() - start;
  mg_vec_scale((size_t)p->rows, (mg_real)p->reward_scale.inverse[0], s->reward);
}

static void evaluate_values(mg_ppo *p, const mg_real *x, mg_real *value) {
  const mg_real *theta = mg_paramset_theta(&p->set, MG_PPO_VALUE);
  for (int first = 0; first < p->rows; first += p->batch) {
    int B = p->rows - first < p->batch ? p->rows - first : p->batch;
    mg_mlp_forward(&p->value_net, B, theta, x + (size_t)first * (size_t)p->segment.state_size,
                   &p->value_tape, value + first);
    p->base.flops += mg_mlp_flops_forward(&p->value_net, B);
  }
}

/* Mean 0, spread 1 over the segments of all ranks. */
static void normalise_advantages(mg_ppo *p) {
  double sums[3] = {p->rows, mg_vec_sum((size_t)p->rows, p->advantage),
                    mg_vec_dot((size_t)p->rows, p->advantage, p->advantage)};
  double start = mg_timer_now();
  mg_comm_reduce_f64(p->comm, MG_REDUCE_SUM, sums, 3);
  p->sync_seconds += mg_timer_now() - start;
  double mean = sums[1] / sums[0], sd = sqrt(fmax(0, sums[2] / sums[0] - mean * mean));
  for (int i = 0; i < p->rows; i++)
    p->advantage[i] = (mg_real)(((double)p->advantage[i] - mean) / (sd + 1e-8));
}

static void prepare(mg_ppo *p) {
  const mg_segment *s = &p->segment;
  const mg_settings *set = p->settings;
  evaluate_values(p, s->x, p->value);
  evaluate_values(p, s->next_x, p->next_value);
  mg_returns_gae(s->steps, s->environments, s->reward, p->value, p->next_value, s->terminated,
                 s->truncated, set->ppo.gamma, set->ppo.lambda, p->advantage);
  for (int i = 0; i < p->rows; i++) p->returns[i] = p->advantage[i] + p->value[i];
  double spread = variance(p->rows, p->returns, NULL);
  if (spread > 0)
    mg_ppo_report(p, MG_PPO_EXPLAINED_VARIANCE,
                  1 - variance(p->rows, p->returns, p->value) / spread, 1);
  normalise_advantages(p);
  mg_ppo_log_probability(&p->base.policy, p->rows, mg_paramset_theta(&p->set, MG_PPO_POLICY),
                         s->head, s->a, p->old_lp);
}

/* ---- update ---- */

static void gather(mg_ppo *p, int B, const int *row) {
  const mg_segment *s = &p->segment;
  size_t S = (size_t)s->state_size, A = (size_t)s->action_size;
  for (int b = 0; b < B; b++) {
    size_t from = (size_t)row[b], to = (size_t)b;
    memcpy(p->x + to * S, s->x + from * S, S * sizeof(mg_real));
    memcpy(p->a + to * A, s->a + from * A, A * sizeof(mg_real));
    p->b_advantage[b] = p->advantage[from];
    p->b_returns[b] = p->returns[from];
    p->b_old_lp[b] = p->old_lp[from];
  }
}

/* Gradients of both networks on the gathered minibatch; returns the MG_PPO_KL estimate. */
static double gradients(mg_ppo *p, int B) {
  const mg_policy *policy = &p->base.policy;
  const mg_mlp *net = &policy->net;
  const mg_real *theta = mg_paramset_theta(&p->set, MG_PPO_POLICY);
  mg_real *dtheta = mg_paramset_gradient(&p->set, MG_PPO_POLICY);
  memset(p->set.gradient, 0, p->set.size * sizeof(mg_real));
  mg_policy_forward(policy, B, theta, p->x, &p->policy_tape, p->head);
  mg_ppo_loss loss =
      mg_ppo_policy_loss(policy, B, theta, p->head, p->a, p->b_old_lp, p->b_advantage,
                         p->clip_ratio, p->settings->policy.entropy, p->work, p->dhead, dtheta);
  mg_policy_backward_input(policy, 0, B, theta, &p->policy_tape, p->dhead, NULL);
  mg_policy_backward_theta(policy, B, &p->policy_tape, dtheta);
  double value_loss = mg_value_gradient(&p->value_net, B, mg_paramset_theta(&p->set, MG_PPO_VALUE),
                                        p->x, p->b_returns, &p->value_tape, p->work,
                                        mg_paramset_gradient(&p->set, MG_PPO_VALUE));
  p->base.flops += mg_mlp_flops_forward(net, B) + mg_mlp_flops_backward_input(net, B, 0) +
                   mg_mlp_flops_backward_theta(net, B);
  p->base.flops += mg_mlp_flops_forward(&p->value_net, B) +
                   mg_mlp_flops_backward_input(&p->value_net, B, 0) +
                   mg_mlp_flops_backward_theta(&p->value_net, B);
  mg_ppo_report(p, MG_PPO_POLICY_LOSS, loss.surrogate, 1);
  mg_ppo_report(p, MG_PPO_VALUE_LOSS, value_loss, 1);
  mg_ppo_report(p, MG_PPO_ENTROPY, loss.entropy, 1);
  mg_ppo_report(p, MG_PPO_KL, loss.kl, 1);
  mg_ppo_report(p, MG_PPO_CLIP_FRACTION, loss.clip_fraction, 1);
  return loss.kl;
}

static void step(mg_ppo *p, mg_adam *adam, int slice, double rate, int metric) {
  double norm = mg_adam_step(adam, rate, mg_paramset_gradient(&p->set, slice),
                             mg_paramset_theta(&p->set, slice));
  mg_ppo_report(p, metric, norm, 1);
  p->skipped += !isfinite(norm);
}

/* All minibatches of one shuffled pass; returns the mean MG_PPO_KL of this rank. */
static double epoch(mg_ppo *p, mg_rng *rng) {
  int M = p->settings->ppo.minibatches;
  double kl = 0;
  for (int i = p->rows - 1; i > 0; i--) { /* Fisher-Yates */
    int j = (int)mg_rng_below(rng, (uint64_t)i + 1);
    int swapped = p->order[i];
    p->order[i] = p->order[j];
    p->order[j] = swapped;
  }
  for (int k = 0; k < M; k++) {
    int first = (int)((int64_t)p->rows * k / M), last = (int)((int64_t)p->rows * (k + 1) / M);
    gather(p, last - first, p->order + first);
    kl += gradients(p, last - first) / M;
    double start = mg_timer_now();
    mg_sync_gradient(&p->sync, p->set.gradient, p->set.size);
    p->sync_seconds += mg_timer_now() - start;
    step(p, &p->policy_adam, MG_PPO_POLICY, p->policy_rate * p->rate_factor,
         MG_PPO_POLICY_GRADIENT);
    step(p, &p->value_adam, MG_PPO_VALUE, p->value_rate, MG_PPO_VALUE_GRADIENT);
  }
  return kl;
}

/* Mean over ranks, so that all decide alike; where nothing is decided from it, nobody waits. */
static double over_ranks(mg_ppo *p, double kl) {
  if (p->settings->ppo.target_kl <= 0 && p->settings->ppo.desired_kl <= 0) return kl;
  double start = mg_timer_now();
  mg_comm_reduce_f64(p->comm, MG_REDUCE_SUM, &kl, 1);
  p->sync_seconds += mg_timer_now() - start;
  return kl / p->comm->size;
}

/* The next iteration's factor of the policy's rate, from how far the last pass was from the old
 * policy: a divergence within a factor 2 of the one asked for leaves it alone. */
static void adapt_rate(mg_ppo *p, double kl, double desired) {
  if (desired <= 0) return;
  if (!(kl <= 2 * desired))
    p->rate_factor = fmax(p->rate_factor / 1.5, 1e-3);
  else if (kl < desired / 2)
    p->rate_factor = fmin(p->rate_factor * 1.5, 1e3);
}

void mg_ppo_update(mg_ppo *p) {
  const mg_settings *s = p->settings;
  prepare(p);
  mg_rng rng = mg_rng_at((uint64_t)s->run.seed, MG_RNG_POLICY, (uint64_t)p->comm->rank,
                         (uint64_t)p->base.iteration);
  for (int i = 0; i < p->rows; i++) p->order[i] = i;
  int done = 0;
  double kl = 0;
  do {
    kl = over_ranks(p, epoch(p, &rng));
    done++;
  } while (done < s->ppo.epochs && (s->ppo.target_kl <= 0 || kl <= s->ppo.target_kl));
  adapt_rate(p, kl, s->ppo.desired_kl * p->policy_rate / s->policy.learning_rate);
  mg_ppo_report(p, MG_PPO_EPOCHS, done, 1);
}
