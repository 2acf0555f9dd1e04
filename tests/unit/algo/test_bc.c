/* Behavioural cloning in double precision: the loss and its gradient in closed form and by
 * differences, which parameters are kept, and that the ranks' run is the run of one. */
#include "algo/acting.h"
#include "algo/cloning/bc.h"
#include "base/statistics.h"
#include "files/checkpoint/checkpoint.h"
#include "rollout/evaluate.h"
#include "support/algorithm_run.h"
#include "support/gradient_check.h"
#include "support/scratch_folder.h"
#include "support/thread_comm.h"
#include "support/tiny_run.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static mg_bc *bc_of(const run *r) {
  return (mg_bc *)r->algorithm;
}

/* ---- the loss ---- */

enum { B = 7, S = 4, A = 3 };
static const double WEIGHT = 0.3;

typedef struct problem {
  mg_arena *arena;
  mg_policy policy;
  double mean[A], sd[A];
  mg_bc_work work;
  size_t size;
  mg_real *theta, *gradient;
  mg_real x[B * S], a[B * A];
} problem;

static void make_problem(problem *p, bool discrete) {
  memset(p, 0, sizeof *p);
  p->arena = mg_arena_create();
  for (int k = 0; k < A; k++) p->mean[k] = 0.1 * k, p->sd[k] = 1 + 0.5 * k;
  p->policy = mg_policy_make(S, A, discrete, 1, (const int[]){5}, MG_TANH, p->mean, p->sd);
  p->size = mg_policy_size(&p->policy);
  p->work = mg_bc_work_make(&p->policy, B, p->arena);
  p->theta = MG_NEW(p->arena, mg_real, p->size);
  p->gradient = MG_NEW(p->arena, mg_real, p->size);
  mg_rng rng = mg_rng_at(2, MG_RNG_TEST, discrete, 0);
  for (size_t i = 0; i < p->size; i++) p->theta[i] = 0.4 * mg_rng_normal(&rng);
  for (int i = 0; i < B * S; i++) p->x[i] = mg_rng_normal(&rng);
  for (int b = 0; b < B; b++)
    for (int k = 0; k < A; k++)
      p->a[b * A + k] = discrete ? (b * b) % A == k : 2 * mg_rng_normal(&rng);
}

static double objective(void *context) {
  problem *p = context;
  return WEIGHT * mg_bc_loss(&p->policy, B, p->theta, p->x, p->a, &p->work);
}

static void check_gradient(bool discrete) {
  problem p;
  make_problem(&p, discrete);
  const mg_policy *policy = &p.policy;
  const double loss =
      mg_bc_loss_gradient(policy, B, p.theta, p.x, p.a, WEIGHT, &p.work, p.gradient);
  cr_assert_float_eq(WEIGHT * loss, objective(&p), 1e-12);
  mg_real *claimed = MG_NEW(p.arena, mg_real, p.size);
  memcpy(claimed, p.gradient, p.size * sizeof *claimed);
  gradient_report report = gradient_check(objective, &p, p.size, p.theta, claimed);
  cr_expect(gradient_agrees(discrete ? "categorical" : "gaussian", report, 1e-6));
  claimed[p.size - 1] *= -1; /* of log_sigma, where there is one */
  report = gradient_check(objective, &p, p.size, p.theta, claimed);
  cr_expect(report.index == p.size - 1 && fabs(report.worst) > 1.9);

  mg_bc_loss_gradient(policy, B, p.theta, p.x, p.a, WEIGHT, &p.work, p.gradient);
  claimed[p.size - 1] *= -1;
  for (size_t i = 0; i < p.size; i++)
    cr_expect_float_eq(p.gradient[i], 2 * claimed[i], 1e-12, "adds, not overwrites");
  mg_arena_destroy(p.arena);
}

Test(bc_loss, gradient_of_the_gaussian_policy) {
  check_gradient(false);
}
Test(bc_loss, gradient_of_the_categorical_policy) {
  check_gradient(true);
}

