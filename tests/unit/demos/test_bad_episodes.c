/* Bad episodes are refused, or passed over by name; what is remarkable is remarked; files that
 * cannot be read say why; and a checksum finds what changed. */
#include "demos/convert.h"
#include "demos/recording/writer.h"

#include "support/dataset_fixture.h"
#include "support/h5_craft.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

TestSuite(bad_episodes, .init = dataset_setup, .fini = dataset_teardown);

static hid_t open_episode(hid_t file, const char *name) {
  return H5Gopen2(file, name, H5P_DEFAULT);
}

/* Of five episodes 1 lacks an observation, 2 has one that is none and 4 has no steps. */
static const char *craft_three_bad(void) {
  const char *path = scratch_path("bad.h5");
  hid_t file = craft_file(path);
  for (int k = 1; k < 4; k++) craft_episode(file, k, k, 4, k);
  craft_episode(file, 4, 4, 0, 1);
  hid_t e = open_episode(file, "episode_1");
  craft_array(e, "observations", H5T_IEEE_F64LE, 4, CRAFT_OBSERVATION, 0);
  H5Gclose(e);
  e = open_episode(file, "episode_2");
  craft_values(e, "rewards", H5T_IEEE_F64LE, 4, 0, (double[]){1, NAN, 1, 1});
  H5Gclose(e);
  H5Fclose(file);
  return path;
}

Test(bad_episodes, are_refused_or_passed_over_by_name) {
  const char *path = craft_three_bad();
  assert_refused_with(path, (mg_dataset_options){0}, MG_ERR_DATA,
                      "expected one more observation than actions (data.skip_bad = on leaves such "
                      "episodes out)");
  mg_dataset d = read_with(path, (mg_dataset_options){.skip_bad = true});
  cr_assert(d.trajectories == 2 && d.available == 2 && d.trajectory[0].id == 0);
  cr_assert(d.trajectory[1].id == 3 && d.trajectory[1].total_reward == 12);
  cr_assert(d.skipped == 3 && strcmp(d.skipped_names, "episode_1, episode_4, episode_2") == 0, "%s",
            d.skipped_names);
  cr_assert(strstr(d.remarks, "episode_2 is passed over: episode_2/rewards[1] is not a number"));
  d = read_with(
      path, (mg_dataset_options){.skip_bad = true, .trajectories = 1, .choice = MG_CHOICE_BEST});
  cr_assert(d.trajectories == 1 && d.trajectory[0].id == 3);
}

Test(bad_episodes, choosing_among_good_ones_is_the_same_with_or_without) {
  const char *path = scratch_path("good.h5");
  hid_t file = craft_file(path);
  for (int k = 1; k < 9; k++) craft_episode(file, k, k, 4, k);
  H5Fclose(file);
  for (uint64_t seed = 0; seed < 8; seed++) {
    mg_dataset_options o = {.trajectories = 3, .choice = MG_CHOICE_RANDOM, .seed = seed};
    mg_dataset a = read_with(path, o);
    o.skip_bad = true;
    mg_dataset b = read_with(path, o);
    for (int k = 0; k < 3; k++) cr_assert(a.trajectory[k].id == b.trajectory[k].id);
  }
}

Test(bad_episodes, a_file_of_nothing_else_is_refused) {
  const char *path = scratch_path("bad.h5");
  hid_t file = craft_file(path), e = open_episode(file, "episode_0");
  craft_values(e, "observations", H5T_IEEE_F64LE, 4, 2, (double[]){NAN, 0, 0, 0, 0, 0, 0, 0});
  H5Gclose(e), H5Fclose(file);
  assert_refused_with(path, (mg_dataset_options){.skip_bad = true}, MG_ERR_DATA,
                      "none of its 1 episodes is left");
}

