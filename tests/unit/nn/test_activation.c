/* Activations: derivatives against differences, known values, names. */
#include "nn/activation.h"
#include "support/gradient_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { N = 41 };
static mg_activation activation;
static mg_real z[N], gate[N], h[N], first[N], second[N], ones[N], slope[N];

static void forward(void) {
  memcpy(gate, z, sizeof gate);
  mg_activation_forward(activation, N, gate, h);
}

/* No point sits on a kink. */
static void setup(mg_activation f) {
  activation = f;
  for (int i = 0; i < N; i++) z[i] = (mg_real)(0.31 * i - 6.05), ones[i] = 1;
  forward();
  mg_activation_derivatives(f, N, gate, h, first, second);
}

static double sum_of_values(void *context) {
  (void)context;
  forward();
  double sum = 0;
  for (int i = 0; i < N; i++) sum += h[i];
  return sum;
}

static double sum_of_slopes(void *context) {
  (void)context;
  forward();
  mg_activation_backward(activation, N, gate, h, ones, slope);
  double sum = 0;
  for (int i = 0; i < N; i++) sum += slope[i];
  return sum;
}

Test(activation, derivatives) {
  for (int f = MG_IDENTITY; f <= MG_SIGMOID; f++) {
    setup((mg_activation)f);
    cr_expect(gradient_agrees("f'", gradient_check(sum_of_values, NULL, N, z, first), 1e-6), "%d",
              f);
    cr_expect(gradient_agrees("f''", gradient_check(sum_of_slopes, NULL, N, z, second), 1e-5), "%d",
              f);
  }
}

Test(activation, backward_multiplies_and_may_overwrite_its_input) {
  for (int f = MG_IDENTITY; f <= MG_SIGMOID; f++) {
    mg_real dh[N], dz[N];
    setup((mg_activation)f);
    for (int i = 0; i < N; i++) dh[i] = (mg_real)(i - 20);
    mg_activation_backward(activation, N, gate, h, dh, dz);
    for (int i = 0; i < N; i++) cr_expect_float_eq(dz[i], dh[i] * first[i], 1e-12);
    mg_activation_backward(activation, N, gate, h, dh, dh);
    cr_expect_eq(memcmp(dh, dz, sizeof dz), 0);
  }
}

Test(activation, in_place_equals_apart) {
  for (int f = MG_IDENTITY; f <= MG_SIGMOID; f++) {
    mg_real dz[N];
    setup((mg_activation)f);
    if (!mg_activation_in_place(activation)) continue;
    mg_activation_backward(activation, N, gate, h, ones, dz);
    mg_activation_forward(activation, N, z, z);
    cr_expect_eq(memcmp(z, h, sizeof h), 0);
    mg_activation_backward(activation, N, z, z, ones, slope);
    cr_expect_eq(memcmp(slope, dz, sizeof dz), 0);
  }
}

Test(activation, known_values) {
  mg_real in[3] = {-2, 0, 3}, out[3];
  mg_activation_forward(MG_LEAKY_RELU, 3, in, out); /* leaves `in` as it is */
  cr_expect_float_eq(out[0], -0.02, 1e-15);
  cr_expect_eq(out[2], 3);
  mg_activation_forward(MG_SWISH, 3, in, out);
  cr_expect_float_eq(out[0], -2 / (1 + exp(2)), 1e-15);
  cr_expect_eq(out[1], 0);
  cr_expect_float_eq(in[0], 1 / (1 + exp(2)), 1e-15); /* the gate */
  cr_expect_eq(in[1], 0.5);
}

/* As adding the bias and then the activation of every entry, for whole groups of rows and the rest. */
Test(activation, biased_forward) {
  enum { ROWS = 37, COLUMNS = 5 };
  for (int f = MG_IDENTITY; f <= MG_SIGMOID; f++) {
    mg_real sums[ROWS * COLUMNS], values[ROWS * COLUMNS], bias[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) bias[i] = (mg_real)(0.5 - 0.3 * i);
    for (int i = 0; i < ROWS * COLUMNS; i++) sums[i] = (mg_real)(0.1 * (i % 23) - 1);
    mg_activation_forward_biased((mg_activation)f, ROWS, COLUMNS, bias, sums, values);
    for (int i = 0; i < ROWS * COLUMNS; i++) {
      mg_real sum = (mg_real)(0.1 * (i % 23) - 1) + bias[i % COLUMNS], alone;
      mg_activation_forward((mg_activation)f, 1, &sum, &alone);
      cr_assert_float_eq(values[i], alone, 1e-14, "%d at %d", f, i);
      cr_assert_float_eq(sums[i], sum, 1e-14, "what %d leaves at %d", f, i);
    }
  }
}