/* A net of zeros: the mean action is the expert's mean, all choices are alike. */
Test(bc_loss, has_the_closed_form) {
  problem p;
  make_problem(&p, false);
  memset(p.theta, 0, p.size * sizeof *p.theta);
  double expected = 0;
  for (int k = 0; k < A; k++) {
    const double log_sigma = 0.3 * k - 0.5, sigma = exp(log_sigma);
    p.theta[mg_policy_log_sigma_offset(&p.policy) + (size_t)k] = log_sigma;
    for (int b = 0; b < B; b++) {
      const double xi = (p.a[b * A + k] - p.mean[k]) / sigma;
      expected += 0.5 * xi * xi + log_sigma + 0.5 * log(2 * acos(-1));
    }
  }
  cr_expect_float_eq(mg_bc_loss(&p.policy, B, p.theta, p.x, p.a, &p.work), expected, 1e-10);
  mg_arena_destroy(p.arena);

  make_problem(&p, true);
  memset(p.theta, 0, p.size * sizeof *p.theta);
  cr_expect_float_eq(mg_bc_loss(&p.policy, B, p.theta, p.x, p.a, &p.work), B * log(A), 1e-12);
  mg_arena_destroy(p.arena);
}

Test(bc_loss, does_not_depend_on_the_capacity) {
  problem p;
  make_problem(&p, false);
  mg_bc_work small = mg_bc_work_make(&p.policy, 3, p.arena);
  cr_expect_float_eq(mg_bc_loss(&p.policy, B, p.theta, p.x, p.a, &small), objective(&p) / WEIGHT,
                     1e-12);
  cr_expect_eq(mg_bc_loss(&p.policy, 0, p.theta, NULL, NULL, &small), 0);
  mg_arena_destroy(p.arena);
}

/* ---- the trainer ---- */

static void make_folder(void) {
  cr_assert_not_null(scratch_make());
}

TestSuite(bc, .init = make_folder, .fini = scratch_remove);

/* CartPole-v0: a rule to be learnt; Hopper-v4: noise, of which nothing can be. */
static mg_settings prepare(const char *env_id) {
  mg_settings s = run_settings("bc", env_id);
  s.data.validation = 0.3;
  s.policy.learning_rate = s.policy.final_learning_rate = 2e-2;
  s.policy.clip = 0;
  s.bc.epochs = 100;
  s.bc.batch = 16;
  s.bc.sigma_floor = 0.01;
  return s;
}

static mg_real *slice(const run *r, int k) {
  return mg_learner_theta(&bc_of(r)->learner, k);
}

static size_t policy_size(const run *r) {
  return mg_policy_size(&r->algorithm->policy);
}

static bool same_slices(const run *r) {
  return memcmp(slice(r, MG_BC_POLICY), slice(r, MG_BC_LEARNER),
                policy_size(r) * sizeof(mg_real)) == 0;
}

static mg_pace pace(const run *r) {
  return mg_algorithm_pace(r->algorithm, &r->settings);
}

/* Noise is learnt by heart: the loss of the training pairs goes on falling while that of the others
 * rises, and the policy stays what it was before. */
Test(bc, the_policy_is_the_snapshot_of_lowest_validation_loss) {
  run r;
  const mg_settings settings = prepare("Hopper-v4");
  run_start(&r, &settings);
  const size_t bytes = policy_size(&r) * sizeof(mg_real);
  mg_real *best = MG_NEW(r.context.arena, mg_real, policy_size(&r));
  double lowest = INFINITY, training_then = 0, training_now = 0, validation_now = 0;
  int best_epoch = 0;
  for (int epoch = 1; epoch <= 100; epoch++) {
    const mg_metrics report = run_iterate(&r, 1);
    training_now = report.value[MG_METRIC_TRAINING_LOSS];
    validation_now = report.value[MG_METRIC_VALIDATION_LOSS];
    if (validation_now < lowest) {
      lowest = validation_now;
      best_epoch = epoch;
      training_then = training_now;
      memcpy(best, slice(&r, MG_BC_LEARNER), bytes);
    }
    cr_assert_eq(memcmp(best, slice(&r, MG_BC_POLICY), bytes), 0, "epoch %d", epoch);
    cr_assert_eq(report.value[MG_METRIC_BEST_EPOCH], best_epoch);
    cr_assert_eq(report.value[MG_METRIC_BEST_LOSS], lowest);
  }
  cr_expect(best_epoch < 60, "best at epoch %d", best_epoch);
  cr_expect(training_now < training_then - 0.5, "%g, %g", training_now, training_then);
  cr_expect(validation_now > lowest + 0.5, "%g, %g", validation_now, lowest);
  cr_expect_not(same_slices(&r));
  cr_expect_eq(r.algorithm->steps, 0);
  run_stop(&r);
}

