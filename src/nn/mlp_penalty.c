/* Gradient with respect to theta of s = sum_B v . grad_x y. Forward along v, with t = dh, u = dz:
 *
 *   t_0 = v,   u_k = t_{k-1} W_k^T,   t_k = f'(z_k) * u_k,   s = sum_B u_L
 *
 * Reverse. ds/du_k is dy/dz_k, the delta that backward_input left on the tape, since s is linear in
 * u with the same coefficients. With c_k = ds/dz_k, c_L = 0:
 *
 *   c_k = f''(z_k) * u_k * (delta_{k+1} W_{k+1}) + f'(z_k) * (c_{k+1} W_{k+1})
 *   dW_k += c_k^T h_{k-1} + delta_k^T t_{k-1},   db_k += sum_B c_k                               */
#include "math/blas.h"
#include "math/vec.h"
#include "nn/dense.h"
#include "nn/mlp.h"

#include <assert.h>

mg_mlp_penalty_work mg_mlp_penalty_make(const mg_mlp *net, int capacity, mg_arena *arena) {
  assert(capacity >= 0);
  mg_mlp_penalty_work work = {0};
  int widest = 0;
  for (int k = 1; k < net->layers; k++) {
    const size_t n = (size_t)capacity * (size_t)net->width[k];
    work.tangent_h[k] = MG_NEW(arena, mg_real, n);
    work.tangent_z[k] = MG_NEW(arena, mg_real, n);
    work.first[k] = MG_NEW(arena, mg_real, n);
    work.second[k] = MG_NEW(arena, mg_real, n);
    widest = net->width[k] > widest ? net->width[k] : widest;
  }
  work.a = MG_NEW(arena, mg_real, (size_t)capacity * (size_t)widest);
  work.b = MG_NEW(arena, mg_real, (size_t)capacity * (size_t)widest);
  return work;
}

static void tangent_forward(const mg_mlp *net, int B, const mg_real *const *W,
                            const mg_mlp_tape *tape, const mg_real *v, mg_mlp_penalty_work *work) {
  for (int k = 1; k < net->layers; k++) {
    const size_t n = (size_t)B * (size_t)net->width[k];
    mg_real *t = work->tangent_h[k], *u = work->tangent_z[k];
    mg_matmul_nt(B, net->width[k], net->width[k - 1], k == 1 ? v : work->tangent_h[k - 1], W[k], 0,
                 u);
    mg_activation_derivatives(net->activation, n, tape->gate[k], tape->h[k], work->first[k],
                              work->second[k]);
    const mg_real *first = work->first[k];
    for (size_t i = 0; i < n; i++) t[i] = first[i] * u[i];
  }
}

/* c <- c * second * u + first * carried (Nullable: 0); c comes in as delta_{k+1} W_{k+1}. */
static void curve(size_t n, const mg_real *first, const mg_real *second, const mg_real *u,
                  const mg_real *carried, mg_real *c) {
  if (carried)
    for (size_t i = 0; i < n; i++) c[i] = c[i] * second[i] * u[i] + first[i] * carried[i];
  else
    for (size_t i = 0; i < n; i++) c[i] = c[i] * second[i] * u[i];
}

void mg_mlp_penalty_backward(const mg_mlp *net, int B, const mg_real *theta,
                             const mg_mlp_tape *tape, const mg_real *v, mg_mlp_penalty_work *work,
                             mg_real *dtheta) {
  const int L = net->layers, *width = net->width;
  assert(width[L] == 1 && 0 <= B && B <= tape->capacity);
  const mg_real *W[MG_MLP_MAX_LAYERS + 1] = {NULL};
  mg_real *dW[MG_MLP_MAX_LAYERS + 1] = {NULL};
  size_t offset = 0;
  for (int k = 1; k <= L; k++) {
    W[k] = theta + offset;
    dW[k] = dtheta + offset;
    offset += mg_dense_size((mg_dense){width[k - 1], width[k]});
  }

  tangent_forward(net, B, W, tape, v, work);
  mg_matmul_tn(1, width[L - 1], B, tape->dy, L == 1 ? v : work->tangent_h[L - 1], 1, dW[L]);

  mg_real *c = work->a, *carried = work->b; /* c_{k+1} at the head of each turn */
  for (int k = L - 1; k >= 1; k--) {
    const int last = k == L - 1;
    const mg_real *delta = last ? tape->dy : tape->delta[k + 1];
    if (!last) mg_matmul_nn(B, width[k], width[k + 1], c, W[k + 1], 0, carried);
    mg_matmul_nn(B, width[k], width[k + 1], delta, W[k + 1], 0, c);
    curve((size_t)B * (size_t)width[k], work->first[k], work->second[k], work->tangent_z[k],
          last ? NULL : carried, c);
    mg_dense_backward_theta((mg_dense){width[k - 1], width[k]}, B, tape->h[k - 1], c, dW[k]);
    mg_matmul_tn(width[k], width[k - 1], B, tape->delta[k], k == 1 ? v : work->tangent_h[k - 1], 1,
                 dW[k]);
  }
}

double mg_mlp_flops_penalty(const mg_mlp *net, int B) {
  double flops = 0;
  for (int k = 1; k < net->layers; k++) {
    const int carried = k < net->layers - 1;
    flops += 3 * mg_matmul_flops(B, net->width[k], net->width[k - 1]) +
             (1 + carried) * mg_matmul_flops(B, net->width[k + 1], net->width[k]);
  }
  return flops + mg_matmul_flops(B, 1, net->width[net->layers - 1]);
}
