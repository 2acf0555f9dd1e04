#include "files/curves/run_curve.h"

#include "base/arena.h"
#include "base/statistics.h"
#include "files/curves/curves_file.h"
#include "files/curves/curves_made.h"
#include "files/safe_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TRIES = 10, POINTS_MAX = 1 << 20, EPISODES_MAX = 1 << 20 };
static const struct timespec PAUSE = {.tv_nsec = 100000000};

/* Of a dataset [rows], and of one [rows, width]. */
static bool read_entry(hid_t data, hid_t type, hsize_t row, void *value) {
  return mg_h5_read_block(data, type, 1, (hsize_t[]){row}, (hsize_t[]){1}, value);
}

static bool read_row(hid_t data, hsize_t row, hsize_t width, double *values) {
  return mg_h5_read_block(data, H5T_NATIVE_DOUBLE, 2, (hsize_t[]){row, 0}, (hsize_t[]){1, width},
                          values);
}

/* A dataset of this rank; < 0 if it is not there or damaged. dims [2]: its extents. */
static hid_t open_data(hid_t group, const char *name, int rank, hsize_t dims[2]) {
  hid_t data = mg_h5_open_hard(group, name, H5O_TYPE_DATASET, NULL);
  if (data < 0) return data;
  hid_t space = H5Dget_space(data);
  dims[1] = 1;
  bool ok = H5Sget_simple_extent_ndims(space) == rank &&
            H5Sget_simple_extent_dims(space, dims, NULL) >= 0;
  mg_h5_close(space);
  if (ok && mg_column_is_sound(data)) return data;
  mg_h5_close(data);
  return -1;
}

enum { STEPS, SECONDS, RAW, AVERAGE, COLUMNS };
static const char *const NAMES[COLUMNS] = {"environment_steps", "wall_seconds", "return_raw",
                                           "return_average"};

static bool fill(const hid_t data[COLUMNS], hid_t iteration, hsize_t rows, hsize_t episodes,
                 mg_run_curve *curve) {
  double *returns = mg_memory_take((size_t)episodes, sizeof *returns);
  curve->point = mg_memory_take((size_t)rows, sizeof *curve->point);
  bool ok = returns && curve->point;
  for (hsize_t k = 0; ok && k < rows; k++) {
    mg_curve_point p;
    int64_t number = -1;
    ok = read_entry(iteration, H5T_NATIVE_INT64, k, &number) &&
         read_entry(data[STEPS], H5T_NATIVE_DOUBLE, k, &p.steps) &&
         read_entry(data[SECONDS], H5T_NATIVE_DOUBLE, k, &p.seconds) &&
         read_row(data[RAW], k, episodes, returns);
    if (!ok || number < 0) break; /* not written yet: the fill value */
    p.raw = mg_stat_mean((int)episodes, returns);
    ok = read_row(data[AVERAGE], k, episodes, returns);
    p.average = mg_stat_mean((int)episodes, returns);
    if (isnan(p.raw) && isnan(p.average)) break;
    curve->point[curve->points++] = p;
  }
  free(returns);
  return ok;
}

static bool read_evaluations(hid_t file, mg_run_curve *curve) {
  hid_t group = mg_h5_open_hard(file, "evaluation", H5O_TYPE_GROUP, NULL), data[COLUMNS];
  if (group < 0) return false;
  hsize_t dims[2] = {0, 0}, rows = HSIZE_UNDEF, episodes = 0;
  hid_t iteration = open_data(group, "iteration", 1, dims);
  bool ok = iteration >= 0;
  rows = dims[0];
  for (int k = 0; k < COLUMNS; k++) {
    data[k] = open_data(group, NAMES[k], k < RAW ? 1 : 2, dims);
    ok = ok && data[k] >= 0 && (k <= RAW || dims[1] == episodes);
    if (dims[0] < rows) rows = dims[0];
    episodes = dims[1];
  }
  ok = ok && rows <= POINTS_MAX && episodes >= 1 && episodes <= EPISODES_MAX &&
       fill(data, iteration, rows, episodes, curve);
  for (int k = 0; k < COLUMNS; k++) mg_h5_close(data[k]);
  mg_h5_close(iteration);
  mg_h5_close(group);
  return ok;
}

/* The last row that is written whole. */
static bool read_last(hid_t file, mg_run_curve *curve) {
  hid_t group = mg_h5_open_hard(file, "curves", H5O_TYPE_GROUP, NULL);
  if (group < 0) return false;
  hsize_t rows = HSIZE_UNDEF, dims[2] = {0, 0};
  hid_t iteration = open_data(group, "iteration", 1, dims);
  rows = dims[0];
  hid_t steps = open_data(group, "environment_steps", 1, dims);
  if (dims[0] < rows) rows = dims[0];
  hid_t seconds = open_data(group, "wall_seconds", 1, dims);
  if (dims[0] < rows) rows = dims[0];
  bool ok = iteration >= 0 && steps >= 0 && seconds >= 0;
  for (int64_t number = -1; ok && number < 0 && rows > 0; rows--) {
    ok = read_entry(iteration, H5T_NATIVE_INT64, rows - 1, &number);
    if (!ok || number < 0) continue;
    curve->iterations = number;
    ok = read_entry(steps, H5T_NATIVE_INT64, rows - 1, &curve->steps) &&
         read_entry(seconds, H5T_NATIVE_DOUBLE, rows - 1, &curve->seconds);
  }
  mg_h5_close(seconds);
  mg_h5_close(steps);
  mg_h5_close(iteration);
  mg_h5_close(group);
  return ok;
}

static bool read_file(const char *path, mg_run_curve *curve) {
  *curve = (mg_run_curve){0};
  hid_t access = H5Pcreate(H5P_FILE_ACCESS); /* the writer is not to be kept waiting by a lock */
  H5Pset_file_locking(access, 0, 1);
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
  mg_h5_close(access);
  if (file < 0) return false;
  mg_h5_read_text(file, "program", curve->program, sizeof curve->program);
  mg_h5_read_text(file, "git", curve->git, sizeof curve->git);
  mg_h5_read_text(file, "ranks", curve->ranks, sizeof curve->ranks);
  mg_h5_read_text(file, "demonstrations", curve->demonstrations, sizeof curve->demonstrations);
  bool ok =
      mg_curves_made_is_sound(file) && read_last(file, curve) && read_evaluations(file, curve);
  mg_h5_close(file);
  if (ok) return true;
  free(curve->point);
  curve->point = NULL;
  return false;
}

mg_status mg_run_curve_read(const char *path, mg_run_curve *curve) {
  *curve = (mg_run_curve){0};
  MG_TRY(mg_safe_check_input(path));
  mg_h5_quiet();
  for (int k = 0; k < TRIES; k++) {
    if (read_file(path, curve)) return MG_OK;
    nanosleep(&PAUSE, NULL);
  }
  return mg_fail(MG_ERR_DATA, "%s: not learning curves of a run, or damaged", path);
}

double mg_run_curve_first(int64_t points, const mg_curve_point *point, double level) {
  for (int64_t k = 0; k < points; k++)
    if ((isnan(point[k].average) ? point[k].raw : point[k].average) >= level) return point[k].steps;
  return NAN;
}
