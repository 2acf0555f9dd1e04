/* Gated recurrent unit (Cho et al. 2014), one step, H units, I inputs:
 *
 *   r = sigmoid(x W_r^T + h U_r^T + b_r)      z = sigmoid(x W_z^T + h U_z^T + b_z)
 *   n = tanh(x W_n^T + b_n + r * (h U_n^T + c_n))          h' = (1 - z) * n + z * h
 *
 * theta: W [3H,I] (rows r, z, n), b [3H], U [3H,H], c [3H]. (c_r and c_z are redundant with b and
 * kept, so that the layer is two dense layers.) */
#ifndef MG_NN_GRU_H
#define MG_NN_GRU_H

#include "base/arena.h"
#include "base/rng.h"
#include "math/real.h"

typedef struct mg_gru {
  int in, units;
} mg_gru;

typedef struct mg_gru_tape {
  int capacity;
  mg_real *x;            /* [capacity, I] */
  mg_real *h;            /* [capacity, H] */
  mg_real *input_part;   /* [capacity, 3H]: x W^T + b */
  mg_real *state_part;   /* [capacity, 3H]: h U^T + c */
  mg_real *r, *z, *n;    /* [capacity, H] */
  mg_real *d_input_part; /* [capacity, 3H]: deltas */
  mg_real *d_state_part; /* [capacity, 3H] */
} mg_gru_tape;

size_t mg_gru_size(mg_gru cell);
void mg_gru_init(mg_gru cell, mg_rng *rng, mg_real *theta);
mg_gru_tape mg_gru_tape_make(mg_gru cell, int capacity, mg_arena *arena);

/* h_next [B,H] <- cell(x [B,I], h [B,H]). */
void mg_gru_forward(mg_gru cell, int B, const mg_real *theta, const mg_real *x, const mg_real *h,
                    mg_gru_tape *tape, mg_real *h_next);

/* For rows first .. first+rows-1: deltas on the tape; dx [rows,I] and dh [rows,H] <- (Nullable). */
void mg_gru_backward_input(mg_gru cell, int first, int rows, const mg_real *theta,
                           mg_gru_tape *tape, const mg_real *dh_next, mg_real *dx, mg_real *dh);

/* dtheta += over rows 0..B-1. */
void mg_gru_backward_theta(mg_gru cell, int B, const mg_gru_tape *tape, mg_real *dtheta);

#endif
