/* What people's files look like beside what the layouts ask for, and is read all the same. */
#include "demos/convert.h"
#include "files/h5_lzf.h"

#include "support/dataset_fixture.h"
#include "support/h5_craft.h"
#include "support/scratch_folder.h"
#include "support/zip_craft.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

TestSuite(habits, .init = dataset_setup, .fini = dataset_teardown);

static mg_dataset read_it(const char *path) {
  return read_with(path, (mg_dataset_options){0});
}

static void assert_refused(const char *path, mg_dataset_options options, const char *words) {
  assert_refused_with(path, options, MG_ERR_DATA, words);
}

static void assert_remark(const mg_dataset *d, const char *words) {
  cr_assert(strstr(d->remarks, words), "'%s' lacks '%s'", d->remarks, words);
}

/* Observations 0, 0.5, 1, ...; actions and rewards as craft_episode makes them. */
static void assert_good(const mg_dataset *d) {
  const mg_trajectory *t = d->trajectory;
  cr_assert(d->trajectories == 1 && t->steps == CRAFT_STEPS && t->terminated && !t->truncated);
  cr_assert(d->observation_size == CRAFT_OBSERVATION && d->action_size == CRAFT_ACTION);
  for (int i = 0; i < (CRAFT_STEPS + 1) * CRAFT_OBSERVATION; i++)
    cr_assert(t->observations[i] == 0.5 * i, "%d: %g", i, t->observations[i]);
  for (int i = 0; i < CRAFT_STEPS; i++) cr_assert(t->actions[i] == 0.5 * i && t->rewards[i] == 1);
}

/* A good file whose episode_0 is open. */
typedef struct opened {
  const char *path;
  hid_t file, episode;
} opened;

static opened begin(void) {
  opened o = {.path = scratch_path("set.h5")};
  o.file = craft_file(o.path);
  o.episode = H5Gopen2(o.file, "episode_0", H5P_DEFAULT);
  return o;
}

static const char *end(opened o) {
  H5Gclose(o.episode), H5Fclose(o.file);
  return o.path;
}

Test(habits, dimensions_of_size_one_are_passed_over) {
  const double ends[] = {0, 0, 1}, rewards[] = {1, 1, 1};
  double values[(CRAFT_STEPS + 1) * CRAFT_OBSERVATION];
  for (int i = 0; i < (CRAFT_STEPS + 1) * CRAFT_OBSERVATION; i++) values[i] = 0.5 * i;
  opened o = begin();
  craft_block(o.episode, "observations", H5T_IEEE_F32LE, 3,
              (hsize_t[]){CRAFT_STEPS + 1, 1, CRAFT_OBSERVATION}, values);
  craft_block(o.episode, "actions", H5T_IEEE_F32LE, 3, (hsize_t[]){CRAFT_STEPS, 1, 1}, values);
  craft_block(o.episode, "rewards", H5T_IEEE_F32LE, 2, (hsize_t[]){CRAFT_STEPS, 1}, rewards);
  craft_block(o.episode, "terminations", H5T_STD_U8LE, 2, (hsize_t[]){1, CRAFT_STEPS}, ends);
  mg_dataset d = read_it(end(o));
  assert_good(&d);
  assert_remark(&d, "episode_0/observations [4,1,2] is taken as [4,2], and others alike");
  cr_assert(!strchr(d.remarks, '\n'), "once: %s", d.remarks);
}

Test(habits, half_precision_is_read) {
  hid_t half = craft_half();
  opened o = begin();
  craft_array(o.episode, "observations", half, CRAFT_STEPS + 1, CRAFT_OBSERVATION, 0);
  H5Tclose(half);
  mg_dataset d = read_it(end(o));
  assert_good(&d);
}

