/* Multi-layer perceptron in double: every derivative against central differences. */
#include "nn/dense.h"
#include "nn/loss.h"
#include "nn/mlp.h"
#include "support/gradient_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 4096 };
static const double TOLERANCE = 1e-6;

/* A network with all it needs, and the objective sum y * weight. */
typedef struct fixture {
  mg_arena *arena;
  mg_mlp net;
  mg_mlp_tape tape;
  mg_mlp_penalty_work work;
  int B;
  size_t n, nx, ny;
  mg_real *theta, *x, *y, *weight, *dtheta, *dx, *v, *g;
  double target; /* of the penalty */
} fixture;

static void randomise(mg_rng *rng, size_t n, mg_real *x) {
  for (size_t i = 0; i < n; i++) x[i] = (mg_real)mg_rng_normal(rng);
}

/* A difference across z = 0 measures neither side's slope of a (leaky) relu. */
static int near_a_kink(fixture *s) {
  if (s->net.activation != MG_RELU && s->net.activation != MG_LEAKY_RELU) return 0;
  mg_mlp_forward(&s->net, s->B, s->theta, s->x, &s->tape, s->y);
  for (int k = 1; k < s->net.layers; k++)
    for (int i = 0; i < s->B * s->net.width[k]; i++) {
      const double h = s->tape.h[k][i], z = h < 0 ? 100 * h : h;
      if (z != 0 && fabs(z) < 2e-3) return 1;
    }
  return 0;
}

static fixture setup(int in, int layers, const int *hidden, int out, mg_activation f, int B) {
  fixture s = {.arena = mg_arena_create(), .B = B};
  s.net = mg_mlp_make(in, layers, hidden, out, f);
  s.n = mg_mlp_size(&s.net);
  s.nx = (size_t)(B * in), s.ny = (size_t)(B * out);
  s.tape = mg_mlp_tape_make(&s.net, B, s.arena);
  s.work = mg_mlp_penalty_make(&s.net, B, s.arena);
  s.theta = MG_NEW(s.arena, mg_real, s.n), s.dtheta = MG_NEW(s.arena, mg_real, s.n);
  s.x = MG_NEW(s.arena, mg_real, s.nx), s.dx = MG_NEW(s.arena, mg_real, s.nx);
  s.v = MG_NEW(s.arena, mg_real, s.nx), s.g = MG_NEW(s.arena, mg_real, s.nx);
  s.y = MG_NEW(s.arena, mg_real, s.ny), s.weight = MG_NEW(s.arena, mg_real, s.ny);
  cr_assert_eq(mg_arena_status(s.arena), MG_OK);
  uint64_t attempt = 0;
  do {
    mg_rng rng = mg_rng_at(7 + attempt, MG_RNG_TEST, (uint64_t)(in + 10 * layers), (uint64_t)f);
    mg_mlp_init_normal(&s.net, 1, &rng, s.theta);
    for (size_t i = 0; i < s.n; i++)
      s.theta[i] += (mg_real)(0.1 * mg_rng_normal(&rng)); /* biases */
    randomise(&rng, s.nx, s.x);
    randomise(&rng, s.nx, s.v);
    randomise(&rng, s.ny, s.weight);
  } while (B < 10 && near_a_kink(&s) && ++attempt < 1000);
  return s;
}

static double objective(void *context) {
  fixture *s = context;
  mg_mlp_forward(&s->net, s->B, s->theta, s->x, &s->tape, s->y);
  double sum = 0;
  for (size_t i = 0; i < s->ny; i++) sum += s->weight[i] * s->y[i];
  return sum;
}

static void analytic(fixture *s) {
  memset(s->dtheta, 0, s->n * sizeof *s->dtheta);
  objective(s);
  mg_mlp_backward(&s->net, s->B, s->theta, &s->tape, s->weight, s->dtheta, s->dx);
}

static const mg_activation ALL[] = {MG_IDENTITY,   MG_TANH,  MG_RELU,
                                    MG_LEAKY_RELU, MG_SWISH, MG_SIGMOID};
static const int HIDDEN[] = {5, 19, 4, 3};

Test(mlp, gradients_of_all_parameters_and_inputs) {
  for (size_t a = 0; a < sizeof ALL / sizeof *ALL; a++)
    for (int layers = 0; layers <= 4; layers++)
      for (int out = 1; out <= 6; out += 2) {
        fixture s = setup(3, layers, HIDDEN, out, ALL[a], 6);
        analytic(&s);
        char what[64];
        snprintf(what, sizeof what, "activation %d, %d hidden layers", (int)ALL[a], layers);
        cr_expect(gradient_agrees(what, gradient_check(objective, &s, s.n, s.theta, s.dtheta),
                                  TOLERANCE));
        cr_expect(gradient_agrees(what, gradient_check(objective, &s, s.nx, s.x, s.dx), TOLERANCE));
        mg_arena_destroy(s.arena);
      }
}

