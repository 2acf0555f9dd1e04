/* Both forward models in double: the header's formulas, and every derivative. */
#include "model/forward_model.h"
#include "model/forward_product.h"
#include "nn/dense.h"
#include "support/gradient_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { B = 6, S = 3, A = 2, I = S + A, UNITS = 5 };
static const mg_real SCALE[S] = {0.3, 0.7, 1.9};

typedef struct fixture {
  mg_arena *arena;
  mg_forward_model model;
  mg_forward_tape tape;
  size_t n;
  mg_real *theta, *dtheta;
  mg_real xa[B * I], next[B * S], weight[B * S], dxa[B * I];
} fixture;

static void setup(fixture *s, mg_forward_kind kind) {
  memset(s, 0, sizeof *s);
  s->arena = mg_arena_create();
  s->model = mg_forward_model_make(kind, S, A, 2, (const int[]){UNITS, 4}, MG_SWISH);
  s->tape = mg_forward_tape_make(&s->model, B, s->arena);
  s->n = mg_forward_model_size(&s->model);
  s->theta = MG_NEW(s->arena, mg_real, s->n);
  s->dtheta = MG_NEW(s->arena, mg_real, s->n);
  cr_assert_eq(mg_arena_status(s->arena), MG_OK);
  mg_rng rng = mg_rng_at(4, MG_RNG_TEST, (uint64_t)kind, 0);
  for (size_t i = 0; i < s->n; i++) s->theta[i] = (mg_real)(0.5 * mg_rng_normal(&rng));
  for (int i = 0; i < B * I; i++) s->xa[i] = (mg_real)mg_rng_normal(&rng);
  for (int i = 0; i < B * S; i++) s->weight[i] = (mg_real)mg_rng_normal(&rng);
}

static void forward(fixture *s) {
  mg_forward_model_forward(&s->model, B, s->theta, SCALE, s->xa, &s->tape, s->next);
}

static double objective(void *context) {
  fixture *s = context;
  forward(s);
  double sum = 0;
  for (int i = 0; i < B * S; i++) sum += s->weight[i] * s->next[i];
  return sum;
}

static void check_gradients(mg_forward_kind kind) {
  fixture s;
  mg_real weight[B * S];
  setup(&s, kind);
  memcpy(weight, s.weight, sizeof weight);
  for (size_t i = 0; i < s.n; i++) s.dtheta[i] = 7; /* adds */
  for (int i = 0; i < B * I; i++) s.dxa[i] = 7;     /* overwrites */
  forward(&s);
  mg_forward_model_backward_input(&s.model, 0, B, s.theta, SCALE, &s.tape, s.weight, s.dxa);
  mg_forward_model_backward_theta(&s.model, B, &s.tape, s.dtheta);
  for (size_t i = 0; i < s.n; i++) s.dtheta[i] -= 7;
  cr_expect_eq(memcmp(weight, s.weight, sizeof weight), 0, "dx_next is left as it was");
  cr_expect(
      gradient_agrees("f theta", gradient_check(objective, &s, s.n, s.theta, s.dtheta), 1e-5));
  cr_expect(gradient_agrees("f x, a", gradient_check(objective, &s, B * I, s.xa, s.dxa), 1e-5));
  for (int i = 0; i < B * I; i++) s.dxa[i] = -s.dxa[i];
  cr_expect_gt(fabs(gradient_check(objective, &s, B * I, s.xa, s.dxa).worst), 1);
  mg_arena_destroy(s.arena);
}

Test(forward_model, gradients_of_the_delta_model) {
  check_gradients(MG_FORWARD_DELTA);
}
Test(forward_model, gradients_of_the_product_model) {
  check_gradients(MG_FORWARD_PRODUCT);
}

Test(forward_model, delta_is_the_state_and_a_scaled_change) {
  fixture s;
  mg_real change[B * S];
  setup(&s, MG_FORWARD_DELTA);
  forward(&s);
  mg_mlp_tape tape = mg_mlp_tape_make(&s.model.delta, B, s.arena);
  mg_mlp_forward(&s.model.delta, B, s.theta, s.xa, &tape, change);
  for (int b = 0; b < B; b++)
    for (int i = 0; i < S; i++)
      cr_expect_float_eq(s.next[b * S + i], s.xa[b * I + i] + SCALE[i] * change[b * S + i], 1e-15);
  memset(s.theta, 0, s.n * sizeof *s.theta); /* no change */
  forward(&s);
  mg_forward_model_backward_input(&s.model, 0, B, s.theta, SCALE, &s.tape, s.weight, s.dxa);
  for (int b = 0; b < B; b++)
    for (int i = 0; i < I; i++) {
      if (i < S) cr_expect_eq(s.next[b * S + i], s.xa[b * I + i]);
      cr_expect_eq(s.dxa[b * I + i], i < S ? s.weight[b * S + i] : 0);
    }
  mg_arena_destroy(s.arena);
}

/* y [out] <- f(W x + b); theta moves on to the next layer. */
static void layer(int in, int out, char f, const mg_real **theta, const double *x, double *y) {
  const mg_real *W = *theta, *b = W + in * out;
  for (int o = 0; o < out; o++) {
    y[o] = b[o];
    for (int i = 0; i < in; i++) y[o] += W[o * in + i] * x[i];
    if (f == 'r') y[o] = fmax(0, y[o]);
    if (f == 's') y[o] = 1 / (1 + exp(-y[o]));
  }
  *theta = b + out;
}

