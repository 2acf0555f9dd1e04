/* The loss is checked in double precision; the trainer runs there too. */
#include "algo/algorithm.h"
#include "algo/on_policy/ppo.h"
#include "algo/on_policy/ppo_loss.h"
#include "base/statistics.h"
#include "rollout/evaluate.h"
#include "support/algorithm_run.h"
#include "support/gradient_check.h"
#include "support/thread_comm.h"
#include "support/tiny_run.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the loss ---- */

enum { B = 12, S = 4, A = 3 };

typedef struct problem {
  mg_arena *arena;
  mg_policy policy;
  double mean[A], sd[A];
  mg_mlp_tape tape;
  mg_real *theta, *gradient;
  mg_real x[B * S], a[B * A], head[B * A], dhead[B * A], old_lp[B], advantage[B], work[2 * B];
  mg_ppo_loss loss;
} problem;

static double total(problem *p) {
  memset(p->gradient, 0, mg_policy_size(&p->policy) * sizeof(mg_real));
  mg_policy_forward(&p->policy, B, p->theta, p->x, &p->tape, p->head);
  p->loss = mg_ppo_policy_loss(&p->policy, B, p->theta, p->head, p->a, p->old_lp, p->advantage, 0.2,
                               0.03, p->work, p->dhead, p->gradient);
  mg_policy_backward_input(&p->policy, 0, B, p->theta, &p->tape, p->dhead, NULL);
  mg_policy_backward_theta(&p->policy, B, &p->tape, p->gradient);
  return p->loss.surrogate - 0.03 * p->loss.entropy;
}

static double objective(void *context) {
  return total(context);
}

/* Ratios 0.5, 0.9, 1, 1.1, 2 with advantages of both signs: all branches of min and clip, none at a
 * kink (ratio 1 + c or 1 - c). */
static void make_problem(problem *p, bool discrete) {
  static const double ratios[B] = {.5, .5, .9, .9, 1, 1, 1.1, 1.1, 2, 2, 1, 1};
  memset(p, 0, sizeof *p);
  p->arena = mg_arena_create();
  for (int k = 0; k < A; k++) p->mean[k] = 0.1 * k, p->sd[k] = 1 + 0.5 * k;
  p->policy = mg_policy_make(S, A, discrete, 1, (const int[]){5}, MG_TANH, p->mean, p->sd);
  size_t n = mg_policy_size(&p->policy);
  p->tape = mg_mlp_tape_make(&p->policy.net, B, p->arena);
  p->theta = MG_NEW(p->arena, mg_real, n);
  p->gradient = MG_NEW(p->arena, mg_real, n);
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, discrete, 0);
  for (size_t i = 0; i < n; i++) p->theta[i] = (mg_real)(0.4 * mg_rng_normal(&rng));
  for (int i = 0; i < B * S; i++) p->x[i] = (mg_real)mg_rng_normal(&rng);
  mg_policy_forward(&p->policy, B, p->theta, p->x, &p->tape, p->head);
  for (int b = 0; b < B; b++) mg_policy_noise(&p->policy, &rng, p->dhead + b * A);
  mg_policy_act(&p->policy, B, p->theta, p->head, p->dhead, p->a);
  mg_ppo_log_probability(&p->policy, B, p->theta, p->head, p->a, p->old_lp);
  for (int b = 0; b < B; b++) {
    p->old_lp[b] -= (mg_real)log(ratios[b]);
    p->advantage[b] = (mg_real)((b % 2 ? -1 : 1) * (0.5 + mg_rng_uniform(&rng)));
  }
}

static void check_gradient(bool discrete) {
  problem p;
  make_problem(&p, discrete);
  size_t n = mg_policy_size(&p.policy);
  total(&p);
  mg_real *claimed = MG_NEW(p.arena, mg_real, n);
  memcpy(claimed, p.gradient, n * sizeof(mg_real));
  gradient_report report = gradient_check(objective, &p, n, p.theta, claimed);
  cr_assert(gradient_agrees(discrete ? "categorical" : "gaussian", report, 1e-6));
  claimed[n - 1] *= -1; /* a wrong sign in the last parameter must be seen */
  report = gradient_check(objective, &p, n, p.theta, claimed);
  cr_assert(report.index == n - 1 && fabs(report.worst) > 1.9);
  mg_arena_destroy(p.arena);
}

Test(ppo_loss, gradient_of_the_gaussian_policy) {
  check_gradient(false);
}

