#include "algo/on_policy/ppo_loss.h"

#include "nn/categorical.h"
#include "nn/gaussian.h"

#include <math.h>

void mg_ppo_log_probability(const mg_policy *policy, int B, const mg_real *theta,
                            const mg_real *head, const mg_real *a, mg_real *log_probability) {
  int A = policy->action_size;
  if (policy->discrete)
    mg_categorical_log_probability(B, A, head, a, log_probability);
  else
    mg_gaussian_log_probability(B, A, head, theta + mg_policy_log_sigma_offset(policy), a,
                                log_probability);
}

/* dlp [B] <- dL/d log pi of the surrogate; its statistics. */
static mg_ppo_loss surrogate(int B, const mg_real *lp, const mg_real *old_lp,
                             const mg_real *advantage, double clip_ratio, mg_real *dlp) {
  mg_ppo_loss loss = {0};
  for (int b = 0; b < B; b++) {
    double log_ratio = (double)lp[b] - (double)old_lp[b], ratio = exp(log_ratio);
    double A = (double)advantage[b];
    double clipped = fmin(fmax(ratio, 1 - clip_ratio), 1 + clip_ratio);
    bool active = ratio * A <= clipped * A; /* the unclipped term is the minimum */
    loss.surrogate -= (active ? ratio : clipped) * A / B;
    loss.kl += (ratio - 1 - log_ratio) / B;
    loss.clip_fraction += (fabs(ratio - 1) > clip_ratio) / (double)B;
    dlp[b] = active ? (mg_real)(-ratio * A / B) : 0;
  }
  return loss;
}

mg_ppo_loss mg_ppo_policy_loss(const mg_policy *policy, int B, const mg_real *theta,
                               const mg_real *head, const mg_real *a,
                               const mg_real *old_log_probability, const mg_real *advantage,
                               double clip_ratio, double entropy_weight, mg_real *work,
                               mg_real *dhead, mg_real *dtheta) {
  int A = policy->action_size;
  mg_real *lp = work, *dlp = work + B;
  mg_ppo_log_probability(policy, B, theta, head, a, lp);
  mg_ppo_loss loss = surrogate(B, lp, old_log_probability, advantage, clip_ratio, dlp);
  if (policy->discrete) {
    mg_categorical_log_probability_backward(B, A, head, a, dlp, dhead);
    mg_real *weight = work; /* lp is done with */
    for (int b = 0; b < B; b++) weight[b] = (mg_real)(-entropy_weight / B);
    mg_categorical_entropy(B, A, head, weight, dhead);
    loss.entropy = mg_categorical_entropy(B, A, head, NULL, NULL) / B;
  } else {
    size_t offset = mg_policy_log_sigma_offset(policy);
    const mg_real *log_sigma = theta + offset;
    mg_gaussian_log_probability_backward(B, A, head, log_sigma, a, dlp, dhead, dtheta + offset);
    for (int k = 0; k < A; k++) dtheta[offset + (size_t)k] -= (mg_real)entropy_weight;
    loss.entropy = mg_gaussian_entropy(A, log_sigma);
  }
  return loss;
}
