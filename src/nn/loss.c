#include "nn/loss.h"

#include "math/elementary.h"
#include "math/vec.h"

#include <assert.h>

double mg_loss_bce(int B, const mg_real *l, int label, mg_real weight, mg_real *dl) {
  assert(label == 0 || label == 1);
  if (B == 0) return 0;
  const size_t n = (size_t)B;
  const mg_real sign = label ? -1 : 1; /* softplus(sign l) */
  for (size_t i = 0; i < n; i++) dl[i] = mg_one_softplus(sign * l[i]);
  const double mean = mg_vec_sum(n, dl) / B;
  const mg_real scale = sign * weight / (mg_real)B;
  for (size_t i = 0; i < n; i++) dl[i] = scale * mg_one_sigmoid(sign * l[i]);
  return mean;
}

double mg_loss_mse(int B, int O, const mg_real *y, const mg_real *target, mg_real *dy) {
  const size_t n = (size_t)B * (size_t)O;
  if (n == 0) return 0;
  for (size_t i = 0; i < n; i++) dy[i] = y[i] - target[i];
  const double mean = mg_vec_dot(n, dy, dy) / (double)n;
  mg_vec_scale(n, (mg_real)(2 / (double)n), dy);
  return mean;
}

double mg_loss_gradient_penalty(int B, int I, const mg_real *g, mg_real target, mg_real weight,
                                mg_real *v) {
  if (B == 0) return 0;
  double sum = 0;
  for (int b = 0; b < B; b++, g += I, v += I) {
    double square = 0;
    for (int i = 0; i < I; i++) square += (double)g[i] * (double)g[i];
    const double norm = sqrt(square), excess = norm - (double)target;
    sum += excess * excess;
    /* d (|g| - c)^2 / dg = 2 (1 - c / |g|) g; at g = 0 the direction is undefined, so 0. */
    double factor = 1;
    if (target != 0) factor = norm > 0 ? excess / norm : 0;
    factor *= 2 * (double)weight / B;
    for (int i = 0; i < I; i++) v[i] = (mg_real)factor * g[i];
  }
  return sum / B;
}
