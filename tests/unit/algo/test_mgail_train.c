/* The MGAIL trainer in the product's precision: what it does is a function of its settings, a
 * checkpoint holds all of it, and its parts learn. */
#include "algo/mgail/mgail.h"
#include "files/checkpoint/checkpoint.h"
#include "model/value.h"
#include "support/algorithm_run.h"
#include "support/scratch_folder.h"
#include "support/tiny_run.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static mg_mgail *mgail_of(const run *r) {
  return (mg_mgail *)r->algorithm;
}

static void make_folder(void) {
  cr_assert_not_null(scratch_make());
}

TestSuite(mgail_train, .init = make_folder, .fini = scratch_remove);

/* Everything that training leaves behind has the same bits. */
static void expect_same(const run *a, const run *b) {
  const mg_mgail *x = mgail_of(a), *y = mgail_of(b);
  const size_t value = x->learner.set.slice[x->value_slice].size;
  cr_expect_eq(x->learner.base.iteration, y->learner.base.iteration);
  cr_expect_eq(x->learner.base.steps, y->learner.base.steps);
  cr_expect_eq(
      memcmp(x->learner.set.theta, y->learner.set.theta, x->learner.set.size * sizeof(mg_real)), 0,
      "theta");
  cr_expect_eq(memcmp(x->learner.base.average, y->learner.base.average,
                      mg_policy_size(&x->learner.base.policy) * sizeof(mg_real)),
               0, "average");
  cr_expect_eq(memcmp(mg_learner_theta(&x->learner, x->target_slice),
                      mg_learner_theta(&y->learner, y->target_slice), value * sizeof(mg_real)),
               0, "target");
  cr_expect_eq(memcmp(x->learner.adam[x->policy_slice].v, y->learner.adam[y->policy_slice].v,
                      x->learner.adam[x->policy_slice].n * sizeof(mg_real)),
               0);
  cr_expect_eq(memcmp(x->delta_scale, y->delta_scale, (size_t)x->S * sizeof(mg_real)), 0);
  cr_expect_eq(*x->replay.added, *y->replay.added);
  cr_expect_eq(x->learner.base.flops, y->learner.base.flops);
}

static void expect_same_report(const mg_metrics *a, const mg_metrics *b) {
  for (int k = 0; k < MG_METRIC_SECONDS_ROLLOUT; k++)
    cr_expect(a->value[k] == b->value[k] && a->weight[k] == b->weight[k], "%s: %g and %g",
              tiny_metric_name(k), a->value[k], b->value[k]);
}

static void check_repeatable(const char *env_id) {
  run a, b, other;
  mg_settings settings = run_settings("mgail", env_id);
  run_start(&a, &settings);
  run_start(&b, &settings);
  const mg_metrics ra = run_iterate(&a, 8), rb = run_iterate(&b, 8);
  expect_same(&a, &b);
  expect_same_report(&ra, &rb);
  settings.run.seed = 2;
  run_start(&other, &settings);
  run_iterate(&other, 8);
  cr_expect_neq(memcmp(mgail_of(&a)->learner.set.theta, mgail_of(&other)->learner.set.theta,
                       mgail_of(&a)->learner.set.size * sizeof(mg_real)),
                0, "another seed is another run");
  run_stop(&a);
  run_stop(&b);
  run_stop(&other);
}

Test(mgail_train, same_seed_same_bits_discrete) {
  check_repeatable("CartPole-v0");
}
Test(mgail_train, same_seed_same_bits_continuous) {
  check_repeatable("Hopper-v4");
}

/* What either holds of its segments, the states after included, which a checkpoint packs. */
static void expect_same_segments(const run *a, const run *b) {
  const mg_adversary *one = &mgail_of(a)->adversary, *other = &mgail_of(b)->adversary;
  cr_assert_eq(mg_adversary_held(one), mg_adversary_held(other));
  for (int age = 0; age < mg_adversary_held(one); age++) {
    const mg_segment *s = mg_adversary_segment(one, age), *o = mg_adversary_segment(other, age);
    const size_t rows = (size_t)s->steps * (size_t)s->environments;
    const size_t states = rows * (size_t)s->state_size * sizeof(mg_real);
    cr_assert_arr_eq(s->x, o->x, states);
    cr_assert_arr_eq(s->next_x, o->next_x, states, "%d segments ago", age);
    cr_assert_arr_eq(s->a, o->a, rows * (size_t)s->action_size * sizeof(mg_real));
    cr_assert_arr_eq(mg_adversary_pairs(one, age), mg_adversary_pairs(other, age),
                     rows * (size_t)one->width * sizeof(mg_real));
  }
}