Test(ppo_loss, gradient_of_the_categorical_policy) {
  check_gradient(true);
}

Test(ppo_loss, statistics_have_the_closed_form) {
  problem p;
  make_problem(&p, false);
  total(&p);
  double surrogate = 0, kl = 0;
  const double ratios[B] = {.5, .5, .9, .9, 1, 1, 1.1, 1.1, 2, 2, 1, 1};
  for (int b = 0; b < B; b++) {
    /* Where the minimum is: an advantage > 0 counts at most 1.2 times, one < 0 at least 0.8. */
    double r = ratios[b], adv = (double)p.advantage[b];
    double counted = adv > 0 ? (r > 1.2 ? 1.2 : r) : (r < 0.8 ? 0.8 : r);
    surrogate -= counted * adv / B;
    kl += (r - 1 - log(r)) / B;
  }
  cr_assert(fabs(p.loss.surrogate - surrogate) < 1e-12);
  cr_assert(fabs(p.loss.kl - kl) < 1e-12);
  cr_assert(fabs(p.loss.clip_fraction - 4.0 / B) < 1e-12);
  mg_arena_destroy(p.arena);
}

/* ---- the trainer ---- */

static mg_settings cartpole(int64_t steps) {
  mg_settings s = {0};
  strcpy(s.run.observe, "motion");
  strcpy(s.run.algorithm, "ppo");
  strcpy(s.run.env, "CartPole-v0");
  s.run.seed = 1;
  s.run.steps = steps;
  s.run.environments = 8;
  s.policy.hidden = s.value.hidden = (mg_layers){2, {32, 32}};
  s.policy.activation = s.value.activation = MG_TANH;
  s.policy.learning_rate = s.value.learning_rate = 1e-3;
  s.policy.clip = s.value.clip = 0.5;
  s.policy.average_steps = 230;
  s.ppo.horizon = 64;
  s.ppo.gamma = 0.99;
  s.ppo.lambda = 0.95;
  s.ppo.epochs = 6;
  s.ppo.minibatches = 4;
  s.ppo.clip_ratio = s.ppo.final_clip_ratio = 0.2;
  s.ppo.target_kl = 0.05;
  s.ppo.scale_reward = true;
  return s;
}

static mg_on_policy *ppo_of(run *r) {
  return &((mg_ppo *)r->algorithm)->on_policy;
}

Test(ppo, learns_to_balance) {
  run r;
  const mg_settings settings = cartpole(40960);
  run_start(&r, &settings);
  mg_metrics first = run_iterate(&r, 1);
  cr_assert(first.weight[0] > 0 && first.value[0] < 50, "a random policy got %g", first.value[0]);
  run_iterate(&r, 79);
  cr_assert(r.algorithm->steps == 40960 && r.algorithm->iteration == 80);
  cr_assert(r.algorithm->flops > 0);
  mg_evaluator *evaluator = NULL;
  double returns[20], lengths[20];
  cr_assert(mg_evaluator_create("CartPole-v0", NULL, 20, 9, &r.comm, &r.algorithm->policy,
                                r.algorithm->normaliser, &evaluator) == MG_OK);
  mg_evaluator_run(evaluator, mg_paramset_theta(r.algorithm->set, 0), false, returns, lengths);
  cr_assert(mg_summarise(20, returns).mean > 190, "mean return %g", mg_summarise(20, returns).mean);
  mg_evaluator_run(evaluator, r.algorithm->average, false, returns, lengths);
  cr_assert(mg_summarise(20, returns).mean > 190, "average: %g", mg_summarise(20, returns).mean);
  mg_evaluator_destroy(evaluator);
  run_stop(&r);
}