Test(bad_episodes, stay_out_of_a_conversion) {
  const char *layouts[] = {"minari", "gail"};
  for (int i = 0; i < 2; i++) {
    mg_convert_result result;
    mg_convert_options options = {.layout = layouts[i]};
    const char *to = scratch_path(i ? "gail.h5" : "minari.h5"), *from = craft_three_bad();
    cr_assert(mg_dataset_convert(from, to, &options, NULL, NULL, &result) == MG_ERR_DATA);
    cr_assert(access(to, F_OK) != 0 && strstr(mg_status_message(), "--skip-bad leaves such"));
    options.skip_bad = true;
    cr_assert(mg_dataset_convert(from, to, &options, NULL, NULL, &result) == MG_OK, "%s",
              mg_status_message());
    cr_assert(result.episodes == 2 && result.steps == 7);
    mg_dataset d = read_with(to, (mg_dataset_options){0});
    cr_assert(d.trajectories == 2 && d.trajectory[1].total_reward == 12);
  }
}

Test(bad_episodes, returns_that_overflow_are_refused) {
  const char *path = scratch_path("huge.h5");
  hid_t file = craft_file(path);
  craft_episode(file, 1, 1, 4, 1e308);
  H5Fclose(file);
  assert_refused_with(path, (mg_dataset_options){0}, MG_ERR_DATA,
                      "episode_1: its rewards sum to inf; expected a return within +-1e+150");
}

Test(bad_episodes, far_entries_and_constant_actions_are_remarked) {
  enum { STEPS = 400 };
  const char *path = scratch_path("far.h5");
  double observations[2 * (STEPS + 1)], actions[2 * STEPS];
  for (int i = 0; i < 2 * (STEPS + 1); i++) observations[i] = sin(i);
  for (int i = 0; i < 2 * STEPS; i++) actions[i] = i % 2 ? 0.25 : cos(i);
  observations[2 * 40 + 1] = 1e9, observations[2 * 50 + 1] = 9e8;
  hid_t file = craft_file(path);
  H5Ldelete(file, "episode_0", H5P_DEFAULT);
  craft_episode(file, 3, 3, STEPS, 1);
  hid_t e = open_episode(file, "episode_3");
  craft_values(e, "observations", H5T_IEEE_F64LE, STEPS + 1, 2, observations);
  craft_values(e, "actions", H5T_IEEE_F64LE, STEPS, 2, actions);
  H5Gclose(e), H5Fclose(file);
  mg_dataset d = read_with(path, (mg_dataset_options){0});
  cr_assert(strstr(d.remarks, "episode_3/observations[40,1] is 1e+09, "), "%s", d.remarks);
  cr_assert(strstr(d.remarks, "an entry of the action never varies in 400 steps: 1 (0.25)"), "%s",
            d.remarks);
  cr_assert(!strstr(d.remarks, ",0] is"), "%s", d.remarks);
}

/* Among their like no entry is far from the others. */
Test(bad_episodes, columns_too_large_to_calculate_with_are_remarked) {
  const char *path = scratch_path("large.h5");
  double observations[2 * (CRAFT_STEPS + 1)];
  for (int i = 0; i < 2 * (CRAFT_STEPS + 1); i++) observations[i] = i % 2 ? 1e200 * i : 1e15 * i;
  hid_t file = craft_file(path);
  hid_t e = open_episode(file, "episode_0");
  craft_values(e, "observations", H5T_IEEE_F64LE, CRAFT_STEPS + 1, 2, observations);
  H5Gclose(e), H5Fclose(file);
  mg_dataset d = read_with(path, (mg_dataset_options){0});
  cr_assert(strstr(d.remarks, "episode_0/observations[3,1] is 7e+200, more than training can "
                              "calculate with; expected at most 1e+18"),
            "%s", d.remarks);
  cr_assert(!strstr(d.remarks, ",0] is"), "%s", d.remarks);
}

/* ---- words ---- */

Test(bad_episodes, a_file_at_work_is_in_use) {
  const char *path = scratch_path("held.h5");
  H5Fclose(craft_file(path));
  int held = open(path, O_RDWR);
  cr_assert(flock(held, LOCK_EX) == 0);
  assert_refused_with(path, (mg_dataset_options){0}, MG_ERR_NO_INPUT, "in use by its writer");
  close(held);
  read_with(path, (mg_dataset_options){0});
}