Test(bc, of_equal_losses_the_earliest_is_kept) {
  run r;
  mg_settings settings = prepare("CartPole-v0");
  settings.policy.learning_rate = settings.policy.final_learning_rate = 0;
  run_start(&r, &settings);
  const mg_metrics report = run_iterate(&r, 5);
  cr_expect_eq(bc_of(&r)->best_epoch, 1);
  cr_expect_eq(report.value[MG_METRIC_VALIDATION_LOSS], report.value[MG_METRIC_BEST_LOSS]);
  run_stop(&r);
}

Test(bc, patience_ends_the_run) {
  run r;
  mg_settings settings = prepare("Hopper-v4");
  settings.bc.patience = 7;
  settings.bc.evaluate_every = 20;
  run_start(&r, &settings);
  cr_expect(pace(&r).done == 0 && pace(&r).total == 100 && pace(&r).evaluate_every == 20);
  cr_expect_str_eq(pace(&r).unit, "epochs");
  while (pace(&r).done < pace(&r).total) {
    cr_assert(r.algorithm->iteration < bc_of(&r)->best_epoch + 7);
    run_iterate(&r, 1);
    cr_assert_eq(pace(&r).done, r.algorithm->iteration);
  }
  cr_expect_eq(r.algorithm->iteration, bc_of(&r)->best_epoch + 7);
  cr_expect(r.algorithm->iteration < 100);
  r.settings.bc.patience = 0;
  cr_expect_eq(pace(&r).total, 100, "0: never");
  run_stop(&r);
}

Test(bc, without_pairs_held_out_the_policy_is_the_learner) {
  run r;
  mg_settings settings = prepare("Hopper-v4");
  settings.data.validation = 0;
  settings.bc.patience = 1;
  settings.bc.epochs = 12;
  run_start(&r, &settings);
  while (pace(&r).done < pace(&r).total) {
    const mg_metrics report = run_iterate(&r, 1);
    cr_assert(same_slices(&r));
    cr_assert_eq(report.weight[MG_METRIC_VALIDATION_LOSS], 0);
  }
  cr_expect_eq(r.algorithm->iteration, 12);
  run_stop(&r);
}

/* From far below and, overfitting, from above. */
Test(bc, sigma_stays_at_the_floor_or_above) {
  run r;
  mg_settings settings = prepare("Hopper-v4");
  settings.bc.sigma_floor = 0.5;
  for (int k = 0; k < 2; k++) {
    settings.policy.log_sigma = k ? 0 : -20;
    settings.policy.learning_rate = k ? 3e-2 : 1e-6;
    run_start(&r, &settings);
    const mg_metrics report = run_iterate(&r, k ? 200 : 1);
    cr_expect(isfinite(report.value[MG_METRIC_TRAINING_LOSS]));
    const mg_real *log_sigma =
        slice(&r, MG_BC_LEARNER) + mg_policy_log_sigma_offset(&r.algorithm->policy);
    for (int i = 0; i < 3; i++) {
      const double sd = r.algorithm->policy.action_sd[i];
      cr_expect_float_eq(exp(log_sigma[i]), 0.5 * (sd + 1e-3), 1e-3 * sd, "%g, sd %g",
                         exp(log_sigma[i]), sd);
      cr_expect(exp(log_sigma[i]) > 0.5 * (sd + 1e-3) * (1 - 1e-9));
    }
    run_stop(&r);
  }
}