Test(ppo, goes_on_from_a_checkpoint_bit_for_bit) {
  char folder[] = "/tmp/mgail_test_ppo_XXXXXX";
  cr_assert(mkdtemp(folder) != NULL);
  char file[128];
  snprintf(file, sizeof file, "%s/checkpoint.h5", folder);
  run a, b;
  mg_settings s = cartpole(20000);
  s.ppo.final_clip_ratio = 0.1;
  s.ppo.desired_kl = 10; /* the rate goes up in every iteration */
  run_start(&a, &s);
  run_start(&b, &s);
  run_iterate(&a, 4);
  cr_assert(ppo_of(&a)->rate_factor > 3);
  run_visit(&a, file, false);
  run_visit(&b, file, true);
  mg_metrics ra = run_iterate(&a, 3), rb = run_iterate(&b, 3);
  cr_assert(a.algorithm->iteration == 7 && b.algorithm->iteration == 7);
  cr_assert(a.algorithm->steps == b.algorithm->steps);
  size_t n = a.algorithm->set->size;
  cr_assert(memcmp(a.algorithm->set->theta, b.algorithm->set->theta, n * sizeof(mg_real)) == 0);
  size_t policy = mg_policy_size(&a.algorithm->policy);
  cr_assert(memcmp(a.algorithm->average, b.algorithm->average, policy * sizeof(mg_real)) == 0);
  for (int k = 0; k < MG_METRIC_SECONDS_ROLLOUT; k++)
    cr_assert(ra.value[k] == rb.value[k], "%s", tiny_metric_name(k));
  unlink(file);
  rmdir(folder);
  run_stop(&a);
  run_stop(&b);
}

/* ---- what moves during a run ---- */

/* One pass an iteration, so that the divergence reported is the one the rate is adapted to. */
static mg_settings one_pass(double desired_kl) {
  mg_settings s = cartpole(1 << 20);
  s.policy.final_learning_rate = s.policy.learning_rate;
  s.ppo.final_clip_ratio = s.ppo.clip_ratio;
  s.ppo.epochs = 1;
  s.ppo.target_kl = 0;
  s.ppo.desired_kl = desired_kl;
  return s;
}

/* The first iteration only collects: the second is the first that moves the policy. */
static double factor_after(mg_settings settings, double *kl) {
  run r;
  run_start(&r, &settings);
  run_iterate(&r, 1);
  cr_assert(ppo_of(&r)->rate_factor == 1, "nothing has moved yet");
  mg_metrics report = run_iterate(&r, 1);
  if (kl) *kl = report.value[MG_METRIC_KL];
  double factor = ppo_of(&r)->rate_factor;
  cr_assert(fabs(report.value[MG_METRIC_POLICY_RATE] - ppo_of(&r)->policy_rate) < 1e-12);
  report = run_iterate(&r, 1); /* which has the factor in its rate */
  cr_assert_float_eq(report.value[MG_METRIC_POLICY_RATE], ppo_of(&r)->policy_rate * factor, 1e-15);
  run_stop(&r);
  return factor;
}

Test(ppo, the_rate_follows_the_desired_divergence) {
  double kl;
  cr_assert(factor_after(one_pass(0), &kl) == 1 && kl > 0, "switched off");
  cr_assert_float_eq(factor_after(one_pass(kl / 2.1), NULL), 1 / 1.5, 1e-12, "too far");
  cr_assert_float_eq(factor_after(one_pass(kl / 1.9), NULL), 1, 0, "far");
  cr_assert_float_eq(factor_after(one_pass(kl * 1.9), NULL), 1, 0, "near");
  cr_assert_float_eq(factor_after(one_pass(kl * 2.1), NULL), 1.5, 1e-12, "too near");
}

/* Half way to a rate of 0 half the divergence is desired. */
Test(ppo, the_desired_divergence_shrinks_with_the_rate) {
  double kl;
  mg_settings s = one_pass(0);
  s.run.steps = 2 * 512;
  s.policy.final_learning_rate = 0;
  factor_after(s, &kl);
  s.ppo.desired_kl = kl * 2 * 1.9;
  cr_assert(factor_after(s, NULL) == 1);
  s.ppo.desired_kl = kl * 2 * 2.1;
  cr_assert(factor_after(s, NULL) > 1);
  s.ppo.desired_kl = kl * 2 / 1.9;
  cr_assert(factor_after(s, NULL) == 1);
}

/* The first minibatch steps with the factor: twice a rate of 1 is a rate of 2. */
Test(ppo, the_factor_multiplies_the_rate_of_the_policy_alone) {
  run a, b;
  mg_settings s = one_pass(0);
  run_start(&a, &s);
  s.policy.learning_rate = s.policy.final_learning_rate = 2 * s.policy.learning_rate;
  run_start(&b, &s);
  ppo_of(&a)->rate_factor = 2;
  run_iterate(&a, 3);
  run_iterate(&b, 3);
  size_t bytes = a.algorithm->set->size * sizeof(mg_real);
  cr_assert(memcmp(a.algorithm->set->theta, b.algorithm->set->theta, bytes) == 0);
  run_stop(&a);
  run_stop(&b);
}

