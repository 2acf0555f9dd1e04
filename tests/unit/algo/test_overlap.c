/* run.overlap on one rank: which policy collects, when the rest moves, what a checkpoint holds, who may not. */
#include "algo/mgail/mgail.h"
#include "math/vec.h"
#include "support/algorithm_run.h"
#include "support/scratch_folder.h"
#include "support/tiny_run.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void make_folder(void) {
  cr_assert_not_null(scratch_make());
}

TestSuite(overlap, .init = make_folder, .fini = scratch_remove);

static mg_mgail *mgail_of(const run *r) {
  return (mg_mgail *)r->algorithm;
}

static mg_settings settings_of(bool overlap) {
  mg_settings settings = run_settings("mgail", "Hopper-v4");
  settings.run.overlap = overlap;
  settings.mgail.warmup = 0;
  return settings;
}

static bool same(const mg_real *a, const mg_real *b, size_t n) {
  return memcmp(a, b, n * sizeof *a) == 0;
}

static bool same_run(const run *a, const run *b) {
  const mg_mgail *x = mgail_of(a), *y = mgail_of(b);
  const mg_adam *adam = x->learner.adam, *other = y->learner.adam;
  /* Moments lie behind theta; the steps taken behind these are scratch. */
  bool alike =
      same(x->learner.set.theta, y->learner.set.theta, x->learner.averaged - MG_PARAMSET_MAX);
  alike &= same(x->learner.acting, y->learner.acting, mg_policy_size(&x->learner.base.policy));
  alike &= same(x->delta_scale, y->delta_scale, (size_t)x->S);
  for (int k = 0; k < x->learner.set.slices; k++) alike &= adam[k].steps == other[k].steps;
  return alike;
}

/* The means of the last segment are those of these parameters. */
static bool acted(const run *r, const mg_real *theta) {
  mg_mgail *self = mgail_of(r);
  const mg_segment *s = mg_adversary_segment(&self->adversary, 0);
  const int rows = s->steps * s->environments;
  mg_arena *arena = mg_arena_create();
  mg_mlp_tape tape = mg_mlp_tape_make(&self->learner.base.policy.net, rows, arena);
  mg_real *head = MG_NEW(arena, mg_real, (size_t)(rows * self->A));
  mg_policy_forward(&self->learner.base.policy, rows, theta, s->x, &tape, head);
  double largest = 0;
  for (int i = 0; i < rows * self->A; i++)
    largest = fmax(largest, fabs((double)(head[i] - s->head[i])));
  mg_arena_destroy(arena);
  return largest < 1e-6;
}

/* Without overlap the last average, with it the one before; the first iteration is the same. */
Test(overlap, collects_with_the_policy_of_one_average_before) {
  static mg_real policy[2][1 << 14]; /* of the last average, and the one before it */
  for (int overlap = 0; overlap < 2; overlap++) {
    run r;
    const mg_settings settings = settings_of(overlap);
    run_start(&r, &settings);
    const size_t n = mg_policy_size(&r.algorithm->policy);
    const mg_real *theta = mg_learner_theta(&mgail_of(&r)->learner, 0);
    mg_vec_copy(n, theta, policy[0]);
    mg_vec_copy(n, theta, policy[1]);
    for (int i = 0; i < 5; i++) {
      run_iterate(&r, 1);
      cr_expect(acted(&r, policy[overlap]), "iteration %d", i);
      cr_expect(i == 0 || !acted(&r, policy[!overlap]), "iteration %d", i);
      mg_algorithm_settle(r.algorithm);
      mg_vec_copy(n, policy[0], policy[1]);
      mg_vec_copy(n, theta, policy[0]);
    }
    run_stop(&r);
  }
}

Test(overlap, begins_like_a_run_without) {
  run on, off;
  const mg_settings with = settings_of(true), without = settings_of(false);
  run_start(&on, &with);
  run_start(&off, &without);
  for (int i = 0; i < 3; i++) {
    run_iterate(&on, 1);
    run_iterate(&off, 1);
    const mg_paramset *set = on.algorithm->set;
    cr_expect_eq(same(set->theta, off.algorithm->set->theta, set->size), i == 0);
  }
  run_stop(&on);
  run_stop(&off);
}

