#include "model/forward_product.h"

#include "math/vec.h"

#include <string.h>

/* The tape's work arrays. The first four are read by the backward pass; the rest is scratch. */
enum {
  EMBEDDED,    /* relu(dense(x)) */
  ONES,        /* the GRU's state */
  STATE_GATE,  /* e_s */
  ACTION_GATE, /* e_a */
  LEFT,        /* scratch */
  RIGHT,
  JOINT,
  D_JOINT,
  D_LEFT,
  D_RIGHT,
  WORK_ARRAYS
};
_Static_assert(WORK_ARRAYS == sizeof((mg_forward_tape *)0)->work / sizeof(mg_real *), "work");

void mg_forward_product_make(mg_forward_model *model) {
  const int U = model->units, three[3] = {U, U, U};
  model->state_in = mg_mlp_make(model->state_size, 0, NULL, U, MG_IDENTITY);
  model->gru = (mg_gru){.in = U, .units = U};
  model->state_out = mg_mlp_make(U, 0, NULL, U, MG_IDENTITY);
  model->action = mg_mlp_make(model->action_size, 1, three, U, MG_RELU);
  model->decoder = mg_mlp_make(U, 3, three, model->state_size, MG_RELU);
}

/* theta: state_in, gru, state_out, action, decoder. */
typedef struct parts {
  size_t state_in, gru, state_out, action, decoder, end;
} parts;

static parts parts_of(const mg_forward_model *model) {
  parts at = {0};
  at.gru = at.state_in + mg_mlp_size(&model->state_in);
  at.state_out = at.gru + mg_gru_size(model->gru);
  at.action = at.state_out + mg_mlp_size(&model->state_out);
  at.decoder = at.action + mg_mlp_size(&model->action);
  at.end = at.decoder + mg_mlp_size(&model->decoder);
  return at;
}

size_t mg_forward_product_size(const mg_forward_model *model) {
  return parts_of(model).end;
}

void mg_forward_product_init(const mg_forward_model *model, mg_rng *rng, mg_real *theta) {
  const parts at = parts_of(model);
  mg_mlp_init_normal(&model->state_in, 1, rng, theta + at.state_in);
  mg_gru_init(model->gru, rng, theta + at.gru);
  mg_mlp_init_normal(&model->state_out, 1, rng, theta + at.state_out);
  mg_mlp_init_normal(&model->action, 1, rng, theta + at.action);
  mg_mlp_init_normal(&model->decoder, 1, rng, theta + at.decoder);
}

void mg_forward_product_tape(const mg_forward_model *model, int capacity, mg_arena *arena,
                             mg_forward_tape *tape) {
  tape->state_in = mg_mlp_tape_make(&model->state_in, capacity, arena);
  tape->gru = mg_gru_tape_make(model->gru, capacity, arena);
  tape->state_out = mg_mlp_tape_make(&model->state_out, capacity, arena);
  tape->action = mg_mlp_tape_make(&model->action, capacity, arena);
  tape->decoder = mg_mlp_tape_make(&model->decoder, capacity, arena);
  int widest = model->units;
  if (model->state_size > widest) widest = model->state_size;
  if (model->action_size > widest) widest = model->action_size;
  const size_t n = (size_t)capacity * (size_t)widest;
  for (int i = 0; i < WORK_ARRAYS; i++) tape->work[i] = MG_NEW(arena, mg_real, n);
}

static void multiply(size_t n, const mg_real *a, const mg_real *b, mg_real *c) {
  for (size_t i = 0; i < n; i++) c[i] = a[i] * b[i];
}

