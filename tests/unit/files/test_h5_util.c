/* The helpers over HDF5: blocks of datasets, groups, links. */
#include "files/h5_util.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <string.h>

static hid_t file;

static void setup(void) {
  cr_assert_not_null(scratch_make());
  mg_h5_quiet();
  file = H5Fcreate(scratch_path("a.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  cr_assert(file >= 0);
}

static void teardown(void) {
  cr_assert(mg_h5_close(file));
  scratch_remove();
}

TestSuite(h5_util, .init = setup, .fini = teardown);

Test(h5_util, blocks_go_where_they_are_told) {
  const hsize_t dims[2] = {4, 3};
  double all[12] = {0}, part[4], expected[12] = {0};
  hid_t space = H5Screate_simple(2, dims, NULL);
  hid_t data = H5Dcreate2(file, "x", H5T_IEEE_F32LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t start[2] = {1, 1}, count[2] = {2, 2}, none[2] = {0, 2};
  cr_assert(mg_h5_write_block(data, H5T_NATIVE_DOUBLE, 2, (hsize_t[]){0, 0}, dims, all));
  cr_assert(
      mg_h5_write_block(data, H5T_NATIVE_DOUBLE, 2, start, count, (const double[]){1, 2, 3, 4}));
  cr_assert(mg_h5_read_block(data, H5T_NATIVE_DOUBLE, 2, (hsize_t[]){0, 0}, dims, all));
  expected[4] = 1, expected[5] = 2, expected[7] = 3, expected[8] = 4;
  cr_assert(memcmp(all, expected, sizeof all) == 0);
  cr_assert(mg_h5_read_block(data, H5T_NATIVE_DOUBLE, 2, start, count, part));
  cr_assert(memcmp(part, (const double[]){1, 2, 3, 4}, sizeof part) == 0);
  cr_assert(mg_h5_read_block(data, H5T_NATIVE_DOUBLE, 2, start, none, part), "nothing to read");

  /* What the dataset does not have, another rank, and no dataset at all. */
  cr_assert(!mg_h5_read_block(data, H5T_NATIVE_DOUBLE, 2, (hsize_t[]){3, 1}, count, part));
  cr_assert(!mg_h5_write_block(data, H5T_NATIVE_DOUBLE, 2, (hsize_t[]){1, 2}, count, part));
  cr_assert(!mg_h5_read_block(data, H5T_NATIVE_DOUBLE, 1, start, count, part));
  cr_assert(!mg_h5_read_block(-1, H5T_NATIVE_DOUBLE, 2, start, count, part));
  mg_h5_close(data);
  mg_h5_close(space);
}

Test(h5_util, groups_are_made_once) {
  hid_t group = mg_h5_create_group(file, "a/b/c");
  cr_assert(group >= 0 && mg_h5_close(group));
  cr_assert(H5Lexists(file, "a", H5P_DEFAULT) > 0 && H5Lexists(file, "a/b/c", H5P_DEFAULT) > 0);
  cr_assert(mg_h5_create_group(file, "a/b/c") < 0);
}

Test(h5_util, only_hard_links_to_what_is_expected_are_followed) {
  const char *why;
  mg_h5_close(mg_h5_create_group(file, "group"));
  H5Lcreate_soft("/group", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_external("b.h5", "/", file, "external", H5P_DEFAULT, H5P_DEFAULT);
  hid_t group = mg_h5_open_hard(file, "group", H5O_TYPE_GROUP, NULL);
  cr_assert(group >= 0 && mg_h5_close(group));
  const char *const names[] = {"none", "soft", "external", "group"};
  const char *const reasons[] = {"missing", "a soft link", "an external link", "a group"};
  for (int i = 0; i < 4; i++) {
    H5O_type_t type = i < 3 ? H5O_TYPE_GROUP : H5O_TYPE_DATASET;
    cr_assert(mg_h5_open_hard(file, names[i], type, &why) < 0);
    cr_assert_str_eq(why, reasons[i]);
    cr_assert(!mg_h5_is_hard(file, names[i], type, &why));
    cr_assert_str_eq(why, reasons[i]);
  }
}