/* As h5py packs: the chunk as plain bytes in runs of up to 32. */
static void write_lzf(hid_t group, const char *name, hsize_t rows, hsize_t columns) {
  hsize_t dims[2] = {rows, columns};
  const size_t bytes = (size_t)(rows * columns) * sizeof(double);
  double *values = calloc(1, bytes);
  uint8_t *packed = malloc(2 * bytes + 2);
  size_t n = 0;
  for (size_t i = 0; i < rows * columns; i++) values[i] = 0.5 * (double)i;
  for (size_t at = 0; at < bytes; at += 32) {
    const size_t run = bytes - at < 32 ? bytes - at : 32;
    packed[n++] = (uint8_t)(run - 1);
    memcpy(packed + n, (char *)values + at, run);
    n += run;
  }
  hid_t space = H5Screate_simple(2, dims, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 2, dims);
  H5Pset_filter(creation, MG_H5_FILTER_LZF, H5Z_FLAG_OPTIONAL, 3,
                (unsigned[]){4, 261, (unsigned)bytes});
  H5Ldelete(group, name, H5P_DEFAULT);
  hid_t data = H5Dcreate2(group, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  cr_assert(H5Dwrite_chunk(data, H5P_DEFAULT, 0, (hsize_t[]){0, 0}, n, packed) >= 0);
  H5Dclose(data), H5Pclose(creation), H5Sclose(space);
  free(values), free(packed);
}

Test(habits, lzf_is_read) {
  opened o = begin();
  write_lzf(o.episode, "observations", CRAFT_STEPS + 1, CRAFT_OBSERVATION);
  mg_dataset d = read_it(end(o));
  assert_good(&d);
}

Test(habits, lzf_unpacks_copies_and_refuses_nonsense) {
  uint8_t text[64];
  const uint8_t copies[] = {2, 'a', 'b', 'c', 3 << 5, 2, 7 << 5, 1, 0};
  cr_assert(mg_lzf_unpack(copies, sizeof copies, text, sizeof text) == 3 + 5 + 10);
  cr_assert(memcmp(text, "abcabcabbbbbbbbbbb", 18) == 0);
  cr_assert(mg_lzf_unpack(copies, sizeof copies, text, 17) == 0, "no room");
  cr_assert(mg_lzf_unpack(copies, 3, text, sizeof text) == 0, "ends early");
  cr_assert(mg_lzf_unpack(copies, 5, text, sizeof text) == 0, "ends within a copy");
  const uint8_t before[] = {0, 'a', 1 << 5, 1};
  cr_assert(mg_lzf_unpack(before, sizeof before, text, sizeof text) == 0, "before the start");
}

Test(habits, other_filters_name_the_remedy) {
  const hsize_t chunk[] = {CRAFT_STEPS};
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 1, chunk);
  H5Pset_scaleoffset(creation, H5Z_SO_FLOAT_DSCALE, 3);
  opened o = begin();
  craft_array(o.episode, "rewards", H5T_IEEE_F64LE, CRAFT_STEPS, 0, creation);
  H5Pclose(creation);
  assert_refused(end(o), (mg_dataset_options){0},
                 "rewards is packed by scale-offset; expected gzip, shuffle, fletcher32 or lzf: "
                 "rewrite it, h5repack -f GZIP=4 FILE NEW");
  cr_assert(!strstr(mg_status_message(), "skip_bad"), "all episodes are packed so");
}

/* Of the first one only: where it is good, another may well be bad alone. */
Test(habits, no_episode_is_left_out_for_what_all_of_them_are) {
  opened o = begin();
  craft_array(o.episode, "rewards", H5T_C_S1, CRAFT_STEPS, 0, H5P_DEFAULT);
  assert_refused(end(o), (mg_dataset_options){0}, "rewards is text");
  cr_assert(!strstr(mg_status_message(), "skip_bad"), "%s", mg_status_message());
  o = begin();
  craft_array(o.episode, "rewards", H5T_IEEE_F64LE, CRAFT_STEPS, 2, H5P_DEFAULT);
  assert_refused(end(o), (mg_dataset_options){0}, "rewards has 2 dimensions");
  cr_assert(!strstr(mg_status_message(), "skip_bad"), "%s", mg_status_message());
  o = begin();
  craft_episode(o.file, 1, 1, CRAFT_STEPS, 1);
  hid_t second = H5Gopen2(o.file, "episode_1", H5P_DEFAULT);
  craft_array(second, "rewards", H5T_C_S1, CRAFT_STEPS, 0, H5P_DEFAULT);
  H5Gclose(second);
  assert_refused(end(o), (mg_dataset_options){0}, "data.skip_bad = on leaves such episodes out");
}

Test(habits, missing_ids_are_the_names_numbers) {
  opened o = begin();
  craft_episode(o.file, 7, 7, 2, 1);
  H5Adelete(o.episode, "id");
  mg_dataset d = read_it(end(o));
  cr_assert(d.trajectories == 2 && d.trajectory[0].id == 0 && d.trajectory[1].id == 7);
  assert_remark(&d, "episode_0 has no attribute id");
}

static void set_number(hid_t object, const char *name, double value) {
  if (H5Aexists(object, name) > 0) H5Adelete(object, name);
  hid_t space = H5Screate(H5S_SCALAR);
  hid_t a = H5Acreate2(object, name, H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT);
  cr_assert(H5Awrite(a, H5T_NATIVE_DOUBLE, &value) >= 0);
  H5Aclose(a), H5Sclose(space);
}