Test(ppo, the_clip_range_moves_linearly) {
  run r;
  mg_settings s = one_pass(0);
  s.run.steps = 4 * 512;
  s.ppo.clip_ratio = 0.3;
  s.ppo.final_clip_ratio = 0.1;
  run_start(&r, &s);
  const double expected[] = {0.3, 0.25, 0.2, 0.15, 0.1, 0.1};
  for (int i = 0; i < 6; i++) {
    run_iterate(&r, 1);
    cr_assert_float_eq(ppo_of(&r)->clip_ratio, expected[i], 1e-12, "iteration %d", i);
  }
  run_stop(&r);
}

/* From a range that nothing leaves to one that everything leaves but the first minibatch, whose
 * ratios are 1. */
Test(ppo, the_loss_has_the_clip_range_of_the_iteration) {
  run r;
  mg_settings s = one_pass(0);
  s.run.steps = 2 * 512;
  s.ppo.clip_ratio = 10;
  s.ppo.final_clip_ratio = 1e-12;
  run_start(&r, &s);
  mg_metrics report = run_iterate(&r, 2);
  cr_assert(report.value[MG_METRIC_CLIP_FRACTION] == 0);
  report = run_iterate(&r, 1);
  cr_assert(report.value[MG_METRIC_CLIP_FRACTION] > 0.7);
  run_stop(&r);
}

/* ---- several ranks ---- */

enum { RANKS = 2 };

typedef struct ranks {
  mg_settings settings;
  int iterations;
  bool failed;
  double kl[RANKS], epochs[RANKS], factor[RANKS]; /* of the last iteration */
  bool same;                                      /* all hold the same parameters, always */
  double mean_return;                             /* of 20 episodes, if asked for */
  bool evaluate;
} ranks;

/* Criterion's assertions do not work in threads: results are judged afterwards. */
static void on_rank(mg_comm *comm, void *user) {
  ranks *all = user;
  mg_log log = mg_log_open(NULL, comm->rank);
  mg_context context = {&all->settings, comm, &log, mg_arena_create()};
  mg_algorithm *algorithm = NULL;
  if (mg_algorithm_create(&mg_ppo_class, &context, &algorithm) != MG_OK) {
    all->failed = true;
    mg_arena_destroy(context.arena);
    return;
  }
  mg_on_policy *p = &((mg_ppo *)algorithm)->on_policy;
  mg_metrics report = {0};
  bool same = true;
  for (int i = 0; i < all->iterations; i++) {
    mg_algorithm_iterate(algorithm, &report);
    same &= mg_sync_agrees(&p->learner.sync, p->learner.set.theta, p->learner.set.size);
  }
  all->kl[comm->rank] = report.value[MG_METRIC_KL];
  all->epochs[comm->rank] = report.value[MG_METRIC_EPOCHS];
  all->factor[comm->rank] = p->rate_factor;
  mg_evaluator *evaluator = NULL;
  double returns[20], lengths[20];
  if (all->evaluate && mg_evaluator_create("CartPole-v0", NULL, 20, 9, comm, &algorithm->policy,
                                           algorithm->normaliser, &evaluator) == MG_OK)
    mg_evaluator_run(evaluator, p->learner.set.theta, false, returns, lengths);
  if (comm->rank == 0) all->same = same;
  if (comm->rank == 0 && evaluator) all->mean_return = mg_summarise(20, returns).mean;
  mg_evaluator_destroy(evaluator);
  mg_algorithm_destroy(algorithm);
  mg_arena_destroy(context.arena);
}

static ranks run_two(mg_settings settings, int iterations, bool evaluate) {
  ranks all = {.settings = settings, .iterations = iterations, .evaluate = evaluate};
  run_ranks(RANKS, on_rank, &all);
  cr_assert(!all.failed && all.same);
  return all;
}

/* Limits between one rank's divergence and the mean: a rank that looked at its own alone would
 * decide otherwise than the other. */
