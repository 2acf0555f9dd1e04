/* The policy in double: action scaling, both heads, gradients. */
#include "model/policy.h"
#include "support/gradient_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { B = 6, S = 3, A = 3, MOST = 120 };
static const double MEAN[A] = {0.5, -1, 2}, SD[A] = {0.3, 1, 2.5};

typedef struct fixture {
  mg_arena *arena;
  mg_policy policy;
  mg_mlp_tape tape;
  size_t n, net;
  mg_real theta[MOST], dtheta[MOST];
  mg_real x[B * S], dx[B * S], head[B * A], weight[B * A], noise[B * A], a[B * A];
} fixture;

static void setup(fixture *s, bool discrete) {
  memset(s, 0, sizeof *s);
  s->arena = mg_arena_create();
  s->policy = mg_policy_make(S, A, discrete, 2, (const int[]){5, 4}, MG_TANH, MEAN, SD);
  s->tape = mg_mlp_tape_make(&s->policy.net, B, s->arena);
  s->n = mg_policy_size(&s->policy);
  s->net = mg_policy_log_sigma_offset(&s->policy);
  cr_assert_leq(s->n, MOST);
  mg_rng rng = mg_rng_at(6, MG_RNG_TEST, discrete, 0);
  for (size_t i = 0; i < s->n; i++) s->theta[i] = (mg_real)(0.6 * mg_rng_normal(&rng));
  for (int i = 0; i < B * S; i++) s->x[i] = (mg_real)mg_rng_normal(&rng);
  for (int i = 0; i < B * A; i++) s->weight[i] = (mg_real)mg_rng_normal(&rng);
  for (int i = 0; i < B * A; i++) s->noise[i] = (mg_real)mg_rng_normal(&rng);
}

static double objective(void *context) {
  fixture *s = context;
  mg_policy_forward(&s->policy, B, s->theta, s->x, &s->tape, s->head);
  double sum = 0;
  for (int i = 0; i < B * A; i++) sum += s->weight[i] * s->head[i];
  return sum;
}

Test(policy, sizes) {
  fixture s;
  setup(&s, false);
  cr_expect_eq(s.net, mg_mlp_size(&s.policy.net));
  cr_expect_eq(s.n, s.net + A, "log_sigma follows the net");
  mg_arena_destroy(s.arena);
  setup(&s, true);
  cr_expect_eq(s.n, s.net);
  cr_expect_null(s.policy.action_mean);
  cr_expect_null(s.policy.action_sd);
  mg_arena_destroy(s.arena);
}

Test(policy, mean_is_scaled_and_logits_are_not) {
  for (int discrete = 0; discrete <= 1; discrete++) {
    fixture s;
    mg_real u[B * A];
    setup(&s, discrete);
    objective(&s);
    mg_mlp_forward(&s.policy.net, B, s.theta, s.x, &s.tape, u);
    for (int i = 0; i < B * A; i++)
      cr_expect_float_eq(s.head[i], discrete ? u[i] : MEAN[i % A] + SD[i % A] * u[i], 1e-15);
    mg_arena_destroy(s.arena);
  }
}

Test(policy, gradients_of_parameters_and_states) {
  for (int discrete = 0; discrete <= 1; discrete++) {
    fixture s;
    mg_real dhead[B * A];
    setup(&s, discrete);
    objective(&s);
    for (size_t i = 0; i < s.n; i++) s.dtheta[i] = 4;
    memcpy(dhead, s.weight, sizeof dhead);
    for (int first = B - 2; first >= 0; first -= 2) /* row ranges */
      mg_policy_backward_input(&s.policy, first, 2, s.theta, &s.tape, dhead + first * A,
                               s.dx + first * S);
    mg_policy_backward_theta(&s.policy, B, &s.tape, s.dtheta);
    for (size_t i = 0; i < s.n; i++) s.dtheta[i] -= 4;
    cr_expect(gradient_agrees("policy theta", gradient_check(objective, &s, s.n, s.theta, s.dtheta),
                              1e-6));
    cr_expect(gradient_agrees("policy x", gradient_check(objective, &s, B * S, s.x, s.dx), 1e-6));
    for (int i = 0; i < B * S; i++) s.dx[i] = -s.dx[i];
    cr_expect_gt(fabs(gradient_check(objective, &s, B * S, s.x, s.dx).worst), 1);
    mg_arena_destroy(s.arena);
  }
}

Test(policy, acts_with_the_noise_it_is_given) {
  fixture s;
  setup(&s, false);
  objective(&s);
  mg_policy_act(&s.policy, B, s.theta, s.head, s.noise, s.a);
  for (int i = 0; i < B * A; i++)
    cr_expect_float_eq(s.a[i], s.head[i] + exp(s.theta[s.net + (size_t)(i % A)]) * s.noise[i],
                       1e-14);
  mg_policy_act(&s.policy, B, s.theta, s.head, NULL, s.a);
  cr_expect_eq(memcmp(s.a, s.head, sizeof s.a), 0, "no noise: the mean action");
  mg_arena_destroy(s.arena);
}

Test(policy, chooses_with_the_noise_it_is_given) {
  fixture s;
  setup(&s, true);
  objective(&s);
  for (int noisy = 0; noisy <= 1; noisy++) {
    mg_policy_act(&s.policy, B, s.theta, s.head, noisy ? s.noise : NULL, s.a);
    for (int b = 0; b < B; b++) {
      int best = 0;
      for (int k = 1; k < A; k++) {
        const int i = b * A + k, j = b * A + best;
        if (s.head[i] + noisy * s.noise[i] > s.head[j] + noisy * s.noise[j]) best = k;
      }
      for (int k = 0; k < A; k++) cr_expect_eq(s.a[b * A + k], k == best);
    }
  }
  mg_arena_destroy(s.arena);
}

/* Normal: mean 0, variance 1. Gumbel: mean 0.5772, variance pi^2/6. Within 5 standard errors. */
Test(policy, noise_has_its_moments) {
  enum { N = 40000 };
  for (int discrete = 0; discrete <= 1; discrete++) {
    fixture s;
    setup(&s, discrete);
    double sum = 0, square = 0;
    for (uint64_t i = 0; i < N / A; i++) {
      mg_rng rng = mg_rng_at(3, MG_RNG_TEST, i, 0);
      mg_policy_noise(&s.policy, &rng, s.noise);
      for (int k = 0; k < A; k++) sum += s.noise[k], square += s.noise[k] * s.noise[k];
    }
    const double n = N / A * A, mean = sum / n, variance = square / n - mean * mean;
    const double expected = discrete ? M_PI * M_PI / 6 : 1;
    cr_expect_float_eq(mean, discrete ? 0.57721566 : 0, 5 * sqrt(expected / n));
    cr_expect_float_eq(variance, expected, 0.08 * expected);
    mg_arena_destroy(s.arena);
  }
}

Test(policy, starts_near_the_mean_action_with_the_given_spread) {
  fixture s;
  setup(&s, false);
  mg_rng rng = mg_rng_at(2, MG_RNG_TEST, 0, 0);
  mg_policy_init(&s.policy, -0.7, &rng, s.theta);
  for (size_t i = s.net; i < s.n; i++) cr_expect_float_eq(s.theta[i], -0.7, 1e-15);
  objective(&s);
  for (int i = 0; i < B * A; i++) cr_expect_lt(fabs(s.head[i] - MEAN[i % A]), 0.4 * SD[i % A]);
  mg_arena_destroy(s.arena);
}
