/* Fully connected layer, y = x W^T + b.  Local, no allocation, thread-safe.
 * B batch rows, I inputs, O outputs; row-major, batch first.
 * theta [O*I + O]: W [O,I], then b [O].  The caller owns every array; arrays must not overlap. */
#ifndef MG_NN_DENSE_H
#define MG_NN_DENSE_H

#include "base/rng.h"
#include "math/real.h"

#include <stddef.h>

typedef struct mg_dense {
  int in, out;
} mg_dense;

size_t mg_dense_size(mg_dense layer);

/* W ~ scale * N(0, 1/in), b = 0. */
void mg_dense_init_normal(mg_dense layer, double scale, mg_rng *rng, mg_real *theta);

/* W with orthonormal rows or columns times scale (Saxe et al. 2014), b = 0. `scratch` [in*out]. */
void mg_dense_init_orthogonal(mg_dense layer, double scale, mg_rng *rng, mg_real *theta,
                              double *scratch);

/* y [B,O] <- x [B,I] W^T + b.  B = 0 is a no-op. */
void mg_dense_forward(mg_dense layer, int B, const mg_real *theta, const mg_real *x, mg_real *y);

/* Its two halves, for callers that add the bias [O] where they read y again anyway. */
void mg_dense_product(mg_dense layer, int B, const mg_real *theta, const mg_real *x, mg_real *y);
const mg_real *mg_dense_bias(mg_dense layer, const mg_real *theta);

/* dx [B,I] <- dy [B,O] W: the gradient passes through, the layer's own is left alone. */
void mg_dense_backward_input(mg_dense layer, int B, const mg_real *theta, const mg_real *dy,
                             mg_real *dx);

/* dtheta: dW += dy^T x, db += sum_B dy. */
void mg_dense_backward_theta(mg_dense layer, int B, const mg_real *x, const mg_real *dy,
                             mg_real *dtheta);

#endif
