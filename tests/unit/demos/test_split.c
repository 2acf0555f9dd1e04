/* Where episodes end in layouts of rows: what is believed, what is weighed, what is refused. */
#include "demos/dataset.h"
#include "demos/numpy/npz_writer.h"

#include "support/h5_craft.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EPISODES = 3, LIMIT = 20, ROWS = EPISODES * LIMIT };

static mg_arena *arena;
static double observations[2 * (ROWS + 1)], next[2 * ROWS], zeros[ROWS];

/* Episodes of LIMIT steps; next tells where they end, and reward i is i. */
static void setup(void) {
  scratch_make();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  arena = mg_arena_create();
  for (int i = 0; i < 2 * ROWS; i++) observations[i] = 1 + sin(i) / 3;
  for (int i = 0; i < 2 * ROWS; i++) next[i] = observations[i + 2];
  for (int e = 1; e <= EPISODES; e++) next[2 * (e * LIMIT - 1)] = -7;
}

static void teardown(void) {
  mg_arena_destroy(arena);
  scratch_remove();
}

TestSuite(split, .init = setup, .fini = teardown);

typedef struct d4rl {
  hid_t observations, next;           /* types; next 0: not there */
  const double *terminals, *timeouts; /* NULL: not there; terminals: zeros */
} d4rl;

static const char *craft(d4rl form) {
  const char *path = scratch_path("d4rl.h5");
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  craft_values(file, "observations", form.observations ? form.observations : H5T_IEEE_F32LE, ROWS,
               2, observations);
  craft_array(file, "actions", H5T_IEEE_F32LE, ROWS, 1, 0);
  craft_array(file, "rewards", H5T_IEEE_F32LE, ROWS, 0, 0);
  craft_values(file, "terminals", H5T_STD_U8LE, ROWS, 0, form.terminals ? form.terminals : zeros);
  if (form.timeouts) craft_values(file, "timeouts", H5T_STD_U8LE, ROWS, 0, form.timeouts);
  if (form.next) craft_values(file, "next_observations", form.next, ROWS, 2, next);
  H5Fclose(file);
  return path;
}

static mg_dataset read_it(const char *path, int64_t limit) {
  mg_dataset d;
  const mg_dataset_options options = {.max_steps = limit};
  cr_assert(mg_dataset_read(path, &options, arena, &d) == MG_OK, "%s", mg_status_message());
  return d;
}

static void assert_split(const mg_dataset *d, int n, int64_t steps, const char *remark) {
  cr_assert(d->trajectories == n, "%d trajectories; %s", d->trajectories, d->remarks);
  for (int k = 0; k < n; k++)
    cr_assert(d->trajectory[k].steps == steps && d->trajectory[k].truncated, "%ld steps",
              (long)d->trajectory[k].steps);
  cr_assert(strstr(d->remarks, remark) && (*remark || !*d->remarks), "'%s' lacks '%s'", d->remarks,
            remark);
}

static void assert_refused(const char *path, int64_t limit, const char *words) {
  mg_dataset d;
  const mg_dataset_options options = {.max_steps = limit};
  cr_assert(mg_dataset_read(path, &options, arena, &d) == MG_ERR_DATA, "expected '%s'", words);
  cr_assert(strstr(mg_status_message(), words), "'%s' lacks '%s'", mg_status_message(), words);
}

Test(split, timeouts_that_are_never_set_give_way_to_the_time_limit) {
  mg_dataset d = read_it(craft((d4rl){.timeouts = zeros}), LIMIT);
  assert_split(&d, EPISODES, LIMIT, "split at the task's time limit of 20 steps");
  double last[ROWS] = {[ROWS - 1] = 1}; /* as good as none */
  d = read_it(craft((d4rl){.timeouts = last}), LIMIT);
  assert_split(&d, EPISODES, LIMIT, "split at the task's time limit of 20 steps");
  d = read_it(craft((d4rl){0}), LIMIT);
  assert_split(&d, EPISODES, LIMIT, "split at the task's time limit of 20 steps");
  d = read_it(craft((d4rl){.timeouts = zeros}), 0);
  assert_split(&d, 1, ROWS,
               "nothing marks the ends of episodes, and the task's time limit is not known");
}

