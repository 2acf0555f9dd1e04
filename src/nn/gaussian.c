#include "nn/gaussian.h"

#include <math.h>
#include <stddef.h>

/* Columns handled together, so that what depends on the column alone is computed once. */
enum { BLOCK = 64 };
static const double HALF_LOG_2PI = 0.91893853320467274178;

static int width_at(int A, int first) {
  return A - first < BLOCK ? A - first : BLOCK;
}

static size_t at(int A, int b, int first) {
  return (size_t)b * (size_t)A + (size_t)first;
}

void mg_gaussian_sample(int B, int A, const mg_real *mean, const mg_real *log_sigma,
                        const mg_real *xi, mg_real *a) {
  for (int first = 0; first < A; first += BLOCK) {
    const int width = width_at(A, first);
    mg_real sigma[BLOCK];
    for (int j = 0; j < width; j++) sigma[j] = (mg_real)exp((double)log_sigma[first + j]);
    for (int b = 0; b < B; b++) {
      const mg_real *m = mean + at(A, b, first), *x = xi + at(A, b, first);
      mg_real *out = a + at(A, b, first);
      for (int j = 0; j < width; j++) out[j] = m[j] + sigma[j] * x[j];
    }
  }
}

/* da/dlog_sigma = sigma xi = a - mean. */
void mg_gaussian_sample_backward(int B, int A, const mg_real *mean, const mg_real *a,
                                 const mg_real *da, mg_real *dlog_sigma) {
  for (int first = 0; first < A; first += BLOCK) {
    const int width = width_at(A, first);
    double sum[BLOCK] = {0};
    for (int b = 0; b < B; b++) {
      const mg_real *m = mean + at(A, b, first), *x = a + at(A, b, first);
      const mg_real *d = da + at(A, b, first);
      for (int j = 0; j < width; j++) sum[j] += (double)d[j] * (double)(x[j] - m[j]);
    }
    for (int j = 0; j < width; j++) dlog_sigma[first + j] += (mg_real)sum[j];
  }
}

void mg_gaussian_log_probability(int B, int A, const mg_real *mean, const mg_real *log_sigma,
                                 const mg_real *a, mg_real *log_probability) {
  for (int b = 0; b < B; b++) log_probability[b] = 0;
  for (int first = 0; first < A; first += BLOCK) {
    const int width = width_at(A, first);
    double inverse[BLOCK], constant = 0;
    for (int j = 0; j < width; j++) {
      inverse[j] = exp(-(double)log_sigma[first + j]);
      constant -= (double)log_sigma[first + j] + HALF_LOG_2PI;
    }
    for (int b = 0; b < B; b++) {
      const mg_real *m = mean + at(A, b, first), *x = a + at(A, b, first);
      double square = 0;
      for (int j = 0; j < width; j++) {
        const double xi = ((double)x[j] - (double)m[j]) * inverse[j];
        square += xi * xi;
      }
      log_probability[b] += (mg_real)(constant - 0.5 * square);
    }
  }
}

/* With xi = (a - mean) / sigma: dlp/dmean = xi / sigma, dlp/dlog_sigma = xi^2 - 1. */
void mg_gaussian_log_probability_backward(int B, int A, const mg_real *mean,
                                          const mg_real *log_sigma, const mg_real *a,
                                          const mg_real *dlp, mg_real *dmean, mg_real *dlog_sigma) {
  for (int first = 0; first < A; first += BLOCK) {
    const int width = width_at(A, first);
    double inverse[BLOCK], sum[BLOCK] = {0};
    for (int j = 0; j < width; j++) inverse[j] = exp(-(double)log_sigma[first + j]);
    for (int b = 0; b < B; b++) {
      const mg_real *m = mean + at(A, b, first), *x = a + at(A, b, first);
      mg_real *out = dmean + at(A, b, first);
      for (int j = 0; j < width; j++) {
        const double xi = ((double)x[j] - (double)m[j]) * inverse[j];
        out[j] = (mg_real)((double)dlp[b] * xi * inverse[j]);
        sum[j] += (double)dlp[b] * (xi * xi - 1);
      }
    }
    for (int j = 0; j < width; j++) dlog_sigma[first + j] += (mg_real)sum[j];
  }
}

double mg_gaussian_entropy(int A, const mg_real *log_sigma) {
  double entropy = A * (HALF_LOG_2PI + 0.5);
  for (int j = 0; j < A; j++) entropy += (double)log_sigma[j];
  return entropy;
}