Test(bc, learns_the_rule_of_the_expert) {
  run r;
  mg_settings settings = prepare("CartPole-v0");
  settings.data.trajectories = 4;
  settings.data.subsample = 2;
  run_start(&r, &settings);
  run_iterate(&r, 100);
  mg_evaluator *evaluator = NULL;
  double returns[20], lengths[20];
  cr_assert_eq(mg_evaluator_create("CartPole-v0", NULL, 20, 9, &r.comm, &r.algorithm->policy,
                                   r.algorithm->normaliser, &evaluator),
               MG_OK);
  mg_evaluator_run(evaluator, slice(&r, MG_BC_POLICY), false, returns, lengths);
  cr_expect(mg_summarise(20, returns).mean > 180, "mean return %g", mg_summarise(20, returns).mean);
  mg_evaluator_destroy(evaluator);
  run_stop(&r);
}

/* Past the best epoch, so that the learner is not the policy. */
Test(bc, goes_on_from_a_checkpoint_bit_for_bit) {
  run a, b;
  const mg_settings settings = prepare("Hopper-v4");
  const char *file = scratch_path("checkpoint.h5");
  run_start(&a, &settings);
  run_start(&b, &settings);
  run_iterate(&a, 70);
  cr_assert_not(same_slices(&a));
  run_visit(&a, file, false);
  run_visit(&b, file, true);
  const mg_metrics ra = run_iterate(&a, 5), rb = run_iterate(&b, 5);
  cr_expect(a.algorithm->iteration == 75 && b.algorithm->iteration == 75);
  cr_expect_eq(memcmp(bc_of(&a)->learner.set.theta, bc_of(&b)->learner.set.theta,
                      bc_of(&a)->learner.set.size * sizeof(mg_real)),
               0);
  for (int k = 0; k < MG_METRIC_SECONDS_UPDATE; k++)
    cr_expect_eq(ra.value[k], rb.value[k], "%s", tiny_metric_name(k));

  /* What acting needs is the snapshot. */
  mg_archive *archive = NULL;
  mg_acting acting;
  run_visit(&a, file, false);
  cr_assert_eq(mg_checkpoint_open(file, &a.comm, &archive), MG_OK);
  cr_assert_eq(mg_acting_load(archive, a.context.arena, &acting), MG_OK);
  cr_expect_eq(memcmp(acting.theta, slice(&a, MG_BC_POLICY), policy_size(&a) * sizeof(mg_real)), 0);
  cr_expect_null(acting.average);
  mg_checkpoint_close(archive);
  run_stop(&a);
  run_stop(&b);
}

Test(bc, needs_an_expert) {
  mg_settings settings = prepare("CartPole-v0");
  mg_comm comm = mg_comm_self();
  mg_log log = mg_log_open(NULL, 0);
  mg_context context = {&settings, &comm, &log, mg_arena_create()};
  mg_algorithm *algorithm = NULL;
  settings.data.expert[0] = 0;
  cr_expect_eq(mg_algorithm_create(&mg_bc_class, &context, &algorithm), MG_ERR_CONFIG);
  strcpy(settings.data.expert, scratch_path("absent.h5"));
  cr_expect_eq(mg_algorithm_create(&mg_bc_class, &context, &algorithm), MG_ERR_NO_INPUT);
  cr_expect_null(algorithm);
  mg_arena_destroy(context.arena);
}

/* ---- several ranks ---- */

enum { RANKS_MAX = 3, EPOCHS = 30 };

typedef struct ranks {
  mg_settings settings;
  bool failed, agree; /* all hold the same parameters, always */
  double training[EPOCHS], validation[EPOCHS];
  int64_t best_epoch;
  int pairs[RANKS_MAX];
} ranks;

