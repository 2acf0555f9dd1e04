/* The discriminator's loss and gradient, cross-entropies and penalty together, in double. */
#include "model/discriminator.h"
#include "support/gradient_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* More than a block of rows. */
enum { B = 264, S = 3, A = 2, I = S + A };
_Static_assert((int)B > (int)MG_MLP_BLOCK, "a block and a rest");

typedef struct fixture {
  mg_arena *arena;
  mg_mlp net;
  mg_discriminator_work work;
  mg_mlp_tape tape; /* of the slow way */
  size_t n;
  mg_real *theta, *gradient;
  mg_real pairs[2 * B * I], mix[B];
  double weight, target;
} fixture;

static void setup(fixture *s, mg_activation f, double weight, double target) {
  memset(s, 0, sizeof *s);
  s->arena = mg_arena_create();
  s->net = mg_discriminator_make(S, A, 2, (const int[]){6, 5}, f);
  s->work = mg_discriminator_work_make(&s->net, B, s->arena);
  s->tape = mg_mlp_tape_make(&s->net, 1, s->arena);
  s->n = mg_mlp_size(&s->net);
  s->theta = MG_NEW(s->arena, mg_real, s->n);
  s->gradient = MG_NEW(s->arena, mg_real, s->n);
  cr_assert_eq(mg_arena_status(s->arena), MG_OK);
  s->weight = weight;
  s->target = target;
  mg_rng rng = mg_rng_at(5, MG_RNG_TEST, (uint64_t)f, 0);
  for (size_t i = 0; i < s->n; i++) s->theta[i] = (mg_real)(0.5 * mg_rng_normal(&rng));
  for (int i = 0; i < 2 * B * I; i++) s->pairs[i] = (mg_real)mg_rng_normal(&rng);
  for (int b = 0; b < B; b++) s->mix[b] = (mg_real)mg_rng_uniform(&rng);
}

static double logit(fixture *s, const mg_real *pair) {
  mg_real l;
  mg_mlp_forward(&s->net, 1, s->theta, pair, &s->tape, &l);
  return l;
}

/* The header's L, a pair at a time; its three terms to `term`. */
static double slow_loss(fixture *s, double term[3]) {
  const mg_real *policy = s->pairs, *expert = s->pairs + B * I, one = 1;
  memset(term, 0, 3 * sizeof *term);
  for (int b = 0; b < B; b++) {
    mg_real between[I], slope[I];
    term[0] += log1p(exp(logit(s, policy + b * I))) / B;
    term[1] += log1p(exp(-logit(s, expert + b * I))) / B;
    for (int i = 0; i < I; i++)
      between[i] = (1 - s->mix[b]) * policy[b * I + i] + s->mix[b] * expert[b * I + i];
    logit(s, between);
    mg_mlp_backward_input(&s->net, 0, 1, s->theta, &s->tape, &one, slope);
    double square = 0;
    for (int i = 0; i < I; i++) square += slope[i] * slope[i];
    term[2] += pow(sqrt(square) - s->target, 2) / B;
  }
  return term[0] + term[1] + s->weight * term[2];
}

static double objective(void *context) {
  double term[3];
  return slow_loss(context, term);
}

static mg_discriminator_loss gradient(fixture *s) {
  return mg_discriminator_gradient(&s->net, s->theta, s->pairs, s->mix, s->weight, s->target,
                                   &s->work, s->gradient);
}

static void check(mg_activation f, double weight, double target) {
  fixture s;
  double term[3];
  mg_real pairs[2 * B * I], mix[B];
  setup(&s, f, weight, target);
  memcpy(pairs, s.pairs, sizeof pairs);
  memcpy(mix, s.mix, sizeof mix);
  slow_loss(&s, term);
  for (size_t i = 0; i < s.n; i++) s.gradient[i] = 3; /* backward adds */
  const mg_discriminator_loss loss = gradient(&s);
  for (size_t i = 0; i < s.n; i++) s.gradient[i] -= 3;
  cr_expect_float_eq(loss.policy, term[0], 1e-13);
  cr_expect_float_eq(loss.expert, term[1], 1e-13);
  cr_expect_float_eq(loss.penalty, weight > 0 ? term[2] : 0, 1e-13, "without the weight");
  const gradient_report report = gradient_check(objective, &s, s.n, s.theta, s.gradient);
  cr_expect(gradient_agrees("discriminator", report, 1e-5), "weight %g, target %g", weight, target);
  cr_expect_eq(memcmp(pairs, s.pairs, sizeof pairs), 0, "inputs changed");
  cr_expect_eq(memcmp(mix, s.mix, sizeof mix), 0, "inputs changed");
  mg_arena_destroy(s.arena);
}

