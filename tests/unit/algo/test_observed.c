/* Which entries of an observation the networks see: what may be written, and that the normaliser
 * takes these and no others. */
#include "algo/acting.h"
#include "algo/observed.h"
#include "files/checkpoint/checkpoint.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <string.h>

static mg_env_spec spec_of(const char *id, const char *option, const char *value) {
  mg_env *env = NULL;
  mg_env_options options = {0};
  if (option) cr_assert_str_eq(option, "use_contact_forces");
  if (option) strcpy(options.use_contact_forces, value);
  cr_assert_eq(mg_env_create_with(id, &options, &env), MG_OK, "%s", mg_status_message());
  const mg_env_spec spec = *mg_env_get_spec(env);
  mg_env_destroy(env);
  return spec;
}

static void expect_entries(const mg_env_spec *spec, const char *text, int count, const int *entry) {
  int64_t index[512];
  int got = -1;
  cr_assert_eq(mg_observed_parse(text, spec, index, &got), MG_OK, "%s: %s", text,
               mg_status_message());
  cr_assert_eq(got, count, "%s: %d entries", text, got);
  for (int i = 0; i < count; i++) cr_expect_eq(index[i], entry ? entry[i] : i, "%s", text);
}

Test(observed, motion_is_positions_and_velocities) {
  const struct {
    const char *id, *option;
    int all, motion;
  } task[] = {
      {"Humanoid-v4", NULL, 376, 45}, {"Humanoid-v5", NULL, 348, 45},
      {"Ant-v4", NULL, 27, 27},       {"Ant-v4", "use_contact_forces", 111, 27},
      {"Ant-v5", NULL, 105, 27},      {"Hopper-v4", NULL, 11, 11},
      {"CartPole-v0", NULL, 4, 4},
  };
  for (size_t i = 0; i < sizeof task / sizeof *task; i++) {
    const mg_env_spec spec = spec_of(task[i].id, task[i].option, "true");
    cr_expect_eq(spec.observation_size, task[i].all, "%s", task[i].id);
    expect_entries(&spec, "all", task[i].all, NULL);
    expect_entries(&spec, "motion", task[i].motion, NULL);
  }
}

Test(observed, ranges) {
  const mg_env_spec spec = spec_of("Hopper-v4", NULL, NULL);
  expect_entries(&spec, "0-10", 11, NULL);
  expect_entries(&spec, "3", 1, (const int[]){3});
  expect_entries(&spec, " 0 - 1 , 4,9-10 ", 5, (const int[]){0, 1, 4, 9, 10});
}

Test(observed, refuses_anything_else) {
  const mg_env_spec spec = spec_of("Hopper-v4", NULL, NULL);
  const char *const bad[] = {
      "",   "none", "11",  "0-11", "3-2",    "1,1", "2,1", "-1",
      "0-", "0,",   "1 2", "0;1",  "Motion", "0x1", "1.5", "99999999999999999999"};
  int64_t index[16];
  int count;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    cr_expect_eq(mg_observed_parse(bad[i], &spec, index, &count), MG_ERR_CONFIG, "'%s'", bad[i]);
    cr_expect_not_null(strstr(mg_status_message(), "run.observe = '"));
    cr_expect_not_null(strstr(mg_status_message(), "Hopper-v4"));
  }
}

Test(observed, normaliser_takes_these_entries) {
  mg_arena *arena = mg_arena_create();
  const mg_env_spec spec = spec_of("Hopper-v4", NULL, NULL);
  mg_settings settings = {0};
  strcpy(settings.run.observe, "1,4-5");
  mg_normaliser n;
  cr_assert_eq(mg_observed_normaliser(&settings, &spec, 0, 0, arena, &n), MG_OK);
  cr_expect(n.raw_size == 11 && n.size == 3);
  double rows[2][11];
  for (int i = 0; i < 11; i++) rows[0][i] = 10 * i, rows[1][i] = 10 * i + 2;
  mg_normaliser_fit(&n, 2, rows[0]); /* means 10 i + 1, spreads 1 */
  mg_real x[6];
  mg_normaliser_apply(&n, 2, rows[0], x);
  for (int k = 0; k < 6; k++) cr_expect_float_eq(x[k], k < 3 ? -1 : 1, 1e-6);
  for (int j = 0; j < 3; j++) cr_expect_float_eq(n.mean[j], 10 * (j ? 3 + j : 1) + 1, 1e-12);
  mg_normaliser_observe(&n, rows[1]);
  cr_expect_float_eq(n.pending_sum[2], 1, 1e-12);
  mg_arena_destroy(arena);
}

/* Entries in a checkpoint that make no sense are refused, whoever wrote them. */
Test(observed, checkpoint_with_other_entries, .fini = scratch_remove) {
  const int64_t entries[][2] = {{1, 4}, {0, 5}, {4, 1}, {1, 1}, {-1, 2}, {1, INT64_MAX}};
  cr_assert_not_null(scratch_make());
  for (size_t k = 0; k < sizeof entries / sizeof *entries; k++) {
    mg_arena *arena = mg_arena_create();
    mg_comm comm = mg_comm_self();
    mg_archive *archive = NULL;
    const char *file = scratch_path("acting.h5");
    mg_acting acting = {.policy = mg_policy_make(2, 2, true, 0, NULL, MG_TANH, NULL, NULL)}, loaded;
    acting.normaliser = mg_normaliser_make_of(5, 2, entries[k], 0, 0, arena);
    acting.theta = MG_NEW(arena, mg_real, mg_policy_size(&acting.policy));
    cr_assert_eq(mg_checkpoint_create(file, &comm, &archive), MG_OK);
    mg_acting_save(&acting, acting.theta, archive);
    cr_assert_eq(mg_checkpoint_close(archive), MG_OK, "%s", mg_status_message());
    cr_assert_eq(mg_checkpoint_open(file, &comm, &archive), MG_OK);
    cr_expect_eq(mg_acting_load(archive, arena, &loaded), k == 0 ? MG_OK : MG_ERR_DATA, "%zu", k);
    if (k == 0) cr_expect(loaded.normaliser.raw_size == 5 && loaded.normaliser.index[1] == 4);
    mg_checkpoint_close(archive);
    mg_arena_destroy(arena);
  }
}
