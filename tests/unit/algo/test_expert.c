/* The expert of a run: the settings of section data at work, on any number of ranks. */
#include "algo/expert.h"
#include "demos/recording/writer.h"

#include "support/scratch_folder.h"
#include "support/thread_comm.h"
#include "support/tiny_run.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void make_folder(void) {
  cr_assert_not_null(scratch_make());
}

TestSuite(expert, .init = make_folder, .fini = scratch_remove);

typedef struct loading {
  const mg_settings *settings;
  mg_env_spec spec;
  mg_arena *arena[4]; /* of each rank */
  mg_expert *expert[4];
  mg_status status[4];
} loading;

static void load_on_rank(mg_comm *comm, void *user) {
  loading *l = user;
  mg_log log = mg_log_open(NULL, comm->rank);
  const int r = comm->rank;
  l->arena[r] = mg_arena_create();
  const mg_context context = {l->settings, comm, &log, l->arena[r]};
  l->status[r] = mg_expert_load(&context, &l->spec, &l->expert[r]);
}

static void release(loading *l) {
  for (int r = 0; r < 4; r++) mg_arena_destroy(l->arena[r]);
}

/* The caller destroys the environment, whose specification stays in use. */
static mg_env *prepare(const char *env_id, mg_settings *settings, loading *l) {
  mg_env *env = NULL;
  const char *path = scratch_path("expert.h5");
  cr_assert(tiny_expert(env_id, path) == MG_OK, "%s", mg_status_message());
  *settings = tiny_settings(env_id, path);
  cr_assert(mg_env_create(env_id, &env) == MG_OK);
  *l = (loading){.settings = settings, .spec = *mg_env_get_spec(env)};
  return env;
}

static void assert_same(const mg_pairs *a, const mg_pairs *b, const mg_expert *e) {
  const size_t n = (size_t)a->count, S = (size_t)e->state_size, A = (size_t)e->action_size;
  cr_assert(a->count == b->count);
  if (n == 0) return;
  cr_assert(memcmp(a->states, b->states, n * S * sizeof(double)) == 0);
  cr_assert(memcmp(a->actions, b->actions, n * A * sizeof(double)) == 0);
}

Test(expert, is_the_same_on_all_ranks_whatever_their_number) {
  mg_settings s;
  loading one, some;
  mg_env *env = prepare("Hopper-v4", &s, &one);
  s.data.validation = 0.34;
  some = one;
  run_ranks(1, load_on_rank, &one);
  cr_assert(one.status[0] == MG_OK, "%s", mg_status_message());
  const mg_expert *e = one.expert[0];
  cr_assert(e->available == 4 && e->trajectories == 3 && e->train.count > e->validation.count);
  cr_assert(e->validation.count > 0 && e->returns.max >= e->returns.mean);
  cr_assert(e->entries == 3 * (e->train.count + e->validation.count) && !e->clipped);
  run_ranks(3, load_on_rank, &some);
  for (int r = 0; r < 3; r++) {
    cr_assert(some.status[r] == MG_OK);
    cr_assert_str_eq(some.expert[r]->ids, e->ids);
    cr_assert_str_eq(some.expert[r]->remarks, e->remarks);
    cr_assert_str_eq(some.expert[r]->skipped_names, e->skipped_names);
    cr_assert(some.expert[r]->steps == e->steps && some.expert[r]->returns.mean == e->returns.mean);
    cr_assert(memcmp(some.expert[r]->action_sd, e->action_sd, 3 * sizeof(double)) == 0);
    assert_same(&some.expert[r]->train, &e->train, e);
    assert_same(&some.expert[r]->validation, &e->validation, e);
  }
  release(&one);
  release(&some);
  mg_env_destroy(env);
}

static double widest(const mg_pairs *pairs, int m) {
  double most = 0;
  for (int i = 0; i < pairs->count * m; i++) most = fmax(most, fabs(pairs->actions[i]));
  return most;
}

