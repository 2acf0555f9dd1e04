#include "envs/env.h"
#include "envs/trace/trace.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <hdf5.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of tasks without MuJoCo the traces of any release will do. */
static const char any_release[] = "3.3.7";

/* path <- what was recorded as `name` under a release. */
static void trace_path(const char *release, const char *name, char path[1024]) {
  const char *shared = getenv("MGAIL_SHARED");
  snprintf(path, 1024, "%s/conformance/mujoco-%s/%s.h5", shared ? shared : MG_SHARED_DIR, release,
           name);
}

static const char *release_in_use(void) {
  return strrchr(mg_env_simulator(), ' ') + 1;
}

/* path <- a trace of `name` that must replay exactly; false if there is none. */
static bool find_trace(const char *name, char path[1024]) {
  trace_path(release_in_use(), name, path);
  if (access(path, R_OK) == 0) return true;
  mg_env *env = NULL;
  bool discrete = mg_env_create(name, &env) == MG_OK && mg_env_get_spec(env)->discrete;
  mg_env_destroy(env);
  trace_path(any_release, name, path);
  return discrete && access(path, R_OK) == 0;
}

static void skip(const char *what) {
  cr_skip_test("no trace of %s recorded under %s; set MGAIL_SHARED", what, mg_env_simulator());
}

static mg_trace_report verify(const char *path) {
  mg_trace_report report;
  cr_assert_eq(mg_trace_verify(path, &report), MG_OK, "%s", mg_status_message());
  return report;
}

static void expect_exact(const char *path) {
  mg_trace_report r = verify(path);
  const char *name = strrchr(path, '/') + 1;
  cr_assert_eq(strncmp(r.id, name, strlen(r.id)), 0);
  cr_assert_eq(r.episode_count, 5);
  for (int f = 0; f < MG_TRACE_FIELD_COUNT; f++)
    cr_assert_eq(r.field[f].difference, 0, "%s: %s differs by %g in episode %d, step %d, entry %d",
                 path, mg_trace_field_name((mg_trace_field)f), r.field[f].difference,
                 r.field[f].episode, r.field[f].step, r.field[f].entry);
  long long steps = 0;
  for (int k = 0; k < r.episode_count; k++) steps += r.episodes[k].steps;
  cr_assert_eq(r.steps, steps);
  cr_assert_geq(steps, 200);
  mg_trace_report_free(&r);
}

/* Every trace of the release in use, whatever its task and arguments, and of the tasks without
 * MuJoCo those that it lacks. */
Test(trace, recorded_traces_replay_exactly) {
  char pattern[1024], path[1024];
  glob_t files;
  size_t found = 0;
  trace_path(release_in_use(), "*", pattern);
  if (glob(pattern, 0, NULL, &files) == 0) {
    for (size_t i = 0; i < files.gl_pathc; i++) expect_exact(files.gl_pathv[i]);
    found = files.gl_pathc;
    globfree(&files);
  }
  for (const char *const *id = mg_env_ids(); *id; id++) {
    if (!find_trace(*id, path) || strstr(path, release_in_use())) continue;
    expect_exact(path);
    found++;
  }
  if (!found) skip("any task");
}

/* ---- planted mistakes, in a copy of a trace ---- */

/* copy <- a temporary copy of the trace; skips the test if there is none. */
static void copy_trace(const char *name, char copy[64]) {
  char path[1024], buffer[65536];
  if (!find_trace(name, path)) skip(name);
  snprintf(copy, 64, "/tmp/mgail-test-XXXXXX");
  int out = mkstemp(copy);
  FILE *in = fopen(path, "rb");
  cr_assert(in && out >= 0);
  size_t n;
  while ((n = fread(buffer, 1, sizeof buffer, in)) > 0)
    cr_assert_eq(write(out, buffer, n), (ssize_t)n);
  fclose(in);
  close(out);
}

