/* What an iteration reports: every metric of every algorithm, in one list. A learning curve
 * (files/curves) has a column for each metric of its algorithm. */
#ifndef MG_ALGO_METRICS_H
#define MG_ALGO_METRICS_H

#include "files/curves/curves.h"

/* Which algorithms report a metric. */
enum {
  MG_OF_BC = 1,
  MG_OF_GAIL = 2,
  MG_OF_MGAIL = 4,
  MG_OF_PPO = 8,
  MG_OF_ALL = MG_OF_BC | MG_OF_GAIL | MG_OF_MGAIL | MG_OF_PPO,
  MG_OF_ROLLOUT = MG_OF_GAIL | MG_OF_MGAIL | MG_OF_PPO, /* those that step environments */
  MG_OF_ADVERSARY = MG_OF_GAIL | MG_OF_MGAIL,           /* those with a discriminator */
  MG_OF_ON_POLICY = MG_OF_GAIL | MG_OF_PPO
};

/* One list: enumerator, algorithms, name, unit, help. */
/* clang-format off */
#define MG_METRIC_LIST(X)                                                                                           \
  X(EPISODE_RETURN, MG_OF_ALL, "episode_return", "return", "true return of training episodes that ended")           \
  X(EPISODE_LENGTH, MG_OF_ALL, "episode_length", "steps", "their length")                                           \
  X(EPISODES, MG_OF_ALL, "episodes", "", "how many ended, mean over ranks")                                        \
  X(UNSTABLE, MG_OF_ROLLOUT, "unstable", "", "bad simulator states, mean over ranks")                              \
  X(D_POLICY_LOSS, MG_OF_ADVERSARY, "discriminator_policy_loss", "nat", "mean softplus(l) on policy pairs")         \
  X(D_EXPERT_LOSS, MG_OF_ADVERSARY, "discriminator_expert_loss", "nat", "mean softplus(-l) on expert pairs")        \
  X(D_PENALTY, MG_OF_ADVERSARY, "discriminator_penalty", "", "mean (|grad l| - c)^2 between them")                 \
  X(D_POLICY_ACCURACY, MG_OF_ADVERSARY, "discriminator_policy_accuracy", "", "share of policy pairs told")         \
  X(D_EXPERT_ACCURACY, MG_OF_ADVERSARY, "discriminator_expert_accuracy", "", "share of expert pairs told")         \
  X(D_UNSEEN_ACCURACY, MG_OF_ADVERSARY, "discriminator_unseen_accuracy", "", "share of held out expert pairs told")  \
  X(D_GRADIENT, MG_OF_ADVERSARY, "discriminator_gradient", "", "norm before clipping")                             \
  X(REWARD, MG_OF_ADVERSARY, "imitation_reward", "", "mean c(l) of the policy's batch or segment")                 \
  X(ABSORBING_REWARD, MG_OF_ADVERSARY, "absorbing_reward", "", "c(l) of the absorbing state, where there is one")       \
  X(MODEL_LOSS, MG_OF_MGAIL, "forward_model_loss", "", "mean squared error in spreads of the change")              \
  X(MODEL_SEGMENT_ERROR, MG_OF_MGAIL, "forward_model_segment_error", "", "the same on the policy's batch")         \
  X(MODEL_WORST_ERROR, MG_OF_MGAIL, "forward_model_worst_error", "", "that of the state's worst entry")            \
  X(MODEL_GRADIENT, MG_OF_MGAIL, "forward_model_gradient", "", "norm before clipping")                             \
  X(OBJECTIVE, MG_OF_MGAIL, "objective", "", "J of the policy step")                                               \
  X(POLICY_LOSS, MG_OF_ON_POLICY, "policy_loss", "", "clipped surrogate, mean over minibatches")                   \
  X(KL, MG_OF_ON_POLICY, "kl", "nat", "estimate of KL(old policy, new policy), mean over minibatches")              \
  X(CLIP_FRACTION, MG_OF_ON_POLICY, "clip_fraction", "", "share of pairs whose ratio is outside the clip range")   \
  X(EPOCHS, MG_OF_ON_POLICY, "epochs", "", "passes over the segment before target_kl stopped them")                \
  X(BACKTRACKS, MG_OF_GAIL, "backtracks", "", "times that the trpo step was shortened")                            \
  X(RESIDUAL, MG_OF_GAIL, "residual", "", "relative residual of the conjugate gradients")                          \
  X(ENTROPY, MG_OF_ROLLOUT, "entropy", "nat", "of the policy")                                                      \
  X(SIGMA, MG_OF_ON_POLICY | MG_OF_BC, "sigma", "action", "mean standard deviation of the policy; NaN if discrete") \
  X(POLICY_GRADIENT, MG_OF_ALL, "policy_gradient", "", "norm before clipping")                                     \
  X(ADVERSARIAL_GRADIENT, MG_OF_ADVERSARY, "adversarial_gradient", "", "norm of the policy's without the clone")   \
  X(CLONE_GRADIENT, MG_OF_ADVERSARY, "clone_gradient", "", "norm of the clone's, beta dL")                         \
  X(CLONE_LOSS, MG_OF_ADVERSARY, "clone_loss", "", "L: of the policy on pairs of the expert")                      \
  X(POLICY_RATE, MG_OF_ALL, "policy_learning_rate", "", "of this iteration")                                       \
  X(VALUE_LOSS, MG_OF_ROLLOUT, "value_loss", "", "mean squared error of the value against its targets")            \
  X(VALUE_GRADIENT, MG_OF_ROLLOUT, "value_gradient", "", "norm before clipping")                                   \
  X(EXPLAINED_VARIANCE, MG_OF_ON_POLICY, "explained_variance", "", "1 - var(G - V)/var(G) before the update")      \
  X(TRAINING_LOSS, MG_OF_BC, "training_loss", "nat", "-log pi of a pair, mean over the epoch")                      \
  X(VALIDATION_LOSS, MG_OF_BC, "validation_loss", "nat", "the same of the pairs held out, after the epoch")         \
  X(BEST_LOSS, MG_OF_BC, "best_validation_loss", "nat", "of the acting policy")                                     \
  X(BEST_EPOCH, MG_OF_BC, "best_epoch", "epochs", "that the acting policy is of")                                   \
  X(SKIPPED, MG_OF_ON_POLICY | MG_OF_BC, "skipped", "", "optimiser steps left out, gradient not finite; mean over ranks") \
  X(SECONDS_ROLLOUT, MG_OF_ROLLOUT, "seconds_rollout", "s", "collecting")                                           \
  X(SECONDS_UPDATE, MG_OF_ALL, "seconds_update", "s", "gradients and optimiser steps")                              \
  X(SECONDS_SYNC, MG_OF_ALL, "seconds_sync", "s", "allreduces, waiting for others included")                         \
  X(SECONDS_START, MG_OF_ALL, "seconds_start", "s", "from the command to the first iteration of a session, in its row")   \
  X(SECONDS_EVALUATION, MG_OF_ALL, "seconds_evaluation", "s", "evaluations since the row before, where there were any")  \
  X(SECONDS_CHECKPOINT, MG_OF_ALL, "seconds_checkpoint", "s", "checkpoints since the row before, where there were any")
