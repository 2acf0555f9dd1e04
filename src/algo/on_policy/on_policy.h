/* What PPO and GAIL share: learning from the segment that was just collected.
 *
 * An iteration: collect a segment; divide rewards by the running spread of the discounted return;
 * generalised advantages (Schulman et al. 2016; a time limit bootstraps), normalised over the
 * segments of all ranks; then a step of the policy and of the value:
 *   mg_on_policy_update_ppo   epochs x minibatches of Adam steps on the clipped surrogate
 *                             (ppo_loss.h) and on the value's squared error
 *   mg_on_policy_fit_value    the same passes for the value alone, beside another policy step
 *
 * Rates and the clip range move linearly over the run. With ppo.desired_kl the policy's rate is
 * also multiplied by a factor that goes up or down by 1.5 after an iteration whose divergence was
 * less than half or more than twice the desired one (after the penalty's rule in Schulman et al.
 * 2017, section 4), which shrinks with the rate's own schedule. All ranks decide from the mean
 * divergence of all.
 *
 * With sync = gradients every minibatch's gradients are averaged over ranks; with sync = parameters
 * theta is, at the iteration's end, while Adam's moments stay each rank's own.
 *
 *   on_policy.c    memory, report, synchronisation, checkpoint
 *   advantages.c   scaled rewards, values, advantages
 *   ppo_update.c   the passes over a segment
 *
 * The struct is internal to these, PPO and GAIL; theirs begin with it. */
#ifndef MG_ALGO_ON_POLICY_H
#define MG_ALGO_ON_POLICY_H

#include "algo/algorithm.h"
#include "algo/cloning/clone.h"
#include "rollout/collector.h"

/* The first slices of theta. */
enum { MG_ON_POLICY_POLICY, MG_ON_POLICY_VALUE };

/* Metrics of a report. One list: enumerator, name, unit, help. */
/* clang-format off */
#define MG_ON_POLICY_METRICS(X)                                                                    \
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
#define MG_ON_POLICY_METRIC_ENUM(index, name, unit, help) MG_ON_POLICY_##index,
  MG_ON_POLICY_METRICS(MG_ON_POLICY_METRIC_ENUM)
#undef MG_ON_POLICY_METRIC_ENUM
      MG_ON_POLICY_METRIC_COUNT
};

/* What the values count for the state that an episode is in when the task has ended it. */
typedef enum mg_ending {
  MG_ENDING_NOTHING, /* 0 */
  MG_ENDING_GIVEN,   /* ending_value, the same for all */
  MG_ENDING_STATE    /* V of the state, as if the episode went on */
} mg_ending;

typedef struct mg_on_policy {
  mg_algorithm base;
  const mg_settings *settings;
  mg_comm *comm;
  mg_sync sync;
  mg_collector *collector;
  mg_paramset set;
  size_t trained;             /* parameters of the first two slices, padding included */
  mg_normaliser reward_scale; /* size 1: moments of the discounted return, of which the spread is
                                 used and the mean is not */
  double *discounted;         /* [N] running discounted return of each environment */
  mg_mlp value_net;
  mg_adam policy_adam, value_adam;
  mg_segment segment;                          /* its rewards are the learner's */
  mg_ending ending;                            /* MG_ENDING_NOTHING unless set */
  double ending_value;                         /* in unscaled rewards */
  int environments;                            /* N, of this rank */
  int rows, batch;                             /* R = H*N; rows of the largest minibatch */
  mg_real *value, *next_value;                 /* [R] */
  mg_real *advantage, *returns, *old_lp;       /* [R] */
  uint8_t *never, *cut;                        /* [R] zeros; terminated or truncated */
  int *order;                                  /* [R] shuffled rows */
  mg_mlp_tape policy_tape, value_tape;         /* capacity batch */
  mg_real *x, *a, *head, *dhead;               /* a minibatch: [batch,S], [batch,A] */
  mg_real *b_advantage, *b_returns, *b_old_lp; /* [batch] */
  mg_real *work;                               /* [2 batch] */
  mg_clone *clone;     /* a term of the policy's objective (PPO's passes); NULL: none */
  int clone_metric;    /* of the learner's report: norm of the rest of the policy's gradient, then
                          norm of the clone's, then its loss */
  double clone_weight; /* of this iteration */
  double policy_rate, value_rate, clip_ratio; /* of this iteration */
  double rate_factor;                         /* of the policy's rate, moved by ppo.desired_kl */
  double began, collected;                    /* of this iteration, in seconds */
  double sum[MG_METRICS_MAX], weight[MG_METRICS_MAX]; /* of the iteration's report */
  double sync_seconds;
  int skipped;
} mg_on_policy;

/* ---- create, in this order ---- */

/* From the context and the settings alone. MG_ERR_CONFIG where N or a minibatch does not come out.
 */
mg_status mg_on_policy_begin(mg_on_policy *p, const mg_context *context);

/* With base.policy set: the value's network, the first two slices, and all memory but the set's and
 * the segment's. The caller adds slices of its own and allocates the set. */
void mg_on_policy_make(mg_on_policy *p, mg_arena *arena);

/* With base.normaliser set: the environments. */
mg_status mg_on_policy_collector(mg_on_policy *p, bool observe, double shaping, mg_arena *arena);

/* ---- an iteration ---- */

/* Rates of this iteration, an empty report. */
void mg_on_policy_start(mg_on_policy *p);

/* Fills p->segment, and the report's figures of episodes. */
void mg_on_policy_collect(mg_on_policy *p);

/* Divides the segment's rewards, if ppo.scale_reward is on. Collective. */
void mg_on_policy_scale_rewards(mg_on_policy *p);

/* Values, advantages (normalised), returns, log-probabilities of the actions. Collective. */
void mg_on_policy_advantages(mg_on_policy *p);

/* All epochs over the segment: policy and value. Collective. */
void mg_on_policy_update_ppo(mg_on_policy *p);

/* The same passes, for the value alone. Collective. */
void mg_on_policy_fit_value(mg_on_policy *p);

/* Averages theta, follows it with the running average, counts the steps, completes the report of
 * `metrics` metrics. Collective. */
void mg_on_policy_finish(mg_on_policy *p, int metrics, mg_report *report);

/* Weighted sums of the iteration's report; values that are not finite are left out. */
void mg_on_policy_report(mg_on_policy *p, int metric, double value, double weight);

/* The three metrics of the clone; nothing where there is none. */
void mg_on_policy_report_clone(mg_on_policy *p, double other_norm, mg_clone_figures figures);

/* ---- and the rest ---- */

void mg_on_policy_visit(mg_on_policy *p, mg_archive *archive);

#endif
