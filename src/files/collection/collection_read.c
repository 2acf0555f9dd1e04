#include "files/collection/collection_columns.h"

#include "base/arena.h"
#include "files/h5_util.h"
#include "files/h5_value.h"
#include "files/safe_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const mg_collection_column COLUMN[] = {MG_COLLECTION_LIST(MG_COLLECTION_COLUMN)};

enum { RUNS_MAX = 1 << 24 };

static mg_status fail_damaged(const char *path, const char *group, const char *name) {
  return mg_fail(MG_ERR_DATA, "%s: %s/%s is missing or damaged; expected what mgail collect writes",
                 path, group, name);
}

/* Entries of a one-dimensional dataset; -1 if it is not one. */
static int64_t open_column(hid_t group, const char *name, H5T_class_t class, hid_t *data) {
  *data = mg_h5_open_hard(group, name, H5O_TYPE_DATASET, NULL);
  if (*data < 0) return -1;
  hid_t space = H5Dget_space(*data), type = H5Dget_type(*data);
  hsize_t rows = 0;
  bool ok = H5Sget_simple_extent_ndims(space) == 1 &&
            H5Sget_simple_extent_dims(space, &rows, NULL) >= 0 && rows <= RUNS_MAX &&
            H5Tget_class(type) == class && (class != H5T_STRING || H5Tis_variable_str(type) > 0);
  mg_h5_close(type);
  mg_h5_close(space);
  return ok ? (int64_t)rows : -1;
}

/* Texts of a column into fields `stride` bytes apart, each of `size` bytes. */
static bool read_texts(hid_t data, int64_t rows, char *first, size_t stride, size_t size) {
  hid_t type = mg_h5_text_type(0, false);
  bool ok = true;
  for (int64_t i = 0; ok && i < rows; i++) {
    char *text = NULL;
    ok = mg_h5_read_block(data, type, 1, (hsize_t[]){(hsize_t)i}, (hsize_t[]){1}, &text);
    if (ok && text) snprintf(first + (size_t)i * stride, size, "%s", text);
    if (text) H5free_memory(text);
  }
  mg_h5_close(type);
  return ok;
}

/* Numbers of 8 bytes. */
static bool read_numbers(hid_t data, int64_t rows, hid_t type, char *first, size_t stride) {
  char *buffer = mg_memory_take((size_t)rows, 8);
  bool ok =
      buffer && (rows == 0 || H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer) >= 0);
  for (int64_t i = 0; ok && i < rows; i++) memcpy(first + (size_t)i * stride, buffer + 8 * i, 8);
  free(buffer);
  return ok;
}

static mg_status read_index(hid_t file, mg_collection *c) {
  hid_t runs = mg_h5_open_hard(file, "runs", H5O_TYPE_GROUP, NULL);
  if (runs < 0) return fail_damaged(c->path, "", "runs");
  mg_status status = MG_OK;
  for (int k = 0; status == MG_OK && k < MG_COLLECTION_COLUMNS; k++) {
    const mg_collection_column *column = &COLUMN[k];
    H5T_class_t class = column->kind == MG_COLLECTION_KIND_TEXT  ? H5T_STRING
                        : column->kind == MG_COLLECTION_KIND_I64 ? H5T_INTEGER
                                                                 : H5T_FLOAT;
    hid_t data;
    int64_t rows = open_column(runs, column->name, class, &data);
    if (k == 0 && rows >= 0) {
      c->runs = (int)rows;
      c->run = mg_memory_take((size_t)rows, sizeof *c->run);
      if (!c->run) status = mg_fail(MG_ERR_MEMORY, "%s: no memory", c->path);
    }
    if (status == MG_OK && (rows < 0 || rows != c->runs))
      status = fail_damaged(c->path, "/runs", column->name);
    if (status == MG_OK) {
      char *first = (char *)c->run + column->offset;
      bool ok = column->kind == MG_COLLECTION_KIND_TEXT
                    ? read_texts(data, rows, first, sizeof *c->run, column->size)
                    : read_numbers(data, rows,
                                   column->kind == MG_COLLECTION_KIND_I64 ? H5T_NATIVE_INT64
                                                                          : H5T_NATIVE_DOUBLE,
                                   first, sizeof *c->run);
      if (!ok) status = fail_damaged(c->path, "/runs", column->name);
    }
    mg_h5_close(data);
  }
  mg_h5_close(runs);
  return status;
}

static mg_status read_skipped(hid_t file, mg_collection *c) {
  static const char *const names[2] = {"folder", "reason"};
  hid_t skipped = mg_h5_open_hard(file, "skipped", H5O_TYPE_GROUP, NULL);
  if (skipped < 0) return fail_damaged(c->path, "", "skipped");
  mg_status status = MG_OK;
  for (int k = 0; status == MG_OK && k < 2; k++) {
    hid_t data;
    int64_t rows = open_column(skipped, names[k], H5T_STRING, &data);
    if (k == 0 && rows >= 0) {
      c->skipped = (int)rows;
      c->skip = mg_memory_take((size_t)rows, sizeof *c->skip);
      if (!c->skip) status = mg_fail(MG_ERR_MEMORY, "%s: no memory", c->path);
    }
    if (status == MG_OK && (rows < 0 || rows != c->skipped ||
                            !read_texts(data, rows, c->skip[0][k], sizeof *c->skip, 1024)))
      status = fail_damaged(c->path, "/skipped", names[k]);
    mg_h5_close(data);
  }
  mg_h5_close(skipped);
  return status;
}