Test(habits, whole_numbers_may_be_floats) {
  opened o = begin();
  set_number(o.episode, "id", 7), set_number(o.episode, "total_steps", CRAFT_STEPS);
  mg_dataset d = read_it(end(o));
  cr_assert(d.trajectory[0].id == 7);
  mg_convert_result result;
  const mg_convert_options options = {.layout = "minari"};
  cr_assert(mg_dataset_convert(scratch_path("set.h5"), scratch_path("to.h5"), &options, NULL, NULL,
                               &result) == MG_OK,
            "%s", mg_status_message());
  d = read_it(scratch_path("to.h5"));
  cr_assert(d.trajectory[0].id == 7);
  o = begin();
  set_number(o.episode, "id", 0.5);
  assert_refused(end(o), (mg_dataset_options){0}, "an attribute id that is not one whole number");
  o = begin();
  set_number(o.episode, "total_steps", CRAFT_STEPS + 1);
  assert_refused(end(o), (mg_dataset_options){0}, "its attribute total_steps says 4");
}

Test(habits, marks_within_an_episode_are_told_of_once) {
  const double ends[] = {0, 1, 1};
  opened o = begin();
  craft_values(o.episode, "terminations", H5T_STD_U8LE, CRAFT_STEPS, 0, ends);
  craft_values(o.episode, "truncations", H5T_STD_U8LE, CRAFT_STEPS, 0, ends);
  mg_dataset d = read_it(end(o));
  assert_remark(&d, "episode_0/terminations[1] is set before the episode's end, and passed over");
  cr_assert(!strstr(d.remarks, "truncations"), "%s", d.remarks);
}

