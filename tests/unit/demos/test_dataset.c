#include "demos/dataset.h"
#include "demos/pairs.h"
#include "demos/recording/writer.h"

#include "support/h5_craft.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void setup(void) {
  scratch_make();
}

TestSuite(dataset, .init = setup, .fini = scratch_remove);

static const char *find_expert(const char *name) {
  static char path[1024];
  const char *shared = getenv("MGAIL_SHARED");
  snprintf(path, sizeof path, "%s/experts/%s", shared ? shared : MG_SHARED_DIR, name);
  if (access(path, R_OK) != 0) cr_skip_test("%s is not there (set MGAIL_SHARED)", path);
  return path;
}

static mg_dataset read_some(const char *path, mg_dataset_options options, mg_arena *arena) {
  mg_dataset dataset;
  mg_status status = mg_dataset_read(path, &options, arena, &dataset);
  cr_assert(status == MG_OK, "%s", mg_status_message());
  return dataset;
}

/* Six episodes whose names, ids, lengths and returns are all in different orders. */
static const struct {
  int name;
  int64_t id;
  hsize_t steps;
  double reward;
} SIX[] = {{0, 5, 4, 2}, {1, 3, 9, 1}, {2, 4, 1, 50}, {10, 0, 7, 3}, {3, 2, 8, 2.5}, {11, 1, 5, 4}};

static const char *craft_six(void) {
  const char *path = scratch_path("six.h5");
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  for (int i = 0; i < 6; i++)
    craft_episode(file, SIX[i].name, SIX[i].id, SIX[i].steps, SIX[i].reward);
  H5Gclose(H5Gcreate2(file, "episode_x", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)); /* ignored */
  H5Fclose(file);
  return path;
}

Test(dataset, episodes_come_by_id_with_their_values) {
  mg_arena *arena = mg_arena_create();
  mg_dataset d = read_some(craft_six(), (mg_dataset_options){0}, arena);
  cr_assert(d.observation_size == 2 && d.action_size == 1 && !d.discrete);
  cr_assert(d.available == 6 && d.trajectories == 6 && d.env_id[0] == 0);
  const int64_t steps[] = {7, 5, 8, 9, 1, 4};
  const double rewards[] = {3, 4, 2.5, 1, 50, 2};
  for (int k = 0; k < 6; k++) {
    const mg_trajectory *t = &d.trajectory[k];
    cr_assert(t->id == k && t->steps == steps[k] && t->terminated && !t->truncated);
    cr_assert(t->total_reward == rewards[k] * (double)steps[k]);
    for (int64_t i = 0; i < 2 * (steps[k] + 1); i++)
      cr_assert(t->observations[i] == 0.5 * (double)i);
    for (int64_t i = 0; i < steps[k]; i++)
      cr_assert(t->actions[i] == 0.5 * (double)i && t->rewards[i] == rewards[k]);
  }
  mg_arena_destroy(arena);
}

static void assert_ids(const mg_dataset *d, int n, const int64_t *ids) {
  cr_assert(d->trajectories == n && d->available == 6);
  for (int k = 0; k < n; k++)
    cr_assert(d->trajectory[k].id == ids[k], "%d: id %ld", k, (long)d->trajectory[k].id);
}

Test(dataset, choices) {
  mg_arena *arena = mg_arena_create();
  const char *path = craft_six();
  mg_dataset d = read_some(path, (mg_dataset_options){.trajectories = 2}, arena);
  assert_ids(&d, 2, (int64_t[]){0, 1});
  /* Returns by id: 21, 20, 20, 9, 50, 8; of the two with 20 the earlier. */
  d = read_some(path, (mg_dataset_options){.trajectories = 3, .choice = MG_CHOICE_BEST}, arena);
  assert_ids(&d, 3, (int64_t[]){0, 1, 4});
  d = read_some(path, (mg_dataset_options){.minimum_length = 7}, arena);
  assert_ids(&d, 3, (int64_t[]){0, 2, 3});
  d = read_some(
      path, (mg_dataset_options){.trajectories = 1, .choice = MG_CHOICE_BEST, .minimum_length = 8},
      arena);
  assert_ids(&d, 1, (int64_t[]){2});
  mg_dataset_options options = {.trajectories = 4, .minimum_length = 7};
  cr_assert(mg_dataset_read(path, &options, arena, &d) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), "holds 3 trajectories of at least 7 steps"), "%s",
            mg_status_message());
  mg_arena_destroy(arena);
}