void mg_forward_product_forward(const mg_forward_model *model, int B, const mg_real *theta,
                                const mg_real *xa, mg_forward_tape *tape, mg_real *x_next) {
  const parts at = parts_of(model);
  const int S = model->state_size, A = model->action_size;
  const size_t n = (size_t)B * (size_t)model->units;
  mg_real **w = tape->work;
  for (int b = 0; b < B; b++) {
    const mg_real *row = xa + (size_t)b * (size_t)(S + A);
    memcpy(w[LEFT] + (size_t)b * (size_t)S, row, (size_t)S * sizeof *row);
    memcpy(w[RIGHT] + (size_t)b * (size_t)A, row + S, (size_t)A * sizeof *row);
  }
  /* e_s = sigmoid(dense(gru(relu(dense(x)), 1))) */
  mg_mlp_forward(&model->state_in, B, theta + at.state_in, w[LEFT], &tape->state_in, w[EMBEDDED]);
  mg_activation_forward(MG_RELU, n, w[EMBEDDED], w[EMBEDDED]);
  mg_vec_fill(n, 1, w[ONES]);
  mg_gru_forward(model->gru, B, theta + at.gru, w[EMBEDDED], w[ONES], &tape->gru, w[JOINT]);
  mg_mlp_forward(&model->state_out, B, theta + at.state_out, w[JOINT], &tape->state_out,
                 w[STATE_GATE]);
  mg_vec_sigmoid(n, w[STATE_GATE], w[STATE_GATE]);
  /* e_a = sigmoid(dense(relu(dense(a)))) */
  mg_mlp_forward(&model->action, B, theta + at.action, w[RIGHT], &tape->action, w[ACTION_GATE]);
  mg_vec_sigmoid(n, w[ACTION_GATE], w[ACTION_GATE]);
  /* x' = decoder(e_s * e_a) */
  multiply(n, w[STATE_GATE], w[ACTION_GATE], w[JOINT]);
  mg_mlp_forward(&model->decoder, B, theta + at.decoder, w[JOINT], &tape->decoder, x_next);
}

void mg_forward_product_backward_input(const mg_forward_model *model, int first, int rows,
                                       const mg_real *theta, mg_forward_tape *tape,
                                       const mg_real *dx_next, mg_real *dxa) {
  const parts at = parts_of(model);
  const int S = model->state_size, A = model->action_size, U = model->units;
  const size_t skip = (size_t)first * (size_t)U, n = (size_t)rows * (size_t)U;
  mg_real **w = tape->work;
  const mg_real *e_s = w[STATE_GATE] + skip, *e_a = w[ACTION_GATE] + skip;

  mg_mlp_backward_input(&model->decoder, first, rows, theta + at.decoder, &tape->decoder, dx_next,
                        w[D_JOINT]);
  multiply(n, w[D_JOINT], e_a, w[D_LEFT]);
  multiply(n, w[D_JOINT], e_s, w[D_RIGHT]);

  mg_activation_backward(MG_SIGMOID, n, e_a, e_a, w[D_RIGHT], w[D_RIGHT]);
  mg_mlp_backward_input(&model->action, first, rows, theta + at.action, &tape->action, w[D_RIGHT],
                        dxa ? w[RIGHT] : NULL);

  mg_activation_backward(MG_SIGMOID, n, e_s, e_s, w[D_LEFT], w[D_LEFT]);
  mg_mlp_backward_input(&model->state_out, first, rows, theta + at.state_out, &tape->state_out,
                        w[D_LEFT], w[D_JOINT]);
  mg_gru_backward_input(model->gru, first, rows, theta + at.gru, &tape->gru, w[D_JOINT], w[D_LEFT],
                        NULL);
  const mg_real *embedded = w[EMBEDDED] + skip;
  mg_activation_backward(MG_RELU, n, embedded, embedded, w[D_LEFT], w[D_LEFT]);
  mg_mlp_backward_input(&model->state_in, first, rows, theta + at.state_in, &tape->state_in,
                        w[D_LEFT], dxa ? w[LEFT] : NULL);
  if (!dxa) return;
  for (int b = 0; b < rows; b++) {
    mg_real *row = dxa + (size_t)b * (size_t)(S + A);
    memcpy(row, w[LEFT] + (size_t)b * (size_t)S, (size_t)S * sizeof *row);
    memcpy(row + S, w[RIGHT] + (size_t)b * (size_t)A, (size_t)A * sizeof *row);
  }
}

void mg_forward_product_backward_theta(const mg_forward_model *model, int B, mg_forward_tape *tape,
                                       mg_real *dtheta) {
  const parts at = parts_of(model);
  mg_mlp_backward_theta(&model->state_in, B, &tape->state_in, dtheta + at.state_in);
  mg_gru_backward_theta(model->gru, B, &tape->gru, dtheta + at.gru);
  mg_mlp_backward_theta(&model->state_out, B, &tape->state_out, dtheta + at.state_out);
  mg_mlp_backward_theta(&model->action, B, &tape->action, dtheta + at.action);
  mg_mlp_backward_theta(&model->decoder, B, &tape->decoder, dtheta + at.decoder);
}