/* Past the ring's and the replay's ends, and past an episode's. */
static void check_resume(const char *env_id, bool terminal_value, mg_value_kind kind) {
  run a, b;
  mg_settings settings = run_settings("mgail", env_id);
  settings.mgail.terminal_value = terminal_value;
  settings.value.kind = kind;
  settings.value.redraw = kind == MG_VALUE_Q;
  settings.value.memory = kind == MG_VALUE_Q ? 12 : 0;
  const char *file = scratch_path("checkpoint.h5");
  run_start(&a, &settings);
  run_start(&b, &settings);
  run_iterate(&a, 17);
  run_visit(&a, file, false);
  run_visit(&b, file, true);
  expect_same(&a, &b);
  expect_same_segments(&a, &b);
  const mg_metrics ra = run_iterate(&a, 9), rb = run_iterate(&b, 9);
  cr_expect_eq(a.algorithm->iteration, 26);
  expect_same(&a, &b);
  expect_same_report(&ra, &rb);
  run_stop(&a);
  run_stop(&b);
}

Test(mgail_train, goes_on_from_a_checkpoint_bit_for_bit_discrete) {
  check_resume("CartPole-v0", true, MG_VALUE_V);
}
Test(mgail_train, goes_on_from_a_checkpoint_bit_for_bit_continuous) {
  check_resume("Hopper-v4", true, MG_VALUE_V);
}
Test(mgail_train, goes_on_from_a_checkpoint_bit_for_bit_paper_form) {
  check_resume("CartPole-v0", false, MG_VALUE_V);
}
Test(mgail_train, goes_on_from_a_checkpoint_bit_for_bit_action_value) {
  check_resume("Hopper-v4", true, MG_VALUE_Q);
}

/* Releases before had all states after. */
Test(mgail_train, states_after_are_taken_as_they_were_saved_before) {
  run a, b;
  mg_settings settings = run_settings("mgail", "CartPole-v0");
  const char *file = scratch_path("checkpoint.h5");
  run_start(&a, &settings);
  run_start(&b, &settings);
  run_iterate(&a, 5);
  mg_adversary *from = &mgail_of(&a)->adversary;
  const size_t steps = (size_t)mg_adversary_held(from) * (size_t)from->segment[0].steps;
  const size_t S = (size_t)from->held.state_size, N = (size_t)from->held.environments;
  mg_archive *archive = NULL;
  cr_assert_eq(mg_checkpoint_create(file, &a.comm, &archive), MG_OK);
  mg_algorithm_visit(a.algorithm, archive);
  from->held.next_x[N * S] +=
      1; /* not the next step's x, which is what the packed form makes of it */
  mg_archive_divided(archive, "segments/next_x", MG_TYPE_REAL, from->held.next_x,
                     &mgail_of(&a)->learner.share, steps, S);
  cr_assert_eq(mg_checkpoint_close(archive), MG_OK, "%s", mg_status_message());
  run_visit(&b, file, true);
  expect_same_segments(&a, &b);
  run_stop(&a);
  run_stop(&b);
}

static off_t bytes_of(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 ? info.st_size : -1;
}

/* What is in the replay is saved, not what would fit; a lean one has none, and goes on. */
Test(mgail_train, checkpoints_grow_with_the_replay) {
  run a, b;
  mg_settings settings = run_settings("mgail", "CartPole-v0");
  settings.forward_model.replay = 1000000;
  const char *file = scratch_path("checkpoint.h5"), *lean = scratch_path("lean.h5");
  run_start(&a, &settings);
  run_start(&b, &settings);
  run_iterate(&a, 2);
  run_visit(&a, file, false);
  cr_expect(bytes_of(file) < 1000000, "%lld bytes", (long long)bytes_of(file));

  mg_archive *archive = NULL;
  cr_assert_eq(mg_checkpoint_create(lean, &a.comm, &archive), MG_OK);
  archive->lean = true;
  mg_algorithm_visit(a.algorithm, archive);
  cr_assert_eq(mg_checkpoint_close(archive), MG_OK, "%s", mg_status_message());
  cr_expect(bytes_of(lean) < bytes_of(file));
  run_visit(&b, lean, true);
  cr_expect_eq(mg_replay_count(&mgail_of(&b)->replay), 0);
  cr_expect_eq(memcmp(mgail_of(&a)->learner.set.theta, mgail_of(&b)->learner.set.theta,
                      mgail_of(&a)->learner.set.size * sizeof(mg_real)),
               0);
  run_iterate(&b, 3);
  run_stop(&a);
  run_stop(&b);
}

