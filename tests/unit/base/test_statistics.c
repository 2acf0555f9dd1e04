/* Statistics over runs against values worked out by hand. */
#include "base/statistics.h"

#include <criterion/criterion.h>
#include <math.h>

static void expect_near(double value, double expected) {
  cr_assert(fabs(value - expected) <= 1e-12 * fmax(1, fabs(expected)), "%.17g instead of %.17g",
            value, expected);
}

Test(statistics, mean_and_standard_deviation) {
  const double x[] = {4, 1, 3, 8};
  cr_assert_eq(mg_stat_mean(4, x), 4);
  expect_near(mg_stat_sd(4, x, 4), sqrt(26.0 / 3));
  expect_near(mg_stat_sd(4, x, 0), sqrt(90.0 / 3));
  cr_assert_eq(mg_stat_mean(1, x), 4);
  cr_assert_eq(mg_stat_sd(1, x, 4), 0);
  cr_assert_eq(mg_stat_sd(0, NULL, 0), 0);
}

Test(statistics, summary) {
  const double values[] = {4, 1, 3, 8};
  mg_summary s = mg_summarise(4, values);
  expect_near(s.mean, 4);
  expect_near(s.sd, sqrt(26.0 / 3));
  cr_assert(s.min == 1 && s.max == 8);
  s = mg_summarise(1, values + 1);
  cr_assert(s.mean == 1 && s.sd == 0 && s.min == 1 && s.max == 1);
  s = mg_summarise(0, NULL);
  cr_assert(isnan(s.mean) && isnan(s.sd) && isnan(s.min) && isnan(s.max));
  const double shares[] = {0.1, 0.1, 0.1}; /* a sum of shares, which rounds another way */
  cr_assert_eq(mg_summarise(3, shares).mean, 0.1);
  cr_assert_neq(mg_stat_mean(3, shares), 0.1);
}

Test(statistics, median) {
  double odd[] = {3, 1, INFINITY}, even[] = {4, 1, 3, 2}, half[] = {INFINITY, 1, 2, INFINITY},
         one[] = {7};
  cr_assert(mg_stat_median(3, odd) == 3 && odd[0] == 1);
  cr_assert(mg_stat_median(4, even) == 2.5);
  cr_assert(isinf(mg_stat_median(4, half)) && mg_stat_median(1, one) == 7);
}

Test(statistics, score) {
  expect_near(mg_stat_score(16.7, 16.7, 3416), 0);
  expect_near(mg_stat_score(3416, 16.7, 3416), 1);
  expect_near(mg_stat_score(-149.2, -200, -98.4), 0.5);
  expect_near(mg_stat_score(-250, -200, -100), -0.5);
  cr_assert(isnan(mg_stat_score(1, 2, 2)));
}

Test(statistics, interquartile_mean) {
  double one[] = {7}, three[] = {9, 0, 3}, four[] = {100, 2, 4, -50};
  expect_near(mg_stat_iqm(1, one), 7);
  expect_near(mg_stat_iqm(3, three), 4);
  expect_near(mg_stat_iqm(4, four), 3); /* -50 and 100 left out */
  double seven[] = {70, 1, 2, 3, 4, 5, -70};
  expect_near(mg_stat_iqm(7, seven), 3); /* one at each end */
  double eight[] = {8, 7, 6, 5, 4, 3, 2, 1000};
  expect_near(mg_stat_iqm(8, eight), (4. + 5 + 6 + 7) / 4); /* 2, 3 and 8, 1000 left out */
}

Test(statistics, quantile) {
  const double x[] = {1, 2, 4, 8};
  expect_near(mg_stat_quantile(4, x, 0), 1);
  expect_near(mg_stat_quantile(4, x, 1), 8);
  expect_near(mg_stat_quantile(4, x, 0.5), 3);
  expect_near(mg_stat_quantile(4, x, 0.25), 1.75); /* position 0.75 */
  expect_near(mg_stat_quantile(4, x, 0.975), 7.7); /* position 2.925 */
  expect_near(mg_stat_quantile(1, x, 0.3), 1);
}

static mg_interval bootstrap(int strata, const int *count, const double *x, int resamples,
                             uint64_t seed) {
  mg_interval interval = {NAN, NAN};
  cr_assert(mg_stat_bootstrap_iqm(strata, count, x, resamples, 0.95, seed, &interval) == MG_OK);
  return interval;
}