/* Of observations [rows, 2] the first chunk of two rows alone is stored. */
static void write_first_chunk(hid_t group, const char *name, hsize_t rows) {
  const hsize_t dims[] = {rows, CRAFT_OBSERVATION}, chunk[] = {2, CRAFT_OBSERVATION};
  const double values[2 * CRAFT_OBSERVATION] = {1, 2, 3, 4};
  hid_t space = H5Screate_simple(2, dims, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 2, chunk);
  H5Ldelete(group, name, H5P_DEFAULT);
  hid_t data = H5Dcreate2(group, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  hid_t memory = H5Screate_simple(2, chunk, NULL);
  H5Sselect_hyperslab(space, H5S_SELECT_SET, (hsize_t[]){0, 0}, NULL, chunk, NULL);
  cr_assert(H5Dwrite(data, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, values) >= 0);
  H5Dclose(data), H5Pclose(creation), H5Sclose(space), H5Sclose(memory);
}

Test(habits, observations_written_in_part_are_refused) {
  opened o = begin();
  write_first_chunk(o.episode, "observations", CRAFT_STEPS + 1);
  assert_refused(end(o), (mg_dataset_options){0},
                 "episode_0/observations was written in part: 1 of its 2 chunks was never stored");
}

/* The dataset is made, and nothing stored. */
static void create_only(hid_t group, const char *name, hsize_t rows) {
  hid_t space = H5Screate_simple(1, &rows, NULL);
  if (H5Lexists(group, name, H5P_DEFAULT) > 0) H5Ldelete(group, name, H5P_DEFAULT);
  H5Dclose(H5Dcreate2(group, name, H5T_STD_I8LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Sclose(space);
}

Test(habits, flags_may_be_floats_or_never_written) {
  const double ends[] = {0, 0, 1};
  opened o = begin();
  craft_values(o.episode, "terminations", H5T_IEEE_F32LE, CRAFT_STEPS, 0, ends);
  create_only(o.episode, "truncations", CRAFT_STEPS);
  mg_dataset d = read_it(end(o));
  assert_good(&d);
  o = begin();
  create_only(o.episode, "rewards", CRAFT_STEPS);
  assert_refused(end(o), (mg_dataset_options){0}, "rewards was never written");
}

/* ---- robomimic's masks ---- */

static void craft_mask(hid_t file, const char *name, const char *listed, hsize_t n) {
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate_simple(1, &n, NULL);
  H5Tset_size(type, 8);
  hid_t data = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, listed);
  H5Dclose(data), H5Sclose(space), H5Tclose(type);
}

static const char *craft_masked(void) {
  const char *path = scratch_path("masked.h5");
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  hid_t data = H5Gcreate2(file, "data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  for (int k = 0; k < 3; k++) {
    char name[16];
    snprintf(name, sizeof name, "demo_%d", k);
    hid_t demo = H5Gcreate2(data, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    hid_t obs = H5Gcreate2(demo, "obs", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    craft_array(obs, "flat", H5T_IEEE_F64LE, 4, 2, 0);
    craft_array(demo, "actions", H5T_IEEE_F64LE, 4, 1, 0);
    if (k == 1) craft_values(demo, "actions", H5T_IEEE_F64LE, 4, 2, (double[8]){0}); /* bad */
    craft_array(demo, "rewards", H5T_IEEE_F64LE, 4, 0, 0);
    H5Gclose(obs), H5Gclose(demo);
  }
  H5Gclose(H5Gcreate2(file, "mask", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  craft_mask(file, "mask/train", "demo_2\0\0demo_0\0\0", 2);
  craft_mask(file, "mask/wrong", "demo_9\0\0", 1);
  H5Gclose(data), H5Fclose(file);
  return path;
}

Test(habits, a_mask_chooses_episodes_by_name) {
  const char *path = craft_masked();
  mg_dataset d = read_with(path, (mg_dataset_options){.mask = "train", .skip_bad = true});
  cr_assert(d.trajectories == 2 && d.trajectory[0].id == 0 && d.trajectory[1].id == 2);
  cr_assert(d.skipped == 0, "what is not on the list is not counted");
  d = read_with(path, (mg_dataset_options){.skip_bad = true});
  cr_assert(d.skipped == 1 && strcmp(d.skipped_names, "demo_1") == 0);
  assert_remark(&d, "has masks (train, wrong) and all episodes are taken; data.mask chooses");
  assert_refused(path, (mg_dataset_options){.mask = "valid", .skip_bad = true},
                 "mask/valid is no list of names; expected data.mask to be one of: train, wrong");
  assert_refused(path, (mg_dataset_options){.mask = "wrong", .skip_bad = true},
                 "mask/wrong lists demo_9, which is not there");
  opened o = begin();
  assert_refused(end(o), (mg_dataset_options){.mask = "train"}, "has no mask 'train'");
}

/* ---- OpenAI's baselines: [E,T,...], padded with zeros ---- */

static const char *craft_baselines(bool padded, const char *descr) {
  enum { E = 2, T = 3, D = 2 };
  double obs[E * T * D], acs[E * T], rews[E * T];
  for (int i = 0; i < E * T * D; i++) obs[i] = 1 + i;
  for (int i = 0; i < E * T; i++) acs[i] = -1 - i, rews[i] = 10 + i;
  if (padded) obs[10] = obs[11] = acs[5] = rews[5] = 0;
  acs[1] = obs[2] = obs[3] = rews[1] = 0; /* within an episode: no padding */
  const craft_member members[] = {
      {"obs.npy", descr, "(2, 3, 2)", false, sizeof obs},
      {"acs.npy", descr, "(2, 3, 1, 1)", false, sizeof acs},
      {"rews.npy", descr, "(2, 3)", false, sizeof rews},
  };
  const char *path = scratch_path("baselines.npz");
  craft_zip_values(path, members, (const void *const[]){obs, acs, rews}, 3);
  return path;
}

Test(habits, the_archive_of_baselines_is_read) {
  mg_dataset d = read_it(craft_baselines(false, "'<f8'"));
  const mg_trajectory *t = d.trajectory;
  cr_assert(d.trajectories == 2 && t[0].steps == 3 && t[1].steps == 3 && t[1].truncated);
  cr_assert(d.observation_size == 2 && d.action_size == 1 && !d.final_observation && d.rewards);
  cr_assert(t[1].observations[0] == 7 && t[1].actions[2] == -6 && t[1].total_reward == 42);
  d = read_it(craft_baselines(true, "'<f8'"));
  cr_assert(d.trajectory[0].steps == 3 && d.trajectory[1].steps == 2);
  cr_assert(d.trajectory[1].terminated && d.trajectory[0].truncated);
  assert_remark(&d, "1 of 2 episodes is shorter than 3 steps");
  assert_refused(craft_baselines(false, "'|O'"), (mg_dataset_options){0},
                 "obs and acs hold Python objects (a pickle), which are never read; expected "
                 "[episodes, steps, size]");
}

Test(habits, a_folder_is_the_data_set_in_it) {
  char folder[1024], file[1100], metadata[1100];
  snprintf(folder, sizeof folder, "%s", scratch_path("set-v0"));
  mkdir(folder, 0700);
  snprintf(file, sizeof file, "%s/data", folder);
  mkdir(file, 0700);
  snprintf(metadata, sizeof metadata, "%s/data/metadata.json", folder);
  static const char arrow[] = "{\"data_format\": \"arrow\"}";
  cr_assert(file_write(metadata, arrow, strlen(arrow)));
  assert_refused(folder, (mg_dataset_options){0}, "Minari data set in Arrow files");
  snprintf(file, sizeof file, "%s/data/main_data.hdf5", folder);
  H5Fclose(craft_file(file));
  mg_dataset d = read_it(folder);
  assert_good(&d);
}
