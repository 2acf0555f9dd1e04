/* Forward-mode derivative of an MLP along a direction in its parameters (the R-operator of
 * Pearlmutter 1994). With the direction v = [V_k, c_k] of theta = [W_k, b_k], x held fixed:
 *
 *   t_0 = 0,   u_k = h_{k-1} V_k^T + c_k + t_{k-1} W_k^T,   t_k = f'(z_k) * u_k,   dy = u_L
 *
 * so that dy = (dy/dtheta) v, at the cost of two forward passes. The backward pass being
 * (dy/dtheta)^T, the two make products with (dy/dtheta)^T M (dy/dtheta) (algo/on_policy/trpo.h). */
#ifndef MG_NN_MLP_TANGENT_H
#define MG_NN_MLP_TANGENT_H

#include "nn/mlp.h"

/* Scratch for a block of rows, whatever B. */
typedef struct mg_mlp_tangent {
  mg_real *t, *u; /* [block, widest] */
} mg_mlp_tangent;

mg_mlp_tangent mg_mlp_tangent_make(const mg_mlp *net, mg_arena *arena);

/* dy [B,O] <- tangent along v [mg_mlp_size]. The tape holds mg_mlp_forward of the B rows at theta
 * and is left as it was. */
void mg_mlp_tangent_forward(const mg_mlp *net, int B, const mg_real *theta, const mg_mlp_tape *tape,
                            const mg_real *v, mg_mlp_tangent *work, mg_real *dy);

double mg_mlp_flops_tangent(const mg_mlp *net, int B);

#endif