/* Criterion's assertions do not work in threads: results are judged afterwards. */
static void on_rank(mg_comm *comm, void *user) {
  ranks *all = user;
  mg_log log = mg_log_open(NULL, comm->rank);
  mg_context context = {&all->settings, comm, &log, mg_arena_create()};
  mg_algorithm *algorithm = NULL;
  if (mg_algorithm_create(&mg_bc_class, &context, &algorithm) != MG_OK) {
    all->failed = true;
    mg_arena_destroy(context.arena);
    return;
  }
  mg_bc *self = (mg_bc *)algorithm;
  bool agree = true;
  for (int i = 0; i < EPOCHS; i++) {
    mg_metrics report = {0};
    mg_algorithm_iterate(algorithm, &report);
    agree &= mg_sync_agrees(&self->learner.sync, self->learner.set.theta, self->learner.set.size);
    double sums[2] = {report.weight[MG_METRIC_TRAINING_LOSS] *
                          report.value[MG_METRIC_TRAINING_LOSS],
                      report.weight[MG_METRIC_TRAINING_LOSS]};
    mg_comm_reduce_f64(comm, MG_REDUCE_SUM, sums, 2);
    if (comm->rank == 0) {
      all->training[i] = sums[0] / sums[1];
      all->validation[i] = report.value[MG_METRIC_VALIDATION_LOSS];
    }
  }
  all->pairs[comm->rank] = self->train.count;
  if (comm->rank == 0) all->agree = agree, all->best_epoch = self->best_epoch;
  mg_algorithm_destroy(algorithm);
  mg_arena_destroy(context.arena);
}

static ranks run_on(int size, const mg_settings *settings, int sync) {
  ranks all = {.settings = *settings};
  all.settings.run.sync = sync;
  run_ranks(size, on_rank, &all);
  cr_assert(!all.failed && all.agree);
  return all;
}

static void expect_same_losses(const ranks *a, const ranks *b) {
  for (int i = 0; i < EPOCHS; i++) {
    cr_expect_float_eq(a->training[i], b->training[i], 1e-6, "epoch %d: %.12g, %.12g", i + 1,
                       a->training[i], b->training[i]);
    cr_expect_float_eq(a->validation[i], b->validation[i], 1e-6, "epoch %d: %.12g, %.12g", i + 1,
                       a->validation[i], b->validation[i]);
  }
  cr_expect_eq(a->best_epoch, b->best_epoch);
}

/* The shares of a minibatch are of unequal size: a mean of means would be another run. */
static void check_gradients(const char *env_id) {
  const mg_settings settings = prepare(env_id);
  const ranks one = run_on(1, &settings, MG_SYNC_GRADIENTS);
  cr_expect(fabs(one.training[EPOCHS - 1] - one.training[0]) > 0.1, "it does train");
  for (int size = 2; size <= RANKS_MAX; size++) {
    const ranks all = run_on(size, &settings, MG_SYNC_GRADIENTS);
    cr_expect(all.pairs[1] > 0 && all.pairs[0] + all.pairs[1] + all.pairs[2] == one.pairs[0]);
    expect_same_losses(&one, &all);
  }
}

Test(bc, ranks_that_average_gradients_are_one_run_discrete) {
  check_gradients("CartPole-v0");
}
Test(bc, ranks_that_average_gradients_are_one_run_continuous) {
  check_gradients("Hopper-v4");
}

Test(bc, ranks_that_average_parameters_agree) {
  const mg_settings settings = prepare("CartPole-v0");
  const ranks all = run_on(RANKS_MAX, &settings, MG_SYNC_PARAMETERS);
  cr_expect(all.training[EPOCHS - 1] < all.training[0] - 0.1);
}

/* One pair to train on, one held out: the rank without either has no weight. */
Test(bc, a_rank_without_pairs_does_not_count) {
  mg_settings settings = prepare("CartPole-v0");
  settings.data.trajectories = 1;
  settings.data.subsample = 100;
  const ranks one = run_on(1, &settings, MG_SYNC_PARAMETERS);
  const ranks all = run_on(2, &settings, MG_SYNC_PARAMETERS);
  cr_expect(one.pairs[0] == 1 && all.pairs[0] == 1 && all.pairs[1] == 0);
  expect_same_losses(&one, &all);
}
