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
 * theta is, and Adam's moments with it, at the iteration's end.
 *
 *   on_policy.c    memory, synchronisation, checkpoint
 *   advantages.c   scaled rewards, values, advantages
 *   ppo_update.c   the passes over a segment
 *
 * The struct is internal to these, PPO and GAIL; theirs begin with it. */
#ifndef MG_ALGO_ON_POLICY_H
#define MG_ALGO_ON_POLICY_H

#include "algo/cloning/clone.h"
#include "algo/learner.h"

/* The first slices of theta. */
enum { MG_ON_POLICY_POLICY, MG_ON_POLICY_VALUE };

/* What the values count for the state that an episode is in when the task has ended it. */
typedef enum mg_ending {
  MG_ENDING_NOTHING, /* 0 */
  MG_ENDING_GIVEN,   /* ending_value, the same for all */
  MG_ENDING_STATE    /* V of the state, as if the episode went on */
} mg_ending;

typedef struct mg_on_policy {
  mg_learner learner;
  int horizon;                /* H */
  double gamma, lambda;       /* of the advantages */
  size_t trained;             /* parameters of the first two slices, padding included */
  mg_normaliser reward_scale; /* size 1: moments of the discounted return, of which the spread is
                                 used and the mean is not */
  double *discounted;         /* [N] running discounted return of each environment */
  mg_mlp value_net;
  mg_segment segment;                          /* its rewards are the learner's */
  mg_ending ending;                            /* MG_ENDING_NOTHING unless set */
  double ending_value;                         /* in unscaled rewards */
  int rows, batch;                             /* R = H*N; rows of the largest minibatch */
  mg_real *value, *next_value;                 /* [R] */
  mg_real *advantage, *returns, *old_lp;       /* [R] */
  uint8_t *never, *cut;                        /* [R] zeros; terminated or truncated */
  int *order;                                  /* [R] shuffled rows */
  mg_mlp_tape policy_tape, value_tape;         /* capacity batch */
  mg_real *x, *a, *head, *dhead;               /* a minibatch: [batch,S], [batch,A] */
  mg_real *b_advantage, *b_returns, *b_old_lp; /* [batch] */
  mg_real *work;                               /* [2 batch] */
  mg_clone *clone; /* a term of the policy's objective (PPO's passes); NULL: none */

  /* Of this iteration. */
  mg_tally pass[MG_METRIC_COUNT]; /* metrics that are means over minibatches */
  double clone_weight;
  double policy_rate, value_rate, clip_ratio;
  double rate_factor; /* of the policy's rate, moved by ppo.desired_kl */
} mg_on_policy;

/* ---- build, in this order ---- */

/* With the settings' horizon, gamma and lambda. MG_ERR_CONFIG where a minibatch does not come out
 * on some rank. Collective. */
mg_status mg_on_policy_begin(mg_on_policy *p, int horizon, double gamma, double lambda);

/* After mg_learner_policy: the value's network, the first two slices, and all memory but the set's
 * and the segment's. The caller adds slices of its own and allocates the set. */
void mg_on_policy_make(mg_on_policy *p);

/* ---- an iteration ---- */

/* Rates of this iteration. */
void mg_on_policy_start(mg_on_policy *p);

/* Divides the segment's rewards, if ppo.scale_reward is on. Collective. */
void mg_on_policy_scale_rewards(mg_on_policy *p);

/* Values, advantages (normalised), returns, log-probabilities of the actions. Collective. */
void mg_on_policy_advantages(mg_on_policy *p);

/* All epochs over the segment: policy and value. Collective. */
void mg_on_policy_update_ppo(mg_on_policy *p);

/* The same passes, for the value alone. Collective. */
void mg_on_policy_fit_value(mg_on_policy *p);

/* Averages theta, follows it with the running average, counts the steps, reports. Collective. */
void mg_on_policy_finish(mg_on_policy *p);

/* ---- checkpoint ---- */

void mg_on_policy_visit(mg_on_policy *p, mg_archive *archive);

#endif
