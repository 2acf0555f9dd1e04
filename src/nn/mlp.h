/* Multi-layer perceptron: dense layers with an activation between them.
 *
 *   h_0 = x,   z_k = h_{k-1} W_k^T + b_k,   h_k = f(z_k) for k < L,   y = z_L
 *
 * theta is the layers' parameters one after another (each W, then b). The forward pass leaves what
 * the backward pass needs on a tape. The backward pass comes in two halves, so that a recursion in
 * time can run the first half a few rows at a time and the second once, in wide products:
 *   backward_input:  the deltas dL/dz_k of a range of rows (kept on the tape) and dL/dx;
 *   backward_theta:  dL/dtheta from the deltas of all rows. */
#ifndef MG_NN_MLP_H
#define MG_NN_MLP_H

#include "base/arena.h"
#include "base/rng.h"
#include "nn/activation.h"

/* BLOCK: rows that go through all layers together, so that what a pass writes the next finds in
 * cache. The gradient of a mean over many rows is best taken a block at a time, there and back, on
 * a tape of one block. */
enum { MG_MLP_MAX_LAYERS = 8, MG_MLP_BLOCK = 256 };

/* Rows of the block that begins with row `first` of B. */
static inline int mg_mlp_block(int B, int first) {
  return B - first < MG_MLP_BLOCK ? B - first : MG_MLP_BLOCK;
}

typedef struct mg_mlp {
  int layers;                       /* L: number of dense layers, 1..MG_MLP_MAX_LAYERS */
  int width[MG_MLP_MAX_LAYERS + 1]; /* inputs, hidden widths, outputs */
  mg_activation activation;         /* f, of the hidden layers */
} mg_mlp;

typedef struct mg_mlp_tape {
  int capacity;                      /* rows */
  mg_real *h[MG_MLP_MAX_LAYERS];     /* [capacity, width[k]]; h[0] is a copy of x */
  mg_real *gate[MG_MLP_MAX_LAYERS];  /* k = 1..L-1: z_k and then what f leaves of it; or h[k] */
  mg_real *delta[MG_MLP_MAX_LAYERS]; /* k = 1..L-1: dL/dz_k */
  mg_real *dy;                       /* [capacity, width[L]]: dL/dy as given */
} mg_mlp_tape;

/* widths: `hidden` [hidden_layers], e.g. {64, 64}; hidden_layers = 0 is a linear map. */
mg_mlp mg_mlp_make(int in, int hidden_layers, const int *hidden, int out, mg_activation f);

/* Number of parameters. */
size_t mg_mlp_size(const mg_mlp *net);

/* Arrays for up to `capacity` rows, from the arena. Ask mg_arena_status afterwards. */
mg_mlp_tape mg_mlp_tape_make(const mg_mlp *net, int capacity, mg_arena *arena);

/* W ~ N(0, 1/fan_in), the last layer's times last_scale; biases 0. */
void mg_mlp_init_normal(const mg_mlp *net, double last_scale, mg_rng *rng, mg_real *theta);

/* Orthogonal with hidden_scale, the last layer with last_scale; biases 0. Allocates scratch. */
mg_status mg_mlp_init_orthogonal(const mg_mlp *net, double hidden_scale, double last_scale,
                                 mg_rng *rng, mg_real *theta);

/* y [B,O] <- net(x [B,I]). The tape remembers rows 0..B-1. */
void mg_mlp_forward(const mg_mlp *net, int B, const mg_real *theta, const mg_real *x,
                    mg_mlp_tape *tape, mg_real *y);

/* For rows first .. first+rows-1 of the tape: keep dy [rows,O] and the deltas on the tape, and
 * dx [rows,I] <- dL/dx (Nullable). */
void mg_mlp_backward_input(const mg_mlp *net, int first, int rows, const mg_real *theta,
                           mg_mlp_tape *tape, const mg_real *dy, mg_real *dx);

/* dtheta += dL/dtheta over rows 0..B-1, whose deltas are all on the tape. */
void mg_mlp_backward_theta(const mg_mlp *net, int B, const mg_mlp_tape *tape, mg_real *dtheta);

/* Both halves over all B rows. dtheta Nullable: frozen. dx Nullable: not wanted. */
void mg_mlp_backward(const mg_mlp *net, int B, const mg_real *theta, mg_mlp_tape *tape,
                     const mg_real *dy, mg_real *dtheta, mg_real *dx);

/* Directional second derivative, for penalties on the input gradient of a net with one output.
 * With v [B,I] held constant, dtheta += grad_theta sum_B v_b . grad_x net(x_b).
 * (A penalty p(|grad_x net|) has v = p'(.) grad / |grad|.) Method: the forward tangent along v,
 * then reverse through both. The tape must hold mg_mlp_forward, and mg_mlp_backward_input with
 * dy = 1, for all B rows. `work`: scratch of the same capacity, from mg_mlp_penalty_make. */
typedef struct mg_mlp_penalty_work {
  mg_real *tangent_h[MG_MLP_MAX_LAYERS]; /* [capacity, width[k]]: dh_k along v */
  mg_real *tangent_z[MG_MLP_MAX_LAYERS];
  mg_real *first[MG_MLP_MAX_LAYERS], *second[MG_MLP_MAX_LAYERS]; /* f'(z_k), f''(z_k) */
  mg_real *a, *b;                                                /* [capacity, widest] */
} mg_mlp_penalty_work;
mg_mlp_penalty_work mg_mlp_penalty_make(const mg_mlp *net, int capacity, mg_arena *arena);
void mg_mlp_penalty_backward(const mg_mlp *net, int B, const mg_real *theta,
                             const mg_mlp_tape *tape, const mg_real *v, mg_mlp_penalty_work *work,
                             mg_real *dtheta);

/* Floating-point operations in matrix products, for B rows. */
double mg_mlp_flops_forward(const mg_mlp *net, int B);
double mg_mlp_flops_backward_input(const mg_mlp *net, int B, int with_dx);
double mg_mlp_flops_backward_theta(const mg_mlp *net, int B);
/* Of a gradient of all parameters: forward, backward without dx, weights. */
double mg_mlp_flops_training(const mg_mlp *net, int B);
double mg_mlp_flops_penalty(const mg_mlp *net, int B); /* of mg_mlp_penalty_backward alone */

#endif
