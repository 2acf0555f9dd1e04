/* The least of two values of a pair, in double. */
#include "model/action_value.h"
#include "support/gradient_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { B = 9, W = 4, MOST = 200 };

typedef struct fixture {
  mg_arena *arena;
  mg_mlp net;
  mg_action_value_work work;
  mg_mlp_tape tape;
  size_t n;
  mg_real theta[MOST], xa[B * W], weight[B], target[B], q[B], out[2 * B];
} fixture;

static void setup(fixture *s) {
  memset(s, 0, sizeof *s);
  s->arena = mg_arena_create();
  s->net = mg_action_value_make(W, 2, (const int[]){5, 4}, MG_TANH);
  s->work = mg_action_value_work_make(&s->net, B, s->arena);
  s->tape = mg_mlp_tape_make(&s->net, B, s->arena);
  s->n = mg_action_value_size(&s->net);
  cr_assert_eq(s->n, 2 * mg_mlp_size(&s->net));
  cr_assert_leq(s->n, MOST);
  mg_rng rng = mg_rng_at(7, MG_RNG_TEST, 0, 0);
  for (size_t i = 0; i < s->n; i++) s->theta[i] = 0.6 * mg_rng_normal(&rng);
  for (int i = 0; i < B * W; i++) s->xa[i] = mg_rng_normal(&rng);
  for (int b = 0; b < B; b++) {
    s->weight[b] = mg_rng_normal(&rng);
    s->target[b] = mg_rng_normal(&rng);
  }
}

/* Of one of the two, a row at a time. */
static double one(fixture *s, int k, int b) {
  mg_real q;
  mg_mlp_forward(&s->net, 1, s->theta + (size_t)k * s->n / 2, s->xa + b * W, &s->tape, &q);
  return q;
}

/* Both networks are the least of some rows, so that a test of the whole says something of each. */
Test(action_value, the_least_of_two) {
  fixture s;
  setup(&s);
  int second = 0;
  mg_action_value_least(&s.net, B, s.theta, s.xa, &s.work, s.q);
  for (int b = 0; b < B; b++) {
    cr_expect_float_eq(s.q[b], fmin(one(&s, 0, b), one(&s, 1, b)), 1e-14);
    second += one(&s, 1, b) < one(&s, 0, b);
  }
  cr_expect(second > 1 && second < B - 1, "%d of %d rows", second, B);
  mg_arena_destroy(s.arena);
}

static double weighted(void *context) {
  fixture *s = context;
  double sum = 0;
  for (int b = 0; b < B; b++) sum += s->weight[b] * fmin(one(s, 0, b), one(s, 1, b));
  return sum;
}

Test(action_value, its_slope) {
  fixture s;
  mg_real dxa[B * W];
  setup(&s);
  mg_action_value_least(&s.net, B, s.theta, s.xa, &s.work, s.q);
  mg_action_value_backward_input(&s.net, B, s.theta, &s.work, s.weight, dxa);
  const gradient_report report = gradient_check(weighted, &s, (size_t)(B * W), s.xa, dxa);
  cr_expect(gradient_agrees("Q by its pair", report, 1e-6));
  mg_arena_destroy(s.arena);
}

static double loss_of(void *context) {
  fixture *s = context;
  double sum = 0;
  for (int k = 0; k < MG_ACTION_VALUES; k++)
    for (int b = 0; b < B; b++) sum += pow(one(s, k, b) - s->target[b], 2) / B;
  return sum;
}

Test(action_value, both_learn) {
  fixture s;
  mg_real gradient[MOST];
  setup(&s);
  for (size_t i = 0; i < s.n; i++) gradient[i] = 2; /* it adds */
  const double loss =
      mg_action_value_gradient(&s.net, B, s.theta, s.xa, s.target, &s.tape, s.out, gradient);
  for (size_t i = 0; i < s.n; i++) gradient[i] -= 2;
  cr_expect_float_eq(loss, loss_of(&s), 1e-13);
  cr_expect(gradient_agrees("Q", gradient_check(loss_of, &s, s.n, s.theta, gradient), 1e-6));
  mg_arena_destroy(s.arena);
}

Test(action_value, begin_small_and_apart) {
  fixture s;
  setup(&s);
  mg_rng rng = mg_rng_at(5, MG_RNG_TEST, 0, 0);
  mg_action_value_init(&s.net, &rng, s.theta);
  mg_action_value_least(&s.net, B, s.theta, s.xa, &s.work, s.q);
  cr_expect_neq(memcmp(s.theta, s.theta + s.n / 2, s.n / 2 * sizeof *s.theta), 0);
  for (int b = 0; b < B; b++) cr_expect_lt(fabs(s.q[b]), 0.5);
  mg_arena_destroy(s.arena);
}
