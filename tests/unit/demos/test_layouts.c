/* The layouts of demonstrations but for Minari's: what is read from each, and what is refused. */

#include "demos/numpy/npz_writer.h"
#include "support/dataset_fixture.h"
#include "support/h5_craft.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

TestSuite(layouts, .init = dataset_setup, .fini = dataset_teardown);

static void assert_refused(const char *path, const char *words) {
  assert_refused_with(path, (mg_dataset_options){.max_bytes = 1 << 24}, MG_ERR_DATA, words);
}

static void assert_lengths(const mg_dataset *d, int n, const int64_t *steps) {
  cr_assert(d->trajectories == n, "%d trajectories", d->trajectories);
  for (int k = 0; k < n; k++)
    cr_assert(d->trajectory[k].steps == steps[k] && d->trajectory[k].id == k, "%d: %ld steps", k,
              (long)d->trajectory[k].steps);
}

/* ---- D4RL: 8 rows of 2 observations 0, 1, 2, ... and 1 action ---- */

enum { ROWS = 8 };
static const double TERMINALS[ROWS] = {0, 0, 1, 0, 0, 0, 0, 0};

static hid_t craft_d4rl(const char *path) {
  double observations[2 * ROWS], values[ROWS];
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  for (int i = 0; i < 2 * ROWS; i++) observations[i] = i;
  craft_values(file, "observations", H5T_IEEE_F32LE, ROWS, 2, observations);
  for (int i = 0; i < ROWS; i++) values[i] = -i;
  craft_values(file, "actions", H5T_IEEE_F64LE, ROWS, 1, values);
  for (int i = 0; i < ROWS; i++) values[i] = 100 + i;
  craft_values(file, "rewards", H5T_IEEE_F32LE, ROWS, 0, values);
  craft_values(file, "terminals", H5T_STD_U8LE, ROWS, 0, TERMINALS);
  return file;
}

/* next[i] = observation i + 1; broken after row 5. */
static void add_next(hid_t file) {
  double next[2 * ROWS];
  for (int i = 0; i < 2 * ROWS; i++) next[i] = i + 2;
  next[5 * 2 + 1] = 77;
  next[2 * 2] = 55; /* what followed the terminal */
  craft_values(file, "next_observations", H5T_IEEE_F32LE, ROWS, 2, next);
}

Test(layouts, d4rl_splits_at_terminals_and_timeouts) {
  const char *path = scratch_path("d4rl.h5");
  hid_t file = craft_d4rl(path);
  craft_values(file, "timeouts", H5T_IEEE_F64LE, ROWS, 0, (double[]){0, 0, 0, 0, 1, 0, 0, 0});
  add_next(file); /* its break is none, for timeouts are marked */
  H5Fclose(file);
  mg_dataset d = read_with(path, (mg_dataset_options){0});
  assert_lengths(&d, 3, (int64_t[]){3, 2, 3});
  const mg_trajectory *t = d.trajectory;
  cr_assert(t[0].terminated && !t[0].truncated);
  cr_assert(!t[1].terminated && t[1].truncated);
  cr_assert(!t[2].terminated && t[2].truncated, "the last, unmarked, is truncated");
  cr_assert(d.final_observation && d.rewards && !d.discrete);
  cr_assert(t[0].observations[6] == 55 && t[0].observations[7] == 7, "s_T is the next observation");
  for (int i = 0; i < 6; i++) cr_assert(t[2].observations[i] == 10 + i);
  cr_assert(t[2].actions[0] == -5 && t[2].rewards[0] == 105 &&
            t[2].total_reward == 105 + 106 + 107);
}

Test(layouts, d4rl_without_timeouts_splits_where_the_next_observation_is_another) {
  const char *path = scratch_path("d4rl.h5");
  hid_t file = craft_d4rl(path);
  add_next(file);
  H5Fclose(file);
  mg_dataset d = read_with(path, (mg_dataset_options){.max_steps = 2});
  assert_lengths(&d, 3, (int64_t[]){3, 3, 2});
  cr_assert(d.trajectory[1].truncated && !d.trajectory[1].terminated);
  cr_assert(d.trajectory[1].observations[2 * 3 + 1] == 77);
}

