/* Proximal policy optimisation (Schulman et al. 2017) on the task's own reward: makes experts.
 *
 * An iteration: collect a segment; divide rewards by the running spread of the discounted return;
 * generalised advantages (a time limit bootstraps, a termination does not), normalised over the
 * segments of all ranks; epochs x minibatches of Adam steps on the clipped surrogate (ppo_loss.h)
 * and on the value's squared error. Observations are normalised with running statistics of all
 * ranks, merged at the iteration's end; the first segment only serves to set them.
 *
 * Rates and the clip range move linearly over the run. With ppo.desired_kl the policy's rate is
 * also multiplied by a factor that goes up or down by 1.5 after an iteration whose divergence was
 * less than half or more than twice the desired one (after the penalty's rule in the paper, section
 * 4), which shrinks with the rate's own schedule. All ranks decide from the mean divergence of all.
 *
 * A sparse reward may be shaped with the task's potential (ppo.shaping; rollout/collector.h); the
 * returns reported are the true ones.
 *
 * With sync = gradients every minibatch's gradients are averaged over ranks; with sync = parameters
 * theta is, at the iteration's end, while Adam's moments stay each rank's own.
 *
 *   ppo.c         create, one iteration, visit, destroy
 *   ppo_update.c  scaled rewards, values, advantages; the passes over a segment
 *   ppo_loss.c    the clipped surrogate and its gradient
 *
 * The struct is internal to these. */
#ifndef MG_ALGO_PPO_H
#define MG_ALGO_PPO_H

#include "algo/algorithm.h"
#include "mpi/sync.h"
#include "nn/adam.h"
#include "rollout/collector.h"

extern const mg_algorithm_class mg_ppo_class;

/* Slices of theta. */
enum { MG_PPO_POLICY, MG_PPO_VALUE };

/* Metrics of a report. One list: enumerator, name, unit, help. */
/* clang-format off */
#define MG_PPO_METRICS(X)                                                                          \
  X(EPISODE_RETURN, "episode_return", "return", "true return of training episodes that ended")     \
  X(EPISODE_LENGTH, "episode_length", "steps", "their length")                                     \
  X(EPISODES, "episodes", "1", "how many ended, mean over ranks")                                  \
  X(UNSTABLE, "unstable", "1", "bad simulator states, mean over ranks")                            \
  X(POLICY_LOSS, "policy_loss", "1", "clipped surrogate, mean over minibatches")                   \
  X(VALUE_LOSS, "value_loss", "1", "mean squared error of the value, in scaled returns")           \
  X(ENTROPY, "entropy", "nat", "of the policy")                                                    \
  X(KL, "kl", "nat", "estimate of KL(old policy, new policy), mean over minibatches")              \
  X(CLIP_FRACTION, "clip_fraction", "1", "share of pairs whose ratio is outside the clip range")   \
  X(EXPLAINED_VARIANCE, "explained_variance", "1", "1 - var(G - V)/var(G) before the update")      \
  X(SIGMA, "sigma", "action", "mean standard deviation of the policy; NaN if discrete")            \
  X(EPOCHS, "epochs", "1", "passes over the segment before target_kl stopped them")                \
  X(POLICY_GRADIENT, "policy_gradient", "1", "norm before clipping")                               \
  X(VALUE_GRADIENT, "value_gradient", "1", "norm before clipping")                                 \
  X(SKIPPED, "skipped", "1", "optimiser steps left out, gradient not finite; mean over ranks")     \
  X(POLICY_RATE, "policy_learning_rate", "1", "of this iteration")                                 \
  X(SECONDS_ROLLOUT, "seconds_rollout", "s", "collecting")                                         \
  X(SECONDS_UPDATE, "seconds_update", "s", "gradients and optimiser steps")                        \
  X(SECONDS_SYNC, "seconds_sync", "s", "allreduces, waiting for others included")
/* clang-format on */

enum {
#define MG_PPO_METRIC_ENUM(index, name, unit, help) MG_PPO_##index,
  MG_PPO_METRICS(MG_PPO_METRIC_ENUM)
#undef MG_PPO_METRIC_ENUM
      MG_PPO_METRIC_COUNT
};

typedef struct mg_ppo {
  mg_algorithm base;
  const mg_settings *settings;
  mg_comm *comm;
  mg_sync sync;
  mg_collector *collector;
  mg_paramset set;
  mg_normaliser normaliser;   /* of observations */
  mg_normaliser reward_scale; /* size 1: moments of the discounted return, of which the spread is
                                 used and the mean is not */
  double *discounted;         /* [N] running discounted return of each environment */
  mg_mlp value_net;
  mg_adam policy_adam, value_adam;
  mg_segment segment;
  int rows, batch;                             /* R = H*N; rows of the largest minibatch */
  mg_real *value, *next_value;                 /* [R] */
  mg_real *advantage, *returns, *old_lp;       /* [R] */
  int *order;                                  /* [R] shuffled rows */
  mg_mlp_tape policy_tape, value_tape;         /* capacity batch */
  mg_real *x, *a, *head, *dhead;               /* a minibatch: [batch,S], [batch,A] */
  mg_real *b_advantage, *b_returns, *b_old_lp; /* [batch] */
  mg_real *work;                               /* [2 batch] */
  double policy_rate, value_rate, clip_ratio;  /* of this iteration */
  double rate_factor;                          /* of the policy's rate, moved by ppo.desired_kl */
  double sum[MG_PPO_METRIC_COUNT], weight[MG_PPO_METRIC_COUNT]; /* of the iteration's report */
  double sync_seconds;
  int skipped;
} mg_ppo;

/* Weighted sums of the iteration's report; values that are not finite are left out. */
void mg_ppo_report(mg_ppo *p, int metric, double value, double weight);

/* Divides the segment's rewards, if ppo.scale_reward is on. Collective. */
void mg_ppo_scale_rewards(mg_ppo *p);

/* Advantages, then all epochs over the segment. Collective. */
void mg_ppo_update(mg_ppo *p);

#endif
