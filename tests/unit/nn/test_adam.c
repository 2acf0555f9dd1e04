/* Adam in the product's float32, against the formula in double; paramset. */
#include "nn/adam.h"
#include "nn/paramset.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { N = 37 };
static mg_arena *arena;
static mg_real theta[N], gradient[N];

static void setup(void) {
  arena = mg_arena_create();
  for (int i = 0; i < N; i++) theta[i] = (mg_real)sin(i);
}

static void teardown(void) {
  mg_arena_destroy(arena);
}

static double gradient_at(int step, int i) {
  return cos(step * 0.7 + i) * pow(10, i % 9 - 6);
}

static mg_adam make(size_t n) {
  mg_adam adam = mg_adam_of(n);
  adam.m = MG_NEW(arena, mg_real, n);
  adam.v = MG_NEW(arena, mg_real, n);
  return adam;
}

/* clip and decay as given; the header's formula, in double. */
static void compare(double clip, double decay) {
  double t[N], m[N] = {0}, v[N] = {0};
  mg_adam adam = make(N);
  adam.clip = clip;
  adam.weight_decay = decay;
  for (int i = 0; i < N; i++) t[i] = (double)theta[i];
  for (int step = 1; step <= 50; step++) {
    double square = 0;
    for (int i = 0; i < N; i++) {
      gradient[i] = (mg_real)gradient_at(step, i);
      square += (double)gradient[i] * (double)gradient[i];
    }
    const double factor = clip > 0 && sqrt(square) > clip ? clip / sqrt(square) : 1;
    for (int i = 0; i < N; i++) {
      const double g = factor * (double)gradient[i];
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      t[i] -= 1e-2 * (m[i] / (1 - pow(0.9, step)) / (sqrt(v[i] / (1 - pow(0.999, step))) + 1e-8) +
                      decay * t[i]);
    }
    const double norm = mg_adam_step(&adam, 1e-2, gradient, theta); /* cr_ macros evaluate twice */
    cr_expect_float_eq(norm, sqrt(square), 1e-9 * square);
    for (int i = 0; i < N; i++)
      cr_assert_float_eq((double)theta[i], t[i], 2e-5, "step %d entry %d: %g not %g", step, i,
                         (double)theta[i], t[i]);
  }
  cr_expect_eq(adam.steps, 50);
}

Test(adam, follows_the_formula, .init = setup, .fini = teardown) {
  compare(0, 0);
}
Test(adam, decays, .init = setup, .fini = teardown) {
  compare(0, 0.1);
}
Test(adam, clips, .init = setup, .fini = teardown) {
  compare(3, 0);
}

/* With a constant gradient every entry moves by the rate, whatever the gradient's size. */
Test(adam, first_step_has_the_length_of_the_rate, .init = setup, .fini = teardown) {
  mg_adam adam = make(N);
  mg_real before[N];
  memcpy(before, theta, sizeof theta);
  for (int i = 0; i < N; i++) gradient[i] = (mg_real)(i % 2 ? 1e-3 : -1e3);
  mg_adam_step(&adam, 0.01, gradient, theta);
  for (int i = 0; i < N; i++)
    cr_expect_float_eq((double)(theta[i] - before[i]), i % 2 ? -0.01 : 0.01, 1e-6);
}

Test(adam, clipping_scales_the_gradient_in_place, .init = setup, .fini = teardown) {
  mg_adam adam = make(2);
  mg_real g[2] = {3, 4};
  adam.clip = 5;
  double norm = mg_adam_step(&adam, 0.01, g, theta);
  cr_expect_eq(norm, 5);
  cr_expect_eq(g[0], 3, "at the limit nothing is scaled");
  adam.clip = 50;
  norm = mg_adam_step(&adam, 0.01, g, theta);
  cr_expect_eq(g[1], 4, "below it neither");
  adam.clip = 1;
  norm = mg_adam_step(&adam, 0.01, g, theta);
  cr_expect_eq(norm, 5);
  cr_expect_float_eq((double)g[0], 0.6, 1e-7);
  cr_expect_float_eq((double)g[1], 0.8, 1e-7);
}

Test(adam, refuses_a_gradient_that_is_not_finite, .init = setup, .fini = teardown) {
  const mg_real bad[] = {(mg_real)NAN, (mg_real)INFINITY, -(mg_real)INFINITY};
  mg_adam adam = make(N);
  for (int i = 0; i < N; i++) gradient[i] = 1;
  mg_adam_step(&adam, 0.01, gradient, theta);
  mg_real before[N], m[N], v[N];
  memcpy(before, theta, sizeof theta), memcpy(m, adam.m, sizeof m), memcpy(v, adam.v, sizeof v);
  for (int k = 0; k < 3; k++)
    for (int i = 0; i < N; i++) {
      gradient[i] = bad[k];
      adam.clip = k;
      const double norm = mg_adam_step(&adam, 0.01, gradient, theta);
      cr_expect_not(isfinite(norm));
      gradient[i] = 1;
    }
  cr_expect_eq(adam.steps, 1);
  cr_expect_eq(memcmp(before, theta, sizeof theta), 0);
  cr_expect_eq(memcmp(m, adam.m, sizeof m), 0);
  cr_expect_eq(memcmp(v, adam.v, sizeof v), 0);
}

Test(adam, finds_the_minimum_of_a_bowl, .init = setup, .fini = teardown) {
  mg_adam adam = make(N);
  for (int step = 0; step < 4000; step++) {
    for (int i = 0; i < N; i++) gradient[i] = (mg_real)(i + 1) * (theta[i] - (mg_real)i / 8);
    mg_adam_step(&adam, 0.02 * (1 - step / 4000.0), gradient, theta);
  }
  for (int i = 0; i < N; i++) cr_expect_float_eq((double)theta[i], i / 8.0, 1e-4);
}

Test(adam, same_bits_at_every_alignment, .init = setup, .fini = teardown) {
  static mg_real t[2][N + 16], g[N + 16];
  for (size_t shift = 0; shift < 16; shift++) {
    mg_adam adam = make(N);
    mg_real *moved = t[shift > 0] + shift;
    memcpy(moved, theta, sizeof theta);
    for (int step = 0; step < 5; step++) {
      for (int i = 0; i < N; i++) g[shift + (size_t)i] = (mg_real)gradient_at(step, i);
      mg_adam_step(&adam, 0.01, g + shift, moved);
    }
    cr_expect_eq(memcmp(moved, t[0], sizeof theta), 0);
  }
}

Test(paramset, slices_are_aligned_and_apart, .init = setup, .fini = teardown) {
  mg_paramset set = {0};
  const size_t sizes[] = {5, 0, 16, 17};
  const char *names[] = {"policy", "value", "discriminator", "forward_model"};
  for (int i = 0; i < 4; i++) cr_expect_eq(mg_paramset_add(&set, names[i], sizes[i]), i);
  mg_paramset_allocate(&set, 0, arena);
  cr_assert_eq(mg_arena_status(arena), MG_OK);
  cr_expect_eq(set.size, 16 + 0 + 16 + 32);
  const size_t offsets[] = {0, 16, 16, 32};
  for (int i = 0; i < 4; i++) {
    cr_expect_str_eq(set.slice[i].name, names[i]);
    cr_expect_eq(set.slice[i].size, sizes[i]);
    cr_expect_eq(mg_paramset_theta(&set, i), set.theta + offsets[i]);
    cr_expect_eq(mg_paramset_gradient(&set, i), set.gradient + offsets[i]);
  }
  for (size_t i = 0; i < set.size; i++) cr_expect_eq(set.theta[i], 0);
}