Test(layouts, d4rl_without_either_splits_at_the_time_limit) {
  const char *path = scratch_path("d4rl.h5");
  H5Fclose(craft_d4rl(path));
  mg_dataset d = read_with(path, (mg_dataset_options){.max_steps = 2});
  assert_lengths(&d, 5, (int64_t[]){2, 1, 2, 2, 1});
  cr_assert(d.trajectory[1].terminated && d.trajectory[0].truncated);
  d = read_with(path, (mg_dataset_options){0});
  assert_lengths(&d, 2, (int64_t[]){3, 5});
  cr_assert(!d.final_observation);
  const mg_trajectory *t = &d.trajectory[1];
  cr_assert(t->observations[10] == t->observations[8] && t->observations[11] == t->observations[9],
            "the last observation stands in for the one that is missing");
}

Test(layouts, d4rl_without_rewards_has_no_best) {
  const char *path = scratch_path("d4rl.h5");
  hid_t file = craft_d4rl(path);
  H5Ldelete(file, "rewards", H5P_DEFAULT);
  H5Fclose(file);
  mg_dataset d = read_with(path, (mg_dataset_options){0});
  cr_assert(!d.rewards && d.trajectory[0].total_reward == 0);
  mg_dataset_options best = {.trajectories = 1, .choice = MG_CHOICE_BEST};
  cr_assert(mg_dataset_read(path, &best, arena, &d) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), "no rewards"), "%s", mg_status_message());
}

static void no_terminals(hid_t f) {
  H5Ldelete(f, "terminals", H5P_DEFAULT);
}
static void short_actions(hid_t f) {
  craft_array(f, "actions", H5T_IEEE_F64LE, ROWS - 1, 1, 0);
}
static void short_terminals(hid_t f) {
  craft_values(f, "terminals", H5T_STD_U8LE, ROWS - 1, 0, TERMINALS);
}
static void terminal_of_two(hid_t f) {
  craft_values(f, "terminals", H5T_STD_U8LE, 8, 0, (double[]){0, 2, 0, 0, 0, 0, 0, 0});
}
static void integer_observations(hid_t f) {
  craft_array(f, "observations", H5T_STD_I32LE, ROWS, 2, 0);
}
static void nan_reward(hid_t f) {
  craft_values(f, "rewards", H5T_IEEE_F64LE, 8, 0, (double[]){0, 0, 0, 0, NAN, 0, NAN, 0});
}
static void external(hid_t f) {
  H5Ldelete(f, "terminals", H5P_DEFAULT);
  H5Lcreate_external("other.h5", "/terminals", f, "terminals", H5P_DEFAULT, H5P_DEFAULT);
}
static void claimed(hid_t f, hsize_t rows, hsize_t chunk_rows) {
  hsize_t dims[2] = {rows, 2}, chunk[2] = {chunk_rows, 2};
  const hsize_t most[2] = {H5S_UNLIMITED, 2};
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(2, dims, most);
  H5Pset_chunk(creation, 2, chunk);
  H5Ldelete(f, "observations", H5P_DEFAULT);
  hid_t data =
      H5Dcreate2(f, "observations", H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  hsize_t start[2] = {0, 0}, count[2] = {1, 2};
  hid_t memory = H5Screate_simple(2, count, NULL);
  H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
  if (chunk_rows < 1000)
    H5Dwrite(data, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, (double[]){1, 2});
  H5Sclose(memory);
  H5Sclose(space);
  H5Pclose(creation);
  H5Dclose(data);
}
static void many_rows(hid_t f) {
  claimed(f, (hsize_t)1 << 40, 16);
  hsize_t dims[1] = {(hsize_t)1 << 40}, chunk[1] = {1024};
  for (int i = 0; i < 2; i++) { /* as many, so that nothing else is wrong */
    const char *name = i ? "terminals" : "actions";
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, dims, NULL);
    H5Pset_chunk(creation, 1, chunk);
    H5Ldelete(f, name, H5P_DEFAULT);
    hid_t data = H5Dcreate2(f, name, H5T_STD_I8LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    hsize_t start[1] = {0}, count[1] = {1};
    hid_t memory = H5Screate_simple(1, count, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    H5Dwrite(data, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, (double[]){0});
    H5Sclose(memory);
    H5Sclose(space);
    H5Pclose(creation);
    H5Dclose(data);
  }
  H5Ldelete(f, "rewards", H5P_DEFAULT);
}
static void huge_chunks(hid_t f) {
  claimed(f, ROWS, 1 << 24);
}

Test(layouts, the_limit_counts_all_rows) {
  const char *path = scratch_path("d4rl.h5");
  H5Fclose(craft_d4rl(path));
  mg_dataset d;
  mg_dataset_options options = {.max_bytes = 8 * (ROWS * 4 + 4)};
  cr_assert(mg_dataset_read(path, &options, arena, &d) == MG_OK, "%s", mg_status_message());
  options.max_bytes = 8 * ROWS * 4 - 1;
  cr_assert(mg_dataset_read(path, &options, arena, &d) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), "8 rows need more than the limit"), "%s",
            mg_status_message());
}