Test(ppo, ranks_stop_together_and_adapt_alike) {
  mg_settings s = one_pass(0);
  s.run.sync = MG_SYNC_PARAMETERS;
  ranks free = run_two(s, 2, false);
  double low = fmin(free.kl[0], free.kl[1]), high = fmax(free.kl[0], free.kl[1]);
  double mean = (low + high) / 2;
  cr_assert(high > 1.001 * low, "ranks have environments of their own");

  s.ppo.epochs = 6;
  s.ppo.target_kl = (low + mean) / 2;
  ranks all = run_two(s, 2, false);
  cr_assert(all.epochs[0] == 1 && all.epochs[1] == 1, "%g, %g", all.epochs[0], all.epochs[1]);
  s.ppo.target_kl = (mean + high) / 2;
  all = run_two(s, 2, false);
  cr_assert(all.epochs[0] > 1 && all.epochs[0] == all.epochs[1], "%g, %g", all.epochs[0],
            all.epochs[1]);

  s.ppo.epochs = 1;
  s.ppo.target_kl = 0;
  s.ppo.desired_kl = (low + mean) / 2 / 2;
  all = run_two(s, 2, false);
  cr_assert(all.factor[0] < 1 && all.factor[0] == all.factor[1]);
  s.ppo.desired_kl = (mean + high) / 2 / 2;
  all = run_two(s, 2, false);
  cr_assert(all.factor[0] == 1 && all.factor[1] == 1);
}

Test(ppo, two_ranks_learn_to_balance) {
  for (int mode = 0; mode < 2; mode++) {
    mg_settings s = cartpole(40960);
    s.run.sync = mode == 0 ? MG_SYNC_PARAMETERS : MG_SYNC_GRADIENTS;
    s.ppo.desired_kl = 0.01;
    ranks all = run_two(s, 80, true);
    cr_assert(all.mean_return > 190, "sync %d: mean return %g", mode, all.mean_return);
    cr_assert(all.epochs[0] == all.epochs[1] && all.factor[0] == all.factor[1]);
  }
}

/* ---- shaping ---- */

/* A first segment, whose states are not normalised yet: the reward has ppo.gamma and the weight in
 * it, the returns reported do not. */
Test(ppo, shaping_has_the_discount_and_leaves_returns_alone) {
  run r;
  mg_settings s = cartpole(1 << 20);
  strcpy(s.run.env, "MountainCar-v0");
  s.ppo.horizon = 200;
  s.ppo.gamma = 0.9;
  s.ppo.shaping = 20;
  s.ppo.scale_reward = false;
  run_start(&r, &s);
  mg_metrics report = run_iterate(&r, 1);
  cr_assert(report.value[MG_METRIC_EPISODE_RETURN] == -200);
  const mg_segment *segment = &ppo_of(&r)->segment;
  double least = -0.0025 / 3, goal = 0.0025 / 3 * sin(1.5);
  for (int i = 0; i < 200 * 8; i++) {
    double phi[2];
    for (int k = 0; k < 2; k++) {
      const mg_real *x = (k ? segment->next_x : segment->x) + i * 2;
      double energy = (double)(x[1] * x[1]) / 2 + 0.0025 / 3 * sin(3 * (double)x[0]);
      phi[k] = (energy - goal) / (goal - least);
    }
    double expected = -1 + 20 * (0.9 * phi[1] - phi[0]);
    cr_assert(fabs((double)segment->reward[i] - expected) < 1e-4, "row %d", i);
  }
  run_stop(&r);
}

Test(ppo, refuses_to_shape_without_a_potential) {
  run r;
  const mg_settings settings = cartpole(1000);
  run_prepare(&r, &settings);
  r.settings.ppo.shaping = 2;
  cr_assert(mg_algorithm_create(&mg_ppo_class, &r.context, &r.algorithm) == MG_ERR_CONFIG);
  cr_assert(strstr(mg_status_message(), "ppo.shaping is 2, but CartPole-v0 has no potential"));
  mg_arena_destroy(r.context.arena);
}

Test(ppo, refuses_more_minibatches_than_steps) {
  run r;
  const mg_settings settings = cartpole(1000);
  run_prepare(&r, &settings);
  r.settings.ppo.minibatches = 1000;
  cr_assert(mg_algorithm_create(&mg_ppo_class, &r.context, &r.algorithm) == MG_ERR_CONFIG);
  cr_assert(strstr(mg_status_message(), "ppo.minibatches is 1000"));
  mg_arena_destroy(r.context.arena);
}

Test(ppo, the_list_of_algorithms_has_unique_names) {
  for (int i = 0; mg_algorithms[i]; i++)
    cr_assert(mg_algorithm_find(mg_algorithms[i]->name) == mg_algorithms[i]);
  cr_assert(mg_algorithm_find("none") == NULL);
}
