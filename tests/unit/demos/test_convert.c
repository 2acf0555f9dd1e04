/* Conversions between layouts: there and back, and what is refused. */
#include "demos/convert.h"
#include "demos/dataset.h"

#include "support/h5_craft.h"
#include "support/h5_same.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void setup(void) {
  scratch_make();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

TestSuite(convert, .init = setup, .fini = scratch_remove);

static void add_text(hid_t object, const char *name, const char *text, size_t size) {
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, size ? size : H5T_VARIABLE);
  if (!size) H5Tset_cset(type, H5T_CSET_UTF8);
  if (size) H5Tset_strpad(type, H5T_STR_NULLPAD);
  hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attribute, type, size ? (const void *)text : (const void *)&text);
  H5Aclose(attribute), H5Sclose(space), H5Tclose(type);
}

static void add_attribute(hid_t object, const char *name, hid_t type, hid_t memory, int rank,
                          const void *value) {
  hid_t space = rank < 0    ? H5Screate(H5S_NULL)
                : rank == 0 ? H5Screate(H5S_SCALAR)
                            : H5Screate_simple(1, (hsize_t[]){3}, NULL);
  hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  if (rank >= 0) H5Awrite(attribute, memory, value);
  H5Aclose(attribute), H5Sclose(space);
}

static hid_t make_boolean(void) {
  hid_t type = H5Tenum_create(H5T_STD_I8LE);
  H5Tenum_insert(type, "FALSE", &(int8_t){0});
  H5Tenum_insert(type, "TRUE", &(int8_t){1});
  return type;
}

static void write_flags(hid_t group, const char *name, hsize_t steps, bool last) {
  hid_t type = make_boolean(), space = H5Screate_simple(1, &steps, NULL);
  int8_t *flags = calloc(steps, 1);
  flags[steps - 1] = last;
  hid_t data = H5Dcreate2(group, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, flags);
  free(flags);
  H5Dclose(data), H5Sclose(space), H5Tclose(type);
}