Test(layouts, d4rl_files_that_are_refused) {
  static const struct {
    void (*mutate)(hid_t file);
    const char *words;
  } cases[] = {
      {no_terminals, "terminals is missing"},
      {short_actions, "actions has 7 rows of 1, observations has 8"},
      {short_terminals, "terminals has 7 rows of 1, observations has 8"},
      {terminal_of_two, "terminals[1] is 2; expected 0 or 1"},
      {integer_observations, "observations is not [rows, size] of float"},
      {nan_reward, "rewards[4] is not a number"},
      {external, "terminals is an external link"},
      {many_rows, "stored bytes can hold"},
      {huge_chunks, "chunks larger than the limit"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *path = scratch_path("bad.h5");
    hid_t file = craft_d4rl(path);
    cases[i].mutate(file);
    H5Fclose(file);
    assert_refused(path, cases[i].words);
  }
}

/* ---- the GAIL authors': 2 trajectories of 3 and 4 of 4 steps; the padding is not a number ---- */

static hid_t craft_gail(const char *path) {
  double o[2 * 4 * 2], a[2 * 4], r[2 * 4];
  for (int i = 0; i < 16; i++) o[i] = i < 8 && i >= 6 ? NAN : i;
  for (int i = 0; i < 8; i++) a[i] = i % 2, r[i] = i == 3 ? NAN : i;
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  craft_block(file, "obs_B_T_Do", H5T_IEEE_F32LE, 3, (hsize_t[]){2, 4, 2}, o);
  craft_block(file, "a_B_T_Da", H5T_STD_I64LE, 3, (hsize_t[]){2, 4, 1}, a);
  craft_block(file, "r_B_T", H5T_IEEE_F64LE, 2, (hsize_t[]){2, 4}, r);
  craft_values(file, "len_B", H5T_STD_I32LE, 2, 0, (double[]){3, 4});
  return file;
}

Test(layouts, gail) {
  const char *path = scratch_path("gail.h5");
  hid_t file = craft_gail(path);
  mg_dataset d = (H5Fclose(file), read_with(path, (mg_dataset_options){0}));
  assert_lengths(&d, 2, (int64_t[]){3, 4});
  cr_assert(d.discrete && d.action_size == 1 && d.observation_size == 2);
  cr_assert(!d.final_observation && d.rewards);
  const mg_trajectory *t = d.trajectory;
  cr_assert(t[0].terminated && !t[0].truncated && !t[1].terminated && t[1].truncated);
  cr_assert(t[0].observations[5] == 5 && t[0].observations[7] == 5 && t[1].observations[0] == 8);
  cr_assert(t[1].actions[1] == 1 && t[1].rewards[3] == 7 && t[0].total_reward == 3);
  d = read_with(path, (mg_dataset_options){.max_steps = 3});
  cr_assert(d.trajectory[0].truncated && !d.trajectory[0].terminated);
  file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  craft_values(file, "len_B", H5T_STD_I32LE, 2, 0, (double[]){3, 5});
  H5Fclose(file);
  assert_refused(path, "len_B[1] is 5; expected a whole number from 1 to 4");
  file = craft_gail(path);
  craft_values(file, "len_B", H5T_STD_I32LE, 2, 0, (double[]){4, 4});
  H5Fclose(file);
  assert_refused(path,
                 "obs_B_T_Do[0,3,0] is not a number; expected a finite number (the first of 2)");
}

/* r_B_T in chunks of two steps, of which the last is never stored. */
static void store_all_but_the_last_chunk(hid_t file) {
  const hsize_t dims[] = {2, 4}, chunk[] = {1, 2}, places[][2] = {{0, 0}, {0, 2}, {1, 0}};
  hid_t space = H5Screate_simple(2, dims, NULL), memory = H5Screate_simple(2, chunk, NULL);
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 2, chunk);
  H5Ldelete(file, "r_B_T", H5P_DEFAULT);
  hid_t data = H5Dcreate2(file, "r_B_T", H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  for (int k = 0; k < 3; k++) {
    H5Sselect_hyperslab(space, H5S_SELECT_SET, places[k], NULL, chunk, NULL);
    cr_assert(H5Dwrite(data, H5T_NATIVE_DOUBLE, memory, space, 0, (double[]){1, 1}) >= 0);
  }
  H5Dclose(data), H5Pclose(creation), H5Sclose(space), H5Sclose(memory);
}

Test(layouts, of_gail_the_padding_alone_may_be_missing) {
  const char *path = scratch_path("gail.h5");
  hid_t file = craft_gail(path);
  store_all_but_the_last_chunk(file);
  H5Fclose(file);
  assert_refused(path, "r_B_T was written in part: of trajectory 1 not all of its 4 steps were");
  file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  craft_values(file, "len_B", H5T_STD_I32LE, 2, 0, (double[]){3, 2});
  H5Fclose(file);
  mg_dataset d = read_with(path, (mg_dataset_options){0});
  assert_lengths(&d, 2, (int64_t[]){3, 2});
  cr_assert(d.trajectory[0].total_reward == 3 && d.trajectory[1].total_reward == 2);
}

/* ---- robomimic: two demos, three keys ---- */

static void craft_demo(hid_t data, const char *name, hsize_t steps) {
  double rows[64];
  hid_t demo = H5Gcreate2(data, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  hid_t obs = H5Gcreate2(demo, "obs", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  for (int i = 0; i < 64; i++) rows[i] = i;
  craft_values(obs, "zeta", H5T_IEEE_F32LE, steps, 0, rows);
  craft_values(obs, "alpha", H5T_IEEE_F64LE, steps, 2, rows);
  craft_values(demo, "actions", H5T_IEEE_F32LE, steps, 2, rows);
  craft_values(demo, "rewards", H5T_IEEE_F64LE, steps, 0, rows);
  memset(rows, 0, sizeof rows);
  rows[steps - 1] = steps == 3;
  craft_values(demo, "dones", H5T_STD_I64LE, steps, 0, rows);
  H5Gclose(obs);
  H5Gclose(demo);
}

static hid_t craft_robomimic(const char *path) {
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  hid_t data = H5Gcreate2(file, "data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  craft_demo(data, "demo_10", 2);
  craft_demo(data, "demo_2", 3);
  H5Gclose(H5Gcreate2(file, "mask", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Gclose(data);
  return file;
}

Test(layouts, robomimic_joins_keys_in_the_order_of_names) {
  const char *path = scratch_path("robomimic.h5");
  hid_t file = craft_robomimic(path);
  H5Fclose(file);
  mg_dataset d = read_with(path, (mg_dataset_options){0});
  cr_assert(d.trajectories == 2 && d.trajectory[0].id == 2 && d.trajectory[1].id == 10);
  cr_assert(d.observation_size == 3 && d.action_size == 2 && !d.final_observation);
  const mg_trajectory *t = d.trajectory;
  cr_assert(t[0].terminated && !t[0].truncated && !t[1].terminated && t[1].truncated);
  const double second[3] = {2, 3, 1}; /* alpha, alpha, zeta of row 1 */
  cr_assert(memcmp(t[0].observations + 3, second, sizeof second) == 0);
  file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  hid_t obs = H5Gopen2(file, "data/demo_2/obs", H5P_DEFAULT);
  double image[3 * 2 * 2 * 1] = {0};
  craft_block(obs, "view", H5T_IEEE_F32LE, 3, (hsize_t[]){3, 2, 2}, image);
  H5Gclose(obs);
  obs = H5Gopen2(file, "data/demo_10/obs", H5P_DEFAULT);
  craft_block(obs, "view", H5T_IEEE_F32LE, 3, (hsize_t[]){2, 2, 2}, image);
  H5Gclose(obs);
  H5Fclose(file);
  d = read_with(path, (mg_dataset_options){0});
  cr_assert(d.observation_size == 3 && strstr(d.remarks, "passed over: view"), "%s", d.remarks);
}

Test(layouts, robomimic_keys_of_all_demos_are_those_of_the_first) {
  const char *path = scratch_path("robomimic.h5");
  hid_t file = craft_robomimic(path);
  hid_t obs = H5Gopen2(file, "data/demo_2/obs", H5P_DEFAULT);
  H5Ldelete(obs, "zeta", H5P_DEFAULT);
  H5Gclose(obs);
  H5Fclose(file);
  mg_dataset d;
  mg_dataset_options options = {0};
  cr_assert(mg_dataset_read(path, &options, arena, &d) == MG_ERR_DATA);
}

/* ---- archives ---- */

static void add(mg_npz_writer *w, const char *name, mg_npy_type type, int columns, uint64_t rows,
                const double *values) {
  int array;
  cr_assert(mg_npz_writer_add(w, name, type, columns, &array) == MG_OK, "%s", mg_status_message());
  cr_assert(mg_npz_writer_append(w, array, rows, values) == MG_OK, "%s", mg_status_message());
}

static const double COUNT[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

Test(layouts, archive_of_stable_baselines) {
  const char *path = scratch_path("sb2.npz");
  mg_npz_writer *w;
  cr_assert(mg_npz_writer_create(path, true, &w) == MG_OK);
  add(w, "obs", MG_NPY_F32, 2, 5, COUNT);
  add(w, "actions", MG_NPY_I64, 1, 5, COUNT);
  add(w, "rewards", MG_NPY_F64, 0, 5, COUNT);
  add(w, "episode_starts", MG_NPY_BOOL, 0, 5, (double[]){1, 0, 0, 1, 0});
  add(w, "episode_returns", MG_NPY_F64, 0, 2, COUNT);
  cr_assert(mg_npz_writer_close(w, true) == MG_OK);
  mg_dataset d = read_with(path, (mg_dataset_options){0});
  assert_lengths(&d, 2, (int64_t[]){3, 2});
  cr_assert(d.discrete && d.observation_size == 2 && !d.final_observation && d.rewards);
  cr_assert(d.trajectory[0].truncated && d.trajectory[1].terminated);
  cr_assert(d.trajectory[1].observations[0] == 6 && d.trajectory[1].actions[1] == 4);
  cr_assert(d.trajectory[0].total_reward == 3);
}

Test(layouts, archive_of_imitation) {
  const char *path = scratch_path("imitation.npz");
  for (int bad = 0; bad < 2; bad++) {
    mg_npz_writer *w;
    cr_assert(mg_npz_writer_create(path, false, &w) == MG_OK);
    add(w, "obs", MG_NPY_F64, 1, 7, COUNT);
    add(w, "acts", MG_NPY_F32, 2, 5, COUNT);
    add(w, "indices", MG_NPY_I64, 0, 1, (double[]){bad ? 5 : 2});
    add(w, "terminal", MG_NPY_BOOL, 0, 2, (double[]){0, 1});
    cr_assert(mg_npz_writer_close(w, true) == MG_OK);
    if (bad) break;
    mg_dataset d = read_with(path, (mg_dataset_options){0});
    assert_lengths(&d, 2, (int64_t[]){2, 3});
    cr_assert(d.final_observation && !d.rewards && !d.discrete && d.action_size == 2);
    cr_assert(d.trajectory[0].truncated && d.trajectory[1].terminated);
    cr_assert(d.trajectory[0].observations[2] == 2 && d.trajectory[1].observations[0] == 3);
    cr_assert(d.trajectory[1].observations[3] == 6 && d.trajectory[1].actions[0] == 4);
  }
  assert_refused(path, "indices leads from row 5 to row 5");
}

Test(layouts, what_is_no_layout_says_what_was_looked_for) {
  const char *path = scratch_path("other.h5");
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  craft_array(file, "x", H5T_IEEE_F64LE, 3, 0, 0);
  H5Fclose(file);
  assert_refused(path, "looked for minari (groups episode_0, episode_1, ...), d4rl (datasets "
                       "observations, actions), gail (datasets obs_B_T_Do, a_B_T_Da), robomimic");
  path = scratch_path("other.npz");
  mg_npz_writer *w;
  cr_assert(mg_npz_writer_create(path, false, &w) == MG_OK);
  add(w, "obs", MG_NPY_F64, 1, 7, COUNT);
  cr_assert(mg_npz_writer_close(w, true) == MG_OK);
  assert_refused(path, "looked for sb2 (members obs, actions, episode_starts), imitation");
}

/* ---- choices of a discrete task, as people write them ---- */

static const mg_dataset_task CHOICES = {
    .env_id = "D-v0", .observation_size = 2, .action_size = 3, .discrete = true};

static const char *craft_choices(hid_t type, hsize_t columns, const double *actions) {
  const char *path = scratch_path("choices.h5");
  hid_t file = craft_file(path), e = H5Gopen2(file, "episode_0", H5P_DEFAULT);
  craft_values(e, "actions", type, CRAFT_STEPS, columns, actions);
  H5Gclose(e), H5Fclose(file);
  return path;
}

static void assert_choices(const char *path, const double *expected) {
  mg_dataset d = read_with(path, (mg_dataset_options){.task = &CHOICES});
  cr_assert(d.discrete && d.action_size == 1);
  for (int i = 0; i < CRAFT_STEPS; i++)
    cr_assert(d.trajectory[0].actions[i] == expected[i], "%d: %g", i, d.trajectory[0].actions[i]);
}

static void assert_no_choices(const char *path, const char *words) {
  mg_dataset d;
  const mg_dataset_options options = {.task = &CHOICES};
  cr_assert(mg_dataset_read(path, &options, arena, &d) == MG_ERR_DATA, "expected '%s'", words);
  cr_assert(strstr(mg_status_message(), words), "'%s' lacks '%s'", mg_status_message(), words);
}

Test(layouts, one_hot_rows_become_indices) {
  const double rows[] = {0, 1, 0, 1, 0, 0, 0, 0, 1}, two[] = {0, 1, 0, 1, 0, 1, 0, 0, 1};
  assert_choices(craft_choices(H5T_IEEE_F32LE, 3, rows), (double[]){1, 0, 2});
  assert_no_choices(craft_choices(H5T_IEEE_F32LE, 3, two),
                    "episode_0: action 1 is not one 1 among 2 0s");
  assert_no_choices(craft_choices(H5T_IEEE_F32LE, 2, rows), "actions have 2 entries; expected 1, "
                                                            "or one-hot rows of 3 choices");
}

Test(layouts, choices_may_be_floats_and_have_a_column) {
  const double choices[] = {0, 2, 1}, half[] = {0, 0.5, 1}, large[] = {0, 3, 1};
  for (hsize_t columns = 0; columns < 2; columns++) {
    assert_choices(craft_choices(H5T_IEEE_F32LE, columns, choices), choices);
    assert_choices(craft_choices(H5T_STD_I64LE, columns, choices), choices);
    assert_no_choices(craft_choices(H5T_IEEE_F64LE, columns, half),
                      "episode_0: action 1 is 0.5; expected 0..2, as D-v0 has");
    assert_no_choices(craft_choices(H5T_STD_U8LE, columns, large), "action 1 is 3; expected 0..2");
  }
}
