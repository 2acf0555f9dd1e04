/* A checkpoint whose list of fields was changed is refused, also where each field that is left is
 * sound by itself. */
#include "files/checkpoint/checkpoint.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

static const char *make_checkpoint(void) {
  cr_assert_not_null(scratch_make());
  const char *path = scratch_path("checkpoint.h5");
  mg_comm comm = mg_comm_self();
  mg_archive *archive = NULL;
  double theta[3] = {1, 2, 3}, average[3] = {4, 5, 6};
  cr_assert_eq(mg_checkpoint_create(path, &comm, &archive), MG_OK);
  mg_archive_shared(archive, "theta", MG_TYPE_F64, theta, 3);
  mg_archive_shared(archive, "average", MG_TYPE_F64, average, 3);
  const mg_status status = mg_checkpoint_close(archive);
  cr_assert_eq(status, MG_OK, "%s", mg_status_message());
  return path;
}

static mg_status open_it(const char *path) {
  mg_comm comm = mg_comm_self();
  mg_archive *archive = NULL;
  MG_TRY(mg_checkpoint_open(path, &comm, &archive));
  return mg_checkpoint_close(archive);
}

/* The lines of the index; the caller frees. */
static char *read_index(hid_t file, hsize_t *length) {
  hid_t data = H5Dopen2(file, "index", H5P_DEFAULT), space = H5Dget_space(data);
  *length = (hsize_t)H5Sget_simple_extent_npoints(space);
  char *text = calloc(*length + 1, 1);
  cr_assert_geq(H5Dread(data, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, text), 0);
  H5Sclose(space);
  H5Dclose(data);
  return text;
}

static void replace_index(hid_t file, const char *text, hsize_t length) {
  cr_assert_geq(H5Ldelete(file, "index", H5P_DEFAULT), 0);
  hid_t space = H5Screate_simple(1, &length, NULL);
  hid_t data =
      H5Dcreate2(file, "index", H5T_STD_U8LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  cr_assert_geq(H5Dwrite(data, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, text), 0);
  H5Dclose(data);
  H5Sclose(space);
}

Test(checkpoint_index, the_same_index_is_accepted) {
  const char *path = make_checkpoint();
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  hsize_t length;
  char *text = read_index(file, &length);
  replace_index(file, text, length);
  H5Fclose(file);
  free(text);
  const mg_status status = open_it(path);
  cr_expect_eq(status, MG_OK, "%s", mg_status_message());
  scratch_remove();
}

Test(checkpoint_index, a_missing_line_is_found) {
  const char *path = make_checkpoint();
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  hsize_t length;
  char *text = read_index(file, &length), *end = strchr(text, '\n');
  cr_assert(end && end[1], "two lines: %s", text);
  replace_index(file, text, (hsize_t)(end + 1 - text));
  H5Fclose(file);
  free(text);
  const mg_status status = open_it(path);
  cr_expect_eq(status, MG_ERR_DATA);
  cr_expect_not_null(strstr(mg_status_message(), "checksum"), "%s", mg_status_message());
  scratch_remove();
}
