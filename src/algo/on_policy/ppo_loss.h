/* The clipped surrogate of proximal policy optimisation (Schulman et al. 2017, eq. 7).
 *
 *   r_b = pi(a_b|x_b) / pi_old(a_b|x_b)
 *   L = -mean_b min(r_b A_b, clip(r_b, 1-c, 1+c) A_b) - entropy_weight * mean_b H(pi(.|x_b)) */
#ifndef MG_ALGO_PPO_LOSS_H
#define MG_ALGO_PPO_LOSS_H

#include "base/arena.h"
#include "model/policy.h"

typedef struct mg_ppo_loss {
  double surrogate;     /* the first term of L */
  double entropy;       /* mean H(pi) [nat] */
  double kl;            /* mean of r - 1 - log r: an estimate of KL(pi_old, pi) that is never < 0 */
  double clip_fraction; /* share of rows with |r - 1| > c */
} mg_ppo_loss;

/* log_probability [B] <- log pi(a|x) of actions a [B,A] under head [B,A]. */
void mg_ppo_log_probability(const mg_policy *policy, int B, const mg_real *theta,
                            const mg_real *head, const mg_real *a, mg_real *log_probability);

/* L's parts, and its gradient: dhead [B,A] <-, dtheta += that of log_sigma (the rest of the
 * policy's gradient comes from dhead). old_log_probability, advantage [B]; work [2B]. A row whose
 * ratio is clipped gets no gradient. */
mg_ppo_loss mg_ppo_policy_loss(const mg_policy *policy, int B, const mg_real *theta,
                               const mg_real *head, const mg_real *a,
                               const mg_real *old_log_probability, const mg_real *advantage,
                               double clip_ratio, double entropy_weight, mg_real *work,
                               mg_real *dhead, mg_real *dtheta);

#endif