static const mg_dataset_provenance PROVENANCE = {.env_id = "Hopper-v4",
                                                 .observation_size = 2,
                                                 .action_size = 1,
                                                 .program = "test",
                                                 .simulator = "none",
                                                 .policy = "mean action"};

/* Small enough to be stored unpacked, where HDF5 finds no flipped bit. */
static const char *record(void) {
  static double values[20];
  const char *path = scratch_path("recorded.h5");
  mg_dataset_writer *w;
  for (int i = 0; i < 20; i++) values[i] = 1 + i;
  cr_assert(mg_dataset_writer_create(path, &PROVENANCE, &w) == MG_OK);
  for (int k = 0; k < 2; k++) {
    const mg_trajectory t = {.steps = 4 + k,
                             .terminated = true,
                             .observations = values,
                             .actions = values + 1,
                             .rewards = values + 2};
    cr_assert(mg_dataset_writer_append(w, &t) == MG_OK);
  }
  cr_assert(mg_dataset_writer_close(w, true) == MG_OK, "%s", mg_status_message());
  return path;
}

Test(bad_episodes, a_newer_form_is_not_called_damaged) {
  const char *path = record();
  size_t length, at;
  unsigned char *bytes = file_read(path, &length);
  for (at = 20; memcmp(bytes + at, "FALSE\0\0\0TRUE", 12) != 0; at++) cr_assert(at < length - 12);
  /* The version of the type of the flags: before the names stand its head and its base type. */
  cr_assert(bytes[at - 20] == 0x18, "%x", bytes[at - 20]);
  bytes[at - 20] = 0x58;
  cr_assert(file_write(path, bytes, length));
  free(bytes);
  assert_refused_with(path, (mg_dataset_options){0}, MG_ERR_DATA,
                      "of a newer HDF5 than this program's");
  /* All others are of that form, too. */
  cr_assert(!strstr(mg_status_message(), "skip_bad"), "%s", mg_status_message());
}

/* ---- the checksum of the content ---- */

/* Flips a bit wherever this value stands; how often it does. */
static int flip_all(const char *path, double value) {
  size_t length;
  int flipped = 0;
  unsigned char *bytes = file_read(path, &length);
  for (size_t at = 0; at + sizeof value <= length; at++) {
    if (memcmp(bytes + at, &value, sizeof value) != 0) continue;
    const size_t place = at + (size_t)flipped++ % 6;
    bytes[place] ^= 4;
    cr_assert(file_write(path, bytes, length));
    assert_refused_with(path, (mg_dataset_options){0}, MG_ERR_DATA, "its content has the checksum");
    bytes[place] ^= 4;
  }
  cr_assert(file_write(path, bytes, length));
  free(bytes);
  return flipped;
}

Test(bad_episodes, a_flipped_bit_of_recorded_values_is_found) {
  const char *path = record();
  cr_assert(flip_all(path, 7) == 3, "both observations, and the longer episode's rewards");
  cr_assert(flip_all(path, 10) == 2, "both observations, of the shorter the last");
  cr_assert(flip_all(path, 3) == 6, "everywhere");
  read_with(path, (mg_dataset_options){0});
}

Test(bad_episodes, a_converted_file_has_the_checksum_of_what_is_read_back) {
  static const char *const layouts[] = {"minari", "d4rl", "gail", "robomimic"};
  const char *from = record();
  for (int i = 0; i < 4; i++) {
    mg_convert_result result;
    const char *to = scratch_path(layouts[i]);
    cr_assert(mg_dataset_convert(from, to, &(mg_convert_options){.layout = layouts[i]}, NULL, NULL,
                                 &result) == MG_OK);
    hid_t file = H5Fopen(to, H5F_ACC_RDWR, H5P_DEFAULT);
    cr_assert(H5Aexists(file, "content_checksum") > 0);
    H5Fclose(file);
    mg_dataset d = read_with(to, (mg_dataset_options){0});
    cr_assert(d.trajectories == 2 && d.trajectory[1].steps == 5);
  }
}