Test(discriminator, gradient_of_the_cross_entropies) {
  check(MG_TANH, 0, 0);
}
Test(discriminator, gradient_with_a_penalty_around_zero) {
  check(MG_TANH, 1.7, 0);
  check(MG_SWISH, 0.3, 0);
}
Test(discriminator, gradient_with_a_penalty_around_one) {
  check(MG_TANH, 1.7, 1);
  check(MG_SIGMOID, 10, 1);
}

/* A linear net: the logit is the first input. */
static void make_linear(fixture *s) {
  s->net = mg_discriminator_make(S, A, 0, NULL, MG_TANH);
  s->work = mg_discriminator_work_make(&s->net, B, s->arena);
  s->n = mg_mlp_size(&s->net);
  memset(s->theta, 0, s->n * sizeof *s->theta);
  s->theta[0] = 1;
}

/* D is the probability of the expert: logits above 0 are right on expert pairs, wrong on others. */
Test(discriminator, accuracies_count_the_right_side) {
  fixture s;
  setup(&s, MG_TANH, 0, 0);
  make_linear(&s);
  const mg_real policy[6] = {-1, -2, 3, -1, -5, 1}, expert[6] = {1, 2, 3, -1, 4, 5};
  for (int b = 0; b < B; b++) {
    s.pairs[b * I] = policy[b % 6];
    s.pairs[(B + b) * I] = expert[b % 6];
  }
  const mg_discriminator_loss loss = gradient(&s);
  cr_expect_float_eq(loss.policy_accuracy, 4.0 / 6, 1e-15);
  cr_expect_float_eq(loss.expert_accuracy, 5.0 / 6, 1e-15);
  mg_arena_destroy(s.arena);
}

/* A step down the gradient raises the logits of the expert and lowers those of the policy. */
Test(discriminator, descent_tells_the_expert_from_the_policy) {
  fixture s;
  setup(&s, MG_TANH, 0, 0);
  make_linear(&s);
  s.theta[0] = 0;
  for (int b = 0; b < B; b++)
    for (int i = 0; i < I; i++) s.pairs[b * I + i] = -1, s.pairs[(B + b) * I + i] = 1;
  gradient(&s);
  for (int i = 0; i < I; i++) cr_expect_float_eq(s.gradient[i], -1, 1e-15);
  cr_expect_float_eq(s.gradient[I], 0, 1e-15, "as many on both sides");
  mg_arena_destroy(s.arena);
}

/* The slope of a linear net is its weight row: |w| = 1 is a penalty of 0 around 1, and of 1 around
 * 0. */
Test(discriminator, penalty_of_a_linear_net) {
  fixture s;
  setup(&s, MG_TANH, 2, 1);
  make_linear(&s);
  double penalty = gradient(&s).penalty;
  cr_expect_float_eq(penalty, 0, 1e-15);
  s.target = 0;
  penalty = gradient(&s).penalty;
  cr_expect_float_eq(penalty, 1, 1e-15);
  mg_arena_destroy(s.arena);
}

Test(discriminator, initial_weights_end_small) {
  fixture s;
  setup(&s, MG_TANH, 0, 0);
  mg_mlp net = mg_discriminator_make(S, A, 1, (const int[]){400}, MG_TANH);
  mg_real *theta = MG_NEW(s.arena, mg_real, mg_mlp_size(&net));
  mg_rng rng = mg_rng_at(2, MG_RNG_TEST, 0, 0);
  mg_discriminator_init(&net, &rng, theta);
  const mg_real *last = theta + 400 * (I + 1);
  double square = 0;
  for (int i = 0; i < 400; i++) square += last[i] * last[i];
  cr_expect_float_eq(sqrt(square), 0.3, 0.06);
  cr_expect_eq(last[400], 0);
  mg_arena_destroy(s.arena);
}

Test(discriminator, flops_by_hand) {
  const mg_mlp net = mg_discriminator_make(S, A, 1, (const int[]){7}, MG_TANH); /* 5-7-1 */
  const double plain = 2.0 * 2 * B * ((35 + 7) + 7 + (35 + 7));
  cr_expect_eq(mg_discriminator_flops(&net, B, 0), plain);
  cr_expect_eq(mg_discriminator_flops(&net, B, 1),
               plain + 2.0 * B * ((35 + 7) + (35 + 7)) + mg_mlp_flops_penalty(&net, B));
}
