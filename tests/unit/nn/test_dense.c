/* The dense layer in double, by its definition, over more rows than any block. */
#include "math/real.h"
#include "nn/dense.h"

#include <criterion/criterion.h>

enum { B = 1300, I = 3, O = 2, SIZE = O * I + O };
static const mg_dense LAYER = {I, O};
static mg_real theta[SIZE], dtheta[SIZE], x[B * I], dy[B * O], y[B * O], dx[B * I];

static void setup(void) {
  mg_rng rng = mg_rng_at(12, MG_RNG_TEST, 0, 0);
  for (int i = 0; i < SIZE; i++) theta[i] = mg_rng_normal(&rng), dtheta[i] = 5;
  for (int i = 0; i < B * I; i++) x[i] = mg_rng_normal(&rng), dx[i] = 5;
  for (int i = 0; i < B * O; i++) dy[i] = mg_rng_normal(&rng);
}

Test(dense, forward_is_the_definition, .init = setup) {
  mg_dense_forward(LAYER, B, theta, x, y);
  for (int b = 0; b < B; b++)
    for (int o = 0; o < O; o++) {
      double sum = theta[O * I + o];
      for (int i = 0; i < I; i++) sum += theta[o * I + i] * x[b * I + i];
      cr_assert_float_eq(y[b * O + o], sum, 1e-13, "row %d", b);
    }
}

Test(dense, backward_is_the_definition, .init = setup) {
  mg_dense_backward_input(LAYER, B, theta, dy, dx);
  mg_dense_backward_theta(LAYER, B, x, dy, dtheta);
  double expected[SIZE];
  for (int k = 0; k < SIZE; k++) expected[k] = 5; /* adds */
  for (int b = 0; b < B; b++) {
    for (int i = 0; i < I; i++) { /* overwrites */
      double sum = 0;
      for (int o = 0; o < O; o++) sum += dy[b * O + o] * theta[o * I + i];
      cr_assert_float_eq(dx[b * I + i], sum, 1e-13, "row %d", b);
    }
    for (int o = 0; o < O; o++) {
      expected[O * I + o] += dy[b * O + o];
      for (int i = 0; i < I; i++) expected[o * I + i] += dy[b * O + o] * x[b * I + i];
    }
  }
  for (int k = 0; k < SIZE; k++) cr_expect_float_eq(dtheta[k], expected[k], 1e-11, "entry %d", k);
}

Test(dense, no_rows_is_nothing, .init = setup) {
  mg_dense_forward(LAYER, 0, theta, x, y);
  mg_dense_backward_input(LAYER, 0, theta, dy, dx);
  mg_dense_backward_theta(LAYER, 0, x, dy, dtheta);
  for (int k = 0; k < SIZE; k++) cr_expect_eq(dtheta[k], 5);
}
