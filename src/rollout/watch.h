/* Watching: one episode of an evaluation, told step by step. */
#ifndef MG_ROLLOUT_WATCH_H
#define MG_ROLLOUT_WATCH_H

#include "rollout/evaluate.h"

/* The episode after t steps; at t = 0 there was none yet, and action is NULL. Valid during the call. */
typedef struct mg_glance {
  int64_t t;
  const mg_env *env;         /* as it stands */
  const double *observation; /* [d] */
  const double *action;      /* [action_size] of step t, discrete: [1] holding the index */
  mg_env_outcome outcome;    /* of step t */
} mg_glance;
typedef void (*mg_watcher)(void *self, const mg_glance *glance);

/* Runs episode `episode` >= 0 of mg_evaluator_run to its end, the same to the bit, and calls
 * `watcher` for t = 0 .. T. Local: not for more than one rank. */
void mg_evaluator_watch(mg_evaluator *evaluator, int episode, const mg_real *theta, bool stochastic,
                        mg_watcher watcher, void *self);

#endif