/* Adds `by` to element `i` of a dataset, in row-major order. */
static void change(const char *copy, const char *dataset, size_t i, double by) {
  hid_t file = H5Fopen(copy, H5F_ACC_RDWR, H5P_DEFAULT);
  hid_t set = H5Dopen2(file, dataset, H5P_DEFAULT), space = H5Dget_space(set);
  cr_assert(file >= 0 && set >= 0);
  size_t n = (size_t)H5Sget_simple_extent_npoints(space);
  double *x = malloc(n * sizeof *x);
  cr_assert(x && i < n);
  cr_assert_geq(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x), 0);
  x[i] += by;
  cr_assert_geq(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x), 0);
  free(x);
  H5Sclose(space);
  H5Dclose(set);
  H5Fclose(file);
}

/* The maximum stands where it was planted and no other field differs. */
static void expect_only(const char *copy, mg_trace_field field, double difference, int episode,
                        int step, int entry) {
  mg_trace_report r = verify(copy);
  for (int f = 0; f < MG_TRACE_FIELD_COUNT; f++) {
    mg_trace_maximum x = r.field[f];
    if (f == (int)field) {
      cr_assert_float_eq(x.difference, difference, 1e-9 * difference);
      cr_assert(x.episode == episode && x.step == step && x.entry == entry, "%s at %d/%d/%d",
                mg_trace_field_name(field), x.episode, x.step, x.entry);
      cr_assert_eq(memcmp(&r.episodes[episode].field[f], &x, sizeof x), 0);
      cr_assert_eq(mg_trace_report_worst(&r), x.difference);
    } else {
      cr_assert_eq(x.difference, 0, "%s", mg_trace_field_name((mg_trace_field)f));
      cr_assert(x.episode == -1 && x.step == -1 && x.entry == -1);
      cr_assert_eq(r.episodes[episode].field[f].step, -1);
    }
  }
  mg_trace_report_free(&r);
}

Test(trace, one_changed_number_is_found) {
  char copy[64];
  copy_trace("Hopper-v4", copy);
  change(copy, "episode_4/rewards", 777, 0.5);
  expect_only(copy, MG_TRACE_REWARD, 0.5, 4, 777, 0);
  unlink(copy);
  copy_trace("Hopper-v4", copy);
  change(copy, "episode_1/observations", 3 * 11 + 7, 0.25);
  expect_only(copy, MG_TRACE_OBSERVATION, 0.25, 1, 3, 7);
  unlink(copy);
  copy_trace("Hopper-v4", copy);
  change(copy, "episode_2/qvel", 5, -2);
  expect_only(copy, MG_TRACE_QVEL, 2, 2, 0, 5);
  unlink(copy);
  copy_trace("Hopper-v4", copy);
  change(copy, "episode_0/init_obs", 2, 1e-3);
  expect_only(copy, MG_TRACE_INITIAL_OBSERVATION, 1e-3, 0, 0, 2);
  unlink(copy);
  copy_trace("Hopper-v4", copy);
  change(copy, "episode_3/terminated", 1, 1);
  change(copy, "episode_3/terminated", 4, 1); /* of equal ones the first */
  expect_only(copy, MG_TRACE_TERMINATED, 1, 3, 1, 0);
  unlink(copy);
  copy_trace("Hopper-v4", copy);
  change(copy, "episode_4/truncated", 999, -1);
  expect_only(copy, MG_TRACE_TRUNCATED, 1, 4, 999, 0);
  unlink(copy);
  copy_trace("Hopper-v4", copy);
  change(copy, "episode_1/rewards", 2, NAN);
  mg_trace_report r = verify(copy);
  cr_assert(isinf(r.field[MG_TRACE_REWARD].difference));
  mg_trace_report_free(&r);
  unlink(copy);
}

Test(trace, a_moved_initial_state_is_found) {
  char copy[64];
  copy_trace("Hopper-v4", copy);
  change(copy, "episode_4/init_qpos", 2, 1e-12);
  mg_trace_report r = verify(copy);
  cr_assert_gt(r.field[MG_TRACE_OBSERVATION].difference, 0);
  cr_assert_eq(r.field[MG_TRACE_OBSERVATION].episode, 4);
  cr_assert_gt(r.field[MG_TRACE_REWARD].difference, 0);
  mg_trace_report_free(&r);
  unlink(copy);
}