Test(mgail_train, metrics_are_finite_and_counted) {
  run r;
  mg_settings settings = run_settings("mgail", "CartPole-v0");
  settings.data.validation = 0.2; /* for the accuracy on unseen pairs */
  settings.mgail.episodes = MG_MGAIL_ABSORBING;
  run_start(&r, &settings);
  double episodes = 0;
  for (int i = 1; i <= 30; i++) {
    const mg_metrics report = run_iterate(&r, 1);
    for (int k = 0; k < MG_METRIC_COUNT; k++) {
      if (!tiny_reports(MG_OF_MGAIL, k)) continue;
      cr_expect(isfinite(report.value[k]), "%s", tiny_metric_name(k));
      const bool of_episodes = k == MG_METRIC_EPISODE_RETURN || k == MG_METRIC_EPISODE_LENGTH;
      cr_expect(of_episodes || report.weight[k] > 0, "%s", tiny_metric_name(k));
    }
    episodes += report.value[MG_METRIC_EPISODES];
    cr_expect_eq(report.weight[MG_METRIC_EPISODE_RETURN], report.value[MG_METRIC_EPISODES]);
    cr_expect_eq(r.algorithm->iteration, i);
    cr_expect_eq(r.algorithm->steps, 24 * i);
  }
  cr_expect_gt(episodes, 5);
  cr_expect_gt(r.algorithm->flops, 0);
  cr_expect_eq(mg_mgail_class.metrics, MG_OF_MGAIL);
  run_stop(&r);
}

/* The model's error on the policy's batch, of all entries of the state and of the worst one, as the
 * iteration's only round left it. */
Test(mgail_train, model_errors) {
  run r;
  mg_settings settings = run_settings("mgail", "CartPole-v0");
  settings.mgail.updates = 1;
  run_start(&r, &settings);
  const mg_metrics report = run_iterate(&r, 3);
  const mg_mgail *self = mgail_of(&r);
  const int rows = self->batch.steps * self->batch.trajectories;
  double mean = 0, worst = 0;
  for (int i = 0; i < self->S; i++) {
    double entry = 0;
    for (int b = 0; b < rows; b++) {
      const int k = b * self->S + i;
      entry +=
          pow((double)((self->work.prediction[k] - self->batch.next_x[k]) / self->delta_scale[i]),
              2) /
          rows;
    }
    mean += entry / self->S;
    worst = fmax(worst, entry);
  }
  cr_expect_gt(worst, 1.01 * mean);
  cr_expect_float_eq(report.value[MG_METRIC_MODEL_SEGMENT_ERROR], mean, 1e-5 * mean);
  cr_expect_float_eq(report.value[MG_METRIC_MODEL_WORST_ERROR], worst, 1e-5 * worst);
  run_stop(&r);
}

/* mgail.updates rounds of every network's steps, and the average looks back over environment steps
 * whatever the rounds. */
Test(mgail_train, rounds) {
  enum { ITERATIONS = 5 };
  for (int rounds = 1; rounds <= 3; rounds += 2) {
    run r;
    mg_settings settings = run_settings("mgail", "CartPole-v0");
    settings.mgail.updates = rounds;
    settings.mgail.warmup = 0;
    settings.policy.learning_rate = settings.policy.final_learning_rate = 0;
    run_start(&r, &settings);
    const size_t n = mg_policy_size(&r.algorithm->policy);
    for (size_t i = 0; i < n; i++) r.algorithm->average[i] += 1;
    const mg_metrics report = run_iterate(&r, ITERATIONS);
    const mg_mgail *self = mgail_of(&r);
    cr_expect_eq(self->learner.adam[self->adversary.slice].steps, ITERATIONS * rounds);
    cr_expect_eq(self->learner.adam[self->policy_slice].steps, ITERATIONS * rounds);
    cr_expect_eq(self->learner.adam[self->forward_slice].steps,
                 ITERATIONS * rounds * settings.forward_model.updates);
    cr_expect_eq(self->learner.adam[self->value_slice].steps,
                 ITERATIONS * rounds * settings.value.updates);
    cr_expect_eq(report.weight[MG_METRIC_OBJECTIVE], rounds);
    cr_expect_eq(report.weight[MG_METRIC_CLONE_LOSS], rounds);
    const double left = exp(-ITERATIONS * 24 / settings.policy.average_steps);
    const mg_real *policy = mg_learner_theta(&self->learner, self->policy_slice);
    for (size_t i = 0; i < n; i++)
      cr_expect_float_eq((double)(r.algorithm->average[i] - policy[i]), left, 1e-5);
    run_stop(&r);
  }
}

