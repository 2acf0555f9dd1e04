#include "math/conjugate_gradient.h"

#include "math/vec.h"

#include <math.h>

double mg_conjugate_gradient(size_t n, mg_product product, void *context, const mg_real *b,
                             int iterations, double tolerance, mg_real *x, mg_real *scratch) {
  mg_real *residual = scratch, *direction = scratch + n, *image = scratch + 2 * n;
  mg_vec_fill(n, 0, x);
  mg_vec_copy(n, b, residual);
  mg_vec_copy(n, b, direction);
  const double start = mg_vec_dot(n, b, b);
  double square = start;
  if (!(start > 0)) return 0;
  for (int k = 0; k < iterations && square > tolerance * tolerance * start; k++) {
    product(context, direction, image);
    const double curvature = mg_vec_dot(n, direction, image);
    if (!(curvature > 0)) break;
    const double step = square / curvature;
    mg_vec_axpy(n, (mg_real)step, direction, x);
    mg_vec_axpy(n, (mg_real)-step, image, residual);
    const double next = mg_vec_dot(n, residual, residual);
    mg_vec_scale(n, (mg_real)(next / square), direction);
    mg_vec_axpy(n, 1, residual, direction);
    square = next;
  }
  return sqrt(square / start);
}
