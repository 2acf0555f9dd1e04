/* Action heads in double: gaussian, categorical, straight-through Gumbel-softmax. */
#include "math/vec.h"
#include "nn/categorical.h"
#include "nn/gaussian.h"
#include "support/gradient_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { B = 6, A = 3, WIDE = 70 };
static const double TOLERANCE = 1e-7;
static mg_real mean[B * A], log_sigma[A], xi[B * A], a[B * A], weight[B * A], d[B * A], ds[A];
static mg_real lp[B], one_hot[B * A];

static void setup(void) {
  mg_rng rng = mg_rng_at(17, MG_RNG_TEST, 0, 0);
  for (int i = 0; i < B * A; i++) {
    mean[i] = (mg_real)mg_rng_normal(&rng), xi[i] = (mg_real)mg_rng_normal(&rng);
    weight[i] = (mg_real)mg_rng_normal(&rng);
    one_hot[i] = i % A == (i / A * 2) % A;
    d[i] = 99;
  }
  for (int j = 0; j < A; j++) log_sigma[j] = (mg_real)(0.4 * j - 0.7), ds[j] = 0;
  mg_gaussian_sample(B, A, mean, log_sigma, xi, a);
}

static double sample(void *context) {
  (void)context;
  mg_real out[B * A];
  mg_gaussian_sample(B, A, mean, log_sigma, xi, out);
  double sum = 0;
  for (int i = 0; i < B * A; i++) sum += weight[i] * out[i];
  return sum;
}

static double gaussian_lp(void *context) {
  (void)context;
  mg_gaussian_log_probability(B, A, mean, log_sigma, a, lp);
  double sum = 0;
  for (int b = 0; b < B; b++) sum += weight[b] * lp[b];
  return sum;
}

Test(gaussian, sample_gradient, .init = setup) {
  mg_gaussian_sample_backward(B, A, mean, a, weight, ds);
  cr_expect(gradient_agrees("sample", gradient_check(sample, NULL, A, log_sigma, ds), TOLERANCE));
  cr_expect(gradient_agrees("mean", gradient_check(sample, NULL, B * A, mean, weight), TOLERANCE));
  mg_real twice[A];
  memcpy(twice, ds, sizeof ds);
  mg_gaussian_sample_backward(B, A, mean, a, weight, twice);
  for (int j = 0; j < A; j++) cr_expect_float_eq(twice[j], 2 * ds[j], 1e-13, "adds");
}

Test(gaussian, log_probability_gradient, .init = setup) {
  for (int j = 0; j < A; j++) ds[j] = 5;
  mg_gaussian_log_probability_backward(B, A, mean, log_sigma, a, weight, d, ds);
  for (int j = 0; j < A; j++) ds[j] -= 5; /* dlog_sigma adds, dmean overwrites */
  cr_expect(gradient_agrees("mean", gradient_check(gaussian_lp, NULL, B * A, mean, d), TOLERANCE));
  cr_expect(
      gradient_agrees("sigma", gradient_check(gaussian_lp, NULL, A, log_sigma, ds), TOLERANCE));
  for (int j = 0; j < A; j++) ds[j] = -ds[j];
  cr_expect_gt(fabs(gradient_check(gaussian_lp, NULL, A, log_sigma, ds).worst), 1);
}

Test(gaussian, closed_forms) {
  const mg_real m[2] = {1, 2}, s[2] = {0, (mg_real)log(2)}, at[2] = {1, 4};
  mg_real out;
  mg_gaussian_log_probability(1, 2, m, s, at, &out);
  cr_expect_float_eq(out, -log(2 * M_PI) - log(2) - 0.5, 1e-14);
  cr_expect_float_eq(mg_gaussian_entropy(2, s), log(2 * M_PI * M_E) + log(2), 1e-14);
}

/* More columns than one block. */
Test(gaussian, many_dimensions) {
  static mg_real m[2 * WIDE], s[WIDE], noise[2 * WIDE], out[2 * WIDE], p[2], slope[WIDE];
  for (int i = 0; i < 2 * WIDE; i++) m[i] = i, noise[i] = (mg_real)(i % 5 - 2);
  for (int j = 0; j < WIDE; j++) s[j] = (mg_real)(0.01 * j);
  mg_gaussian_sample(2, WIDE, m, s, noise, out);
  mg_gaussian_log_probability(2, WIDE, m, s, out, p);
  mg_gaussian_sample_backward(2, WIDE, m, out, noise, slope);
  for (int b = 0; b < 2; b++) {
    double expected = 0;
    for (int j = 0; j < WIDE; j++) {
      const double n = noise[b * WIDE + j];
      cr_expect_float_eq(out[b * WIDE + j], m[b * WIDE + j] + exp(s[j]) * n, 1e-12);
      expected -= 0.5 * n * n + s[j] + 0.5 * log(2 * M_PI);
    }
    cr_expect_float_eq(p[b], expected, 1e-10);
  }
  for (int j = 0; j < WIDE; j++)
    cr_expect_float_eq(
        slope[j], exp(s[j]) * (noise[j] * noise[j] + noise[WIDE + j] * noise[WIDE + j]), 1e-12);
}

