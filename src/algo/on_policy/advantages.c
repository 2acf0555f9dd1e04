#include "algo/on_policy/on_policy.h"
#include "algo/on_policy/ppo_loss.h"
#include "math/vec.h"
#include "rollout/returns.h"

#include <math.h>

/* Keeps a spread from 0. */
static const double SPREAD_EPSILON = 1e-8;

static double variance(int n, const mg_real *x, const mg_real *minus) {
  double mean = 0, square = 0;
  for (int i = 0; i < n; i++) mean += ((double)x[i] - (minus ? (double)minus[i] : 0)) / n;
  for (int i = 0; i < n; i++) {
    double deviation = (double)x[i] - (minus ? (double)minus[i] : 0) - mean;
    square += deviation * deviation;
  }
  return square / n;
}

/* Rewards are divided by the spread of the discounted return, so that the value's targets are of
 * order 1 in every task (not in the paper; from its authors' implementation). */
void mg_on_policy_scale_rewards(mg_on_policy *p) {
  if (!p->learner.settings->ppo.scale_reward) return;
  const mg_segment *s = &p->segment;
  int N = s->environments;
  for (int i = 0; i < p->rows; i++) {
    double *discounted = &p->discounted[i % N];
    *discounted = (double)s->reward[i] + p->gamma * *discounted;
    if (p->learner.share.own) mg_normaliser_observe(&p->reward_scale, discounted);
    if (s->terminated[i] || s->truncated[i]) *discounted = 0;
  }
  mg_learner_merge(&p->learner, &p->reward_scale);
  mg_vec_scale((size_t)p->rows, (mg_real)p->reward_scale.inverse[0], s->reward);
}

static void evaluate_values(mg_on_policy *p, const mg_real *x, mg_real *value) {
  const mg_real *theta = mg_learner_theta(&p->learner, MG_ON_POLICY_VALUE);
  for (int first = 0; first < p->rows; first += p->batch) {
    int B = p->rows - first < p->batch ? p->rows - first : p->batch;
    mg_mlp_forward(&p->value_net, B, theta, x + (size_t)first * (size_t)p->segment.state_size,
                   &p->value_tape, value + first);
    p->learner.base.flops += mg_mlp_flops_forward(&p->value_net, B);
  }
}

/* Mean 0, spread 1 over the segments of all ranks. */
static void normalise_advantages(mg_on_policy *p) {
  double sums[3] = {p->rows, mg_vec_sum((size_t)p->rows, p->advantage),
                    mg_vec_dot((size_t)p->rows, p->advantage, p->advantage)};
  for (int k = 0; k < 3; k++) sums[k] /= p->learner.share.copies;
  mg_learner_sum(&p->learner, sums, 3);
  double mean = sums[1] / sums[0], sd = sqrt(fmax(0, sums[2] / sums[0] - mean * mean));
  for (int i = 0; i < p->rows; i++)
    p->advantage[i] = (mg_real)(((double)p->advantage[i] - mean) / (sd + SPREAD_EPSILON));
}

/* A termination becomes a cut, after which the values count as they do behind a time limit. */
static void put_endings(mg_on_policy *p) {
  const mg_segment *s = &p->segment;
  const double scale = p->learner.settings->ppo.scale_reward ? p->reward_scale.inverse[0] : 1;
  for (int i = 0; i < p->rows; i++) {
    p->cut[i] = s->terminated[i] || s->truncated[i];
    if (p->ending == MG_ENDING_GIVEN && s->terminated[i])
      p->next_value[i] = (mg_real)(scale * p->ending_value);
  }
}

void mg_on_policy_advantages(mg_on_policy *p) {
  const mg_segment *s = &p->segment;
  evaluate_values(p, s->x, p->value);
  evaluate_values(p, s->next_x, p->next_value);
  const uint8_t *terminated = s->terminated, *truncated = s->truncated;
  if (p->ending != MG_ENDING_NOTHING) {
    put_endings(p);
    terminated = p->never;
    truncated = p->cut;
  }
  mg_returns_gae(s->steps, s->environments, s->reward, p->value, p->next_value, terminated,
                 truncated, p->gamma, p->lambda, p->advantage);
  for (int i = 0; i < p->rows; i++) p->returns[i] = p->advantage[i] + p->value[i];
  double spread = variance(p->rows, p->returns, NULL);
  if (spread > 0)
    mg_learner_report(&p->learner, MG_METRIC_EXPLAINED_VARIANCE,
                      1 - variance(p->rows, p->returns, p->value) / spread);
  normalise_advantages(p);
  mg_ppo_log_probability(&p->learner.base.policy, p->rows,
                         mg_learner_theta(&p->learner, MG_ON_POLICY_POLICY), s->head, s->a,
                         p->old_lp);
}