Test(dataset, the_random_choice_depends_on_the_seed_and_is_uniform) {
  mg_arena *arena = mg_arena_create();
  const char *path = craft_six();
  int hits[6] = {0};
  enum { SEEDS = 300 };
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    mg_dataset_options options = {.trajectories = 2, .choice = MG_CHOICE_RANDOM, .seed = seed};
    mg_dataset d = read_some(path, options, arena), again;
    cr_assert(d.trajectories == 2 && d.trajectory[0].id < d.trajectory[1].id);
    hits[d.trajectory[0].id]++, hits[d.trajectory[1].id]++;
    if (seed > 5) continue;
    again = read_some(path, options, arena);
    cr_assert(again.trajectory[0].id == d.trajectory[0].id &&
              again.trajectory[1].id == d.trajectory[1].id);
  }
  for (int i = 0; i < 6; i++) cr_assert(hits[i] > 60 && hits[i] < 140, "id %d: %d", i, hits[i]);
  mg_arena_destroy(arena);
}

Test(dataset, types_and_filters_on_the_allow_list) {
  mg_arena *arena = mg_arena_create();
  const char *path = scratch_path("types.h5");
  const hid_t floats[] = {H5T_IEEE_F32LE, H5T_IEEE_F64LE, H5T_IEEE_F32BE, H5T_IEEE_F64BE};
  const hid_t integers[] = {H5T_STD_I64LE, H5T_STD_I32BE, H5T_STD_U8LE, H5T_STD_U16BE};
  hsize_t chunk[2] = {2, CRAFT_OBSERVATION};
  for (int k = 0; k < 8; k++) {
    hid_t file = craft_file(path), e = H5Gopen2(file, "episode_0", H5P_DEFAULT);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 2, chunk);
    if (k % 2) H5Pset_shuffle(creation);
    if (k % 3) H5Pset_deflate(creation, 5);
    if (k % 4) H5Pset_fletcher32(creation);
    craft_array(e, "observations", floats[k % 4], CRAFT_STEPS + 1, CRAFT_OBSERVATION, creation);
    craft_array(e, "rewards", floats[3 - k % 4], CRAFT_STEPS, 0, 0);
    if (k >= 4) craft_values(e, "actions", integers[k - 4], CRAFT_STEPS, 0, (double[]){1, 0, 2});
    H5Pclose(creation);
    H5Gclose(e);
    H5Fclose(file);
    mg_dataset d = read_some(path, (mg_dataset_options){0}, arena);
    const mg_trajectory *t = d.trajectory;
    for (int i = 0; i < 2 * (CRAFT_STEPS + 1); i++) cr_assert(t->observations[i] == 0.5 * i);
    cr_assert(d.discrete == (k >= 4));
    if (d.discrete) cr_assert(t->actions[0] == 1 && t->actions[1] == 0 && t->actions[2] == 2);
    cr_assert(fabs(t->total_reward - 1.5) < 1e-15);
  }
  mg_arena_destroy(arena);
}