Test(split, timeouts_that_are_never_set_give_way_to_breaks) {
  mg_dataset d = read_it(craft((d4rl){.timeouts = zeros, .next = H5T_IEEE_F32LE}), 0);
  assert_split(&d, EPISODES, LIMIT, "2 further ends are taken from next_observations");
  double some[ROWS] = {[LIMIT - 1] = 1};
  d = read_it(craft((d4rl){.timeouts = some, .next = H5T_IEEE_F32LE}), LIMIT);
  assert_split(&d, EPISODES, LIMIT, "timeouts leave episodes longer than the task's time limit");
}

Test(split, good_marks_are_believed_without_a_word) {
  double timeouts[ROWS] = {0};
  for (int e = 1; e <= EPISODES; e++) timeouts[e * LIMIT - 1] = 1;
  mg_dataset d = read_it(craft((d4rl){.timeouts = timeouts, .next = H5T_IEEE_F32LE}), LIMIT);
  assert_split(&d, EPISODES, LIMIT, "");
  d = read_it(craft((d4rl){.timeouts = timeouts}), LIMIT / 2);
  assert_split(&d, EPISODES, LIMIT, "3 episodes are longer than the task's time limit of 10 steps");
}

Test(split, a_last_episode_that_no_mark_ends_is_remarked) {
  static const char told[] = "no mark ends the last 4 rows (from row 56): taken as an episode that "
                             "was cut off there";
  double timeouts[ROWS] = {[LIMIT - 1] = 1, [2 * LIMIT - 1] = 1};
  const int64_t limits[] = {LIMIT, 0};
  for (int k = 0; k < 2; k++) { /* as long as can be: its end is that of the file */
    mg_dataset d = read_it(craft((d4rl){.timeouts = timeouts}), limits[k]);
    assert_split(&d, EPISODES, LIMIT, "");
  }
  timeouts[ROWS - 5] = 1;
  for (int k = 0; k < 2; k++) {
    mg_dataset d = read_it(craft((d4rl){.timeouts = timeouts}), limits[k]);
    cr_assert(d.trajectories == 4 && d.trajectory[3].steps == 4 && d.trajectory[3].truncated);
    cr_assert(strstr(d.remarks, told), "%s", d.remarks);
  }
  timeouts[ROWS - 1] = 1;
  mg_dataset d = read_it(craft((d4rl){.timeouts = timeouts}), LIMIT);
  cr_assert(d.trajectories == 4 && !*d.remarks, "%s", d.remarks);
}

Test(split, states_are_compared_within_the_coarser_precision) {
  mg_dataset d = read_it(craft((d4rl){.next = H5T_IEEE_F64LE}), 0);
  assert_split(&d, EPISODES, LIMIT, "2 further ends");
  d = read_it(craft((d4rl){.observations = H5T_IEEE_F64LE, .next = H5T_IEEE_F32BE}), 0);
  assert_split(&d, EPISODES, LIMIT, "2 further ends");
  observations[2 * 5] = 0, next[2 * 4] = -0.0;
  d = read_it(craft((d4rl){.next = H5T_IEEE_F32LE}), 0);
  assert_split(&d, EPISODES, LIMIT, "2 further ends");
  hid_t half = craft_half(); /* whose steps near 0 are coarse */
  observations[2 * 5] = next[2 * 4] = 3e-6;
  d = read_it(craft((d4rl){.next = half}), 0);
  assert_split(&d, EPISODES, LIMIT, "2 further ends");
  d = read_it(craft((d4rl){.observations = half, .next = H5T_IEEE_F64LE}), 0);
  assert_split(&d, EPISODES, LIMIT, "2 further ends");
  H5Tclose(half);
}

