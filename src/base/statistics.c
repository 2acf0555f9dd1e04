#include "base/statistics.h"

#include "base/rng.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

double mg_stat_mean(int n, const double *x) {
  assert(n >= 1);
  double sum = 0;
  for (int i = 0; i < n; i++) sum += x[i];
  return sum / n;
}

double mg_stat_sd(int n, const double *x, double mean) {
  double squares = 0;
  for (int i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
  return n > 1 ? sqrt(squares / (n - 1)) : 0;
}

/* The mean is a sum of shares, which may differ from mg_stat_mean in the last bit: it is what
 * results and demonstrations were recorded with. */
mg_summary mg_summarise(int n, const double *values) {
  if (n < 1) return (mg_summary){NAN, NAN, NAN, NAN};
  mg_summary s = {.min = values[0], .max = values[0]};
  for (int i = 0; i < n; i++) {
    s.mean += values[i] / n;
    s.min = fmin(s.min, values[i]);
    s.max = fmax(s.max, values[i]);
  }
  s.sd = mg_stat_sd(n, values, s.mean);
  return s;
}

double mg_stat_score(double result, double random_return, double other_return) {
  double range = other_return - random_return;
  return range != 0 ? (result - random_return) / range : NAN;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double mg_stat_median(int n, double *x) {
  assert(n >= 1);
  qsort(x, (size_t)n, sizeof *x, ascending);
  const double low = x[(n - 1) / 2], high = x[n / 2];
  return low == high ? low : (low + high) / 2;
}

double mg_stat_iqm(int n, double *x) {
  assert(n >= 1);
  qsort(x, (size_t)n, sizeof *x, ascending);
  int cut = n / 4;
  return mg_stat_mean(n - 2 * cut, x + cut);
}

double mg_stat_quantile(int n, const double *x, double p) {
  assert(n >= 1 && p >= 0 && p <= 1);
  double position = p * (n - 1);
  int below = (int)position;
  if (below >= n - 1) return x[n - 1];
  double share = position - below;
  return (1 - share) * x[below] + share * x[below + 1];
}

/* Resample b of x, stratum after stratum: drawn <- so many entries of x. */
static void resample(int strata, const int *count, const double *x, uint64_t seed, int b,
                     double *drawn) {
  mg_rng rng = mg_rng_at(seed, MG_RNG_BOOTSTRAP, 0, (uint64_t)b);
  int first = 0;
  for (int k = 0; k < strata; first += count[k++])
    for (int i = 0; i < count[k]; i++)
      drawn[first + i] = x[first + (int)mg_rng_below(&rng, (uint64_t)count[k])];
}

mg_status mg_stat_bootstrap_iqm(int strata, const int *count, const double *x, int resamples,
                                double level, uint64_t seed, mg_interval *interval) {
  assert(resamples >= 1 && level >= 0 && level <= 1);
  int n = 0;
  for (int k = 0; k < strata; k++) n += count[k];
  assert(n >= 1);
  double *drawn = malloc((size_t)n * sizeof *drawn);
  double *means = malloc((size_t)resamples * sizeof *means);
  if (!drawn || !means) {
    free(drawn);
    free(means);
    return mg_fail(MG_ERR_MEMORY, "out of memory for %d resamples of %d values", resamples, n);
  }
  for (int b = 0; b < resamples; b++) {
    resample(strata, count, x, seed, b, drawn);
    means[b] = mg_stat_iqm(n, drawn);
  }
  qsort(means, (size_t)resamples, sizeof *means, ascending);
  interval->low = mg_stat_quantile(resamples, means, (1 - level) / 2);
  interval->high = mg_stat_quantile(resamples, means, (1 + level) / 2);
  free(drawn);
  free(means);
  return MG_OK;
}

/* share[l] <- the part of x [n] above at[l]. x is sorted in place. */
static void shares_above(int n, double *x, int levels, const double *at, double *share,
                         size_t stride) {
  qsort(x, (size_t)n, sizeof *x, ascending);
  int below = 0;
  for (int l = 0; l < levels; l++) {
    while (below < n && x[below] <= at[l]) below++;
    share[(size_t)l * stride] = (double)(n - below) / n;
  }
}

mg_status mg_stat_profile(int strata, const int *count, const double *x, int levels,
                          const double *at, int resamples, double level, uint64_t seed,
                          double *share, mg_interval *interval) {
  assert(resamples >= 1 && level >= 0 && level <= 1);
  int n = 0;
  for (int k = 0; k < strata; k++) n += count[k];
  assert(n >= 1);
  const size_t stride = (size_t)resamples;
  double *drawn = malloc((size_t)n * sizeof *drawn);
  double *of = calloc((size_t)levels * stride, sizeof *of); /* [levels, resamples] */
  if (!drawn || !of) {
    free(drawn);
    free(of);
    return mg_fail(MG_ERR_MEMORY, "out of memory for %d resamples of a profile of %d values",
                   resamples, n);
  }
  memcpy(drawn, x, (size_t)n * sizeof *drawn);
  shares_above(n, drawn, levels, at, share, 1);
  for (int b = 0; b < resamples; b++) {
    resample(strata, count, x, seed, b, drawn);
    shares_above(n, drawn, levels, at, of + b, stride);
  }
  for (int l = 0; l < levels; l++) {
    double *s = of + (size_t)l * stride;
    qsort(s, stride, sizeof *s, ascending);
    interval[l].low = mg_stat_quantile(resamples, s, (1 - level) / 2);
    interval[l].high = mg_stat_quantile(resamples, s, (1 + level) / 2);
  }
  free(drawn);
  free(of);
  return MG_OK;
}
