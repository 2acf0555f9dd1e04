/* A segment: H consecutive steps of N environments, time-major, as the networks see them.
 *
 * Row (t, n) is entry t*N + n. next_x is the true next observation, also where the episode ended
 * (the reset observation is x of the next row). Episodes go on across segments. */
#ifndef MG_ROLLOUT_SEGMENT_H
#define MG_ROLLOUT_SEGMENT_H

#include "base/arena.h"
#include "math/real.h"

#include <stdint.h>

typedef struct mg_segment {
  int steps, environments;         /* H, N */
  int state_size, action_size;     /* S, A (one-hot width if discrete) */
  mg_real *x;                      /* [H,N,S] normalised observations */
  mg_real *next_x;                 /* [H,N,S] */
  mg_real *a;                      /* [H,N,A] actions as taken, or one-hot */
  mg_real *noise;                  /* [H,N,A] what the policy drew */
  mg_real *head;                   /* [H,N,A] mean actions or logits at collection */
  mg_real *log_probability;        /* [H,N] of a, as the policy was; discrete: 0 */
  mg_real *reward;                 /* [H,N] the task's, shaped if the collector was told to */
  uint8_t *terminated, *truncated; /* [H,N] */
} mg_segment;

mg_segment mg_segment_make(int steps, int environments, int state_size, int action_size,
                           mg_arena *arena);

/* The steps first .. first+steps-1 of `whole`, in its memory. */
mg_segment mg_segment_part(const mg_segment *whole, int first, int steps);

#endif
