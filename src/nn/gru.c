#include "nn/gru.h"

#include "math/elementary.h"
#include "math/vec.h"
#include "nn/dense.h"

#include <assert.h>

static mg_dense input_layer(mg_gru cell) {
  return (mg_dense){cell.in, 3 * cell.units};
}

static mg_dense state_layer(mg_gru cell) {
  return (mg_dense){cell.units, 3 * cell.units};
}

size_t mg_gru_size(mg_gru cell) {
  return mg_dense_size(input_layer(cell)) + mg_dense_size(state_layer(cell));
}

void mg_gru_init(mg_gru cell, mg_rng *rng, mg_real *theta) {
  mg_dense_init_normal(input_layer(cell), 1, rng, theta);
  mg_dense_init_normal(state_layer(cell), 1, rng, theta + mg_dense_size(input_layer(cell)));
}

mg_gru_tape mg_gru_tape_make(mg_gru cell, int capacity, mg_arena *arena) {
  assert(capacity >= 0 && cell.in > 0 && cell.units > 0);
  const size_t rows = (size_t)capacity, state = rows * (size_t)cell.units;
  return (mg_gru_tape){.capacity = capacity,
                       .x = MG_NEW(arena, mg_real, rows * (size_t)cell.in),
                       .h = MG_NEW(arena, mg_real, state),
                       .input_part = MG_NEW(arena, mg_real, 3 * state),
                       .state_part = MG_NEW(arena, mg_real, 3 * state),
                       .r = MG_NEW(arena, mg_real, state),
                       .z = MG_NEW(arena, mg_real, state),
                       .n = MG_NEW(arena, mg_real, state),
                       .d_input_part = MG_NEW(arena, mg_real, 3 * state),
                       .d_state_part = MG_NEW(arena, mg_real, 3 * state)};
}

/* One row; p, q [3H]: input and state part. */
static void gates_forward(int H, const mg_real *restrict p, const mg_real *restrict q,
                          const mg_real *restrict h, mg_real *restrict r, mg_real *restrict z,
                          mg_real *restrict n, mg_real *restrict h_next) {
  for (int j = 0; j < H; j++) {
    r[j] = mg_one_sigmoid(p[j] + q[j]);
    z[j] = mg_one_sigmoid(p[H + j] + q[H + j]);
    n[j] = mg_one_tanh(p[2 * H + j] + r[j] * q[2 * H + j]);
    h_next[j] = (1 - z[j]) * n[j] + z[j] * h[j];
  }
}

void mg_gru_forward(mg_gru cell, int B, const mg_real *theta, const mg_real *x, const mg_real *h,
                    mg_gru_tape *tape, mg_real *h_next) {
  assert(0 <= B && B <= tape->capacity);
  const size_t H = (size_t)cell.units, rows = (size_t)B;
  mg_vec_copy(rows * (size_t)cell.in, x, tape->x);
  mg_vec_copy(rows * H, h, tape->h);
  mg_dense_forward(input_layer(cell), B, theta, tape->x, tape->input_part);
  mg_dense_forward(state_layer(cell), B, theta + mg_dense_size(input_layer(cell)), tape->h,
                   tape->state_part);
  for (size_t b = 0; b < rows; b++)
    gates_forward(cell.units, tape->input_part + 3 * b * H, tape->state_part + 3 * b * H,
                  tape->h + b * H, tape->r + b * H, tape->z + b * H, tape->n + b * H,
                  h_next + b * H);
}

/* One row; dp, dq [3H]: deltas of the input and the state part. */
static void gates_backward(int H, const mg_real *restrict q, const mg_real *restrict h,
                           const mg_real *restrict r, const mg_real *restrict z,
                           const mg_real *restrict n, const mg_real *restrict dh_next,
                           mg_real *restrict dp, mg_real *restrict dq) {
  for (int j = 0; j < H; j++) {
    const mg_real dn = dh_next[j] * (1 - z[j]) * (1 - n[j] * n[j]);
    const mg_real dr = dn * q[2 * H + j] * r[j] * (1 - r[j]);
    const mg_real dz = dh_next[j] * (h[j] - n[j]) * z[j] * (1 - z[j]);
    dp[j] = dq[j] = dr;
    dp[H + j] = dq[H + j] = dz;
    dp[2 * H + j] = dn;
    dq[2 * H + j] = dn * r[j];
  }
}

void mg_gru_backward_input(mg_gru cell, int first, int rows, const mg_real *theta,
                           mg_gru_tape *tape, const mg_real *dh_next, mg_real *dx, mg_real *dh) {
  assert(0 <= first && 0 <= rows && first + rows <= tape->capacity);
  const size_t H = (size_t)cell.units, start = (size_t)first * H;
  for (size_t b = 0; b < (size_t)rows; b++) {
    const size_t at = start + b * H;
    gates_backward(cell.units, tape->state_part + 3 * at, tape->h + at, tape->r + at, tape->z + at,
                   tape->n + at, dh_next + b * H, tape->d_input_part + 3 * at,
                   tape->d_state_part + 3 * at);
  }
  if (dx)
    mg_dense_backward_input(input_layer(cell), rows, theta, tape->d_input_part + 3 * start, dx);
  if (!dh) return;
  mg_dense_backward_input(state_layer(cell), rows, theta + mg_dense_size(input_layer(cell)),
                          tape->d_state_part + 3 * start, dh);
  for (size_t i = 0; i < (size_t)rows * H; i++) dh[i] += dh_next[i] * tape->z[start + i];
}

void mg_gru_backward_theta(mg_gru cell, int B, const mg_gru_tape *tape, mg_real *dtheta) {
  assert(0 <= B && B <= tape->capacity);
  mg_dense_backward_theta(input_layer(cell), B, tape->x, tape->d_input_part, dtheta);
  mg_dense_backward_theta(state_layer(cell), B, tape->h, tape->d_state_part,
                          dtheta + mg_dense_size(input_layer(cell)));
}