/* The test of the test: a flipped sign, a factor, one wrong entry and a NaN must all be refused. */
Test(mlp, the_check_refuses_wrong_gradients) {
  fixture s = setup(3, 2, HIDDEN, 2, MG_TANH, 4);
  analytic(&s);
  cr_assert(
      gradient_agrees("right", gradient_check(objective, &s, s.n, s.theta, s.dtheta), TOLERANCE));
  for (size_t i = 0; i < s.n; i++) s.dtheta[i] = -s.dtheta[i];
  gradient_report r = gradient_check(objective, &s, s.n, s.theta, s.dtheta);
  cr_expect_float_eq(fabs(r.worst), 2, 1e-6, "a flipped sign is an error of 2");
  for (size_t i = 0; i < s.n; i++) s.dtheta[i] *= (mg_real)-1.0001;
  cr_expect_gt(fabs(gradient_check(objective, &s, s.n, s.theta, s.dtheta).worst), 5e-5);
  for (size_t i = 0; i < s.n; i++) {
    analytic(&s);
    s.dtheta[i] = -s.dtheta[i];
    r = gradient_check(objective, &s, s.n, s.theta, s.dtheta);
    cr_expect_eq(r.index, i);
    cr_expect_gt(fabs(r.worst), 1);
  }
  analytic(&s);
  s.dtheta[3] = (mg_real)NAN;
  cr_expect(isinf(gradient_check(objective, &s, s.n, s.theta, s.dtheta).worst));
  mg_arena_destroy(s.arena);
}

/* A backward pass as it could have been written, without the minus of tanh' = 1 - h^2. */
Test(mlp, a_planted_wrong_backward_is_refused) {
  fixture s = setup(3, 1, HIDDEN, 1, MG_TANH, 4);
  analytic(&s);
  const int H = HIDDEN[0];
  const mg_real *last = s.theta + mg_dense_size((mg_dense){3, H});
  for (int b = 0; b < s.B; b++)
    for (int j = 0; j < H; j++) {
      const mg_real h = s.tape.h[1][b * H + j];
      s.tape.delta[1][b * H + j] = s.weight[b] * last[j] * (1 + h * h);
    }
  memset(s.dtheta, 0, s.n * sizeof *s.dtheta);
  mg_mlp_backward_theta(&s.net, s.B, &s.tape, s.dtheta);
  cr_expect_gt(fabs(gradient_check(objective, &s, s.n, s.theta, s.dtheta).worst), 1e-2);
  mg_arena_destroy(s.arena);
}

Test(mlp, backward_adds_and_leaves_its_inputs_alone) {
  static mg_real once[MOST], theta[MOST], x[MOST], weight[MOST];
  fixture s = setup(4, 2, HIDDEN, 3, MG_SWISH, 6);
  analytic(&s);
  memcpy(once, s.dtheta, s.n * sizeof *once);
  memcpy(theta, s.theta, s.n * sizeof *theta);
  memcpy(x, s.x, s.nx * sizeof *x);
  memcpy(weight, s.weight, s.ny * sizeof *weight);
  for (size_t i = 0; i < s.n; i++) s.dtheta[i] = (mg_real)(10 + (double)i);
  mg_mlp_forward(&s.net, s.B, s.theta, s.x, &s.tape, s.y);
  mg_mlp_backward(&s.net, s.B, s.theta, &s.tape, s.weight, s.dtheta, NULL);
  for (size_t i = 0; i < s.n; i++)
    cr_expect_float_eq(s.dtheta[i], 10 + (double)i + once[i], 1e-11, "entry %zu", i);
  cr_expect_eq(memcmp(theta, s.theta, s.n * sizeof *theta), 0);
  cr_expect_eq(memcmp(x, s.x, s.nx * sizeof *x), 0);
  cr_expect_eq(memcmp(weight, s.weight, s.ny * sizeof *weight), 0);
  mg_arena_destroy(s.arena);
}