/* The forward model's scale that an iteration uses is of the replay as the one before left it. */
Test(overlap, the_scale_comes_with_the_average) {
  run r;
  const mg_settings settings = settings_of(true);
  run_start(&r, &settings);
  mg_mgail *self = mgail_of(&r);
  double *sd = calloc((size_t)self->S, sizeof *sd);
  for (int i = 0; i < 4; i++) {
    run_iterate(&r, 1);
    mg_algorithm_settle(r.algorithm);
    mg_replay_delta_sd(&self->replay, sd);
    for (int k = 0; k < self->S; k++)
      cr_expect_float_eq((double)self->delta_scale[k], sd[k] + 0.01, 1e-5 * (1 + sd[k]));
  }
  free(sd);
  run_stop(&r);
}

Test(overlap, settled_or_not_the_run_is_the_same) {
  run a, b;
  const mg_settings settings = settings_of(true);
  run_start(&a, &settings);
  run_start(&b, &settings);
  for (int i = 0; i < 7; i++) {
    run_iterate(&a, 1);
    run_iterate(&b, 1);
    for (int k = 0; k < i % 3; k++) mg_algorithm_settle(a.algorithm);
  }
  mg_algorithm_settle(a.algorithm);
  mg_algorithm_settle(b.algorithm);
  cr_expect(same_run(&a, &b));
  run_stop(&a);
  run_stop(&b);
}

Test(overlap, goes_on_from_a_checkpoint_bit_for_bit) {
  run a, b;
  const mg_settings settings = settings_of(true);
  const char *file = scratch_path("checkpoint.h5");
  run_start(&a, &settings);
  run_start(&b, &settings);
  run_iterate(&a, 6);
  run_visit(&a, file, false);
  run_visit(&b, file, true);
  cr_expect(same_run(&a, &b));
  run_iterate(&a, 5);
  run_iterate(&b, 5);
  mg_algorithm_settle(a.algorithm);
  mg_algorithm_settle(b.algorithm);
  cr_expect(same_run(&a, &b));
  run_stop(&a);
  run_stop(&b);
}

/* A checkpoint without an acting policy, and one with it where none is wanted. */
Test(overlap, may_be_switched_by_a_resumed_run) {
  const char *file = scratch_path("checkpoint.h5");
  for (int overlap = 0; overlap < 2; overlap++) {
    run from, to;
    const mg_settings before = settings_of(overlap), after = settings_of(!overlap);
    run_start(&from, &before);
    run_start(&to, &after);
    run_iterate(&from, 3);
    run_visit(&from, file, false);
    run_visit(&to, file, true);
    static mg_real policy[1 << 14];
    mg_vec_copy(mg_policy_size(&to.algorithm->policy),
                mg_learner_theta(&mgail_of(&from)->learner, 0), policy);
    run_iterate(&to, 1);
    cr_expect(acted(&to, policy));
    run_stop(&from);
    run_stop(&to);
  }
}

static void refused(const mg_settings *settings, const char *sentence) {
  run r;
  run_prepare(&r, settings);
  cr_expect_eq(
      mg_algorithm_create(mg_algorithm_find(settings->run.algorithm), &r.context, &r.algorithm),
      MG_ERR_CONFIG);
  cr_expect(strstr(mg_status_message(), sentence), "%s", mg_status_message());
  run_stop(&r);
}

Test(overlap, is_refused_where_ranks_wait_anyway) {
  mg_settings settings = settings_of(true);
  settings.run.sync = MG_SYNC_GRADIENTS;
  refused(&settings, "run.overlap is on with run.sync = gradients");
  settings.run.sync = MG_SYNC_PARAMETERS;
  static const char *const others[] = {"gail", "ppo", "bc"};
  for (int k = 0; k < 3; k++) {
    char sentence[64];
    snprintf(settings.run.algorithm, sizeof settings.run.algorithm, "%s", others[k]);
    snprintf(sentence, sizeof sentence, "run.overlap is on with run.algorithm = %s; expected off",
             others[k]);
    refused(&settings, sentence);
  }
}
