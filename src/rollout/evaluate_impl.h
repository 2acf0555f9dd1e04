/* Inside rollout/ only: the environments that evaluation (evaluate.c) and recording (record.c) step
 * side by side.
 *
 * The policy goes forward over MG_WAVE rows whatever is in them, and episode e has row e mod
 * MG_WAVE: a matrix product's last bits depend on its number of rows and on where a row stands, and
 * the returns would otherwise depend on how many episodes a rank has. */
#ifndef MG_ROLLOUT_EVALUATE_IMPL_H
#define MG_ROLLOUT_EVALUATE_IMPL_H

#include "rollout/evaluate.h"

enum { MG_WAVE = 32 };

struct mg_evaluator {
  mg_comm *comm;
  const mg_policy *policy;
  const mg_normaliser *normaliser;
  uint64_t seed;
  int episodes;
  mg_env_spec spec;
  mg_arena *arena;
  int lanes;            /* environments here, 1..MG_WAVE */
  mg_env *env[MG_WAVE]; /* [lanes] */
  int episode[MG_WAVE]; /* running in this lane; -1: none */
  int steps[MG_WAVE];   /* of it so far */
  mg_mlp_tape tape;
  double *observation;       /* [MG_WAVE,d] */
  double *next;              /* [d] */
  double *action;            /* [action_size] as the environment took it last */
  mg_real *x;                /* [MG_WAVE,S] */
  mg_real *head, *noise, *a; /* [MG_WAVE,A] */
};

/* No episode runs in any lane. */
void mg_evaluator_idle(mg_evaluator *e);

void mg_evaluator_begin(mg_evaluator *e, int lane, int episode);

/* The observation [d] of a lane's episode now. */
double *mg_evaluator_observation(mg_evaluator *e, int lane);

/* Actions of all lanes, into a. */
void mg_evaluator_choose(mg_evaluator *e, const mg_real *theta, bool stochastic);

/* One step of a lane; the observation after it replaces the one before. */
mg_env_outcome mg_evaluator_step(mg_evaluator *e, int lane);

#endif
