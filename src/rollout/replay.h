/* Replay of transitions for the forward model: a ring of the last `capacity` rows of this rank,
 * [x | a | x'] each, stored as one contiguous record. */
#ifndef MG_ROLLOUT_REPLAY_H
#define MG_ROLLOUT_REPLAY_H

#include "base/arena.h"
#include "base/rng.h"
#include "math/real.h"

#include <stdint.h>

typedef struct mg_replay {
  int state_size, action_size, width; /* width = 2 state_size + action_size */
  int64_t capacity;
  int64_t *added; /* [1] rows ever added; min(added, capacity) are held */
  mg_real *rows;  /* [capacity, width] */
} mg_replay;

mg_replay mg_replay_make(int state_size, int action_size, int64_t capacity, mg_arena *arena);
void mg_replay_add(mg_replay *replay, const mg_real *x, const mg_real *a, const mg_real *x_next);
int64_t mg_replay_count(const mg_replay *replay);

/* B rows drawn uniformly with replacement: xa [B, state+action], x_next [B, state]. At least one
 * row must be held. */
void mg_replay_sample(const mg_replay *replay, int B, mg_rng *rng, mg_real *xa, mg_real *x_next);

/* sd [state_size] <- standard deviation of (x' - x) over all rows held, in double, in one pass. */
void mg_replay_delta_sd(const mg_replay *replay, double *sd);

#endif