Test(mlp, frozen_passes_the_same_gradient_through) {
  static mg_real dx[MOST];
  fixture s = setup(4, 2, HIDDEN, 3, MG_TANH, 6);
  analytic(&s);
  mg_mlp_backward(&s.net, s.B, s.theta, &s.tape, s.weight, NULL, dx);
  cr_expect_eq(memcmp(dx, s.dx, s.nx * sizeof *dx), 0);
  mg_arena_destroy(s.arena);
}

/* A few rows at a time, in any order, then one product: as a recursion in time does it. */
Test(mlp, row_ranges_equal_the_whole) {
  static const struct { int B, rows; } cases[] = {{12, 4}, {600, 200}, {700, 70}, {257, 257}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    const int in = 4, out = 2;
    fixture s = setup(in, 2, HIDDEN, out, MG_SWISH, cases[c].B);
    mg_real *ranged = MG_NEW(s.arena, mg_real, s.nx), *dtheta = MG_NEW(s.arena, mg_real, s.n);
    analytic(&s);
    for (int k = 1; k < s.net.layers; k++)
      memset(s.tape.delta[k], 0, (size_t)(s.B * s.net.width[k]) * sizeof(mg_real));
    memset(s.tape.dy, 0, s.ny * sizeof(mg_real));
    for (int first = s.B - cases[c].rows; first >= 0; first -= cases[c].rows)
      mg_mlp_backward_input(&s.net, first, cases[c].rows, s.theta, &s.tape, s.weight + first * out,
                            ranged + first * in);
    mg_mlp_backward_theta(&s.net, s.B, &s.tape, dtheta);
    for (size_t i = 0; i < s.nx; i++) cr_assert_float_eq(ranged[i], s.dx[i], 1e-12);
    for (size_t i = 0; i < s.n; i++) cr_assert_float_eq(dtheta[i], s.dtheta[i], 1e-9);
    mg_arena_destroy(s.arena);
  }
}

Test(mlp, no_rows_is_nothing) {
  fixture s = setup(3, 1, HIDDEN, 1, MG_TANH, 2);
  mg_mlp_forward(&s.net, 0, s.theta, s.x, &s.tape, s.y);
  mg_mlp_backward(&s.net, 0, s.theta, &s.tape, s.weight, s.dtheta, s.dx);
  for (size_t i = 0; i < s.n; i++) cr_expect_eq(s.dtheta[i], 0);
  mg_arena_destroy(s.arena);
}

/* Input gradients of a one-output net, left on the tape as the penalty wants them. */
static void input_gradients(fixture *s) {
  mg_real *ones = s->y; /* y is not needed any more */
  mg_mlp_forward(&s->net, s->B, s->theta, s->x, &s->tape, s->y);
  for (size_t i = 0; i < s->ny; i++) ones[i] = 1;
  mg_mlp_backward_input(&s->net, 0, s->B, s->theta, &s->tape, ones, s->g);
}

static double directional(void *context) {
  fixture *s = context;
  input_gradients(s);
  double sum = 0;
  for (size_t i = 0; i < s->nx; i++) sum += s->v[i] * s->g[i];
  return sum;
}

static double penalty(void *context) {
  fixture *s = context;
  input_gradients(s);
  return mg_loss_gradient_penalty(s->B, s->net.width[0], s->g, (mg_real)s->target, 1, s->v);
}

Test(mlp, penalty_backward) {
  for (size_t a = 0; a < sizeof ALL / sizeof *ALL; a++)
    for (int layers = 0; layers <= 4; layers++) {
      fixture s = setup(4, layers, HIDDEN, 1, ALL[a], 5);
      char what[64];
      snprintf(what, sizeof what, "penalty, activation %d, %d hidden layers", (int)ALL[a], layers);
      input_gradients(&s);
      mg_mlp_penalty_backward(&s.net, s.B, s.theta, &s.tape, s.v, &s.work, s.dtheta);
      cr_expect(gradient_agrees(what, gradient_check(directional, &s, s.n, s.theta, s.dtheta),
                                TOLERANCE));
      for (int target = 0; target <= 1; target++) {
        s.target = target;
        memset(s.dtheta, 0, s.n * sizeof *s.dtheta);
        penalty(&s);
        mg_mlp_penalty_backward(&s.net, s.B, s.theta, &s.tape, s.v, &s.work, s.dtheta);
        cr_expect(
            gradient_agrees(what, gradient_check(penalty, &s, s.n, s.theta, s.dtheta), TOLERANCE));
      }
      mg_arena_destroy(s.arena);
    }
}

