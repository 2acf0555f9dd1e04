#include "math/vec.h"

#include "math/elementary.h"

void mg_vec_tanh(size_t n, const mg_real *x, mg_real *y) {
  for (size_t i = 0; i < n; i++) y[i] = mg_one_tanh(x[i]);
}

void mg_vec_sigmoid(size_t n, const mg_real *x, mg_real *y) {
  for (size_t i = 0; i < n; i++) y[i] = mg_one_sigmoid(x[i]);
}

void mg_vec_softplus(size_t n, const mg_real *x, mg_real *y) {
  for (size_t i = 0; i < n; i++) y[i] = mg_one_softplus(x[i]);
}

void mg_vec_fill(size_t n, mg_real value, mg_real *y) {
  for (size_t i = 0; i < n; i++) y[i] = value;
}

void mg_vec_copy(size_t n, const mg_real *x, mg_real *y) {
  if (n > 0 && x != y) memcpy(y, x, n * sizeof *y);
}

void mg_vec_axpy(size_t n, mg_real a, const mg_real *x, mg_real *y) {
  for (size_t i = 0; i < n; i++) y[i] = mg_one_fma(a, x[i], y[i]);
}

void mg_vec_scale(size_t n, mg_real a, mg_real *x) {
  for (size_t i = 0; i < n; i++) x[i] *= a;
}

void mg_vec_track(size_t n, mg_real t, const mg_real *x, mg_real *y) {
  for (size_t i = 0; i < n; i++) y[i] += t * (x[i] - y[i]);
}

void mg_vec_softmax(size_t n, const mg_real *x, mg_real *y) {
  const double total = mg_vec_log_sum_exp(n, x);
  for (size_t i = 0; i < n; i++) y[i] = (mg_real)exp((double)x[i] - total);
}
