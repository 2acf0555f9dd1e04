#include "model/forward_model.h"

#include "model/forward_product.h"

#include <assert.h>

mg_forward_model mg_forward_model_make(mg_forward_kind kind, int state_size, int action_size,
                                       int hidden_layers, const int *hidden, mg_activation f) {
  mg_forward_model model = {.kind = kind, .state_size = state_size, .action_size = action_size};
  if (kind == MG_FORWARD_DELTA) {
    model.delta = mg_mlp_make(state_size + action_size, hidden_layers, hidden, state_size, f);
  } else {
    assert(hidden_layers >= 1);
    model.units = hidden[0];
    mg_forward_product_make(&model);
  }
  return model;
}

size_t mg_forward_model_size(const mg_forward_model *model) {
  return model->kind == MG_FORWARD_DELTA ? mg_mlp_size(&model->delta)
                                         : mg_forward_product_size(model);
}

void mg_forward_model_init(const mg_forward_model *model, mg_rng *rng, mg_real *theta) {
  if (model->kind == MG_FORWARD_DELTA)
    mg_mlp_init_normal(&model->delta, 0.1, rng, theta);
  else
    mg_forward_product_init(model, rng, theta);
}

mg_forward_tape mg_forward_tape_make(const mg_forward_model *model, int capacity, mg_arena *arena) {
  mg_forward_tape tape = {0};
  if (model->kind == MG_FORWARD_DELTA) {
    tape.delta = mg_mlp_tape_make(&model->delta, capacity, arena);
    tape.work[0] = MG_NEW(arena, mg_real, (size_t)capacity * (size_t)model->state_size);
  } else {
    mg_forward_product_tape(model, capacity, arena, &tape);
  }
  return tape;
}

void mg_forward_model_forward(const mg_forward_model *model, int B, const mg_real *theta,
                              const mg_real *scale, const mg_real *xa, mg_forward_tape *tape,
                              mg_real *x_next) {
  if (model->kind == MG_FORWARD_PRODUCT) {
    mg_forward_product_forward(model, B, theta, xa, tape, x_next);
    return;
  }
  const int S = model->state_size, I = S + model->action_size;
  mg_mlp_forward(&model->delta, B, theta, xa, &tape->delta, x_next);
  for (int b = 0; b < B; b++) {
    const mg_real *x = xa + (size_t)b * (size_t)I;
    mg_real *y = x_next + (size_t)b * (size_t)S;
    for (int i = 0; i < S; i++) y[i] = x[i] + scale[i] * y[i];
  }
}

void mg_forward_model_backward_input(const mg_forward_model *model, int first, int rows,
                                     const mg_real *theta, const mg_real *scale,
                                     mg_forward_tape *tape, const mg_real *dx_next, mg_real *dxa) {
  if (model->kind == MG_FORWARD_PRODUCT) {
    mg_forward_product_backward_input(model, first, rows, theta, tape, dx_next, dxa);
    return;
  }
  const int S = model->state_size, I = S + model->action_size;
  mg_real *scaled = tape->work[0];
  for (int b = 0; b < rows; b++) {
    for (int i = 0; i < S; i++) {
      const size_t k = (size_t)b * (size_t)S + (size_t)i;
      scaled[k] = scale[i] * dx_next[k];
    }
  }
  mg_mlp_backward_input(&model->delta, first, rows, theta, &tape->delta, scaled, dxa);
  if (!dxa) return;
  for (int b = 0; b < rows; b++) { /* the identity of x' = x + ... */
    mg_real *dx = dxa + (size_t)b * (size_t)I;
    const mg_real *dy = dx_next + (size_t)b * (size_t)S;
    for (int i = 0; i < S; i++) dx[i] += dy[i];
  }
}

void mg_forward_model_backward_theta(const mg_forward_model *model, int B, mg_forward_tape *tape,
                                     mg_real *dtheta) {
  if (model->kind == MG_FORWARD_DELTA)
    mg_mlp_backward_theta(&model->delta, B, &tape->delta, dtheta);
  else
    mg_forward_product_backward_theta(model, B, tape, dtheta);
}

/* The product's parts, with the GRU as its two dense layers. */
static double product_flops(const mg_forward_model *model, int B,
                            double (*of)(const mg_mlp *, int)) {
  const mg_mlp gates = mg_mlp_make(model->units, 0, NULL, 3 * model->units, MG_IDENTITY);
  return of(&model->state_in, B) + 2 * of(&gates, B) + of(&model->state_out, B) +
         of(&model->action, B) + of(&model->decoder, B);
}

static double flops_backward_with_dx(const mg_mlp *net, int B) {
  return mg_mlp_flops_backward_input(net, B, 1);
}

double mg_forward_model_flops_forward(const mg_forward_model *model, int B) {
  return model->kind == MG_FORWARD_DELTA ? mg_mlp_flops_forward(&model->delta, B)
                                         : product_flops(model, B, mg_mlp_flops_forward);
}

double mg_forward_model_flops_backward_input(const mg_forward_model *model, int B, int with_dx) {
  return model->kind == MG_FORWARD_DELTA ? mg_mlp_flops_backward_input(&model->delta, B, with_dx)
                                         : product_flops(model, B, flops_backward_with_dx);
}

double mg_forward_model_flops_backward_theta(const mg_forward_model *model, int B) {
  return model->kind == MG_FORWARD_DELTA ? mg_mlp_flops_backward_theta(&model->delta, B)
                                         : product_flops(model, B, mg_mlp_flops_backward_theta);
}
