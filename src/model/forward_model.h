/* The forward model f(x, a) -> next state, in normalised coordinates.
 *
 *   delta:    x' = x + scale * mlp([x, a])            scale [S]: spread of the state change
 *   product:  the product of embeddings of the MGAIL reference implementation (Baram et al. 2017):
 *             e_s = sigmoid(dense(gru(relu(dense(x)), 1)))   the GRU's state is the constant 1
 *             e_a = sigmoid(dense(relu(dense(a))))
 *             x'  = dense(relu(dense(relu(dense(relu(dense(e_s * e_a)))))))
 *
 * Both are trained on mean(((f - x') / scale)^2) and differentiated with respect to x and a. As for
 * the MLP the backward pass has two halves: inputs by row range, parameters once. */
#ifndef MG_MODEL_FORWARD_MODEL_H
#define MG_MODEL_FORWARD_MODEL_H

#include "base/named.h"
#include "nn/gru.h"
#include "nn/mlp.h"

/* Enumerator, name in configuration files. */
#define MG_FORWARD_LIST(X)                                                                         \
  X(MG_FORWARD_DELTA, "delta")                                                                     \
  X(MG_FORWARD_PRODUCT, "product")

typedef enum mg_forward_kind { MG_FORWARD_LIST(MG_NAMED_ENUM) } mg_forward_kind;

typedef struct mg_forward_model {
  mg_forward_kind kind;
  int state_size, action_size;
  mg_mlp delta; /* delta: [x, a] -> change / scale */
  int units;    /* product: width of the embeddings */
  mg_mlp state_in, state_out, action, decoder;
  mg_gru gru;
} mg_forward_model;

typedef struct mg_forward_tape {
  mg_mlp_tape delta;
  mg_mlp_tape state_in, state_out, action, decoder;
  mg_gru_tape gru;
  mg_real *work[10]; /* activations and scratch between the parts, [capacity, widest] each */
} mg_forward_tape;

mg_forward_model mg_forward_model_make(mg_forward_kind kind, int state_size, int action_size,
                                       int hidden_layers, const int *hidden, mg_activation f);
size_t mg_forward_model_size(const mg_forward_model *model);
void mg_forward_model_init(const mg_forward_model *model, mg_rng *rng, mg_real *theta);
mg_forward_tape mg_forward_tape_make(const mg_forward_model *model, int capacity, mg_arena *arena);

/* x_next [B,S] <- f(xa [B,S+A]). */
void mg_forward_model_forward(const mg_forward_model *model, int B, const mg_real *theta,
                              const mg_real *scale, const mg_real *xa, mg_forward_tape *tape,
                              mg_real *x_next);

/* For rows first .. first+rows-1: dx_next [rows,S] -> deltas on the tape; dxa [rows,S+A] <- the
 * gradient with respect to the inputs (Nullable: when only the parameters are trained). dx_next is
 * left as it was. */
void mg_forward_model_backward_input(const mg_forward_model *model, int first, int rows,
                                     const mg_real *theta, const mg_real *scale,
                                     mg_forward_tape *tape, const mg_real *dx_next, mg_real *dxa);
void mg_forward_model_backward_theta(const mg_forward_model *model, int B, mg_forward_tape *tape,
                                     mg_real *dtheta);

double mg_forward_model_flops_forward(const mg_forward_model *model, int B);
double mg_forward_model_flops_backward_input(const mg_forward_model *model, int B, int with_dx);
double mg_forward_model_flops_backward_theta(const mg_forward_model *model, int B);

#endif
