#include "files/collection/collection_columns.h"

#include "base/arena.h"
#include "files/collection/collection_grid.h"
#include "files/h5_util.h"
#include "files/h5_value.h"
#include "files/safe_file.h"

#include <math.h>
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
    if (c->former && strcmp(column->name, "reason") == 0) continue;
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

/* A group of two columns of texts, into rows of `size` bytes each: the first text in the first `middle`
 * of them, the second in the others. */
static mg_status read_pair(hid_t file, const char *path, const char *group,
                           const char *const names[2], size_t middle, size_t size, int *rows,
                           void *pairs) {
  hid_t where = mg_h5_open_hard(file, group, H5O_TYPE_GROUP, NULL);
  if (where < 0) return fail_damaged(path, "", group);
  char *room = NULL;
  mg_status status = MG_OK;
  for (int k = 0; status == MG_OK && k < 2; k++) {
    hid_t data;
    const int64_t found = open_column(where, names[k], H5T_STRING, &data);
    if (k == 0 && found >= 0) {
      *rows = (int)found;
      room = mg_memory_take((size_t)found, size);
      memcpy(pairs, &room, sizeof room);
      if (!room) status = mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
    }
    if (status == MG_OK &&
        (found < 0 || found != *rows ||
         !read_texts(data, found, k ? room + middle : room, size, k ? size - middle : middle)))
      status = fail_damaged(path, group, names[k]);
    mg_h5_close(data);
  }
  mg_h5_close(where);
  return status;
}

static mg_status read_pairs(hid_t file, mg_collection *c) {
  static const char *const skipped[2] = {"folder", "reason"};
  static const char *const settings[2] = {"checksum", "text"};
  MG_TRY(read_pair(file, c->path, "skipped", skipped, sizeof **c->skip, sizeof *c->skip,
                   &c->skipped, &c->skip));
  if (c->former) return MG_OK;
  return read_pair(file, c->path, "settings", settings, sizeof c->setting->checksum,
                   sizeof *c->setting, &c->settings, &c->setting);
}

static bool has_format(hid_t file, const char *format) {
  char text[64] = "";
  return mg_h5_read_text(file, "format", text, sizeof text) && strcmp(text, format) == 0;
}

static mg_status open_file(const char *path, hid_t *file) {
  *file = -1;
  MG_TRY(mg_safe_check_input(path));
  mg_h5_quiet();
  *file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  char format[64] = "";
  if (*file >= 0) mg_h5_read_text(*file, "format", format, sizeof format);
  if (strcmp(format, MG_COLLECTION_FORMAT) == 0 || strcmp(format, MG_COLLECTION_OPEN) == 0 ||
      strcmp(format, MG_COLLECTION_FORMER) == 0)
    return MG_OK;
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
  c->former = has_format(file, MG_COLLECTION_FORMER);
  mg_h5_read_text(file, "created", c->created, sizeof c->created);
  mg_status status = read_index(file, c);
  if (status == MG_OK) status = read_pairs(file, c);
  mg_h5_close(file);
  if (status != MG_OK) mg_collection_free(c);
  return status;
}