/* clang-format on */

enum {
#define MG_METRIC_ENUM(name, of, text, unit, help) MG_METRIC_##name,
  MG_METRIC_LIST(MG_METRIC_ENUM)
#undef MG_METRIC_ENUM
      MG_METRIC_COUNT
};

/* This rank's means and weights; the caller reduces them over ranks in one go (a metric of all ranks
 * = sum of value * weight / sum of weight; NaN if that is 0). */
typedef struct mg_metrics {
  double value[MG_METRIC_COUNT];
  double weight[MG_METRIC_COUNT];
} mg_metrics;

/* The metric becomes the mean, by weight, of all that was added in this iteration. */
static inline void mg_metrics_add(mg_metrics *metrics, int metric, double value, double weight) {
  const double before = metrics->weight[metric], now = before + weight;
  if (!(weight > 0)) return;
  metrics->value[metric] =
      before > 0 ? (metrics->value[metric] * before + value * weight) / now : value;
  metrics->weight[metric] = now;
}

/* A sum that grows over many small steps and is reported once, as their mean; for loops over
 * minibatches. */
typedef struct mg_tally {
  double sum, weight;
} mg_tally;

/* Values that are not finite are left out. */
void mg_tally_add(mg_tally *tally, double value, double weight);
void mg_metrics_add_tally(mg_metrics *metrics, int metric, mg_tally tally);

/* The columns of an algorithm's curves: row [MG_METRIC_COUNT] and which metric each is; returns how
 * many. */
int mg_metrics_of(unsigned algorithm, mg_metric *row, int *metric);

#endif