/* The bound falls linearly; 5, the default, is none. */
Test(mgail_train, sigma_is_bounded_towards_the_end) {
  enum { ITERATIONS = 6, STEPS = 24 };
  for (int k = 0; k < 2; k++) {
    run r;
    mg_settings settings = run_settings("mgail", "Hopper-v4");
    settings.run.steps = ITERATIONS * STEPS;
    settings.mgail.warmup = 0;
    settings.policy.entropy = 0.5; /* sigma would grow */
    settings.mgail.final_log_sigma = k == 0 ? -3 : 5;
    run_start(&r, &settings);
    const mg_real *log_sigma =
        mg_learner_theta(&mgail_of(&r)->learner, mgail_of(&r)->policy_slice) +
        mg_policy_log_sigma_offset(&r.algorithm->policy);
    for (int i = 0; i < ITERATIONS; i++) {
      const double start = settings.policy.log_sigma,
                   most = start + (-3 - start) * (double)(i * STEPS) / (double)settings.run.steps;
      run_iterate(&r, 1);
      for (int j = 0; j < mgail_of(&r)->A; j++)
        if (k == 0)
          cr_expect(log_sigma[j] <= most + 1e-6, "%d: %g, %g", i, (double)log_sigma[j], most);
        else
          cr_expect_gt(log_sigma[j], start);
    }
    run_stop(&r);
  }
}

/* With policy.average_share = 1 over iterations of 24 steps: nothing at first, then 24, 48, ... steps, at
 * most average_steps. */
Test(mgail_train, the_average_looks_back_a_share_of_the_steps) {
  enum { ITERATIONS = 5, STEPS = 24, MOST = 60 };
  run r;
  mg_settings settings = run_settings("mgail", "CartPole-v0");
  settings.policy.learning_rate = settings.policy.final_learning_rate = 0;
  settings.policy.average_steps = MOST;
  settings.policy.average_share = 1;
  run_start(&r, &settings);
  const size_t n = mg_policy_size(&r.algorithm->policy);
  const mg_real *policy = mg_learner_theta(&mgail_of(&r)->learner, mgail_of(&r)->policy_slice);
  for (size_t i = 0; i < n; i++) r.algorithm->average[i] += 1;
  run_iterate(&r, 1);
  for (size_t i = 0; i < n; i++) cr_expect_eq(r.algorithm->average[i], policy[i]);
  for (size_t i = 0; i < n; i++) r.algorithm->average[i] += 1;
  run_iterate(&r, ITERATIONS);
  double left = 1;
  for (int k = 1; k <= ITERATIONS; k++) left *= exp(-STEPS / fmin(MOST, STEPS * k));
  for (size_t i = 0; i < n; i++)
    cr_expect_float_eq((double)(r.algorithm->average[i] - policy[i]), left, 1e-5);
  run_stop(&r);
}

/* average += alpha (theta - average), then theta += kappa alpha (average - theta), at most all of the way: with a rate of
 * 0 their difference shrinks by 1 - alpha and 1 - kappa alpha a round. */