void mg_collection_free(mg_collection *c) {
  free(c->run);
  free(c->skip);
  free(c->setting);
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
  hid_t run, at;
  int64_t n = open_column(group, "run", H5T_INTEGER, &run);
  int64_t points = open_column(group, "environment_steps", H5T_FLOAT, &at);
  bool ok = n >= 1 && n <= runs_in_index && points >= 1 && points <= MG_COLLECTION_GRID;
  if (ok) {
    curves->runs = (int)n, curves->points = (int)points;
    curves->run = mg_memory_take((size_t)n, sizeof *curves->run);
    curves->at = mg_memory_take((size_t)points, sizeof *curves->at);
    ok = curves->run && curves->at &&
         read_numbers(run, n, H5T_NATIVE_INT64, (char *)curves->run, 8) &&
         read_numbers(at, points, H5T_NATIVE_DOUBLE, (char *)curves->at, 8) &&
         read_matrix(group, "return_average", curves->runs, curves->points, &curves->average) &&
         read_matrix(group, "return_raw", curves->runs, curves->points, &curves->raw);
  }
  for (int i = 0; ok && i < curves->runs; i++)
    ok = curves->run[i] >= 0 && curves->run[i] < runs_in_index;
  mg_h5_close(run);
  mg_h5_close(at);
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

/* ---- evaluations ---- */

typedef struct points_file {
  hid_t file, group, data[MG_POINT_COLUMNS];
} points_file;

static void close_points(points_file *f) {
  for (int k = 0; k < MG_POINT_COLUMNS; k++) mg_h5_close(f->data[k]);
  mg_h5_close(f->group);
  mg_h5_close(f->file);
}

/* To be closed whatever is returned. */
static mg_status open_points(const mg_collection *c, points_file *f) {
  static const char *const names[MG_POINT_COLUMNS] = MG_POINT_NAMES;
  *f = (points_file){-1, -1, {-1, -1, -1, -1}};
  MG_TRY(open_file(c->path, &f->file));
  f->group = mg_h5_open_hard(f->file, "evaluations", H5O_TYPE_GROUP, NULL);
  bool ok = f->group >= 0;
  for (int k = 0; ok && k < MG_POINT_COLUMNS; k++) {
    f->data[k] = mg_h5_open_hard(f->group, names[k], H5O_TYPE_DATASET, NULL);
    ok = f->data[k] >= 0;
  }
  return ok ? MG_OK : fail_damaged(c->path, "", "evaluations");
}

static bool read_points(const hid_t data[MG_POINT_COLUMNS], const mg_collected_run *run,
                        mg_curve_point **point) {
  if (run->evaluations < 0 || run->evaluations > RUNS_MAX || run->first_evaluation < 0)
    return false;
  const hsize_t first = (hsize_t)run->first_evaluation, count = (hsize_t)run->evaluations;
  *point = mg_memory_take((size_t)count, sizeof **point);
  double *column = mg_memory_take((size_t)count, sizeof *column);
  bool ok = *point && column;
  for (int k = 0; ok && count > 0 && k < MG_POINT_COLUMNS; k++) {
    ok = mg_h5_read_block(data[k], H5T_NATIVE_DOUBLE, 1, &first, &count, column);
    for (hsize_t i = 0; ok && i < count; i++) {
      mg_curve_point *p = &(*point)[i];
      double *const field[MG_POINT_COLUMNS] = {&p->steps, &p->seconds, &p->raw, &p->average};
      *field[k] = column[i];
    }
  }
  free(column);
  return ok;
}

mg_status mg_collection_read_points(const mg_collection *c, const mg_collected_run *run,
                                    mg_curve_point **point) {
  points_file f;
  *point = NULL;
  mg_status status = open_points(c, &f);
  if (status == MG_OK && !read_points(f.data, run, point))
    status = fail_damaged(c->path, "", "evaluations");
  close_points(&f);
  if (status != MG_OK) {
    free(*point);
    *point = NULL;
  }
  return status;
}

/* ---- over time ---- */

static bool is_in(const mg_collected_run *run, const char *task, const char *method,
                  int64_t trajectories) {
  return run->trajectories == trajectories && strcmp(run->task, task) == 0 &&
         strcmp(run->method, method) == 0;
}

/* at <- the grid; its points: 1 where there is no time. */
static int make_times(double most, double *at) {
  if (!(most > 0)) return at[0] = 0, 1;
  const int last = MG_COLLECTION_GRID - 1;
  for (int i = 0; i <= last; i++) at[i] = most * pow(1000, (double)(i - last) / last);
  return MG_COLLECTION_GRID;
}

/* [n,G] and the grid, of these n runs. */
static bool fill_times(const hid_t data[MG_POINT_COLUMNS], const mg_collection *c,
                       mg_collected_curves *curves) {
  double most = 0;
  for (int i = 0; i < curves->runs; i++) most = fmax(most, c->run[curves->run[i]].seconds);
  const size_t values = (size_t)curves->runs * MG_COLLECTION_GRID;
  curves->at = mg_memory_take(MG_COLLECTION_GRID, sizeof *curves->at);
  curves->average = mg_memory_take(values, sizeof *curves->average);
  curves->raw = mg_memory_take(values, sizeof *curves->raw);
  bool ok = curves->at && curves->average && curves->raw;
  if (ok) curves->points = make_times(most, curves->at);
  for (int i = 0; ok && i < curves->runs; i++) {
    const mg_collected_run *run = &c->run[curves->run[i]];
    const int first = i * curves->points;
    mg_curve_point *point = NULL;
    ok = read_points(data, run, &point);
    for (int64_t k = 0; ok && k < run->evaluations; k++) point[k].steps = point[k].seconds;
    if (ok)
      mg_collection_grid_fill(
          run->evaluations, point, strcmp(run->state, "finished") == 0 ? most : run->seconds,
          curves->points, curves->at, curves->raw + first, curves->average + first);
    free(point);
  }
  return ok;
}

mg_status mg_collection_read_times(const mg_collection *c, const char *task, const char *method,
                                   int64_t trajectories, mg_collected_curves *curves) {
  *curves = (mg_collected_curves){.run = mg_memory_take((size_t)c->runs, sizeof *curves->run)};
  if (!curves->run) return mg_fail(MG_ERR_MEMORY, "%s: no memory", c->path);
  for (int i = 0; i < c->runs; i++)
    if (is_in(&c->run[i], task, method, trajectories)) curves->run[curves->runs++] = i;
  points_file f;
  mg_status status = open_points(c, &f);
  if (status == MG_OK && !fill_times(f.data, c, curves))
    status = fail_damaged(c->path, "", "evaluations");
  close_points(&f);
  if (status != MG_OK) mg_collected_curves_free(curves);
  return status;
}

void mg_collected_curves_free(mg_collected_curves *curves) {
  free(curves->run);
  free(curves->at);
  free(curves->average);
  free(curves->raw);
  *curves = (mg_collected_curves){0};
}
