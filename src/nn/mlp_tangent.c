#include "nn/mlp_tangent.h"

#include "math/blas.h"
#include "nn/dense.h"

#include <assert.h>

/* Rows that go through all layers together. */
enum { BLOCK = 256 };

mg_mlp_tangent mg_mlp_tangent_make(const mg_mlp *net, mg_arena *arena) {
  int widest = 0;
  for (int k = 1; k <= net->layers; k++) widest = net->width[k] > widest ? net->width[k] : widest;
  const size_t n = (size_t)BLOCK * (size_t)widest;
  return (mg_mlp_tangent){.t = MG_NEW(arena, mg_real, n), .u = MG_NEW(arena, mg_real, n)};
}

static void tangent_block(const mg_mlp *net, int first, int rows, const mg_real *theta,
                          const mg_mlp_tape *tape, const mg_real *v, mg_mlp_tangent *work,
                          mg_real *dy) {
  const int *width = net->width;
  mg_real *t = work->t, *u = work->u; /* t_{k-1} and u_k */
  for (int k = 1; k <= net->layers; k++) {
    const mg_dense layer = {width[k - 1], width[k]};
    const size_t from = (size_t)first * (size_t)width[k - 1], to = (size_t)first * (size_t)width[k];
    mg_real *out = k == net->layers ? dy + to : u;
    mg_dense_forward(layer, rows, v, tape->h[k - 1] + from, out);
    if (k > 1) mg_matmul_nt(rows, layer.out, layer.in, t, theta, 1, out);
    theta += mg_dense_size(layer);
    v += mg_dense_size(layer);
    if (k == net->layers) return;
    /* t_k = f'(z_k) u_k is what the activation's backward pass computes. */
    mg_activation_backward(net->activation, (size_t)rows * (size_t)layer.out, tape->gate[k] + to,
                           tape->h[k] + to, u, u);
    mg_real *swap = t;
    t = u;
    u = swap;
  }
}

void mg_mlp_tangent_forward(const mg_mlp *net, int B, const mg_real *theta, const mg_mlp_tape *tape,
                            const mg_real *v, mg_mlp_tangent *work, mg_real *dy) {
  assert(0 <= B && B <= tape->capacity);
  for (int first = 0; first < B; first += BLOCK) {
    const int rows = B - first < BLOCK ? B - first : BLOCK;
    tangent_block(net, first, rows, theta, tape, v, work, dy);
  }
}

double mg_mlp_flops_tangent(const mg_mlp *net, int B) {
  return 2 * mg_mlp_flops_forward(net, B) - mg_matmul_flops(B, net->width[1], net->width[0]);
}