/* The header's formula a row at a time. theta: state_in, gru, state_out, action, decoder. */
static void product(const mg_real *theta, const mg_real *xa, double *next) {
  double x[S], a[A], e[UNITS], ones[UNITS], p[3 * UNITS], q[3 * UNITS], h[UNITS], e_s[UNITS],
      e_a[UNITS];
  for (int i = 0; i < S; i++) x[i] = xa[i];
  for (int i = 0; i < A; i++) a[i] = xa[S + i];
  for (int j = 0; j < UNITS; j++) ones[j] = 1;
  layer(S, UNITS, 'r', &theta, x, e);
  layer(UNITS, 3 * UNITS, 0, &theta, e, p);
  layer(UNITS, 3 * UNITS, 0, &theta, ones, q);
  for (int j = 0; j < UNITS; j++) {
    const double r = 1 / (1 + exp(-p[j] - q[j])), z = 1 / (1 + exp(-p[UNITS + j] - q[UNITS + j]));
    h[j] = (1 - z) * tanh(p[2 * UNITS + j] + r * q[2 * UNITS + j]) + z;
  }
  layer(UNITS, UNITS, 's', &theta, h, e_s);
  layer(A, UNITS, 'r', &theta, a, e);
  layer(UNITS, UNITS, 's', &theta, e, e_a);
  for (int j = 0; j < UNITS; j++) h[j] = e_s[j] * e_a[j];
  layer(UNITS, UNITS, 'r', &theta, h, e);
  layer(UNITS, UNITS, 'r', &theta, e, h);
  layer(UNITS, UNITS, 'r', &theta, h, e);
  layer(UNITS, S, 0, &theta, e, next);
}

Test(forward_model, product_is_the_formula) {
  fixture s;
  setup(&s, MG_FORWARD_PRODUCT);
  forward(&s);
  for (int b = 0; b < B; b++) {
    double next[S];
    product(s.theta, s.xa + b * I, next);
    for (int i = 0; i < S; i++) cr_expect_float_eq(s.next[b * S + i], next[i], 1e-13);
  }
  mg_arena_destroy(s.arena);
}

/* A few rows at a time, last ones first, as the recursion in time does it. */
static void check_ranges(mg_forward_kind kind) {
  enum { ROWS = 2 };
  fixture s;
  setup(&s, kind);
  mg_real *dtheta = MG_NEW(s.arena, mg_real, s.n), dxa[B * I];
  forward(&s);
  mg_forward_model_backward_input(&s.model, 0, B, s.theta, SCALE, &s.tape, s.weight, s.dxa);
  mg_forward_model_backward_theta(&s.model, B, &s.tape, s.dtheta);
  s.tape = mg_forward_tape_make(&s.model, B, s.arena);
  forward(&s);
  for (int first = B - ROWS; first >= 0; first -= ROWS)
    mg_forward_model_backward_input(&s.model, first, ROWS, s.theta, SCALE, &s.tape,
                                    s.weight + first * S, dxa + first * I);
  mg_forward_model_backward_theta(&s.model, B, &s.tape, dtheta);
  for (int i = 0; i < B * I; i++) cr_expect_float_eq(dxa[i], s.dxa[i], 1e-13);
  for (size_t i = 0; i < s.n; i++) cr_expect_float_eq(dtheta[i], s.dtheta[i], 1e-12);

  /* Without the gradient of the inputs, that of the parameters is the same. */
  memset(dtheta, 0, s.n * sizeof *dtheta);
  forward(&s);
  mg_forward_model_backward_input(&s.model, 0, B, s.theta, SCALE, &s.tape, s.weight, NULL);
  mg_forward_model_backward_theta(&s.model, B, &s.tape, dtheta);
  cr_expect_eq(memcmp(dtheta, s.dtheta, s.n * sizeof *dtheta), 0);
  mg_arena_destroy(s.arena);
}

Test(forward_model, row_ranges_equal_the_whole) {
  check_ranges(MG_FORWARD_DELTA);
  check_ranges(MG_FORWARD_PRODUCT);
}

/* The first prediction of the delta model is nearly "no change"; the same seed, the same weights.
 */
Test(forward_model, initialisation) {
  for (int kind = MG_FORWARD_DELTA; kind <= MG_FORWARD_PRODUCT; kind++) {
    fixture s;
    setup(&s, (mg_forward_kind)kind);
    mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0), again = rng;
    mg_forward_model_init(&s.model, &rng, s.theta);
    mg_forward_model_init(&s.model, &again, s.dtheta);
    cr_expect_eq(memcmp(s.theta, s.dtheta, s.n * sizeof *s.theta), 0);
    forward(&s);
    for (int i = 0; kind == MG_FORWARD_DELTA && i < B * S; i++)
      cr_expect_lt(fabs(s.next[i] - s.xa[i / S * I + i % S]), 0.5);
    mg_arena_destroy(s.arena);
  }
}

Test(forward_model, flops_by_hand) {
  const mg_forward_model delta =
      mg_forward_model_make(MG_FORWARD_DELTA, S, A, 1, (const int[]){UNITS}, MG_SWISH);
  cr_expect_eq(mg_forward_model_flops_forward(&delta, B), 2.0 * B * (I * UNITS + UNITS * S));
  cr_expect_eq(mg_forward_model_flops_backward_input(&delta, B, 0), 2.0 * B * UNITS * S);
  cr_expect_eq(mg_forward_model_flops_backward_input(&delta, B, 1),
               2.0 * B * (I * UNITS + UNITS * S));
  const mg_forward_model product =
      mg_forward_model_make(MG_FORWARD_PRODUCT, S, A, 1, (const int[]){UNITS}, MG_SWISH);
  const int U2 = UNITS * UNITS;
  const double all = 2.0 * B * (S * UNITS + 6 * U2 + U2 + A * UNITS + U2 + 3 * U2 + UNITS * S);
  cr_expect_eq(mg_forward_model_flops_forward(&product, B), all);
  cr_expect_eq(mg_forward_model_flops_backward_theta(&product, B), all);
}
