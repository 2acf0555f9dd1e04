/* The adversary that MGAIL and GAIL share: the expert's pairs, the discriminator with its
 * optimiser, and the policy's recent segments, which it learns from.
 *
 * D sees pairs (x, a~): normalised states and actions (discrete: the one-hot as it is), both with
 * the statistics of the expert's pairs. One update is one Adam step on the cross-entropy of B pairs
 * of the policy, drawn from the segments held, against B of the expert (model/discriminator.h).
 *
 * With discriminator.updates = 0 D's parameters are 0 and stay so: D = 1/2 everywhere, and every
 * reward is exactly its form's constant (softplus: log 2, log_d: -log 2, logit: 0). The control
 * that shows what surviving alone is worth.
 *
 * Absorbing (Kostrikov et al. 2019): a pair has one entry more, [x | mark | a~], which is 0 but for the
 * state that an episode goes into, and never leaves, when the task ends it: x = 0, a~ = 0. These zeros
 * are the mean of the expert's pairs, and the penalty keeps D smooth: with a mark of one spread it
 * could not tell the two, and falling paid more than walking badly.
 * A termination in a segment stands for one such pair among the policy's; a trajectory of the
 * expert that terminated is one pair where every k-th was kept (data.subsample), so it weighs 1/k
 * of a kept one. Time limits are no terminations. */
#ifndef MG_ALGO_ADVERSARY_H
#define MG_ALGO_ADVERSARY_H

#include "algo/expert.h"
#include "algo/learner.h"
#include "algo/reward.h"
#include "envs/env.h"
#include "model/discriminator.h"
#include "rollout/segment.h"

#define MG_ABSORBING_MARK 8

typedef struct mg_adversary {
  const mg_settings *settings;
  bool discrete, absorbing;
  int S, A, width; /* of a state, an action, a pair: S + A, and 1 if absorbing */

  mg_expert *expert;  /* its pairs and normalisers */
  mg_real *expert_xa; /* [expert->train.count, width] normalised */
  mg_real *unseen_xa; /* [expert->validation.count, width] pairs that D never learns from */

  mg_mlp discriminator;
  int slice; /* of theta, with an optimiser */

  /* What the policy did lately, of this rank. */
  int ring;            /* segments held at most */
  int memory;          /* of these D draws from the newest so many */
  mg_segment held;     /* all of them, one behind the other */
  mg_segment *segment; /* [ring] its parts */
  mg_real *held_xa;    /* [rows of `held`, width] its pairs, normalised */
  int64_t *collected;  /* [1] segments ever collected; the newest is (collected-1) % ring */
  int *ended;          /* [ring] terminations in each, if absorbing; else 0 */

  int batch; /* B of this rank */
  mg_discriminator_work work;
  mg_real *pairs, *mix; /* [2B,width], [B] */
} mg_adversary;

/* Reads the expert's data. Collective; memory is the arena's. */
mg_status mg_adversary_load(mg_adversary *self, const mg_context *context, const mg_env_spec *spec,
                            bool absorbing);

/* The network, memory for the last segments of steps x environments, as many as D draws from
 * (discriminator.segments) and at least `least`, and scratch. MG_ERR_CONFIG if these are more rows
 * than an int counts; ask mg_arena_status afterwards. Local. */
mg_status mg_adversary_make(mg_adversary *self, const mg_context *context, int least, int steps,
                            int environments);

/* D's slice of theta; and, once that is allocated, its first parameters: the same on all ranks. */
void mg_adversary_add_slice(mg_adversary *self, mg_learner *learner);
void mg_adversary_init(const mg_adversary *self, const mg_learner *learner);

/* The slot for the next segment; mg_adversary_collected says that it has been filled. */
mg_segment *mg_adversary_next(mg_adversary *self);
void mg_adversary_collected(mg_adversary *self);
int mg_adversary_held(const mg_adversary *self);

/* The segment that was collected `age` segments before the newest, 0 <= age < held; and its pairs
 * [H,N,width]. */
const mg_segment *mg_adversary_segment(const mg_adversary *self, int age);
const mg_real *mg_adversary_pairs(const mg_adversary *self, int age);

/* One optimiser step of D, which is reported; `rng` is consumed. Collective with sync = gradients. */
void mg_adversary_update(mg_adversary *self, mg_learner *learner, double rate, mg_rng *rng);

/* reward [H,N] <- c(l) of the newest segment's pairs. */
void mg_adversary_rewards(mg_adversary *self, mg_reward_form form, const mg_real *theta,
                          mg_real *reward);

/* Reports the share of the expert's pairs held out (data.validation) that D takes for the expert's:
 * far below that of those it learns from, it knows them by heart. Nothing where none are held out. */
void mg_adversary_report_unseen(mg_adversary *self, mg_learner *learner);

/* c(l) of the absorbing state: what every step in it pays. */
double mg_adversary_absorbing_reward(mg_adversary *self, mg_reward_form form, const mg_real *theta);

/* Fields of a checkpoint: action statistics, segments. */
void mg_adversary_visit(mg_adversary *self, const mg_learner *learner, mg_archive *archive);

#endif
