#include "files/curves/curves_table.h"

#include "base/statistics.h"
#include "files/curves/curves_made.h"
#include "files/guard.h"
#include "files/h5_util.h"
#include "files/safe_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TRIES = 10, COUNTERS = 3, WIDEST = 1 << 20 };
static const int64_t ROWS_MAX = 1 << 24;
static const struct timespec PAUSE = {.tv_nsec = 100000000};
static const char *const COUNTER[COUNTERS] = {"iteration", "environment_steps", "wall_seconds"};

typedef struct request {
  const char *path, *group;
} request;

/* ---- in the child ---- */

/* Extents of a column, [rows] or [rows, width]; false if it is none. */
static bool find_extent(hid_t data, hsize_t dims[2]) {
  hid_t space = H5Dget_space(data);
  const int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
  dims[1] = 0;
  const bool ok = (rank == 1 || rank == 2) && H5Sget_simple_extent_dims(space, dims, NULL) >= 0;
  mg_h5_close(space);
  return ok && dims[1] <= WIDEST;
}

/* Adds a column's name, and keeps the least number of rows. */
static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  mg_curves_table *t = user;
  (void)info;
  for (int i = 0; i < t->columns; i++)
    if (strcmp(t->name[i], name) == 0) return 0;
  if (strcmp(name, "episode") == 0) return 0; /* the scale of columns' other dimension */
  if (t->columns == MG_CURVES_COLUMNS_MAX || strlen(name) >= sizeof t->name[0]) return 1;
  hid_t data = mg_h5_open_hard(group, name, H5O_TYPE_DATASET, NULL);
  hsize_t dims[2];
  const bool ok = data >= 0 && find_extent(data, dims);
  mg_h5_close(data);
  if (!ok) return -1;
  if (dims[0] < (hsize_t)t->rows) t->rows = (int64_t)dims[0];
  strcpy(t->name[t->columns++], name);
  return 0;
}

static bool read_column(hid_t group, const char *name, int64_t rows, double *value) {
  hsize_t dims[2] = {0, 0};
  hid_t data = mg_h5_open_hard(group, name, H5O_TYPE_DATASET, NULL);
  bool ok = data >= 0 && find_extent(data, dims) && dims[0] >= (hsize_t)rows;
  if (ok && rows > 0 && dims[1] == 0)
    ok = mg_h5_read_block(data, H5T_NATIVE_DOUBLE, 1, (hsize_t[]){0}, (hsize_t[]){(hsize_t)rows},
                          value);
  double *row = malloc((size_t)(dims[1] + 1) * sizeof *row);
  for (int64_t k = 0; ok && row && dims[1] > 0 && k < rows; k++) {
    ok = mg_h5_read_block(data, H5T_NATIVE_DOUBLE, 2, (hsize_t[]){(hsize_t)k, 0},
                          (hsize_t[]){1, dims[1]}, row);
    value[k] = mg_stat_mean((int)dims[1], row);
  }
  ok = ok && row;
  free(row);
  mg_h5_close(data);
  return ok;
}

static bool read_group(hid_t file, const char *name, mg_curves_table *t) {
  hid_t group = mg_h5_open_hard(file, name, H5O_TYPE_GROUP, NULL);
  t->rows = ROWS_MAX;
  bool ok = group >= 0;
  for (int i = 0; i < COUNTERS && ok; i++) ok = add_name(group, COUNTER[i], NULL, t) == 0;
  ok = ok && H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, add_name, t) == 0;
  if (ok) t->value = malloc((size_t)t->columns * (size_t)t->rows * sizeof *t->value + 1);
  ok = ok && t->value;
  for (int i = 0; i < t->columns && ok; i++)
    ok = read_column(group, t->name[i], t->rows, t->value + (size_t)i * (size_t)t->rows);
  mg_h5_close(group);
  return ok;
}

static bool read_file(const request *r, mg_curves_table *t) {
  *t = (mg_curves_table){0};
  hid_t access = H5Pcreate(H5P_FILE_ACCESS); /* the writer is not to be kept waiting by a lock */
  H5Pset_file_locking(access, 0, 1);
  hid_t file = H5Fopen(r->path, H5F_ACC_RDONLY, access);
  mg_h5_close(access);
  if (file < 0) return false;
  mg_h5_read_text(file, "started", t->started, sizeof t->started);
  const bool ok = mg_curves_check(r->path, file) == MG_OK && read_group(file, r->group, t);
  mg_h5_close(file);
  if (ok) return true;
  free(t->value);
  t->value = NULL;
  return false;
}

static void child(int pipe, void *user) {
  const request *r = user;
  static mg_curves_table t;
  bool ok = false;
  mg_h5_quiet();
  for (int k = 0; k < TRIES && !ok; k++) {
    ok = read_file(r, &t);
    if (!ok) nanosleep(&PAUSE, NULL);
  }
  mg_guard_tell(pipe, ok ? MG_OK
                         : mg_fail(MG_ERR_DATA, "%s: /%s: not learning curves of a run, or damaged",
                                   r->path, r->group));
  if (!ok) return;
  mg_guard_write(pipe, &t, sizeof t);
  mg_guard_write(pipe, t.value, (size_t)t.columns * (size_t)t.rows * sizeof *t.value);
}

/* ---- here ---- */

/* *complete: the child said all that it had to say, or there is no memory to take it. */
static mg_status receive(mg_guard *guard, mg_curves_table *t, bool *complete) {
  mg_status told;
  *complete = false;
  if (!mg_guard_hear(guard, &told)) return MG_OK;
  *complete = told != MG_OK;
  if (told != MG_OK || !mg_guard_read(guard, t, sizeof *t) || t->columns < COUNTERS ||
      t->columns > MG_CURVES_COLUMNS_MAX || t->rows < 0 || t->rows > ROWS_MAX) {
    t->value = NULL;
    return told;
  }
  for (int i = 0; i < t->columns; i++) t->name[i][sizeof t->name[i] - 1] = '\0';
  t->started[sizeof t->started - 1] = '\0';
  const size_t size = (size_t)t->columns * (size_t)t->rows * sizeof *t->value;
  t->value = malloc(size + 1);
  *complete = !t->value || mg_guard_read(guard, t->value, size);
  return t->value ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory", guard->path);
}

/* Rows from the first that has no iteration on were not written yet. */
static void finish(mg_curves_table *t) {
  int64_t written = 0;
  while (written < t->rows && t->value[written] >= 0) written++;
  for (int i = 0; i < t->columns; i++) mg_make_printable(t->name[i]);
  for (int i = 1; i < t->columns; i++)
    memmove(t->value + (size_t)i * (size_t)written, t->value + (size_t)i * (size_t)t->rows,
            (size_t)written * sizeof *t->value);
  t->rows = written;
}

mg_status mg_curves_table_read(const char *path, const char *group, mg_curves_table *t) {
  request r = {path, group};
  const mg_guard_limits limits = mg_guard_limits_of(path, UINT64_C(4) << 30);
  mg_guard guard;
  bool complete;
  *t = (mg_curves_table){0};
  MG_TRY(mg_safe_check_input(path));
  MG_TRY(mg_guard_start(&guard, path, &limits, child, &r));
  mg_failure failure = {0};
  mg_failure_note(&failure, receive(&guard, t, &complete));
  mg_failure_note(&failure, mg_guard_end(&guard, complete));
  if (failure.status == MG_OK) {
    finish(t);
    return MG_OK;
  }
  free(t->value);
  t->value = NULL;
  return mg_failure_again(&failure);
}