Test(statistics, bootstrap_of_a_constant_is_a_point) {
  const int one[] = {1}, five[] = {5}, strata[] = {1, 1, 1};
  const double x[] = {3, 3, 3, 3, 3}, y[] = {1, 2, 6};
  mg_interval i = bootstrap(1, one, x, 10, 1);
  cr_assert(i.low == 3 && i.high == 3);
  i = bootstrap(1, five, x, 10, 1);
  cr_assert(i.low == 3 && i.high == 3);
  /* One entry a stratum leaves nothing to draw: every resample is the data. */
  i = bootstrap(3, strata, y, 100, 1);
  expect_near(i.low, 3);
  expect_near(i.high, 3);
}

/* Of {0, 1} drawn twice: means 0, 1/2, 1 with chances 1/4, 1/2, 1/4, so that the interval is [0,
 * 1]; and of level 0.4, between the quantiles 0.3 and 0.7, the point 1/2. */
Test(statistics, bootstrap_of_two_values) {
  const int count[] = {2};
  const double x[] = {0, 1};
  mg_interval i = bootstrap(1, count, x, 4000, 1);
  cr_assert(i.low == 0 && i.high == 1);
  cr_assert(mg_stat_bootstrap_iqm(1, count, x, 4000, 0.4, 1, &i) == MG_OK);
  cr_assert(i.low == 0.5 && i.high == 0.5, "%g %g", i.low, i.high);
}

/* Two strata far apart: a resample takes as many of each as there are, so that the interquartile
 * mean of {0, 2, 100, 102} (two middle ones) moves between 0..2 and 100..102 averaged, never to an
 * end. Without strata it would reach 0 and 102. */
Test(statistics, bootstrap_keeps_strata) {
  const int two[] = {2, 2}, together[] = {4};
  const double x[] = {0, 2, 100, 102};
  mg_interval i = bootstrap(2, two, x, 2000, 1);
  cr_assert(i.low == 50 && i.high == 52, "%g %g", i.low, i.high);
  i = bootstrap(1, together, x, 2000, 1);
  cr_assert(i.low < 40 && i.high > 60, "%g %g", i.low, i.high);
}

/* The mean of 100 values of spread 1: an interval of about +-1.96/sqrt(100). */
Test(statistics, bootstrap_of_many_values) {
  enum { N = 100 };
  double x[N];
  const int count[] = {N};
  for (int k = 0; k < N; k++) x[k] = (k + 0.5) / N * sqrt(12); /* uniform */
  mg_interval i = bootstrap(1, count, x, 4000, 1), again = bootstrap(1, count, x, 4000, 1);
  cr_assert(i.low == again.low && i.high == again.high, "the same seed gives the same interval");
  again = bootstrap(1, count, x, 4000, 2);
  cr_assert(i.low != again.low, "another seed gives another");
  double middle = sqrt(12) / 2;
  cr_assert(i.low < middle - 0.1 && i.low > middle - 0.6, "%g", i.low);
  cr_assert(i.high > middle + 0.1 && i.high < middle + 0.6, "%g", i.high);
}

/* By hand: entries at a score are not above it. Of resamples at 0.9 only the second stratum has any entry
 * above, two of four at most; without strata three of four would be common. */
Test(statistics, profile) {
  const int count[] = {2, 2};
  const double x[] = {0.2, 0.9, 1.0, 0.5}, at[] = {0, 0.5, 0.9, 1};
  const double shares[] = {1, 0.5, 0.25, 0}, low[] = {1, 0, 0, 0}, high[] = {1, 1, 0.5, 0};
  double share[4];
  mg_interval interval[4];
  cr_assert(mg_stat_profile(2, count, x, 4, at, 4000, 0.95, 1, share, interval) == MG_OK);
  for (int l = 0; l < 4; l++) {
    cr_assert(share[l] == shares[l], "%g above %g", share[l], at[l]);
    cr_assert(interval[l].low == low[l] && interval[l].high == high[l], "[%g, %g] at %g",
              interval[l].low, interval[l].high, at[l]);
  }
  cr_assert(x[0] == 0.2 && x[3] == 0.5, "x is as it was");
}
