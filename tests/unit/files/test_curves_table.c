#include "files/curves/curves_table.h"

#include "files/curves/curves.h"
#include "files/h5_util.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { METRICS = 2, EPISODES = 4, ROWS = 700 };
static const mg_metric METRIC[METRICS] = {{"loss", "nat", NULL}, {"entropy", "nat", NULL}};
static const mg_attribute ATTRIBUTE[] = {{"started", "2026-11-26T03:04:05Z"}};

static void setup(void) {
  scratch_make();
}

TestSuite(curves_table, .init = setup, .fini = scratch_remove);

static mg_curves *make(const char *path) {
  mg_curves *c;
  cr_assert(mg_curves_create(path, METRICS, METRIC, EPISODES, 1, ATTRIBUTE, 1e9, &c) == MG_OK);
  for (int i = 1; i <= ROWS; i++) {
    const double value[METRICS] = {-i, i == 5 ? NAN : 0.5 * i}, x[EPISODES] = {i, i, i, i + 4};
    cr_assert(mg_curves_append(c, i, 10 * i, 0.25 * i, value) == MG_OK);
    if (i % 100 == 0)
      cr_assert(mg_curves_append_evaluation(c, i, 10 * i, 0.25 * i, x, x, NULL, NULL) == MG_OK);
  }
  return c;
}

static const double *column(const mg_curves_table *t, const char *name) {
  for (int i = 0; i < t->columns; i++)
    if (strcmp(t->name[i], name) == 0) return t->value + i * t->rows;
  cr_assert_fail("no column %s", name);
  return NULL;
}

static void expect_all(const char *path) {
  mg_curves_table t;
  cr_assert(mg_curves_table_read(path, "curves", &t) == MG_OK, "%s", mg_status_message());
  cr_assert(t.columns == 3 + METRICS && t.rows == ROWS, "%d columns, %d rows", t.columns,
            (int)t.rows);
  cr_assert_str_eq(t.started, "2026-11-26T03:04:05Z");
  cr_assert(strcmp(t.name[0], "iteration") == 0 && strcmp(t.name[2], "wall_seconds") == 0);
  cr_assert(column(&t, "environment_steps")[6] == 70 && column(&t, "loss")[ROWS - 1] == -ROWS);
  cr_assert(isnan(column(&t, "entropy")[4]) && column(&t, "entropy")[5] == 3);
  free(t.value);
  cr_assert(mg_curves_table_read(path, "evaluation", &t) == MG_OK, "%s", mg_status_message());
  cr_assert(t.columns == 7 && t.rows == ROWS / 100, "%d columns, %d rows", t.columns, (int)t.rows);
  cr_assert(column(&t, "return_raw")[1] == 201, "the mean over episodes: %g",
            column(&t, "return_raw")[1]);
  cr_assert(isnan(column(&t, "return_average")[1]));
  free(t.value);
}

/* The writer has flushed what is asked for, and has the file open. */
Test(curves_table, all_columns_while_the_file_is_written_and_after) {
  const char *path = scratch_path("curves.h5");
  mg_curves *c = make(path);
  cr_assert(mg_curves_flush(c) == MG_OK);
  expect_all(path);
  cr_assert(mg_curves_close(c) == MG_OK);
  expect_all(path);
}

/* As a kill amid a flush leaves it: columns of several lengths, and rows without values. */
Test(curves_table, rows_that_are_not_written_are_left_out) {
  const char *path = scratch_path("curves.h5");
  cr_assert(mg_curves_close(make(path)) == MG_OK);
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  static const char *const longer[] = {"curves/iteration", "curves/environment_steps",
                                       "curves/wall_seconds", "curves/loss", "curves/entropy"};
  for (int i = 0; i < 5; i++) {
    hid_t data = H5Dopen2(file, longer[i], H5P_DEFAULT);
    const hsize_t rows = (hsize_t)(ROWS + 20 + i);
    cr_assert(H5Dset_extent(data, &rows) >= 0 && H5Adelete(data, "crc32") >= 0);
    H5Dclose(data);
  }
  H5Fclose(file);
  expect_all(path);
}

Test(curves_table, a_changed_row_is_told) {
  const char *path = scratch_path("curves.h5");
  mg_curves_table t;
  cr_assert(mg_curves_close(make(path)) == MG_OK);
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  hid_t data = H5Dopen(file, "curves/loss", H5P_DEFAULT);
  const double value = 5;
  cr_assert(mg_h5_write_block(data, H5T_NATIVE_DOUBLE, 1, (hsize_t[]){7}, (hsize_t[]){1}, &value));
  H5Dclose(data);
  H5Fclose(file);
  cr_assert(mg_curves_table_read(path, "curves", &t) == MG_ERR_DATA && !t.value);
  cr_assert(mg_curves_table_read(path, "evaluation", &t) == MG_ERR_DATA && !t.value);
}

Test(curves_table, what_cannot_be_read_is_told) {
  const char *path = scratch_path("curves.h5"), *cut = scratch_path("cut.h5");
  mg_curves_table t;
  cr_assert(mg_curves_close(make(path)) == MG_OK);
  cr_assert(mg_curves_table_read(scratch_path("none.h5"), "curves", &t) == MG_ERR_NO_INPUT);
  cr_assert(!t.value);
  cr_assert(mg_curves_table_read(path, "other", &t) == MG_ERR_DATA && !t.value);
  cr_assert(strstr(mg_status_message(), "/other"), "%s", mg_status_message());
  size_t size;
  unsigned char *bytes = file_read(path, &size);
  cr_assert(file_write(cut, bytes, size / 2));
  cr_assert(mg_curves_table_read(cut, "curves", &t) == MG_ERR_DATA && !t.value);
  free(bytes);
}