Test(mgail_train, the_average_pulls_the_policy) {
  enum { ROUNDS = 3 };
  for (int k = 0; k < 2; k++) {
    run r;
    mg_settings settings = run_settings("mgail", "CartPole-v0");
    settings.policy.learning_rate = settings.policy.final_learning_rate = 0;
    settings.mgail.warmup = 0;
    settings.mgail.updates = ROUNDS;
    settings.mgail.pull = k == 0 ? 2.5 : 1e6;
    run_start(&r, &settings);
    const size_t n = mg_policy_size(&r.algorithm->policy);
    const mg_mgail *self = mgail_of(&r);
    const mg_real *policy = mg_learner_theta(&self->learner, self->policy_slice);
    mg_real *start = malloc(n * sizeof *start);
    for (size_t i = 0; i < n; i++) r.algorithm->average[i] += 1;
    memcpy(start, policy, n * sizeof *start);
    run_iterate(&r, 1);
    const double alpha = 1 - exp(-24.0 / ROUNDS / settings.policy.average_steps);
    const double back = fmin(1, settings.mgail.pull * alpha);
    double policy_at = 0, average_at = 1;
    for (int round = 0; round < ROUNDS; round++) {
      average_at += alpha * (policy_at - average_at);
      policy_at += back * (average_at - policy_at);
    }
    cr_assert(policy_at > 0.1);
    for (size_t i = 0; i < n; i++) {
      cr_expect_float_eq((double)(r.algorithm->average[i] - start[i]), average_at, 1e-5);
      cr_expect_float_eq((double)(policy[i] - start[i]), policy_at, 1e-5);
    }
    free(start);
    run_stop(&r);
  }
}

/* Where nothing moves, the mean over rounds is still not the first round's figure. */
Test(mgail_train, every_round_draws_anew) {
  double loss[2];
  for (int k = 0; k < 2; k++) {
    run r;
    mg_settings settings = run_settings("mgail", "CartPole-v0");
    settings.mgail.updates = k == 0 ? 1 : 3;
    settings.discriminator.learning_rate = settings.discriminator.final_learning_rate = 0;
    run_start(&r, &settings);
    loss[k] = run_iterate(&r, 1).value[MG_METRIC_D_POLICY_LOSS];
    run_stop(&r);
  }
  cr_expect_gt(fabs(loss[0] - loss[1]), 1e-6, "%g and %g", loss[0], loss[1]);
}

/* The policy stands still while it is warming up and moves afterwards; the others move at once. */
Test(mgail_train, warm_up_freezes_the_policy_alone) {
  run r;
  mg_settings settings = run_settings("mgail", "CartPole-v0");
  settings.mgail.warmup = 2;
  run_start(&r, &settings);
  static mg_real before[1 << 14];
  const mg_paramset *set = &mgail_of(&r)->learner.set;
  cr_assert_leq(set->size, sizeof before / sizeof *before);
  for (int i = 0; i < 3; i++) {
    memcpy(before, set->theta, set->size * sizeof *before);
    run_iterate(&r, 1);
    for (int k = 0; k < set->slices; k++) {
      const mg_slice *s = &set->slice[k];
      const bool moved =
          memcmp(before + s->offset, set->theta + s->offset, s->size * sizeof *before) != 0;
      const bool of_policy = k == mgail_of(&r)->policy_slice || k == mgail_of(&r)->average_slice;
      cr_expect_eq(moved, !of_policy || i >= 2, "%s, iteration %d", s->name, i);
    }
  }
  run_stop(&r);
}

/* The model's error falls, the discriminator tells the first policies from the expert, and the
 * policy comes to balance longer. */
Test(mgail_train, learns) {
  enum { ITERATIONS = 400, EARLY = 50, LATE = 100 };
  run r;
  mg_settings settings = run_settings("mgail", "CartPole-v0");
  settings.run.environments = 8;
  settings.run.steps = 80 * ITERATIONS;
  settings.discriminator.batch = settings.forward_model.batch = 128;
  settings.forward_model.replay = 5000;
  settings.policy.learning_rate = 3e-3;
  settings.mgail.warmup = 20;
  settings.mgail.horizon = 10;
  settings.mgail.gamma = 0.99;
  run_start(&r, &settings);
  double told = 0, first_error = 0, last_error = 0;
  double reward = 0, ended = 0; /* of the last iterations */
  for (int i = 0; i < ITERATIONS; i++) {
    const mg_metrics report = run_iterate(&r, 1);
    const double *value = report.value;
    if (i < EARLY) {
      told += (value[MG_METRIC_D_POLICY_LOSS] + value[MG_METRIC_D_EXPERT_LOSS]) / EARLY;
      first_error += value[MG_METRIC_MODEL_LOSS] / EARLY;
    }
    if (i < ITERATIONS - LATE) continue;
    last_error += value[MG_METRIC_MODEL_LOSS] / LATE;
    reward += 80;
    ended += value[MG_METRIC_EPISODES];
  }
  cr_expect_lt(last_error, 0.6 * first_error, "from %g to %g", first_error, last_error);
  cr_expect_lt(told, 2 * log(2) - 0.01, "%g", told);
  cr_expect_gt(reward / ended, 50, "%g steps an episode; at random 21", reward / ended);
  run_stop(&r);
}

