/* Model-based generative adversarial imitation learning (Baram, Anschel, Caspi, Mannor 2017).
 *
 *   mgail.c            the iteration: steps 1 to 5 of src/DESIGN.md section 5, in their order
 *   mgail_objective.c  step 4's J, and its gradient through D, f, pi and time
 *   mgail_value.c      step 4's value, V or Q
 *   mgail_setup.c      networks and memory, from the settings
 *
 * The struct is internal to these. */
#ifndef MG_ALGO_MGAIL_H
#define MG_ALGO_MGAIL_H

#include "algo/adversary.h"
#include "algo/cloning/clone.h"
#include "algo/mgail/mgail_objective.h"
#include "rollout/replay.h"

extern const mg_algorithm_class mg_mgail_class;

/* What an episode that the task ends is worth from there on; as GAIL's (on_policy/gail.h).
 * Enumerator, name in configuration files. */
#define MG_MGAIL_EPISODES_LIST(X)                                                                  \
  X(MG_MGAIL_AS_IS, "as_is")                                                                       \
  X(MG_MGAIL_ABSORBING, "absorbing")

typedef enum mg_mgail_episodes { MG_MGAIL_EPISODES_LIST(MG_NAMED_ENUM) } mg_mgail_episodes;

typedef struct mg_mgail {
  mg_learner learner;
  int S, A, horizon;

  mg_adversary adversary; /* the expert, D, the segments held */
  mg_clone clone;         /* the term of behavioural cloning */

  /* Networks: slices of one vector. D's is the adversary's. */
  int policy_slice, value_slice, forward_slice;
  int target_slice, average_slice; /* what follows value and policy; no gradient */
  mg_mlp value;                    /* V, or one of Q's two */
  mg_forward_model forward_model;

  mg_replay replay;     /* transitions of this rank's environments */
  mg_real *delta_scale; /* [S] spread of x' - x */
  double *delta_sd;     /* [S] */
  double *entry_error;  /* [S] of f, on the policy's batch */

  /* Step 3's minibatch: B pairs (x, a~), next states, predictions and their derivative. */
  int forward_batch; /* B of this rank */
  mg_forward_tape forward_tape;
  mg_real *forward_xa, *forward_target, *forward_out, *forward_dout;

  /* Step 4's trajectories. */
  mg_mgail_objective objective;
  mg_mgail_work work;
  mg_mgail_batch batch;
  int *ages; /* [mgail.memory] scratch of the draw */
  mg_mlp_tape value_tape;
  mg_real *value_out;  /* [2 rows] values and their derivative */
  mg_real *next_value; /* [rows] */
  /* What the value is fitted to: the batch's states and, with value.endings, behind them terminal ones. */
  int value_rows;
  const mg_real *value_x; /* [value_rows,S]: the batch's, or value_states; Q: the batch's pairs */
  mg_real *value_states;  /* [2 rows,S] */
  mg_real *returns;       /* [value_rows] */
  /* Q's targets: */
  mg_real *trace, *taken_value; /* [rows] */
  mg_real *next_noise, *next_a; /* [rows,A] what the policy would do in the next states */
} mg_mgail;

/* ---- mgail_setup.c ---- */

mg_status mg_mgail_build(mg_algorithm *algorithm, const mg_context *context,
                         const mg_env_spec *spec);

/* ---- mgail.c: steps 2 to 4, one optimiser step each, for the tests; `rng` is consumed ---- */

void mg_mgail_update_discriminator(mg_mgail *self, double rate, mg_rng *rng);
void mg_mgail_update_forward_model(mg_mgail *self, double rate, mg_rng *rng);

/* delta_scale <- spread of the change over the replays of all ranks. Collective. */
void mg_mgail_update_delta_scale(mg_mgail *self);

/* Fills the batch (current segment and older ones), computes the gradient of J - beta L, and steps
 * unless the policy is still frozen. Leaves the batch's imitation rewards for the value, which changes
 * them. */
void mg_mgail_update_policy(mg_mgail *self, double rate, bool frozen, mg_rng *rng);

/* Trajectories first*N and on of the batch: of the last `memory` segments those that are at least so old, at
 * random, without repetition as long as there are enough. */
void mg_mgail_draw_segments(mg_mgail *self, int first, int least_age, int memory, mg_rng *rng);

/* ---- mgail_value.c ---- */

/* All value steps of a round, towards targets of the target network as it is: on the policy's batch,
 * or (value.redraw) all but the first on other segments each, which replace the batch. */
void mg_mgail_update_value(mg_mgail *self, double rate, mg_rng *rng);

#endif
