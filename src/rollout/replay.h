/* Replay of transitions for the forward model: a ring of the last `capacity` steps of each of this
 * rank's environments, time-major as segments are, [x | a | x'] each, one contiguous record. As each
 * environment has its own column, what is held does not depend on how they are spread over ranks. */
#ifndef MG_ROLLOUT_REPLAY_H
#define MG_ROLLOUT_REPLAY_H

#include "base/arena.h"
#include "base/rng.h"
#include "math/real.h"

#include <stdint.h>

typedef struct mg_replay {
  int state_size, action_size, width; /* width = 2 state_size + action_size */
  int environments;                   /* N */
  int64_t capacity;                   /* steps */
  int64_t *added;                     /* [1] steps ever added; min(added, capacity) are held */
  mg_real *rows;                      /* [capacity, N, width] */
} mg_replay;

mg_replay mg_replay_make(int state_size, int action_size, int environments, int64_t capacity,
                         mg_arena *arena);

/* A step of all environments: x [N, state] and a [N, action], their rows `stride` apart, x_next
 * [N, state]. */
void mg_replay_add(mg_replay *replay, const mg_real *x, const mg_real *a, size_t stride,
                   const mg_real *x_next);

/* Steps and rows held. */
int64_t mg_replay_steps(const mg_replay *replay);
int64_t mg_replay_count(const mg_replay *replay);

/* B rows drawn uniformly with replacement: xa [B, state+action], x_next [B, state]. At least one
 * row must be held. */
void mg_replay_sample(const mg_replay *replay, int B, mg_rng *rng, mg_real *xa, mg_real *x_next);

/* sd [state_size] <- standard deviation of (x' - x) over all rows held, in double, in one pass. */
void mg_replay_delta_sd(const mg_replay *replay, double *sd);

#endif