static void expect_refused(const mg_settings *settings, const char *sentence) {
  run r;
  run_prepare(&r, settings);
  cr_expect_eq(mg_algorithm_create(&mg_mgail_class, &r.context, &r.algorithm), MG_ERR_CONFIG);
  cr_expect_not_null(strstr(mg_status_message(), sentence), "%s", mg_status_message());
  mg_arena_destroy(r.context.arena);
}

Test(mgail_train, refuses_more_rows_than_can_be_counted) {
  mg_settings s = run_settings("mgail", "CartPole-v0"); /* 4 environments */
  s.mgail.horizon = 100000;
  s.discriminator.segments = 1000000;
  expect_refused(&s, "1000000 segments of ");
  s.mgail.segments = 100000;
  expect_refused(&s, "mgail.segments = 100000");
  /* As many again may end. */
  s.mgail.horizon = s.mgail.segments = 20000;
  s.value.endings = true;
  expect_refused(&s, "expected at most 1073741823 steps");
}

Test(mgail_train, refuses_endings_without_a_value) {
  mg_settings s = run_settings("mgail", "CartPole-v0");
  s.value.endings = true;
  s.mgail.terminal_value = false;
  expect_refused(&s, "mgail.terminal_value off");
}

Test(mgail_train, refuses_a_pull_without_an_average) {
  mg_settings s = run_settings("mgail", "CartPole-v0");
  s.mgail.pull = 0.5;
  s.policy.average_steps = 0;
  expect_refused(&s, "mgail.pull is 0.5 and policy.average_steps 0");
}

Test(mgail_train, refuses_action_values_of_choices_and_of_ends) {
  mg_settings s = run_settings("mgail", "CartPole-v0");
  s.value.kind = MG_VALUE_Q;
  expect_refused(&s, "the actions of CartPole-v0 are discrete");
  s = run_settings("mgail", "Hopper-v4");
  s.value.kind = MG_VALUE_Q;
  s.value.endings = true;
  expect_refused(&s, "value.endings is on and value.kind q");
}

/* 4 environments on 3 ranks are 2, 1 and 1, and count as many. On 12 ranks each is on 3 of them, which
 * have a third of its batches. */
Test(mgail_train, shares_by_environments) {
  for (int ranks = 3; ranks <= 12; ranks += 9) {
    run r;
    const mg_settings settings = run_settings("mgail", "CartPole-v0");
    run_prepare(&r, &settings);
    r.comm.size = ranks;
    r.settings.discriminator.batch = r.settings.forward_model.batch = 36;
    const mg_status status = mg_algorithm_create(&mg_mgail_class, &r.context, &r.algorithm);
    cr_assert_eq(status, MG_OK, "%s", mg_status_message());
    const mg_mgail *self = (const mg_mgail *)r.algorithm;
    cr_expect_eq(self->learner.environments, ranks == 3 ? 2 : 1);
    cr_expect_eq(self->learner.sync.weight, ranks == 3 ? 1.5 : 1);
    cr_expect_eq(self->adversary.batch, ranks == 3 ? 18 : 3);
    cr_expect_eq(self->forward_batch, self->adversary.batch);
    mg_algorithm_destroy(r.algorithm);
    mg_arena_destroy(r.context.arena);
  }
}

Test(mgail_train, refuses_an_absorbing_state_for_ever) {
  run r;
  const mg_settings settings = run_settings("mgail", "CartPole-v0");
  run_prepare(&r, &settings);
  r.settings.mgail.episodes = MG_MGAIL_ABSORBING;
  r.settings.mgail.gamma = 1;
  cr_expect_eq(mg_algorithm_create(&mg_mgail_class, &r.context, &r.algorithm), MG_ERR_CONFIG);
  cr_expect_not_null(strstr(mg_status_message(), "mgail.gamma is 1"));
  cr_expect_null(r.algorithm);
  mg_arena_destroy(r.context.arena);
}
