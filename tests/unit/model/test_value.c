/* The value function in double. */
#include "model/value.h"
#include "support/gradient_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { B = 7, S = 3, MOST = 100 };

typedef struct fixture {
  mg_arena *arena;
  mg_mlp net;
  mg_mlp_tape tape;
  size_t n;
  mg_real theta[MOST], gradient[MOST], x[B * S], target[B], out[2 * B];
} fixture;

static void setup(fixture *s) {
  memset(s, 0, sizeof *s);
  s->arena = mg_arena_create();
  s->net = mg_value_make(S, 2, (const int[]){5, 4}, MG_TANH);
  s->tape = mg_mlp_tape_make(&s->net, B, s->arena);
  s->n = mg_mlp_size(&s->net);
  cr_assert_leq(s->n, MOST);
  mg_rng rng = mg_rng_at(9, MG_RNG_TEST, 0, 0);
  for (size_t i = 0; i < s->n; i++) s->theta[i] = (mg_real)(0.6 * mg_rng_normal(&rng));
  for (int i = 0; i < B * S; i++) s->x[i] = (mg_real)mg_rng_normal(&rng);
  for (int b = 0; b < B; b++) s->target[b] = (mg_real)mg_rng_normal(&rng);
}

static double slow_loss(void *context) {
  fixture *s = context;
  double sum = 0;
  for (int b = 0; b < B; b++) {
    mg_real v;
    mg_mlp_forward(&s->net, 1, s->theta, s->x + b * S, &s->tape, &v);
    sum += (v - s->target[b]) * (v - s->target[b]);
  }
  return sum / B;
}

Test(value, gradient) {
  fixture s;
  mg_real x[B * S], target[B];
  setup(&s);
  memcpy(x, s.x, sizeof x);
  memcpy(target, s.target, sizeof target);
  for (size_t i = 0; i < s.n; i++) s.gradient[i] = 2; /* backward adds */
  const double loss =
      mg_value_gradient(&s.net, B, s.theta, s.x, s.target, &s.tape, s.out, s.gradient);
  for (size_t i = 0; i < s.n; i++) s.gradient[i] -= 2;
  cr_expect_float_eq(loss, slow_loss(&s), 1e-13);
  cr_expect(
      gradient_agrees("value", gradient_check(slow_loss, &s, s.n, s.theta, s.gradient), 1e-6));
  cr_expect_eq(memcmp(x, s.x, sizeof x), 0, "inputs changed");
  cr_expect_eq(memcmp(target, s.target, sizeof target), 0, "inputs changed");
  for (size_t i = 0; i < s.n; i++) s.gradient[i] = -s.gradient[i];
  cr_expect_gt(fabs(gradient_check(slow_loss, &s, s.n, s.theta, s.gradient).worst), 1);
  mg_arena_destroy(s.arena);
}

Test(value, descent_fits_the_targets) {
  fixture s;
  setup(&s);
  const double before = slow_loss(&s);
  for (int step = 0; step < 3000; step++) {
    memset(s.gradient, 0, sizeof s.gradient);
    mg_value_gradient(&s.net, B, s.theta, s.x, s.target, &s.tape, s.out, s.gradient);
    for (size_t i = 0; i < s.n; i++) s.theta[i] -= 0.05 * s.gradient[i];
  }
  const double after = slow_loss(&s);
  cr_expect_lt(after, 0.02 * before, "from %g to %g", before, after);
  mg_arena_destroy(s.arena);
}

Test(value, initial_values_are_small) {
  fixture s;
  setup(&s);
  const mg_mlp net = mg_value_make(S, 1, (const int[]){400}, MG_TANH);
  mg_real *theta = MG_NEW(s.arena, mg_real, mg_mlp_size(&net));
  mg_rng rng = mg_rng_at(2, MG_RNG_TEST, 0, 0);
  mg_value_init(&net, &rng, theta);
  const mg_real *last = theta + 400 * (S + 1);
  double square = 0;
  for (int i = 0; i < 400; i++) square += last[i] * last[i];
  cr_expect_float_eq(sqrt(square), 0.1, 0.02);
  cr_expect_eq(last[400], 0);
  mg_arena_destroy(s.arena);
}
