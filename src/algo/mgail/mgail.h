/* Model-based generative adversarial imitation learning (Baram, Anschel, Caspi, Mannor 2017): the
 * trainer around the objective.
 *
 * mgail.c: create, one iteration in the order of src/DESIGN.md section 5, visit, destroy.
 * mgail_updates.c: one optimiser step of discriminator, forward model, policy, value.
 * mgail_objective.c: the policy's objective and its gradient through D, f, pi and time.
 *
 * The struct is internal to these. */
#ifndef MG_ALGO_MGAIL_H
#define MG_ALGO_MGAIL_H

#include "algo/adversary.h"
#include "algo/cloning/clone.h"
#include "algo/mgail/mgail_objective.h"
#include "rollout/collector.h"
#include "rollout/replay.h"

extern const mg_algorithm_class mg_mgail_class;

/* Metrics of a report. One list: enumerator, name, unit, help. */
#define MG_MGAIL_METRICS(X)                                                                        \
  X(EPISODE_RETURN, "episode_return", "return", "true return of training episodes that ended")     \
  X(EPISODE_LENGTH, "episode_length", "steps", "their length")                                     \
  X(EPISODES, "episodes", "1", "how many ended, mean over ranks")                                  \
  X(UNSTABLE, "unstable", "1", "bad simulator states, mean over ranks")                            \
  X(D_POLICY_LOSS, "discriminator_policy_loss", "nat", "mean softplus(l) on policy pairs")         \
  X(D_EXPERT_LOSS, "discriminator_expert_loss", "nat", "mean softplus(-l) on expert pairs")        \
  X(D_PENALTY, "discriminator_penalty", "1", "mean (|grad l| - c)^2 between them")                 \
  X(D_POLICY_ACCURACY, "discriminator_policy_accuracy", "1", "share of policy pairs told")         \
  X(D_EXPERT_ACCURACY, "discriminator_expert_accuracy", "1", "share of expert pairs told")         \
  X(MODEL_LOSS, "forward_model_loss", "1", "mean squared error in spreads of the change")          \
  X(MODEL_SEGMENT_ERROR, "forward_model_segment_error", "1", "the same on the policy's batch")     \
  X(OBJECTIVE, "objective", "1", "J of the policy step")                                           \
  X(REWARD, "imitation_reward", "1", "mean c(l) of the policy's batch")                            \
  X(VALUE_LOSS, "value_loss", "1", "mean squared error against TD(lambda) returns")                \
  X(ENTROPY, "entropy", "nat", "of the policy")                                                    \
  X(D_GRADIENT, "discriminator_gradient", "1", "norm before clipping")                             \
  X(MODEL_GRADIENT, "forward_model_gradient", "1", "norm before clipping")                         \
  X(POLICY_GRADIENT, "policy_gradient", "1", "norm before clipping")                               \
  X(ADVERSARIAL_GRADIENT, "adversarial_gradient", "1", "norm of its part -dJ, before mgail.clip")  \
  X(CLONE_GRADIENT, "clone_gradient", "1", "norm of its part beta dL")                             \
  X(CLONE_LOSS, "clone_loss", "1", "L: of the policy on pairs of the expert")                      \
  X(VALUE_GRADIENT, "value_gradient", "1", "norm before clipping")                                 \
  X(POLICY_RATE, "policy_learning_rate", "1", "of this iteration")                                 \
  X(SECONDS_ROLLOUT, "seconds_rollout", "s", "collecting")                                         \
  X(SECONDS_UPDATE, "seconds_update", "s", "gradients and optimiser steps")                        \
  X(SECONDS_SYNC, "seconds_sync", "s", "allreduces, waiting for others included")

enum {
#define MG_MGAIL_METRIC_ENUM(name, text, unit, help) MG_MGAIL_##name,
  MG_MGAIL_METRICS(MG_MGAIL_METRIC_ENUM)
#undef MG_MGAIL_METRIC_ENUM
      MG_MGAIL_METRIC_COUNT
};

typedef struct mg_mgail {
  mg_algorithm base;
  const mg_settings *settings;
  mg_comm *comm;
  mg_sync sync;
  uint64_t seed;
  int S, A, horizon, environments; /* environments of this rank */

  mg_adversary adversary; /* the expert, D, the segments held */
  mg_clone clone;         /* the term of behavioural cloning */

  /* Networks: slices of one vector. */
  mg_paramset set;
  int policy_slice, value_slice, discriminator_slice, forward_slice;
  int target_slice, average_slice; /* what follows value and policy; no gradient */
  mg_mlp value;
  mg_forward_model forward_model;
  mg_real *value_target; /* [value size], of the target slice */
  mg_adam policy_adam, value_adam, forward_adam;

  /* Experience of this rank. */
  mg_collector *collector;
  mg_replay replay;
  mg_real *delta_scale; /* [S] spread of x' - x */
  double *delta_sd;     /* [S] */

  /* The policy step. */
  mg_mgail_objective objective;
  mg_mgail_work work;
  mg_mgail_batch batch;
  int *ages; /* [mgail.memory] scratch of the draw */

  /* Scratch of the other steps. */
  mg_forward_tape forward_tape; /* forward_batch rows */
  mg_real *forward_xa, *forward_target, *forward_out, *forward_slope;
  mg_mlp_tape value_tape;
  mg_real *value_out, *next_value, *returns;
  int forward_batch; /* of this rank */

  double sync_seconds; /* of the running iteration */
} mg_mgail;

/* One optimiser step each; the report's metrics are added. `rng` is consumed. */
void mg_mgail_update_discriminator(mg_mgail *self, double rate, mg_rng *rng, mg_report *report);
void mg_mgail_update_forward_model(mg_mgail *self, double rate, mg_rng *rng, mg_report *report);

/* Fills the batch (current segment and older ones), computes the gradient of J - beta L, and steps
 * unless the policy is still frozen. Leaves the batch's imitation rewards for the value. */
void mg_mgail_update_policy(mg_mgail *self, double rate, bool frozen, mg_rng *rng,
                            mg_report *report);

/* All value steps of a round, on the policy's batch, towards targets computed once. */
void mg_mgail_update_value(mg_mgail *self, double rate, mg_report *report);

/* delta_scale <- spread of the change over the replays of all ranks. Collective. */
void mg_mgail_update_delta_scale(mg_mgail *self);

/* metric += value, with weight 1; reports are averages. */
static inline void mg_report_add(mg_report *report, int metric, double value) {
  const double w = report->weight[metric];
  report->value[metric] = (report->value[metric] * w + value) / (w + 1);
  report->weight[metric] = w + 1;
}

#endif
