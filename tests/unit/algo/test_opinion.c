/* What a checkpoint's discriminator thinks is what the trainer's own thinks. */
#include "algo/opinion.h"

#include "algo/mgail/mgail.h"
#include "algo/on_policy/gail.h"
#include "base/rng.h"
#include "files/checkpoint/checkpoint.h"
#include "model/value.h"
#include "support/algorithm_run.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static mg_comm comm;

static void make_folder(void) {
  cr_assert_not_null(scratch_make());
  comm = mg_comm_self();
}

TestSuite(opinion, .init = make_folder, .fini = scratch_remove);

static mg_archive *load(const char *file, mg_arena *arena, mg_acting *acting) {
  mg_archive *archive;
  cr_assert_eq(mg_checkpoint_open(file, &comm, &archive), MG_OK, "%s", mg_status_message());
  cr_assert_eq(mg_acting_load(archive, arena, acting), MG_OK, "%s", mg_status_message());
  return archive;
}

/* Of all pairs of the newest segment, whose states are normalised already. */
static void check_pairs(mg_adversary *adversary, const mg_real *theta, mg_opinion *opinion,
                        int raw_size) {
  const mg_segment *segment = mg_adversary_segment(adversary, 0);
  const int rows = segment->steps * segment->environments, S = adversary->S, A = adversary->A;
  mg_mlp_tape *tape = &adversary->work.tape;
  double observation[64], action[64], spread = 0, first = 0;
  for (int r = 0; r < rows; r++) {
    const mg_real *x = segment->x + r * S, *a = segment->a + r * A;
    mg_real logit;
    memset(observation, 0, sizeof observation);
    cr_assert(raw_size <= 64 && A <= 64);
    for (int i = 0; i < S; i++) /* what the normaliser makes x of again */
      observation[opinion->states->index[i]] =
          (double)x[i] / opinion->states->inverse[i] + opinion->states->shift[i];
    for (int i = 0; i < A; i++) action[i] = (double)a[i];
    for (int i = 0; opinion->discrete && i < A; i++)
      if (a[i] == 1) action[0] = i;
    mg_mlp_forward(&adversary->discriminator, 1, theta,
                   mg_adversary_pairs(adversary, 0) + r * adversary->width, tape, &logit);
    const double expected = 1 / (1 + exp(-(double)logit));
    const double got = mg_opinion_of(opinion, observation, action);
    cr_assert_float_eq(got, expected, 1e-4, "pair %d: %g, not %g", r, got, expected);
    if (r == 0) first = got;
    spread = fmax(spread, fabs(got - first));
  }
  cr_expect_gt(spread, 1e-3, "it depends on the pair");
}

static void check(const char *algorithm, const char *env_id, const char *set) {
  mg_settings settings = run_settings(algorithm, env_id);
  if (strcmp(set, "absorbing") == 0) {
    settings.gail.episodes = MG_GAIL_ABSORBING;
    settings.mgail.episodes = MG_MGAIL_ABSORBING;
  }
  if (strcmp(set, "action value") == 0) settings.value.kind = MG_VALUE_Q;
  if (strcmp(set, "no value") == 0) settings.mgail.terminal_value = false;
  run r;
  run_start(&r, &settings);
  run_iterate(&r, 3);
  const char *file = scratch_path("checkpoint.h5");
  run_visit(&r, (char *)file, false);
  mg_arena *arena = mg_arena_create();
  mg_acting acting;
  mg_opinion opinion;
  mg_archive *archive = load(file, arena, &acting);
  cr_assert_eq(mg_opinion_load(archive, &settings, &acting, arena, &opinion), MG_OK, "%s",
               mg_status_message());
  mg_learner *l = (mg_learner *)r.algorithm;
  mg_adversary *adversary = strcmp(algorithm, "mgail") == 0 ? &((mg_mgail *)r.algorithm)->adversary
                                                            : &((mg_gail *)r.algorithm)->adversary;
  check_pairs(adversary, mg_learner_theta(l, adversary->slice), &opinion,
              acting.normaliser.raw_size);
  mg_checkpoint_close(archive);
  mg_arena_destroy(arena);
  run_stop(&r);
}

Test(opinion, of_mgail) {
  check("mgail", "Hopper-v4", "");
}

Test(opinion, of_mgail_on_choices_without_a_value) {
  check("mgail", "CartPole-v1", "no value");
}

Test(opinion, of_mgail_with_action_values) {
  check("mgail", "Hopper-v4", "action value");
}

Test(opinion, of_mgail_with_absorbing_states) {
  check("mgail", "Hopper-v4", "absorbing");
}

Test(opinion, of_gail) {
  check("gail", "Hopper-v4", "");
}

Test(opinion, of_gail_with_absorbing_states) {
  check("gail", "CartPole-v1", "absorbing");
}

/* An algorithm without one, an export, a discriminator of another size. */
Test(opinion, where_there_is_none) {
  mg_settings settings = run_settings("mgail", "CartPole-v1");
  run r;
  run_start(&r, &settings);
  const char *file = scratch_path("checkpoint.h5"), *lean = scratch_path("export.h5");
  run_visit(&r, (char *)file, false);
  mg_arena *arena = mg_arena_create();
  mg_acting acting;
  mg_opinion opinion;
  mg_archive *archive = load(file, arena, &acting);
  strcpy(settings.run.algorithm, "ppo");
  cr_expect_eq(mg_opinion_load(archive, &settings, &acting, arena, &opinion), MG_ERR_CONFIG);
  cr_expect_str_eq(mg_status_message(),
                   "ppo trains no discriminator; expected a run of mgail or gail");
  strcpy(settings.run.algorithm, "mgail");
  settings.discriminator.hidden.width[0] = 4000;
  cr_expect_eq(mg_opinion_load(archive, &settings, &acting, arena, &opinion), MG_ERR_DATA);
  settings.discriminator.hidden.width[0] = 16;
  mg_archive *saved;
  cr_assert_eq(mg_checkpoint_create(lean, &comm, &saved), MG_OK);
  mg_acting_save(&acting, acting.theta, saved);
  cr_assert_eq(mg_checkpoint_close(saved), MG_OK);
  mg_checkpoint_close(archive);
  archive = load(lean, arena, &acting);
  cr_expect_eq(mg_opinion_load(archive, &settings, &acting, arena, &opinion), MG_ERR_DATA);
  cr_expect(strstr(mg_status_message(), "export"), "%s", mg_status_message());
  mg_checkpoint_close(archive);
  mg_arena_destroy(arena);
  run_stop(&r);
}
