/* Gated recurrent unit in double. */
#include "nn/gru.h"
#include "support/gradient_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { B = 5, I = 3, H = 4 };
static const mg_gru CELL = {I, H};
static const double TOLERANCE = 1e-6;

typedef struct fixture {
  mg_arena *arena;
  mg_gru_tape tape;
  size_t n;
  mg_real *theta, *dtheta;
  mg_real x[B * I], h[B * H], next[B * H], weight[B * H], dx[B * I], dh[B * H];
} fixture;

static void setup(fixture *s) {
  memset(s, 0, sizeof *s);
  s->arena = mg_arena_create();
  s->n = mg_gru_size(CELL);
  s->tape = mg_gru_tape_make(CELL, B, s->arena);
  s->theta = MG_NEW(s->arena, mg_real, s->n);
  s->dtheta = MG_NEW(s->arena, mg_real, s->n);
  cr_assert_eq(mg_arena_status(s->arena), MG_OK);
  mg_rng rng = mg_rng_at(11, MG_RNG_TEST, 0, 0);
  mg_gru_init(CELL, &rng, s->theta);
  for (size_t i = 0; i < s->n; i++) s->theta[i] += (mg_real)(0.2 * mg_rng_normal(&rng));
  for (int i = 0; i < B * I; i++) s->x[i] = (mg_real)mg_rng_normal(&rng);
  for (int i = 0; i < B * H; i++) s->h[i] = (mg_real)mg_rng_normal(&rng);
  for (int i = 0; i < B * H; i++) s->weight[i] = (mg_real)mg_rng_normal(&rng);
}

static double objective(void *context) {
  fixture *s = context;
  mg_gru_forward(CELL, B, s->theta, s->x, s->h, &s->tape, s->next);
  double sum = 0;
  for (int i = 0; i < B * H; i++) sum += s->weight[i] * s->next[i];
  return sum;
}

static void analytic(fixture *s) {
  objective(s);
  mg_gru_backward_input(CELL, 0, B, s->theta, &s->tape, s->weight, s->dx, s->dh);
  mg_gru_backward_theta(CELL, B, &s->tape, s->dtheta);
}

Test(gru, gradients_of_all_parameters_and_inputs) {
  fixture s;
  setup(&s);
  analytic(&s);
  cr_expect(gradient_agrees("gru theta", gradient_check(objective, &s, s.n, s.theta, s.dtheta),
                            TOLERANCE));
  cr_expect(gradient_agrees("gru x", gradient_check(objective, &s, B * I, s.x, s.dx), TOLERANCE));
  cr_expect(gradient_agrees("gru h", gradient_check(objective, &s, B * H, s.h, s.dh), TOLERANCE));
  for (int i = 0; i < B * H; i++) s.dh[i] = -s.dh[i];
  cr_expect_gt(fabs(gradient_check(objective, &s, B * H, s.h, s.dh).worst), 1);
  mg_arena_destroy(s.arena);
}

static double sigmoid(double x) {
  return 1 / (1 + exp(-x));
}

static double row_dot(int n, const mg_real *a, const mg_real *b) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

/* The header's formula, term by term. */
Test(gru, forward_is_the_formula) {
  fixture s;
  setup(&s);
  objective(&s);
  const mg_real *W = s.theta, *b = W + 3 * H * I, *U = b + 3 * H, *c = U + 3 * H * H;
  for (int row = 0; row < B; row++)
    for (int j = 0; j < H; j++) {
      double p[3], q[3];
      for (int k = 0; k < 3; k++) {
        p[k] = row_dot(I, W + (k * H + j) * I, s.x + row * I) + b[k * H + j];
        q[k] = row_dot(H, U + (k * H + j) * H, s.h + row * H) + c[k * H + j];
      }
      const double r = sigmoid(p[0] + q[0]), z = sigmoid(p[1] + q[1]), n = tanh(p[2] + r * q[2]);
      cr_expect_float_eq(s.next[row * H + j], (1 - z) * n + z * s.h[row * H + j], 1e-14);
    }
  mg_arena_destroy(s.arena);
}

Test(gru, backward_adds_and_leaves_its_inputs_alone) {
  fixture s, kept;
  setup(&s);
  analytic(&s);
  mg_real *once = MG_NEW(s.arena, mg_real, s.n), *theta = MG_NEW(s.arena, mg_real, s.n);
  memcpy(once, s.dtheta, s.n * sizeof *once);
  memcpy(theta, s.theta, s.n * sizeof *theta);
  kept = s;
  for (size_t i = 0; i < s.n; i++) s.dtheta[i] = (mg_real)i;
  analytic(&s);
  for (size_t i = 0; i < s.n; i++)
    cr_expect_float_eq(s.dtheta[i], (double)i + once[i], 1e-12, "entry %zu", i);
  cr_expect_eq(memcmp(s.theta, theta, s.n * sizeof *theta), 0);
  cr_expect_eq(memcmp(s.x, kept.x, sizeof s.x), 0);
  cr_expect_eq(memcmp(s.h, kept.h, sizeof s.h), 0);
  cr_expect_eq(memcmp(s.weight, kept.weight, sizeof s.weight), 0);
  mg_arena_destroy(s.arena);
}

Test(gru, row_ranges_equal_the_whole) {
  fixture s;
  mg_real dx[B * I], dh[B * H];
  setup(&s);
  analytic(&s);
  mg_real *dtheta = MG_NEW(s.arena, mg_real, s.n);
  memset(s.tape.d_input_part, 0, 3 * B * H * sizeof(mg_real));
  memset(s.tape.d_state_part, 0, 3 * B * H * sizeof(mg_real));
  mg_gru_backward_input(CELL, 2, 3, s.theta, &s.tape, s.weight + 2 * H, dx + 2 * I, dh + 2 * H);
  mg_gru_backward_input(CELL, 0, 2, s.theta, &s.tape, s.weight, dx, dh);
  mg_gru_backward_theta(CELL, B, &s.tape, dtheta);
  for (int i = 0; i < B * I; i++) cr_expect_float_eq(dx[i], s.dx[i], 1e-13);
  for (int i = 0; i < B * H; i++) cr_expect_float_eq(dh[i], s.dh[i], 1e-13);
  for (size_t i = 0; i < s.n; i++) cr_expect_float_eq(dtheta[i], s.dtheta[i], 1e-13);
  mg_gru_backward_input(CELL, 0, B, s.theta, &s.tape, s.weight, NULL, NULL); /* Nullable */
  mg_arena_destroy(s.arena);
}