static mg_status open_file(const char *path, hid_t *file) {
  *file = -1;
  MG_TRY(mg_safe_check_input(path));
  mg_h5_quiet();
  *file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  char format[64] = "";
  if (*file >= 0) mg_h5_read_text(*file, "format", format, sizeof format);
  if (strcmp(format, MG_COLLECTION_FORMAT) == 0) return MG_OK;
  if (*file < 0) return mg_fail(MG_ERR_DATA, "%s: not an HDF5 file, or damaged", path);
  mg_h5_close(*file);
  *file = -1;
  return mg_fail(MG_ERR_DATA, "%s: its format is '%s'; expected '%s', as mgail collect writes it",
                 path, format, MG_COLLECTION_FORMAT);
}

mg_status mg_collection_read(const char *path, mg_collection *c) {
  memset(c, 0, sizeof *c);
  if (strlen(path) >= sizeof c->path)
    return mg_fail(MG_ERR_NO_INPUT, "%s: a name of more than %zu bytes", path, sizeof c->path - 1);
  strcpy(c->path, path);
  hid_t file;
  MG_TRY(open_file(path, &file));
  mg_h5_read_text(file, "created", c->created, sizeof c->created);
  mg_status status = read_index(file, c);
  if (status == MG_OK) status = read_skipped(file, c);
  mg_h5_close(file);
  if (status != MG_OK) mg_collection_free(c);
  return status;
}

void mg_collection_free(mg_collection *c) {
  free(c->run);
  free(c->skip);
  *c = (mg_collection){0};
}

/* ---- curves ---- */

static bool read_matrix(hid_t group, const char *name, int runs, int points, double **values) {
  hid_t data = mg_h5_open_hard(group, name, H5O_TYPE_DATASET, NULL);
  hsize_t dims[2] = {0, 0};
  hid_t space = H5Dget_space(data);
  bool ok = H5Sget_simple_extent_ndims(space) == 2 &&
            H5Sget_simple_extent_dims(space, dims, NULL) >= 0 && dims[0] == (hsize_t)runs &&
            dims[1] == (hsize_t)points;
  if (ok) *values = mg_memory_take((size_t)runs * (size_t)points, sizeof **values);
  ok = ok && *values &&
       H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *values) >= 0;
  mg_h5_close(space);
  mg_h5_close(data);
  return ok;
}

static bool read_group(hid_t group, int runs_in_index, mg_collected_curves *curves) {
  hid_t run, steps;
  int64_t n = open_column(group, "run", H5T_INTEGER, &run);
  int64_t points = open_column(group, "environment_steps", H5T_FLOAT, &steps);
  bool ok = n >= 1 && n <= runs_in_index && points >= 1 && points <= MG_COLLECTION_GRID;
  if (ok) {
    curves->runs = (int)n, curves->points = (int)points;
    curves->run = mg_memory_take((size_t)n, sizeof *curves->run);
    curves->steps = mg_memory_take((size_t)points, sizeof *curves->steps);
    ok = curves->run && curves->steps &&
         read_numbers(run, n, H5T_NATIVE_INT64, (char *)curves->run, 8) &&
         read_numbers(steps, points, H5T_NATIVE_DOUBLE, (char *)curves->steps, 8) &&
         read_matrix(group, "return_average", curves->runs, curves->points, &curves->average) &&
         read_matrix(group, "return_raw", curves->runs, curves->points, &curves->raw);
  }
  for (int i = 0; ok && i < curves->runs; i++)
    ok = curves->run[i] >= 0 && curves->run[i] < runs_in_index;
  mg_h5_close(run);
  mg_h5_close(steps);
  return ok;
}

mg_status mg_collection_read_curves(const mg_collection *c, const char *task, const char *method,
                                    int64_t trajectories, mg_collected_curves *curves) {
  *curves = (mg_collected_curves){0};
  char name[128];
  mg_collection_group_name(task, method, trajectories, name);
  hid_t file;
  MG_TRY(open_file(c->path, &file));
  mg_status status = MG_OK;
  hid_t all = mg_h5_open_hard(file, "curves", H5O_TYPE_GROUP, NULL);
  hid_t group = all < 0 ? -1 : mg_h5_open_hard(all, name, H5O_TYPE_GROUP, NULL);
  if (group >= 0 && !read_group(group, c->runs, curves))
    status = fail_damaged(c->path, "/curves", name);
  mg_h5_close(group);
  mg_h5_close(all);
  mg_h5_close(file);
  if (status != MG_OK) mg_collected_curves_free(curves);
  return status;
}

void mg_collected_curves_free(mg_collected_curves *curves) {
  free(curves->run);
  free(curves->steps);
  free(curves->average);
  free(curves->raw);
  *curves = (mg_collected_curves){0};
}