Test(trace, a_moved_initial_state_grows_in_cartpole) {
  char copy[64];
  copy_trace("CartPole-v1", copy);
  change(copy, "episode_4/init_state", 2, 1e-12);
  mg_trace_report r = verify(copy);
  cr_assert_gt(r.field[MG_TRACE_QPOS].difference, 1e-3);
  cr_assert_eq(r.field[MG_TRACE_QPOS].episode, 4);
  mg_trace_report_free(&r);
  unlink(copy);
}

Test(trace, a_changed_action_is_found) {
  char copy[64];
  copy_trace("Hopper-v4", copy);
  change(copy, "episode_0/actions", 3 * 2, 1e-9);
  mg_trace_report r = verify(copy);
  cr_assert_gt(r.field[MG_TRACE_QPOS].difference, 0);
  cr_assert_geq(r.field[MG_TRACE_QPOS].step, 2);
  mg_trace_report_free(&r);
  unlink(copy);
}

/* ---- refusals ---- */

static void set_string(hid_t object, const char *name, const char *value) {
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, strlen(value) + 1);
  H5Adelete(object, name);
  hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  cr_assert_geq(H5Awrite(attribute, type, value), 0);
  H5Aclose(attribute);
  H5Sclose(space);
  H5Tclose(type);
}

static void expect_refusal(const char *path, mg_status status, const char *word) {
  mg_trace_report report;
  cr_assert_eq(mg_trace_verify(path, &report), status, "%s: %s", word, mg_status_message());
  cr_assert_not_null(strstr(mg_status_message(), word), "%s", mg_status_message());
  mg_trace_report_free(&report);
}

static void expect_refused_attribute(const char *object, const char *name, const char *value,
                                     mg_status status, const char *word) {
  char copy[64];
  copy_trace("Hopper-v4", copy);
  hid_t file = H5Fopen(copy, H5F_ACC_RDWR, H5P_DEFAULT);
  hid_t group = H5Oopen(file, object, H5P_DEFAULT);
  if (value)
    set_string(group, name, value);
  else
    H5Adelete(group, name);
  H5Oclose(group);
  H5Fclose(file);
  expect_refusal(copy, status, word);
  unlink(copy);
}

Test(trace, unknown_files_are_refused) {
  expect_refused_attribute("/", "layout", "conformance-2", MG_ERR_DATA, "conformance-2");
  expect_refused_attribute("/", "layout", NULL, MG_ERR_DATA, "layout");
  expect_refused_attribute("/", "kind", "quantum", MG_ERR_DATA, "quantum");
  expect_refused_attribute("/", "env_id", "Hopper-v9", MG_ERR_CONFIG, "Hopper-v9");
  expect_refused_attribute("/", "env_id", "CartPole-v0", MG_ERR_DATA, "kind");
  expect_refused_attribute("/episode_3", "env_kwargs", "{\"frame_skip\": 2}", MG_ERR_CONFIG,
                           "frame_skip");
  expect_refused_attribute("/", "nq", "six", MG_ERR_DATA, "nq");
}

static void delete_link(const char *copy, const char *name) {
  hid_t file = H5Fopen(copy, H5F_ACC_RDWR, H5P_DEFAULT);
  cr_assert_geq(H5Ldelete(file, name, H5P_DEFAULT), 0);
  H5Fclose(file);
}

Test(trace, incomplete_files_are_refused) {
  char copy[64];
  copy_trace("Hopper-v4", copy);
  delete_link(copy, "episode_2/rewards");
  expect_refusal(copy, MG_ERR_DATA, "episode_2/rewards");
  delete_link(copy, "episode_0");
  expect_refusal(copy, MG_ERR_DATA, "episode_0");
  cr_assert_eq(truncate(copy, 20000), 0);
  expect_refusal(copy, MG_ERR_DATA, copy);
  unlink(copy);
  expect_refusal(copy, MG_ERR_NO_INPUT, copy);
  expect_refusal("/tmp", MG_ERR_NO_INPUT, "/tmp");
}
