/* Multi-layer perceptron in the product's float32: against a plain loop in double, and the same
 * bits for the same input wherever it stands. */
#include "nn/mlp.h"

#include "math/blas.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { B = 300, IN = 11, OUT = 3 };
static const int HIDDEN[] = {64, 37};

static double activate(mg_activation f, double z) {
  switch (f) {
  case MG_TANH:
    return tanh(z);
  case MG_RELU:
    return z > 0 ? z : 0;
  case MG_LEAKY_RELU:
    return z > 0 ? z : 0.01 * z;
  case MG_SWISH:
    return z / (1 + exp(-z));
  case MG_SIGMOID:
    return 1 / (1 + exp(-z));
  case MG_IDENTITY:
    break;
  }
  return z;
}

static void plain(const mg_mlp *net, const mg_real *theta, const mg_real *x, double *y) {
  double h[64], z[64];
  for (int i = 0; i < net->width[0]; i++) h[i] = (double)x[i];
  for (int k = 1; k <= net->layers; k++) {
    const int in = net->width[k - 1], out = net->width[k];
    for (int o = 0; o < out; o++) {
      z[o] = (double)theta[in * out + o];
      for (int i = 0; i < in; i++) z[o] += (double)theta[o * in + i] * h[i];
    }
    for (int o = 0; o < out; o++) h[o] = k < net->layers ? activate(net->activation, z[o]) : z[o];
    theta += in * out + out;
  }
  for (int o = 0; o < net->width[net->layers]; o++) y[o] = h[o];
}

typedef struct pass {
  mg_real *x, *y, *dy, *dx, *dtheta;
} pass;

/* Forward and backward with every array `shift` entries off its alignment. */
static pass run(mg_arena *arena, const mg_mlp *net, const mg_real *theta, const mg_real *x,
                size_t shift) {
  mg_mlp_tape tape = mg_mlp_tape_make(net, B, arena);
  pass p = {.x = MG_NEW(arena, mg_real, B * IN + 16) + shift,
            .y = MG_NEW(arena, mg_real, B * OUT + 16) + shift,
            .dy = MG_NEW(arena, mg_real, B * OUT + 16) + shift,
            .dx = MG_NEW(arena, mg_real, B * IN + 16) + shift,
            .dtheta = MG_NEW(arena, mg_real, mg_mlp_size(net) + 16) + shift};
  mg_real *moved = MG_NEW(arena, mg_real, mg_mlp_size(net) + 16) + shift;
  cr_assert_eq(mg_arena_status(arena), MG_OK);
  memcpy(moved, theta, mg_mlp_size(net) * sizeof *moved);
  memcpy(p.x, x, B * IN * sizeof *x);
  for (int i = 0; i < B * OUT; i++) p.dy[i] = (mg_real)sin(i);
  mg_mlp_forward(net, B, moved, p.x, &tape, p.y);
  mg_mlp_backward(net, B, moved, &tape, p.dy, p.dtheta, p.dx);
  return p;
}

Test(mlp_float, agrees_with_double_and_repeats_bit_for_bit) {
  mg_blas_init();
  for (int f = MG_IDENTITY; f <= MG_SIGMOID; f++) {
    mg_arena *arena = mg_arena_create();
    const mg_mlp net = mg_mlp_make(IN, 2, HIDDEN, OUT, (mg_activation)f);
    const size_t n = mg_mlp_size(&net);
    mg_real *theta = MG_NEW(arena, mg_real, n), *x = MG_NEW(arena, mg_real, B * IN);
    mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, (uint64_t)f);
    mg_mlp_init_normal(&net, 1, &rng, theta);
    for (int i = 0; i < B * IN; i++) x[i] = (mg_real)(2 * mg_rng_normal(&rng));
    const pass first = run(arena, &net, theta, x, 0);
    for (int b = 0; b < B; b++) {
      double y[OUT];
      plain(&net, theta, x + b * IN, y);
      for (int o = 0; o < OUT; o++)
        cr_assert_float_eq((double)first.y[b * OUT + o], y[o], 2e-5, "activation %d row %d", f, b);
    }
    for (size_t shift = 0; shift < 8; shift++) {
      const pass again = run(arena, &net, theta, x, shift);
      cr_expect_eq(memcmp(again.y, first.y, B * OUT * sizeof(mg_real)), 0, "y %zu", shift);
      cr_expect_eq(memcmp(again.dx, first.dx, B * IN * sizeof(mg_real)), 0, "dx %zu", shift);
      cr_expect_eq(memcmp(again.dtheta, first.dtheta, n * sizeof(mg_real)), 0, "dtheta %zu", shift);
    }
    mg_arena_destroy(arena);
  }
}

Test(mlp_float, nan_reaches_the_output) {
  for (int f = MG_IDENTITY; f <= MG_SIGMOID; f++) {
    mg_arena *arena = mg_arena_create();
    const mg_mlp net = mg_mlp_make(IN, 2, HIDDEN, OUT, (mg_activation)f);
    mg_real *theta = MG_NEW(arena, mg_real, mg_mlp_size(&net));
    mg_real *x = MG_NEW(arena, mg_real, B * IN);
    mg_rng rng = mg_rng_at(2, MG_RNG_TEST, 0, 0);
    mg_mlp_init_normal(&net, 1, &rng, theta);
    x[5] = (mg_real)NAN;
    const pass p = run(arena, &net, theta, x, 0);
    for (int o = 0; o < OUT; o++) {
      cr_expect(isnan(p.y[o]), "activation %d", f);
      cr_expect(isfinite(p.y[OUT + o]), "the next row is untouched");
    }
    mg_arena_destroy(arena);
  }
}