Test(expert, actions_are_clipped_only_if_asked) {
  mg_settings s;
  loading raw, clipped;
  mg_env *env = prepare("Hopper-v4", &s, &raw);
  double edge[3] = {0.25, 0.25, 0.25}, low[3] = {-0.25, -0.25, -0.25}; /* of spread 0.3 */
  raw.spec.action_high = edge;
  raw.spec.action_low = low;
  s.data.subsample = 1;
  s.data.validation = 0.34;
  clipped = raw;
  run_ranks(1, load_on_rank, &raw);
  mg_settings t = s;
  t.data.clip_actions = true;
  clipped.settings = &t;
  run_ranks(1, load_on_rank, &clipped);
  const mg_expert *a = raw.expert[0], *b = clipped.expert[0];
  cr_assert(a->outside > a->entries / 10 && a->outside == b->outside && b->clipped);
  cr_assert(widest(&a->train, 3) > 0.25 && widest(&a->validation, 3) > 0.25);
  cr_assert(widest(&b->train, 3) == 0.25 && widest(&b->validation, 3) == 0.25);
  release(&raw);
  release(&clipped);
  mg_env_destroy(env);
}

Test(expert, choices_become_one_hot) {
  mg_settings s;
  loading l;
  mg_env *env = prepare("CartPole-v0", &s, &l);
  run_ranks(1, load_on_rank, &l);
  cr_assert(l.status[0] == MG_OK, "%s", mg_status_message());
  const mg_expert *e = l.expert[0];
  int ones[2] = {0};
  for (int p = 0; p < e->train.count; p++) {
    const double *row = e->train.actions + 2 * p;
    cr_assert(row[0] + row[1] == 1 && row[0] * row[1] == 0);
    ones[0] += row[0] == 1, ones[1] += row[1] == 1;
  }
  cr_assert(ones[0] > 10 && ones[1] > 10 && e->validation.count == 0 && e->outside == 0);
  release(&l);
  mg_env_destroy(env);
}

Test(expert, the_minimum_return_is_a_setting) {
  mg_settings s;
  loading l;
  mg_env *env = prepare("CartPole-v0", &s, &l);
  s.data.minimum_return = 1e6;
  run_ranks(2, load_on_rank, &l);
  for (int r = 0; r < 2; r++) cr_assert(l.status[r] == MG_ERR_DATA);
  release(&l);
  mg_env_destroy(env);
}

/* Ids 0, 2, 3, 4, 7, ...: a file with trajectories of id 0..n-1 where some are too short. */
static const char *ids_of(int n, bool (*is_long)(int k), mg_expert *expert) {
  const char *path = scratch_path("ids.h5");
  const mg_dataset_provenance provenance = {
      .env_id = "CartPole-v0", .observation_size = 4, .action_size = 2, .discrete = true};
  mg_dataset_writer *w = NULL;
  cr_assert(mg_dataset_writer_create(path, &provenance, &w) == MG_OK);
  for (int k = 0; k < n; k++) {
    double zero[12] = {0};
    const mg_trajectory t = {.steps = is_long(k) ? 2 : 1,
                             .observations = zero,
                             .actions = zero,
                             .rewards = zero,
                             .terminated = true};
    cr_assert(mg_dataset_writer_append(w, &t) == MG_OK);
  }
  cr_assert(mg_dataset_writer_close(w, true) == MG_OK);
  mg_settings s = tiny_settings("CartPole-v0", path);
  mg_env *env = NULL;
  cr_assert(mg_env_create("CartPole-v0", &env) == MG_OK);
  s.data.trajectories = 0;
  s.data.subsample = 1;
  s.data.minimum_length = 2;
  loading l = {.settings = &s, .spec = *mg_env_get_spec(env)};
  run_ranks(1, load_on_rank, &l);
  cr_assert(l.status[0] == MG_OK, "%s", mg_status_message());
  *expert = *l.expert[0];
  release(&l);
  mg_env_destroy(env);
  cr_assert(remove(path) == 0);
  return expert->ids;
}

static bool some_are_long(int k) {
  return k == 0 || (k >= 2 && k <= 4) || k == 7 || k == 8;
}

static bool even_are_long(int k) {
  return k % 2 == 0;
}

Test(expert, ids_are_listed_in_ranges_and_within_bounds) {
  mg_expert expert;
  cr_assert_str_eq(ids_of(10, some_are_long, &expert), "0, 2-4, 7-8");
  const char *ids = ids_of(400, even_are_long, &expert);
  const size_t length = strlen(ids);
  cr_assert(length < MG_EXPERT_IDS_MAX && length > MG_EXPERT_IDS_MAX - 12, "%zu", length);
  cr_assert(strcmp(ids + length - 5, ", ...") == 0, "%s", ids);
  cr_assert(strncmp(ids, "0, 2, 4, ", 9) == 0);
}