Test(mlp, penalty_backward_adds) {
  static mg_real once[MOST];
  fixture s = setup(4, 2, HIDDEN, 1, MG_TANH, 5);
  input_gradients(&s);
  mg_mlp_penalty_backward(&s.net, s.B, s.theta, &s.tape, s.v, &s.work, s.dtheta);
  memcpy(once, s.dtheta, s.n * sizeof *once);
  mg_mlp_penalty_backward(&s.net, s.B, s.theta, &s.tape, s.v, &s.work, s.dtheta);
  for (size_t i = 0; i < s.n; i++) cr_expect_float_eq(s.dtheta[i], 2 * once[i], 1e-12);
  mg_arena_destroy(s.arena);
}

Test(mlp, flops_by_hand) {
  const mg_mlp net = mg_mlp_make(3, 2, HIDDEN, 1, MG_TANH); /* 3-5-19-1 */
  const double a = 15, b = 95, c = 19;
  cr_expect_eq(mg_mlp_size(&net), 15 + 5 + 95 + 19 + 19 + 1);
  cr_expect_eq(mg_mlp_flops_forward(&net, 10), 20 * (a + b + c));
  cr_expect_eq(mg_mlp_flops_backward_input(&net, 10, 0), 20 * (b + c));
  cr_expect_eq(mg_mlp_flops_backward_input(&net, 10, 1), 20 * (a + b + c));
  cr_expect_eq(mg_mlp_flops_backward_theta(&net, 10), 20 * (a + b + c));
  /* tangent a b; last row c; then two into each hidden layer (one into the last), two out. */
  cr_expect_eq(mg_mlp_flops_penalty(&net, 10), 20 * (a + b + c + (2 * b + c) + 2 * (a + b)));
}

Test(mlp, orthogonal_rows_or_columns) {
  fixture s = setup(7, 2, HIDDEN, 2, MG_TANH, 1);
  mg_rng rng = mg_rng_at(3, MG_RNG_TEST, 0, 0);
  cr_assert_eq(mg_mlp_init_orthogonal(&s.net, 2, 0.5, &rng, s.theta), MG_OK);
  const mg_real *W = s.theta;
  for (int k = 1; k <= s.net.layers; k++) {
    const int in = s.net.width[k - 1], out = s.net.width[k], rows = out <= in;
    const double scale = k == s.net.layers ? 0.5 : 2;
    for (int i = 0; i < (rows ? out : in); i++)
      for (int j = 0; j <= i; j++) {
        double dot = 0;
        for (int m = 0; m < (rows ? in : out); m++)
          dot += rows ? W[i * in + m] * W[j * in + m] : W[m * in + i] * W[m * in + j];
        cr_expect_float_eq(dot, i == j ? scale * scale : 0, 1e-12);
      }
    for (int o = 0; o < out; o++) cr_expect_eq(W[in * out + o], 0);
    W += mg_dense_size((mg_dense){in, out});
  }
  mg_arena_destroy(s.arena);
}

Test(mlp, normal_initialisation_has_the_stated_deviation) {
  static mg_real theta[200 * 100 + 200];
  mg_rng rng = mg_rng_at(5, MG_RNG_TEST, 0, 0);
  mg_dense_init_normal((mg_dense){100, 200}, 3, &rng, theta);
  double square = 0;
  for (int i = 0; i < 20000; i++) square += theta[i] * theta[i];
  cr_expect_float_eq(sqrt(square / 20000), 0.3, 0.006);
  for (int i = 20000; i < 20200; i++) cr_expect_eq(theta[i], 0);
}

/* More rows than any block, on integers: exact. */
Test(mlp, dense_theta_gradient_over_many_rows) {
  enum { ROWS = 1300, IN = 6, OUT = 5 };
  static mg_real x[ROWS * IN], dy[ROWS * OUT], dtheta[OUT * IN + OUT];
  for (int i = 0; i < ROWS * IN; i++) x[i] = i % 7 - 3;
  for (int i = 0; i < ROWS * OUT; i++) dy[i] = i % 11 - 2;
  mg_dense_backward_theta((mg_dense){IN, OUT}, ROWS, x, dy, dtheta);
  for (int o = 0; o < OUT; o++) {
    double db = 0, dW[IN] = {0};
    for (int b = 0; b < ROWS; b++) {
      db += dy[b * OUT + o];
      for (int i = 0; i < IN; i++) dW[i] += dy[b * OUT + o] * x[b * IN + i];
    }
    cr_expect_eq(dtheta[OUT * IN + o], db);
    for (int i = 0; i < IN; i++) cr_expect_eq(dtheta[o * IN + i], dW[i]);
  }
}