Test(dataset, the_task_comes_from_metadata_or_attribute) {
  mg_arena *arena = mg_arena_create();
  const char *path = scratch_path("six.h5"), *metadata = scratch_path("six.metadata.json");
  craft_six();
  static const struct {
    const char *text, *env_id;
  } cases[] = {
      {"{\"env_spec\": \"{\\\"id\\\": \\\"Hopper-v4\\\"}\"}", "Hopper-v4"},
      {"{\"env_spec\": {\"id\": \"Ant-v5\"}}", "Ant-v5"},
      {"{\"env_id\": \"CartPole-v1\"}", "CartPole-v1"},
      {"{\"env_spec\": {\"id\": \"no\\nsuch \\u001b[31m\"}}", ""},
      {"{\"env_spec\": 7}", ""},
      {"[[[[", ""},
      {"", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_assert(file_write(metadata, cases[i].text, strlen(cases[i].text)));
    mg_dataset d = read_some(path, (mg_dataset_options){0}, arena);
    cr_assert(strcmp(d.env_id, cases[i].env_id) == 0, "%s gives '%s'", cases[i].text, d.env_id);
  }
  mg_arena_destroy(arena);
}

static void assert_expert(const char *name, const char *env_id, int trajectories, double mean,
                          double tolerance) {
  mg_arena *arena = mg_arena_create();
  mg_dataset d = read_some(find_expert(name), (mg_dataset_options){0}, arena);
  cr_assert(strcmp(d.env_id, env_id) == 0, "%s", d.env_id);
  cr_assert(d.trajectories == trajectories && d.available == trajectories);
  double sum = 0;
  for (int k = 0; k < trajectories; k++) {
    cr_assert(d.trajectory[k].id == k);
    cr_assert(d.trajectory[k].terminated || d.trajectory[k].truncated);
    sum += d.trajectory[k].total_reward;
  }
  cr_assert(fabs(sum / trajectories - mean) < tolerance, "%s: mean %g", name, sum / trajectories);
  mg_arena_destroy(arena);
}

Test(dataset, published_experts_have_their_published_returns) {
  assert_expert("hopper-v4.h5", "Hopper-v4", 30, 3375, 0.5);
  assert_expert("cartpole-v0.h5", "CartPole-v0", 15, 200, 1e-9);
  assert_expert("mountaincar-v0.h5", "MountainCar-v0", 15, -103.9, 0.05);
  assert_expert("walker2d-v4-det.h5", "Walker2d-v4", 30, 6805, 0.5);
  assert_expert("ant-v4.h5", "Ant-v4", 30, 4084, 0.5);
}

static void assert_misfit(const char *path, mg_dataset_task task, const char *words) {
  mg_arena *arena = mg_arena_create();
  mg_dataset d;
  const mg_dataset_options options = {.task = &task};
  cr_assert(mg_dataset_read(path, &options, arena, &d) == MG_ERR_DATA, "expected '%s'", words);
  cr_assert(strstr(mg_status_message(), words), "'%s' lacks '%s'", mg_status_message(), words);
  mg_arena_destroy(arena);
}

static bool advise(const void *user, int size, char *text, size_t capacity) {
  snprintf(text, capacity, "with %s = on it has 2", (const char *)user);
  return size == 2;
}

Test(dataset, is_compared_with_the_task) {
  mg_arena *arena = mg_arena_create();
  mg_dataset_task task = {.env_id = "T-v0", .observation_size = 2, .action_size = 1};
  read_some(craft_six(), (mg_dataset_options){.task = &task}, arena);
  task.observation_size = 11;
  assert_misfit(craft_six(), task, "observations have 2 entries; expected 11, as T-v0 has");
  task.advise = advise, task.user = "env.x";
  assert_misfit(craft_six(), task, "as T-v0 has (with env.x = on it has 2)");
  task.observation_size = 2, task.action_size = 3;
  assert_misfit(craft_six(), task, "actions have 1 entries; expected 3, as T-v0 has");
  task.discrete = true;
  assert_misfit(craft_six(), task, "episode_10: action 1 is 0.5; expected 0..2, as T-v0 has");
  mg_arena_destroy(arena);
}

Test(dataset, of_another_task_is_refused_unless_any_will_do) {
  mg_arena *arena = mg_arena_create();
  mg_dataset_task task = {.env_id = "HalfCheetah-v4", .observation_size = 2, .action_size = 1};
  const char *path = craft_six();
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  craft_text(file, "env_id", "Walker2d-v4");
  H5Fclose(file);
  assert_misfit(path, task, "is of Walker2d-v4; expected demonstrations of HalfCheetah-v4");
  task.any = true;
  read_some(path, (mg_dataset_options){.task = &task}, arena);
  task.any = false, task.env_id = "Walker2d-v5";
  read_some(path, (mg_dataset_options){.task = &task}, arena);
  cr_assert(mg_same_task("Hopper-v2", "hopper-medium-v0") && mg_same_task("gym/Ant-v4", "Ant-v5"));
  cr_assert(!mg_same_task("Ant-v4", "AntMaze-v4") && !mg_same_task("CartPole-v0", "Acrobot-v1"));
  mg_arena_destroy(arena);
}

Test(dataset, subsampling_takes_every_nth_pair_from_a_random_offset) {
  enum { STEPS = 103, STRIDE = 10 };
  mg_arena *arena = mg_arena_create();
  static double observations[2 * (STEPS + 1)], actions[STEPS];
  for (int i = 0; i <= STEPS; i++) observations[2 * i] = i, observations[2 * i + 1] = -i;
  for (int i = 0; i < STEPS; i++) actions[i] = 1000 + i;
  mg_trajectory t[50];
  for (int k = 0; k < 50; k++)
    t[k] = (mg_trajectory){.steps = STEPS, .observations = observations, .actions = actions};
  mg_dataset d = {.observation_size = 2, .action_size = 1, .trajectories = 50, .trajectory = t};
  mg_pairs p, again, none;
  cr_assert(mg_dataset_split(&d, STRIDE, 0, 4, arena, &p, &none) == MG_OK);
  int offsets[STRIDE] = {0}, row = 0;
  for (int k = 0; k < 50; k++) {
    int offset = (int)p.states[2 * row];
    cr_assert(offset >= 0 && offset < STRIDE);
    offsets[offset]++;
    for (int i = offset; i < STEPS; i += STRIDE, row++)
      cr_assert(p.states[2 * row] == i && p.states[2 * row + 1] == -i &&
                p.actions[row] == 1000 + i);
  }
  cr_assert(row == p.count && none.count == 0);
  int used = 0;
  for (int i = 0; i < STRIDE; i++) used += offsets[i] > 0;
  cr_assert(used >= 8, "50 offsets took %d of 10 values", used);
  cr_assert(mg_dataset_split(&d, STRIDE, 0, 4, arena, &again, &none) == MG_OK);
  cr_assert(again.count == p.count &&
            memcmp(again.states, p.states, sizeof(double) * 2 * (size_t)p.count) == 0);
  cr_assert(mg_dataset_split(&d, 1, 0, 4, arena, &p, &none) == MG_OK && p.count == 50 * STEPS);
  cr_assert(mg_dataset_split(&d, 0, 0, 4, arena, &p, &none) == MG_ERR_CONFIG);
  d.trajectories = 0;
  cr_assert(mg_dataset_split(&d, 2, 0, 4, arena, &p, &none) == MG_ERR_DATA);
  mg_arena_destroy(arena);
}

/* ---- writing ---- */

static const mg_dataset_provenance PROVENANCE = {.env_id = "Hopper-v4",
                                                 .observation_size = 2,
                                                 .action_size = 1,
                                                 .program = "mgail 0",
                                                 .simulator = "MuJoCo 3",
                                                 .policy = "mean action",
                                                 .policy_checksum = UINT64_MAX,
                                                 .seed = 5};

static void assert_equal(const mg_dataset *a, const mg_dataset *b) {
  cr_assert(a->trajectories == b->trajectories && a->discrete == b->discrete);
  for (int k = 0; k < a->trajectories; k++) {
    const mg_trajectory *x = &a->trajectory[k], *y = &b->trajectory[k];
    size_t n = (size_t)x->steps;
    cr_assert(y->id == k && x->steps == y->steps && x->total_reward == y->total_reward);
    cr_assert(x->terminated == y->terminated && x->truncated == y->truncated);
    cr_assert(memcmp(x->observations, y->observations, (n + 1) * 2 * sizeof(double)) == 0);
    cr_assert(memcmp(x->actions, y->actions, n * sizeof(double)) == 0);
    cr_assert(memcmp(x->rewards, y->rewards, n * sizeof(double)) == 0);
  }
}

Test(dataset, what_is_written_is_read) {
  for (int discrete = 0; discrete < 2; discrete++) {
    mg_arena *arena = mg_arena_create();
    mg_dataset d = read_some(craft_six(), (mg_dataset_options){0}, arena);
    d.discrete = discrete;
    d.trajectory[3].terminated = false, d.trajectory[3].truncated = true;
    for (int k = 0; discrete && k < 6; k++)
      for (int64_t i = 0; i < d.trajectory[k].steps; i++)
        d.trajectory[k].actions[i] = (double)(i % 2);
    d.trajectory[0].observations[1] = 1.0 / 3; /* needs every bit */
    mg_dataset_provenance provenance = PROVENANCE;
    provenance.discrete = discrete;
    mg_dataset_writer *w;
    cr_assert(mg_dataset_writer_create(scratch_path("out.h5"), &provenance, &w) == MG_OK);
    for (int k = 0; k < 6; k++) cr_assert(mg_dataset_writer_append(w, &d.trajectory[k]) == MG_OK);
    cr_assert(access(scratch_path("out.h5"), F_OK) == (discrete ? 0 : -1),
              "not before it is whole");
    cr_assert(mg_dataset_writer_close(w, true) == MG_OK, "%s", mg_status_message());
    mg_dataset back = read_some(scratch_path("out.h5"), (mg_dataset_options){0}, arena);
    cr_assert(strcmp(back.env_id, "Hopper-v4") == 0);
    assert_equal(&d, &back);
    /* Without metadata.json the attribute tells the task. */
    cr_assert(unlink(scratch_path("out.metadata.json")) == 0);
    back = read_some(scratch_path("out.h5"), (mg_dataset_options){0}, arena);
    cr_assert(strcmp(back.env_id, "Hopper-v4") == 0);
    cr_assert(scratch_count() == 2, "six.h5 and out.h5");
    mg_arena_destroy(arena);
  }
}

Test(dataset, a_writer_that_does_not_keep_leaves_nothing) {
  mg_dataset_writer *w;
  double values[4] = {0};
  mg_trajectory t = {.steps = 1, .observations = values, .actions = values, .rewards = values};
  cr_assert(mg_dataset_writer_create(scratch_path("out.h5"), &PROVENANCE, &w) == MG_OK);
  cr_assert(mg_dataset_writer_append(w, &t) == MG_OK);
  cr_assert(mg_dataset_writer_close(w, false) == MG_OK);
  cr_assert(scratch_count() == 0);
  cr_assert(mg_dataset_writer_create(scratch_path("out.h5"), &PROVENANCE, &w) == MG_OK);
  cr_assert(mg_dataset_writer_close(w, true) == MG_ERR_DATA, "no episodes");
  cr_assert(scratch_count() == 0);
  cr_assert(mg_dataset_writer_create(scratch_path("no/out.h5"), &PROVENANCE, &w) == MG_ERR_CREATE);
  cr_assert(w == NULL);
}