Test(split, one_value_that_is_none_hides_no_break) {
  mg_dataset d;
  next[2 * 3] = NAN;
  const char *path = craft((d4rl){.next = H5T_IEEE_F32LE});
  const mg_dataset_options options = {0};
  cr_assert(mg_dataset_read(path, &options, arena, &d) == MG_OK, "%s", mg_status_message());
  assert_split(&d, EPISODES, LIMIT, "2 further ends");
}

Test(split, an_end_at_nearly_every_row_is_refused) {
  double ones[ROWS];
  for (int i = 0; i < ROWS; i++) ones[i] = 1;
  assert_refused(craft((d4rl){.terminals = ones}), LIMIT, "nearly every row ends an episode (60");
  for (int i = 0; i < 2 * ROWS; i++) next[i] += 0.01;
  assert_refused(craft((d4rl){.next = H5T_IEEE_F64LE}), LIMIT,
                 "next_observations are not the observations of the rows that follow, in 59 of 60");
  double terminals[ROWS] = {0};
  for (int e = 1; e <= EPISODES; e++) terminals[e * LIMIT - 1] = 1;
  mg_dataset d = read_it(craft((d4rl){.next = H5T_IEEE_F64LE, .terminals = terminals}), LIMIT);
  cr_assert(d.trajectories == EPISODES && d.trajectory[0].terminated);
  cr_assert(strstr(d.remarks, "in 57 of 60 rows; episodes end at terminals alone"), "%s",
            d.remarks);
}

static void add(mg_npz_writer *w, const char *name, mg_npy_type type, int columns,
                const double *values) {
  int place;
  cr_assert(mg_npz_writer_add(w, name, type, columns, &place) == MG_OK);
  cr_assert(mg_npz_writer_append(w, place, ROWS, values) == MG_OK);
}

static const char *craft_archive(const double *starts) {
  const char *path = scratch_path("sb2.npz");
  mg_npz_writer *w;
  cr_assert(mg_npz_writer_create(path, false, &w) == MG_OK);
  add(w, "obs", MG_NPY_F64, 2, observations);
  add(w, "actions", MG_NPY_F64, 1, observations);
  add(w, "rewards", MG_NPY_F64, 0, zeros);
  add(w, "episode_starts", MG_NPY_BOOL, 0, starts);
  cr_assert(mg_npz_writer_close(w, true) == MG_OK);
  return path;
}

/* It marks beginnings alone. */
Test(split, a_last_episode_of_an_archive_that_is_much_shorter_is_remarked) {
  double starts[ROWS] = {1, [LIMIT] = 1, [2 * LIMIT + 1] = 1};
  mg_dataset d = read_it(craft_archive(starts), LIMIT);
  cr_assert(d.trajectories == 3 && !strstr(d.remarks, "the last"), "%s", d.remarks);
  starts[ROWS - 5] = 1;
  d = read_it(craft_archive(starts), 2 * LIMIT);
  cr_assert(d.trajectories == 4 && !strstr(d.remarks, "the last"), "%s", d.remarks);
  starts[ROWS - 5] = 0, starts[ROWS - 1] = 1;
  d = read_it(craft_archive(starts), 2 * LIMIT);
  cr_assert(
      strstr(d.remarks, "the last episode (row 59) has 1 step, the shortest of the others 18: "),
      "%s", d.remarks);
}

Test(split, an_archive_with_a_single_start_is_split_at_the_time_limit) {
  const double starts[ROWS] = {1};
  const char *path = craft_archive(starts);
  mg_dataset d = read_it(path, LIMIT);
  assert_split(&d, EPISODES, LIMIT, "split at the task's time limit of 20 steps");
  d = read_it(path, 0);
  assert_split(&d, 1, ROWS, "limit is not known");
}

Test(split, episodes_of_other_layouts_that_are_too_long_are_remarked) {
  const char *path = scratch_path("minari.h5");
  hid_t file = craft_file(path);
  craft_episode(file, 1, 1, 8, 1);
  H5Fclose(file);
  mg_dataset d = read_it(path, 7);
  cr_assert(d.trajectories == 2 &&
                strstr(d.remarks, "1 episode is longer than the task's time limit of 7 steps"),
            "%s", d.remarks);
}