/* A number of everything that an episode of Minari's may carry. */
static void craft_rich(hid_t file, int k, int64_t id, hsize_t steps, bool discrete) {
  char name[32];
  snprintf(name, sizeof name, "episode_%d", k);
  hid_t e = H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  int64_t seed = 1000 + k, options[3] = {k, 2, 3};
  float total = 2.5F;
  add_attribute(e, "id", H5T_STD_I64LE, H5T_NATIVE_INT64, 0, &id);
  add_attribute(e, "total_steps", H5T_STD_I32LE, H5T_NATIVE_INT64, 0, &(int64_t){(int64_t)steps});
  add_attribute(e, "seed", H5T_STD_U64LE, H5T_NATIVE_INT64, 0, &seed);
  add_attribute(e, "options/low", H5T_STD_I16LE, H5T_NATIVE_INT64, 1, options);
  add_attribute(e, "measure", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, 0, &total);
  add_attribute(e, "nothing", H5T_IEEE_F64LE, 0, -1, NULL);
  craft_array(e, "observations", H5T_IEEE_F32LE, steps + 1, 2, 0);
  if (discrete) {
    double *choices = calloc(steps, sizeof *choices);
    for (hsize_t i = 0; i < steps; i++) choices[i] = (double)(i % 3);
    craft_values(e, "actions", H5T_STD_I32LE, steps, 0, choices);
    free(choices);
  } else {
    craft_array(e, "actions", H5T_IEEE_F64LE, steps, 1, 0);
  }
  craft_array(e, "rewards", H5T_IEEE_F32LE, steps, 0, 0);
  write_flags(e, "terminations", steps, k % 2 == 0);
  write_flags(e, "truncations", steps, k % 2 == 1);
  hid_t infos = H5Gcreate2(e, "infos", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  craft_array(infos, "qpos", H5T_IEEE_F64LE, steps + 1, 3, 0);
  craft_array(infos, "time", H5T_IEEE_F32LE, steps, 0, 0);
  write_flags(infos, "touch", steps + 1, true);
  craft_array(infos, "odd", H5T_STD_U16LE, 2 * steps + 5, 0, 0);
  hid_t deeper = H5Gcreate2(infos, "deeper", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (k != 1) craft_array(deeper, "sometimes", H5T_STD_I8LE, steps + 1, 2, 0);
  if (k == 2) craft_array(deeper, "late", H5T_IEEE_F64LE, steps, 0, 0);
  craft_array(deeper, "width", H5T_IEEE_F64LE, steps + 1, (hsize_t)k + 1, 0);
  add_text(deeper, "unit", "m", 0);
  H5Gclose(H5Gcreate2(infos, "empty", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Gclose(deeper), H5Gclose(infos), H5Gclose(e);
}

static const char METADATA[] = "{\"total_episodes\": 3, \"dataset_id\": \"a/b-v0\"}";

static const char *craft_minari(bool discrete, bool contiguous_ids) {
  const char *path = scratch_path("in.h5");
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  add_text(file, "env_id", "Hopper-v4", 0);
  add_text(file, "fixed", "four\0\0", 6);
  double mean = 12.5;
  add_attribute(file, "return_mean", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 0, &mean);
  craft_array(file, "policy", H5T_IEEE_F32LE, 5, 2, 0);
  craft_rich(file, 0, 0, 4, discrete);
  craft_rich(file, contiguous_ids ? 1 : 4, contiguous_ids ? 1 : 4, 600, discrete);
  craft_rich(file, contiguous_ids ? 2 : 7, contiguous_ids ? 2 : 7, 1, discrete);
  H5Fclose(file);
  cr_assert(file_write(scratch_path("in.metadata.json"), METADATA, strlen(METADATA)));
  return path;
}

static mg_convert_result convert(const char *from, const char *to, const char *layout) {
  mg_convert_result result;
  const mg_convert_options options = {.layout = layout};
  mg_status status = mg_dataset_convert(from, to, &options, NULL, NULL, &result);
  cr_assert(status == MG_OK, "%s to %s: %s", from, to, mg_status_message());
  return result;
}

/* The checksum is of content that may have been crafted without. */
static void forget_checksum(const char *path) {
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  if (H5Aexists(file, "content_checksum") > 0) H5Adelete(file, "content_checksum");
  H5Fclose(file);
}

static void assert_same(const char *a, const char *b) {
  char what[600];
  forget_checksum(a), forget_checksum(b);
  cr_assert(h5_same(a, b, what, sizeof what), "%s and %s differ: %s", a, b, what);
}

Test(convert, minari_there_and_back_loses_nothing) {
  static const char *const layouts[] = {"minari", "d4rl", "gail", "robomimic"};
  for (int form = 0; form < 4; form++) {
    for (int i = 0; i < 4; i++) {
      char there[1024], back[1024], metadata[1024];
      const char *in = craft_minari(form & 1, form & 2);
      snprintf(there, sizeof there, "%s_%d_%d.h5", scratch_path("there"), form, i);
      snprintf(back, sizeof back, "%s_%d_%d.h5", scratch_path("back"), form, i);
      mg_convert_result r = convert(in, there, layouts[i]);
      cr_assert(r.episodes == 3 && r.steps == 605 && strcmp(r.from, "minari") == 0 &&
                strcmp(r.to, layouts[i]) == 0);
      r = convert(there, back, NULL);
      cr_assert(r.episodes == 3 && strcmp(r.from, layouts[i]) == 0 && strcmp(r.to, "minari") == 0);
      assert_same(in, back);
      size_t length;
      snprintf(metadata, sizeof metadata, "%s_%d_%d.metadata.json", scratch_path("back"), form, i);
      unsigned char *text = file_read(metadata, &length);
      cr_assert(text && length == strlen(METADATA) && memcmp(text, METADATA, length) == 0);
      free(text);
    }
  }
}

static const char *craft_d4rl(bool next) {
  enum { ROWS = 9 };
  const char *path = scratch_path("d4rl.h5");
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  double rows[2 * ROWS];
  for (int i = 0; i < 2 * ROWS; i++) rows[i] = i;
  craft_values(file, "observations", H5T_IEEE_F32LE, ROWS, 2, rows);
  for (int i = 0; i < 2 * ROWS; i++) rows[i] = i + 2;
  if (next) craft_values(file, "next_observations", H5T_IEEE_F32LE, ROWS, 2, rows);
  craft_array(file, "actions", H5T_IEEE_F32LE, ROWS, 3, 0);
  craft_array(file, "rewards", H5T_IEEE_F64LE, ROWS, 0, 0);
  hid_t infos = H5Gcreate2(file, "infos", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  craft_array(infos, "qpos", H5T_IEEE_F64LE, ROWS, 3, 0);
  hid_t metadata = H5Gcreate2(file, "metadata", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  craft_array(metadata, "weights", H5T_IEEE_F64LE, 4, 3, 0);
  add_text(metadata, "algorithm", "SAC", 0);
  H5Gclose(infos), H5Gclose(metadata);
  hid_t type = make_boolean(), space = H5Screate_simple(1, (hsize_t[]){ROWS}, NULL);
  for (int i = 0; i < 2; i++) {
    const int8_t flags[2][ROWS] = {{0, 0, 1, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 1, 0, 0, 1}};
    hid_t data = H5Dcreate2(file, i ? "timeouts" : "terminals", type, space, H5P_DEFAULT,
                            H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, flags[i]);
    H5Dclose(data);
  }
  H5Tclose(type), H5Sclose(space), H5Fclose(file);
  return path;
}

Test(convert, d4rl_there_and_back_loses_nothing) {
  static const char *const layouts[] = {"minari", "d4rl", "gail", "robomimic"};
  for (int next = 0; next < 2; next++) {
    for (int i = 0; i < 4; i++) {
      char there[1024], back[1024];
      snprintf(there, sizeof there, "%s_%d_%d.h5", scratch_path("there"), next, i);
      snprintf(back, sizeof back, "%s_%d_%d.h5", scratch_path("back"), next, i);
      const char *in = craft_d4rl(next);
      cr_assert(convert(in, there, layouts[i]).episodes == 3);
      convert(there, back, "d4rl");
      assert_same(in, back);
    }
  }
}

static mg_dataset read_file(const char *path, mg_arena *arena) {
  mg_dataset d;
  cr_assert(mg_dataset_read(path, &(mg_dataset_options){0}, arena, &d) == MG_OK, "%s",
            mg_status_message());
  return d;
}

Test(convert, what_stands_in_for_the_last_observation_is_known_as_such) {
  static const char *const layouts[] = {"minari", "gail", "robomimic", "imitation", "sb2"};
  mg_arena *arena = mg_arena_create();
  for (int i = 0; i < 5; i++) {
    char there[1024], back[1024];
    snprintf(there, sizeof there, "%s%d%s", scratch_path("there"), i, i < 3 ? ".h5" : ".npz");
    snprintf(back, sizeof back, "%s%d.h5", scratch_path("back"), i);
    convert(craft_d4rl(false), there, layouts[i]);
    mg_dataset d = read_file(there, arena);
    cr_assert(!d.final_observation, "%s", layouts[i]);
    cr_assert(d.trajectories == 3 && d.trajectory[0].observations[6] == 4);
    convert(there, back, "d4rl");
    hid_t file = H5Fopen(back, H5F_ACC_RDONLY, H5P_DEFAULT);
    cr_assert(H5Lexists(file, "next_observations", H5P_DEFAULT) == 0, "%s", layouts[i]);
    H5Fclose(file);
    snprintf(there, sizeof there, "%s%d%s", scratch_path("true"), i, i < 3 ? ".h5" : ".npz");
    convert(craft_d4rl(true), there, layouts[i]);
    cr_assert(read_file(there, arena).final_observation == (i != 4), "%s", layouts[i]);
  }
  mg_arena_destroy(arena);
}

Test(convert, missing_rewards_stay_missing) {
  static const char *const layouts[] = {"minari", "gail", "robomimic", "imitation", "sb2", "d4rl"};
  mg_arena *arena = mg_arena_create();
  const char *in = craft_d4rl(true);
  hid_t file = H5Fopen(in, H5F_ACC_RDWR, H5P_DEFAULT);
  H5Ldelete(file, "rewards", H5P_DEFAULT);
  H5Fclose(file);
  for (int i = 0; i < 6; i++) {
    char there[1024];
    snprintf(there, sizeof there, "%s%d%s", scratch_path("there"), i,
             i == 3 || i == 4 ? ".npz" : ".h5");
    convert(in, there, layouts[i]);
    mg_dataset d = read_file(there, arena);
    cr_assert(!d.rewards && d.trajectory[1].rewards[0] == 0, "%s", layouts[i]);
  }
  mg_arena_destroy(arena);
}

Test(convert, archives_hold_the_same_trajectories) {
  static const char *const layouts[] = {"sb2", "imitation"};
  mg_arena *arena = mg_arena_create();
  for (int form = 0; form < 2; form++) {
    const char *in = craft_minari(form, true);
    mg_dataset a = read_file(in, arena);
    for (int i = 0; i < 2; i++) {
      char there[1024];
      snprintf(there, sizeof there, "%s%d%d.npz", scratch_path("there"), form, i);
      convert(in, there, layouts[i]);
      mg_dataset b = read_file(there, arena);
      cr_assert(a.discrete == b.discrete && a.trajectories == b.trajectories);
      for (int k = 0; k < 3; k++) {
        const mg_trajectory *x = &a.trajectory[k], *y = &b.trajectory[k];
        size_t n = (size_t)x->steps;
        cr_assert(x->steps == y->steps && x->total_reward == y->total_reward);
        cr_assert(memcmp(x->observations, y->observations, 2 * (n + (i == 1)) * 8) == 0);
        cr_assert(memcmp(x->actions, y->actions, n * 8) == 0);
        if (i == 1) cr_assert(x->terminated == y->terminated && x->truncated == y->truncated);
      }
    }
  }
  mg_arena_destroy(arena);
}

static void assert_refused(const char *in, const char *out, const char *layout, mg_status expected,
                           const char *words) {
  mg_convert_result result;
  const mg_convert_options options = {.layout = layout};
  int before = scratch_count();
  mg_status status = mg_dataset_convert(in, out, &options, NULL, NULL, &result);
  cr_assert(status == expected, "status %d: %s", status, mg_status_message());
  cr_assert(strstr(mg_status_message(), words), "'%s' lacks '%s'", mg_status_message(), words);
  cr_assert(scratch_count() == before, "something was left behind");
}

static bool stop(void) {
  return true;
}

Test(convert, refusals_leave_nothing_behind) {
  char in[1024], out[1024]; /* scratch_path's texts do not last */
  snprintf(in, sizeof in, "%s", craft_minari(false, true));
  snprintf(out, sizeof out, "%s", scratch_path("out.h5"));
  assert_refused(scratch_path("none.h5"), out, NULL, MG_ERR_NO_INPUT, "No such file");
  assert_refused(in, in, NULL, MG_ERR_CREATE, "exists; give another name");
  assert_refused(in, out, "hdf", MG_ERR_USAGE, "expected one of minari, d4rl, gail");
  assert_refused(in, scratch_path("no/out.h5"), NULL, MG_ERR_CREATE, "cannot be created");
  cr_assert(file_write(scratch_path("out.metadata.json"), "{}", 2));
  assert_refused(in, out, NULL, MG_ERR_CREATE, "out.metadata.json: exists");
  hid_t file = H5Fopen(in, H5F_ACC_RDWR, H5P_DEFAULT), e = H5Gopen2(file, "episode_2", H5P_DEFAULT);
  craft_array(e, "rewards", H5T_IEEE_F64LE, 2, 0, 0);
  H5Gclose(e), H5Fclose(file);
  assert_refused(in, scratch_path("b.h5"), NULL, MG_ERR_DATA, "rewards has 2 rows");
  file = H5Fopen(in, H5F_ACC_RDWR, H5P_DEFAULT), e = H5Gopen2(file, "episode_2", H5P_DEFAULT);
  craft_values(e, "rewards", H5T_IEEE_F64LE, 1, 0, (double[]){1.0 / 0.0});
  H5Gclose(e), H5Fclose(file);
  assert_refused(in, scratch_path("b.h5"), NULL, MG_ERR_DATA, "rewards[0] is infinite");
  assert_refused(in, scratch_path("b.npz"), NULL, MG_ERR_DATA, "rewards[0] is infinite");
}

Test(convert, ends_marked_in_the_middle_are_refused) {
  const char *in = craft_minari(false, true);
  hid_t file = H5Fopen(in, H5F_ACC_RDWR, H5P_DEFAULT), e = H5Gopen2(file, "episode_0", H5P_DEFAULT);
  craft_values(e, "terminations", H5T_STD_I8LE, 4, 0, (double[]){0, 1, 1, 1});
  H5Gclose(e), H5Fclose(file);
  assert_refused(in, scratch_path("b.h5"), "d4rl", MG_ERR_DATA,
                 "terminations[1] is set before the episode's end (2 are so)");
}

Test(convert, a_request_to_stop_leaves_nothing_behind) {
  const char *in = craft_minari(false, true);
  mg_convert_result result;
  const mg_convert_options options = {.stopped = stop};
  int before = scratch_count();
  cr_assert(mg_dataset_convert(in, scratch_path("out.h5"), &options, NULL, NULL, &result) ==
            MG_ERR_STOPPED);
  cr_assert(scratch_count() == before);
}

static void expect_remark(void *user, mg_note_kind kind, const char *name, const char *text) {
  (void)name;
  if (kind == MG_NOTE_REMARK && strstr(text, "neither numbers nor text")) ++*(int *)user;
}

Test(convert, what_cannot_be_taken_along_is_remarked_on) {
  const char *in = craft_minari(false, true);
  hid_t file = H5Fopen(in, H5F_ACC_RDWR, H5P_DEFAULT), type = H5Tcreate(H5T_COMPOUND, 8);
  H5Tinsert(type, "a", 0, H5T_IEEE_F64LE);
  craft_values(file, "compound", type, 2, 0, NULL);
  add_attribute(file, "compound", type, type, 0, &(double){1});
  H5Tclose(type), H5Fclose(file);
  mg_convert_result result;
  int remarks = 0;
  cr_assert(mg_dataset_convert(in, scratch_path("out.h5"), &(mg_convert_options){0}, expect_remark,
                               &remarks, &result) == MG_OK);
  cr_assert(remarks == 2, "%d", remarks);
}
