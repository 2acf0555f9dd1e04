/* Statistics of returns and over runs, in double: mean and spread, interquartile mean, stratified
 * bootstrap, normalised score.
 *
 * Over runs after Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical
 * Precipice" (NeurIPS 2021): few runs a cell call for a mean that one outlier does not move, and
 * for an interval beside it. Local, no allocation but the bootstrap's. */
#ifndef MG_BASE_STATISTICS_H
#define MG_BASE_STATISTICS_H

#include "base/status.h"

#include <stdint.h>

/* Mean of x [n], n >= 1, as a sum divided by n. */
double mg_stat_mean(int n, const double *x);

/* Standard deviation (n - 1) of x [n] about a mean; 0 where n < 2. */
double mg_stat_sd(int n, const double *x, double mean);

/* Mean, standard deviation, minimum, maximum. */
typedef struct mg_summary {
  double mean, sd, min, max;
} mg_summary;

/* Of values [n]; all NaN where n is 0. */
mg_summary mg_summarise(int n, const double *values);

typedef struct mg_interval {
  double low, high;
} mg_interval;

/* (R - random) / (other - random): 0 for random actions, 1 for the other, which is the trajectories
 * that were imitated or the reference expert. NaN where random and other are the same. */
double mg_stat_score(double result, double random_return, double other_return);

#define MG_SOLVED_SCORE 0.9 /* from here on a task counts as solved, by common usage */

/* The median of x [n], n >= 1, which may hold infinities. x is sorted in place. */
double mg_stat_median(int n, double *x);

/* Mean of the middle half of x [n], n >= 1: the floor(n/4) smallest and as many largest are left
 * out. Up to n = 3 it is the mean. x is sorted in place. */
double mg_stat_iqm(int n, double *x);

/* The p-quantile, 0 <= p <= 1, of ascending x [n], n >= 1: linear between the two entries around
 * position p (n - 1). */
double mg_stat_quantile(int n, const double *x, double p);

enum { MG_STAT_RESAMPLES = 2000 };

/* Percentile bootstrap of the interquartile mean of x, sum of count [strata] entries, stratum after
 * stratum (say, the seeds of one task each). A resample draws count[k] entries with replacement
 * from stratum k and takes the interquartile mean of all; the interval reaches from the
 * (1 - level)/2 to the (1 + level)/2 quantile of `resamples` of them. Resample b is a function of
 * (seed, MG_RNG_BOOTSTRAP, b). With one entry in every stratum the interval is a point.
 * MG_ERR_MEMORY. */
mg_status mg_stat_bootstrap_iqm(int strata, const int *count, const double *x, int resamples,
                                double level, uint64_t seed, mg_interval *interval);

/* The performance profile of x, as above: share [levels] <- the share of all entries that are above
 * (not at) each of the ascending `at` [levels], and interval [levels] <- the percentile interval of
 * `level` about each, of the same resamples. MG_ERR_MEMORY. */
mg_status mg_stat_profile(int strata, const int *count, const double *x, int levels,
                          const double *at, int resamples, double level, uint64_t seed,
                          double *share, mg_interval *interval);

#endif
