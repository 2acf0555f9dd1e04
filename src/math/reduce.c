/* Reductions of math/vec.h. Sums over long arrays are a fixed number of interleaved ones, whatever
 * the machine's vectors: the order of additions is part of the result. */
#include "math/narrow.h"
#include "math/vec.h"

#include <assert.h>
#include <math.h>

enum { SUMS = 16 };

static double fold(double *sum) {
  for (int half = SUMS / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) sum[i] += sum[i + half];
  return sum[0];
}

double mg_vec_sum(size_t n, const mg_real *x) {
  double sum[SUMS] = {0};
  size_t i = 0;
  for (; i + SUMS <= n; i += SUMS)
    for (size_t j = 0; j < SUMS; j++) sum[j] += (double)x[i + j];
  for (size_t j = 0; i + j < n; j++) sum[j] += (double)x[i + j];
  return fold(sum);
}

double mg_vec_dot(size_t n, const mg_real *x, const mg_real *y) {
  double sum[SUMS] = {0};
  size_t i = 0;
  for (; i + SUMS <= n; i += SUMS)
    for (size_t j = 0; j < SUMS; j++) sum[j] += (double)x[i + j] * (double)y[i + j];
  for (size_t j = 0; i + j < n; j++) sum[j] += (double)x[i + j] * (double)y[i + j];
  return fold(sum);
}

double mg_vec_norm(size_t n, const mg_real *x) {
  return sqrt(mg_vec_dot(n, x, x));
}

double mg_vec_log_sum_exp(size_t n, const mg_real *x) {
  assert(n > 0);
  const double largest = (double)x[mg_vec_argmax(n, x)];
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += exp((double)x[i] - largest);
  return largest + log(sum);
}

size_t mg_vec_argmax(size_t n, const mg_real *x) {
  assert(n > 0);
  size_t best = 0;
  for (size_t i = 1; i < n; i++)
    if (x[i] > x[best]) best = i;
  return best;
}

int mg_vec_all_finite(size_t n, const mg_real *x) {
  /* x - x is 0 for finite x and NaN otherwise, and so are sums of it. */
  mg_real sum[SUMS] = {0};
  size_t i = 0;
  for (; i + SUMS <= n; i += SUMS)
    for (size_t j = 0; j < SUMS; j++) sum[j] += x[i + j] - x[i + j];
  for (size_t j = 0; i + j < n; j++) sum[j] += x[i + j] - x[i + j];
  int finite = 1;
  for (size_t j = 0; j < SUMS; j++) finite &= sum[j] == 0;
  return finite;
}

/* The narrow product of a row of ones and x, a block of rows at a time. */
void mg_vec_add_column_sums(int B, int O, const mg_real *x, mg_real *b) {
  enum { ROWS = 256 };
  mg_real ones[ROWS];
  for (int i = 0; i < ROWS; i++) ones[i] = 1;
  for (int first = 0; first < B; first += ROWS)
    mg_narrow_tn(1, O, B - first < ROWS ? B - first : ROWS, ones, x + (size_t)first * (size_t)O, 1,
                 b);
}
