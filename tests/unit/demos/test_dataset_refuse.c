/* What the reader of expert files must refuse, each with its sentence, and must survive. */
#include "demos/dataset.h"

#include "base/rng.h"
#include "support/h5_craft.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void setup(void) {
  scratch_make();
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

TestSuite(dataset_refuse, .init = setup, .fini = scratch_remove);

static mg_status read_file(const char *path, uint64_t max_bytes) {
  mg_arena *arena = mg_arena_create();
  mg_dataset dataset;
  mg_dataset_options options = {.max_bytes = max_bytes};
  mg_status status = mg_dataset_read(path, &options, arena, &dataset);
  mg_arena_destroy(arena);
  return status;
}

static void assert_refused(const char *path, mg_status expected, const char *words) {
  mg_status status = read_file(path, 1 << 24);
  cr_assert(status == expected, "%s: status %d: %s; expected '%s'", path, status,
            status ? mg_status_message() : "", words);
  cr_assert(strstr(mg_status_message(), words), "'%s' lacks '%s'", mg_status_message(), words);
}

/* ---- crafted files: mutate(group of episode_0, file) on a good one ---- */

static void no_rewards(hid_t e, hid_t f) {
  (void)f;
  H5Ldelete(e, "rewards", H5P_DEFAULT);
}
static void no_episodes(hid_t e, hid_t f) {
  (void)e;
  H5Ldelete(f, "episode_0", H5P_DEFAULT);
}
static void zero_length(hid_t e, hid_t f) {
  (void)e;
  craft_episode(f, 1, 1, 0, 1);
}
static void same_id(hid_t e, hid_t f) {
  (void)e;
  craft_episode(f, 7, 0, 2, 1);
}
static void few_rows(hid_t e, hid_t f) {
  (void)f;
  craft_array(e, "observations", H5T_IEEE_F64LE, CRAFT_STEPS, CRAFT_OBSERVATION, 0);
}
static void short_rewards(hid_t e, hid_t f) {
  (void)f;
  craft_array(e, "rewards", H5T_IEEE_F64LE, CRAFT_STEPS - 1, 0, 0);
}
static void wide_rewards(hid_t e, hid_t f) {
  (void)f;
  craft_array(e, "rewards", H5T_IEEE_F64LE, CRAFT_STEPS, 2, 0);
}
static void other_size(hid_t e, hid_t f) {
  (void)e;
  craft_episode(f, 1, 1, 2, 1);
  hid_t group = H5Gopen2(f, "episode_1", H5P_DEFAULT);
  craft_array(group, "observations", H5T_IEEE_F64LE, 3, 5, 0);
  H5Gclose(group);
}
static void other_kind(hid_t e, hid_t f) {
  (void)e;
  craft_episode(f, 1, 1, 2, 1);
  hid_t group = H5Gopen2(f, "episode_1", H5P_DEFAULT);
  craft_array(group, "actions", H5T_STD_I64LE, 2, 0, 0);
  H5Gclose(group);
}
static void integer_observations(hid_t e, hid_t f) {
  (void)f;
  craft_array(e, "observations", H5T_STD_I32LE, CRAFT_STEPS + 1, CRAFT_OBSERVATION, 0);
}
static void brain_observations(hid_t e, hid_t f) {
  (void)f;
  hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 7, 8, 0, 7);
  H5Tset_size(type, 2);
  craft_array(e, "observations", type, CRAFT_STEPS + 1, CRAFT_OBSERVATION, 0);
  H5Tclose(type);
}
static void text_rewards(hid_t e, hid_t f) {
  (void)f;
  craft_values(e, "rewards", H5T_C_S1, CRAFT_STEPS, 0, NULL);
}
static void vlen_actions(hid_t e, hid_t f) {
  (void)f;
  hid_t type = H5Tvlen_create(H5T_IEEE_F64LE);
  craft_values(e, "actions", type, CRAFT_STEPS, 0, NULL);
  H5Tclose(type);
}
static void compound_actions(hid_t e, hid_t f) {
  (void)f;
  hid_t type = H5Tcreate(H5T_COMPOUND, 8);
  H5Tinsert(type, "a", 0, H5T_IEEE_F64LE);
  craft_values(e, "actions", type, CRAFT_STEPS, 0, NULL);
  H5Tclose(type);
}
static void flag_of_two(hid_t e, hid_t f) {
  (void)f;
  craft_values(e, "terminations", H5T_STD_I8LE, CRAFT_STEPS, 0, (double[]){0, 2, 1});
}
static void float_flags(hid_t e, hid_t f) {
  (void)f;
  craft_values(e, "terminations", H5T_IEEE_F64LE, CRAFT_STEPS, 0, (double[]){0, 0.5, 1});
}
static void negative_choice(hid_t e, hid_t f) {
  (void)f;
  craft_values(e, "actions", H5T_STD_I64LE, CRAFT_STEPS, 0, (double[]){0, 1, -1});
}
static void nan_observation(hid_t e, hid_t f) {
  (void)f;
  craft_values(e, "observations", H5T_IEEE_F32BE, CRAFT_STEPS + 1, CRAFT_OBSERVATION,
               (double[]){0, 0, 0, 0, 0, NAN, NAN, 0});
}
static void infinite_reward(hid_t e, hid_t f) {
  (void)e;
  craft_episode(f, 4, 4, 2, INFINITY);
}
static void wrong_total(hid_t e, hid_t f) {
  (void)f;
  hid_t space = H5Screate(H5S_SCALAR);
  hid_t attribute = H5Acreate2(e, "total_steps", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
  int64_t total = CRAFT_STEPS + 1;
  H5Awrite(attribute, H5T_NATIVE_INT64, &total);
  H5Aclose(attribute);
  H5Sclose(space);
}
static void group_for_dataset(hid_t e, hid_t f) {
  (void)f;
  H5Ldelete(e, "observations", H5P_DEFAULT);
  H5Gclose(H5Gcreate2(e, "observations", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}
static void soft_link(hid_t e, hid_t f) {
  (void)f;
  H5Lmove(e, "rewards", e, "elsewhere", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("elsewhere", e, "rewards", H5P_DEFAULT, H5P_DEFAULT);
}
static void external_link(hid_t e, hid_t f) {
  (void)f;
  H5Ldelete(e, "rewards", H5P_DEFAULT);
  H5Lcreate_external("other.h5", "/episode_0/rewards", e, "rewards", H5P_DEFAULT, H5P_DEFAULT);
}
static void external_episode(hid_t e, hid_t f) {
  (void)e;
  H5Lcreate_external("other.h5", "/episode_0", f, "episode_1", H5P_DEFAULT, H5P_DEFAULT);
}
static void external_storage(hid_t e, hid_t f) {
  (void)f;
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  file_write(scratch_path("raw"), "0123456789012345678901234567890123456789", 40);
  H5Pset_external(creation, scratch_path("raw"), 0, 24);
  craft_array(e, "rewards", H5T_IEEE_F64LE, CRAFT_STEPS, 0, creation);
  H5Pclose(creation);
}
static void virtual_data(hid_t e, hid_t f) {
  (void)f;
  hsize_t dims[1] = {CRAFT_STEPS};
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, dims, NULL);
  H5Pset_virtual(creation, space, "other.h5", "/episode_0/rewards", space);
  H5Ldelete(e, "rewards", H5P_DEFAULT);
  H5Dclose(H5Dcreate2(e, "rewards", H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Sclose(space);
  H5Pclose(creation);
}
static void foreign_filter(hid_t e, hid_t f) {
  (void)f;
  hsize_t chunk[1] = {CRAFT_STEPS};
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 1, chunk);
  H5Pset_filter(creation, H5Z_FILTER_NBIT, H5Z_FLAG_OPTIONAL, 0, NULL);
  craft_array(e, "rewards", H5T_IEEE_F64LE, CRAFT_STEPS, 0, creation);
  H5Pclose(creation);
}
static void sparse(hid_t e, const char *name, hsize_t rows, hsize_t columns, hsize_t chunk_rows) {
  hsize_t chunk[2] = {chunk_rows, columns};
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 2, chunk);
  H5Ldelete(e, name, H5P_DEFAULT);
  hsize_t dims[2] = {rows, columns};
  hid_t space = H5Screate_simple(2, dims, NULL);
  H5Dclose(H5Dcreate2(e, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Sclose(space);
  H5Pclose(creation);
}
static void overflowing_dims(hid_t e, hid_t f) {
  (void)f;
  sparse(e, "observations", (hsize_t)1 << 59, 64, 1);
}
static void terabytes(hid_t e, hid_t f) {
  (void)f;
  sparse(e, "observations", (hsize_t)1 << 40, CRAFT_OBSERVATION, 1);
}
static void never_written(hid_t e, hid_t f) {
  (void)f;
  sparse(e, "observations", CRAFT_STEPS + 1, CRAFT_OBSERVATION, 1);
}
static void huge_chunks(hid_t e, hid_t f) {
  (void)f;
  hsize_t dims[1] = {CRAFT_STEPS}, most[1] = {H5S_UNLIMITED}, chunk[1] = {1 << 28};
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, dims, most);
  H5Pset_chunk(creation, 1, chunk);
  H5Ldelete(e, "rewards", H5P_DEFAULT);
  H5Dclose(H5Dcreate2(e, "rewards", H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Sclose(space);
  H5Pclose(creation);
}
/* Compresses 1000 to 1: small on disk, 32 MB in memory. */
static void gzip_bomb(hid_t e, hid_t f) {
  (void)e;
  hsize_t chunk[2] = {4096, CRAFT_OBSERVATION}, steps = 2000000;
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 2, chunk);
  H5Pset_deflate(creation, 9);
  hid_t group = H5Gcreate2(f, "episode_1", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  craft_id(group, 1);
  hsize_t dims[2] = {steps + 1, CRAFT_OBSERVATION};
  hid_t space = H5Screate_simple(2, dims, NULL);
  H5Dclose(
      H5Dcreate2(group, "observations", H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Sclose(space);
  H5Gclose(group);
  H5Pclose(creation);
}

static const struct {
  const char *name;
  void (*mutate)(hid_t episode, hid_t file);
  const char *words;
} CASES[] = {
    {"no_rewards", no_rewards, "episode_0/rewards is missing"},
    {"no_episodes", no_episodes, "looked for minari (groups episode_0"},
    {"zero_length", zero_length, "episode_1 has no steps"},
    {"same_id", same_id, "have the same attribute id 0"},
    {"few_rows", few_rows, "observations has 3 rows and actions 3; expected one more"},
    {"short_rewards", short_rewards, "rewards has 2 rows, actions has 3"},
    {"wide_rewards", wide_rewards, "rewards has 2 dimensions; expected 1"},
    {"other_size", other_size, "episode_1/observations has 5 columns; expected 2 as in episode_0"},
    {"other_kind", other_kind, "episode_1/actions has 1 integer columns; expected 1 float"},
    {"integer_observations", integer_observations, "observations is not [rows, size] of float"},
    {"brain_observations", brain_observations, "observations is a float of another size"},
    {"text_rewards", text_rewards, "rewards is text"},
    {"vlen_actions", vlen_actions, "actions is of variable length"},
    {"compound_actions", compound_actions, "actions is compound"},
    {"flag_of_two", flag_of_two, "terminations[1] is 2; expected 0 or 1"},
    {"float_flags", float_flags, "terminations[1] is 0.5; expected 0 or 1"},
    {"negative_choice", negative_choice, "actions[2] is -1; expected a choice from 0"},
    {"nan_observation", nan_observation, "episode_0/observations[2,1] is not a number"},
    {"infinite_reward", infinite_reward, "episode_4/rewards[0] is infinite"},
    {"wrong_total", wrong_total, "total_steps says 4"},
    {"group_for_dataset", group_for_dataset, "observations is a dictionary of arrays"},
    {"soft_link", soft_link, "rewards is a soft link"},
    {"external_link", external_link, "rewards is an external link"},
    {"external_episode", external_episode, "episode_1 is an external link"},
    {"external_storage", external_storage, "external data are not allowed"},
    {"virtual_data", virtual_data, "external data are not allowed"},
    {"foreign_filter", foreign_filter, "packed by n-bit; expected gzip"},
    {"overflowing_dims", overflowing_dims, "needs more than the limit"},
    {"terabytes", terabytes, "needs more than the limit"},
    {"never_written", never_written, "observations was never written"},
    {"huge_chunks", huge_chunks, "chunks larger than the limit"},
    {"gzip_bomb", gzip_bomb, "needs more than the limit"},
};

Test(dataset_refuse, crafted_files_each_with_its_sentence) {
  hid_t other = craft_file(scratch_path("other.h5"));
  H5Fclose(other);
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    char path[1024];
    snprintf(path, sizeof path, "%s.h5", scratch_path(CASES[i].name));
    hid_t file = craft_file(path);
    H5Fclose(file);
    cr_assert(read_file(path, 1 << 24) == MG_OK, "%s", mg_status_message());
    file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t episode = H5Gopen2(file, "episode_0", H5P_DEFAULT);
    CASES[i].mutate(episode, file);
    H5Gclose(episode);
    H5Fclose(file);
    assert_refused(path, MG_ERR_DATA, CASES[i].words);
    cr_assert(strstr(mg_status_message(), path), "the sentence names the file");
  }
}

Test(dataset_refuse, files_that_are_none) {
  assert_refused(scratch_path("missing.h5"), MG_ERR_NO_INPUT, "No such file");
  assert_refused(scratch_path("."), MG_ERR_NO_INPUT, "a folder; expected a file");
  cr_assert(mkfifo(scratch_path("fifo"), 0600) == 0);
  assert_refused(scratch_path("fifo"), MG_ERR_NO_INPUT, "not a regular file");
  file_write(scratch_path("empty.h5"), "", 0);
  assert_refused(scratch_path("empty.h5"), MG_ERR_DATA, "not an HDF5 file (nor an .npz archive)");
  file_write(scratch_path("text.h5"), "episode_0\n", 10);
  assert_refused(scratch_path("text.h5"), MG_ERR_DATA, "not an HDF5 file (nor an .npz archive)");
  if (geteuid() == 0) return; /* who may read everything */
  H5Fclose(craft_file(scratch_path("private.h5")));
  chmod(scratch_path("private.h5"), 0);
  assert_refused(scratch_path("private.h5"), MG_ERR_NO_INPUT, "Permission denied");
}

Test(dataset_refuse, truncated_files) {
  const char *path = scratch_path("good.h5"), *bad = scratch_path("bad.h5");
  H5Fclose(craft_file(path));
  size_t length;
  unsigned char *bytes = file_read(path, &length);
  for (int k = 0; k < 20; k++) {
    cr_assert(file_write(bad, bytes, length * (size_t)k / 20));
    assert_refused(bad, MG_ERR_DATA,
                   k == 0 ? "not an HDF5 file" : "an HDF5 file that is truncated or damaged");
  }
  free(bytes);
}

/* The library may crash or loop on these; this process may not. */
Test(dataset_refuse, damaged_files_never_harm_the_reader) {
  const char *path = scratch_path("good.h5"), *bad = scratch_path("bad.h5");
  H5Fclose(craft_file(path));
  size_t length;
  unsigned char *bytes = file_read(path, &length);
  mg_rng rng = mg_rng_at(9, MG_RNG_TEST, 0, 0);
  int refused = 0, ended = 0;
  for (int k = 0; k < 400; k++) {
    unsigned char *copy = malloc(length);
    memcpy(copy, bytes, length);
    for (int i = 0; i < 1 + k % 20; i++)
      copy[mg_rng_below(&rng, length)] = (unsigned char)mg_rng_below(&rng, k % 2 ? 256 : 4);
    cr_assert(file_write(bad, copy, length));
    free(copy);
    mg_status status = read_file(bad, 1 << 24);
    cr_assert(status == MG_OK || status == MG_ERR_DATA, "%d: %s", status, mg_status_message());
    refused += status != MG_OK;
    ended += status != MG_OK &&
             (strstr(mg_status_message(), "crashes") || strstr(mg_status_message(), "ended early"));
  }
  cr_assert(refused > 100, "only %d refused", refused);
  cr_log_info("%d of 400 refused, %d by the child's end", refused, ended);
  free(bytes);
}

Test(dataset_refuse, the_limit_counts_all_episodes) {
  const char *path = scratch_path("many.h5");
  hid_t file = craft_file(path);
  for (int k = 1; k < 10; k++) craft_episode(file, k, k, 100, 1);
  H5Fclose(file);
  uint64_t bytes = 8 * ((4 * 2 + 3 + 3) + 9 * (101 * 2 + 100 + 100));
  cr_assert(read_file(path, bytes) == MG_OK, "%s", mg_status_message());
  cr_assert(read_file(path, bytes - 1) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), "up to episode_9"), "%s", mg_status_message());
}