static double categorical_lp(void *context) {
  (void)context;
  mg_categorical_log_probability(B, A, mean, one_hot, lp);
  double sum = 0;
  for (int b = 0; b < B; b++) sum += weight[b] * lp[b];
  return sum;
}

static double entropy(void *context) {
  return mg_categorical_entropy(B, A, mean, context, NULL);
}

static double soft_choice(void *context) {
  const double temperature = *(double *)context;
  double sum = 0;
  for (int b = 0; b < B; b++) {
    double total = 0;
    for (int k = 0; k < A; k++) total += exp((mean[b * A + k] + xi[b * A + k]) / temperature);
    for (int k = 0; k < A; k++)
      sum += weight[b * A + k] * exp((mean[b * A + k] + xi[b * A + k]) / temperature) / total;
  }
  return sum;
}

Test(categorical, log_probability, .init = setup) {
  mg_real p[A];
  mg_categorical_log_probability(B, A, mean, one_hot, lp);
  for (int b = 0; b < B; b++) {
    mg_vec_softmax(A, mean + b * A, p);
    for (int k = 0; k < A; k++)
      if (one_hot[b * A + k] > 0) cr_expect_float_eq(exp(lp[b]), p[k], 1e-14);
  }
  mg_categorical_log_probability_backward(B, A, mean, one_hot, weight, d);
  cr_expect(
      gradient_agrees("logits", gradient_check(categorical_lp, NULL, B * A, mean, d), TOLERANCE));
}

Test(categorical, large_logits_do_not_overflow) {
  const mg_real l[3] = {-5000, 5000, 0}, c[3] = {0, 0, 1};
  mg_real out, slope[3] = {0};
  mg_categorical_log_probability(1, 3, l, c, &out);
  cr_expect_eq(out, -5000);
  cr_expect_eq(mg_categorical_entropy(1, 3, l, NULL, slope), 0);
  for (int k = 0; k < 3; k++) cr_expect_eq(slope[k], 0);
}

Test(categorical, entropy, .init = setup) {
  const mg_real even[4] = {2, 2, 2, 2};
  cr_expect_float_eq(mg_categorical_entropy(1, 4, even, NULL, NULL), log(4), 1e-14);
  for (int weighted = 0; weighted <= 1; weighted++) {
    mg_real *w = weighted ? weight : NULL;
    for (int i = 0; i < B * A; i++) d[i] = 3;
    cr_expect_eq(mg_categorical_entropy(B, A, mean, w, d), entropy(w));
    for (int i = 0; i < B * A; i++) d[i] -= 3; /* adds */
    cr_expect(gradient_agrees("entropy", gradient_check(entropy, w, B * A, mean, d), TOLERANCE));
  }
}

Test(categorical, gumbel_backward, .init = setup) {
  double temperature = 0.6;
  mg_gumbel_backward(B, A, mean, xi, (mg_real)temperature, weight, d);
  cr_expect(
      gradient_agrees("gumbel", gradient_check(soft_choice, &temperature, B * A, mean, d), 1e-7));
}

Test(categorical, choice_is_one_hot_of_the_first_largest) {
  const mg_real l[6] = {1, 3, 3, 0, 0, 0}, n[6] = {0, 0, 0, -1, 2, 1};
  mg_real c[6];
  mg_gumbel_choose(2, 3, l, n, c);
  const mg_real expected[6] = {0, 1, 0, 0, 1, 0}, most_probable[6] = {0, 1, 0, 1, 0, 0};
  cr_expect_eq(memcmp(c, expected, sizeof c), 0);
  mg_gumbel_choose(2, 3, l, NULL, c);
  cr_expect_eq(memcmp(c, most_probable, sizeof c), 0);
}

/* argmax(logits + Gumbel noise) is a sample of softmax(logits): 5 standard errors. */
Test(categorical, gumbel_samples_have_the_softmax_frequencies) {
  enum { N = 40000 };
  static mg_real noise[3 * N], l[3 * N], c[3 * N];
  const double logit[3] = {0, 1, -1};
  double total = 0;
  for (int k = 0; k < 3; k++) total += exp(logit[k]);
  mg_rng rng = mg_rng_at(23, MG_RNG_TEST, 0, 0);
  for (int i = 0; i < 3 * N; i++) l[i] = (mg_real)logit[i % 3];
  mg_gumbel_noise(N, 3, &rng, noise);
  mg_gumbel_choose(N, 3, l, noise, c);
  for (int k = 0; k < 3; k++) {
    const double p = exp(logit[k]) / total;
    double count = 0;
    for (int i = 0; i < N; i++) count += c[3 * i + k];
    cr_expect_float_eq(count / N, p, 5 * sqrt(p * (1 - p) / N), "choice %d", k);
  }
}
