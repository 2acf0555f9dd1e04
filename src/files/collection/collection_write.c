#include "files/collection/collection_columns.h"

#include "base/arena.h"
#include "files/collection/collection_grid.h"
#include "files/curves/curves_file.h"
#include "files/h5_cause.h"
#include "files/h5_value.h"
#include "files/safe_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const mg_collection_column COLUMN[] = {MG_COLLECTION_LIST(MG_COLLECTION_COLUMN)};

enum { CHUNK = 256 };
static const char *const POINT_NAMES[MG_POINT_COLUMNS] = MG_POINT_NAMES;
static const char *const POINT_UNITS[MG_POINT_COLUMNS] = {"steps", "s", "reward", "reward"};

static const char RULE[] =
    "A group is task x method x trajectories. Its grid goes evenly from 0 to the most environment "
    "steps that any of its runs was to take or took. On it a curve is linear between evaluations "
    "(means over their episodes); after the last one its value is held up to the steps that the "
    "run has taken; NaN before the first evaluation, beyond the run's steps, and where it has no "
    "such policy.";

/* What is to be known of a run for the second pass. */
typedef struct entry {
  int64_t first, points, run;
  double taken;
  int group;
} entry;

typedef struct group {
  char task[32], method[32];
  int64_t trajectories;
  double most;
  int64_t runs;
} group;

struct mg_collection_writer {
  char path[MG_PATH_MAX], temporary[MG_PATH_MAX];
  hid_t file;
  hid_t column[MG_COLLECTION_COLUMNS], skip[2], setting[2];
  mg_column point[MG_POINT_COLUMNS];
  int64_t runs, points, skipped, settings, capacity;
  entry *entry; /* [runs] */
  group *group;
  int groups;
  char (*known)[32]; /* [settings] checksums */
};

static mg_status fail_write(const mg_collection_writer *w) {
  return mg_h5_write_failed(w->path, "");
}

static mg_status fail_memory(const mg_collection_writer *w) {
  return mg_fail(MG_ERR_MEMORY, "%s: no memory", w->path);
}

/* ---- columns ---- */

/* A dataset [0] that grows. */
static hid_t create_growing(hid_t where, const char *name, hid_t type) {
  hsize_t none = 0, most = H5S_UNLIMITED, chunk = CHUNK;
  hid_t space = H5Screate_simple(1, &none, &most), creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 1, &chunk);
  hid_t data = H5Dcreate2(where, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  mg_h5_close(creation);
  mg_h5_close(space);
  return data;
}

/* One entry at the end; value points to it (a text: to the pointer). */
static bool append(hid_t data, hid_t type, int64_t row, const void *value) {
  const hsize_t at = (hsize_t)row, one = 1, length = at + 1;
  return H5Dset_extent(data, &length) >= 0 && mg_h5_write_block(data, type, 1, &at, &one, value);
}

/* A group of two columns of texts. */
static bool create_pair(hid_t file, const char *name, const char *first, const char *second,
                        hid_t text, hid_t pair[2]) {
  hid_t where = mg_h5_create_group(file, name);
  if (where >= 0) pair[0] = create_growing(where, first, text);
  if (where >= 0) pair[1] = create_growing(where, second, text);
  mg_h5_close(where);
  return pair[0] >= 0 && pair[1] >= 0;
}

static bool create_index(mg_collection_writer *w, hid_t text) {
  hid_t runs = mg_h5_create_group(w->file, "runs");
  bool ok = runs >= 0;
  for (int k = 0; ok && k < MG_COLLECTION_COLUMNS; k++) {
    const mg_collection_column *c = &COLUMN[k];
    hid_t type = c->kind == MG_COLLECTION_KIND_TEXT  ? text
                 : c->kind == MG_COLLECTION_KIND_I64 ? H5T_STD_I64LE
                                                     : H5T_IEEE_F64LE;
    w->column[k] = create_growing(runs, c->name, type);
    ok = w->column[k] >= 0 && mg_h5_write_text(w->column[k], "unit", c->unit) &&
         mg_h5_write_text(w->column[k], "help", c->help);
  }
  mg_h5_close(runs);
  return ok && create_pair(w->file, "skipped", "folder", "reason", text, w->skip) &&
         create_pair(w->file, "settings", "checksum", "text", text, w->setting);
}

static bool create_points(mg_collection_writer *w) {
  hid_t evaluations = mg_h5_create_group(w->file, "evaluations");
  bool ok = evaluations >= 0;
  for (int k = 0; ok && k < MG_POINT_COLUMNS; k++)
    ok =
        mg_column_create(&w->point[k], evaluations, POINT_NAMES[k], false, 0, POINT_UNITS[k], NULL);
  mg_h5_close(evaluations);
  return ok;
}

static bool create_all(mg_collection_writer *w, const char *program, const char *git) {
  char created[32] = "";
  time_t now = time(NULL);
  struct tm utc;
  if (gmtime_r(&now, &utc)) strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", &utc);
  hid_t text = mg_h5_text_type(0, false);
  bool ok = mg_h5_write_text(w->file, "format", MG_COLLECTION_FORMAT) &&
            mg_h5_write_text(w->file, "program", program) &&
            mg_h5_write_text(w->file, "git", git) &&
            mg_h5_write_text(w->file, "created", created) &&
            mg_h5_write_text(w->file, "rule", RULE) && create_index(w, text) && create_points(w);
  mg_h5_close(text);
  return ok;
}

static void close_ids(mg_collection_writer *w, bool *ok) {
  for (int k = 0; k < MG_COLLECTION_COLUMNS; k++) *ok = mg_h5_close(w->column[k]) && *ok;
  for (int k = 0; k < 2; k++) *ok = mg_h5_close(w->skip[k]) && mg_h5_close(w->setting[k]) && *ok;
  for (int k = 0; k < MG_POINT_COLUMNS; k++) *ok = mg_column_close(&w->point[k]) && *ok;
  *ok = mg_h5_close(w->file) && *ok;
}

static void destroy(mg_collection_writer *w) {
  free(w->entry);
  free(w->group);
  free(w->known);
  free(w);
}

mg_status mg_collection_create(const char *path, const char *program, const char *git,
                               mg_collection_writer **writer) {
  *writer = NULL;
  mg_collection_writer *w = mg_memory_take(1, sizeof *w);
  if (!w) return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  w->file = w->skip[0] = w->skip[1] = w->setting[0] = w->setting[1] = -1;
  for (int k = 0; k < MG_COLLECTION_COLUMNS; k++) w->column[k] = -1;
  for (int k = 0; k < MG_POINT_COLUMNS; k++) w->point[k].data = -1;
  mg_status status = mg_safe_temporary(path, w->temporary);
  if (status == MG_OK) {
    strcpy(w->path, path); /* shorter than the temporary name */
    mg_h5_quiet();
    w->file = H5Fcreate(w->temporary, H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
    if (w->file < 0)
      status = mg_fail(MG_ERR_CREATE, "%s: cannot be created; expected a folder to write in", path);
    else if (!create_all(w, program, git))
      status = fail_write(w);
  }
  if (status == MG_OK) return *writer = w, MG_OK;
  bool had_file = w->file >= 0, ok = true;
  close_ids(w, &ok);
  if (had_file) unlink(w->temporary);
  destroy(w);
  return status;
}

/* ---- rows ---- */

static bool append_points(mg_collection_writer *w, int64_t points, const mg_curve_point *point) {
  for (int64_t done = 0; done < points;) {
    double buffer[MG_POINT_COLUMNS][CHUNK];
    int n = points - done < CHUNK ? (int)(points - done) : CHUNK;
    for (int i = 0; i < n; i++) {
      const mg_curve_point *p = &point[done + i];
      buffer[MG_POINT_STEPS][i] = p->steps, buffer[MG_POINT_SECONDS][i] = p->seconds;
      buffer[MG_POINT_RAW][i] = p->raw, buffer[MG_POINT_AVERAGE][i] = p->average;
    }
    for (int k = 0; k < MG_POINT_COLUMNS; k++)
      if (!mg_column_write(&w->point[k], (hsize_t)w->points, (hsize_t)n, buffer[k])) return false;
    w->points += n;
    done += n;
  }
  return true;
}

/* The group of a run, a new one if need be; -1: no memory. */
static int find_group(mg_collection_writer *w, const mg_collected_run *run) {
  for (int k = 0; k < w->groups; k++) {
    const group *g = &w->group[k];
    if (strcmp(g->task, run->task) == 0 && strcmp(g->method, run->method) == 0 &&
        g->trajectories == run->trajectories)
      return k;
  }
  group *larger = mg_memory_grow(w->group, (size_t)(w->groups + 1) * sizeof *larger);
  if (!larger) return -1;
  w->group = larger;
  group *g = &larger[w->groups];
  *g = (group){.trajectories = run->trajectories};
  strcpy(g->task, run->task);
  strcpy(g->method, run->method);
  return w->groups++;
}

static mg_status remember(mg_collection_writer *w, const mg_collected_run *run) {
  if (w->runs == w->capacity) {
    int64_t capacity = w->capacity ? 2 * w->capacity : 64;
    entry *larger = mg_memory_grow(w->entry, (size_t)capacity * sizeof *larger);
    if (!larger) return fail_memory(w);
    w->entry = larger, w->capacity = capacity;
  }
  int k = find_group(w, run);
  if (k < 0) return fail_memory(w);
  group *g = &w->group[k];
  g->runs++;
  g->most = fmax(g->most, fmax((double)run->planned_steps, (double)run->steps));
  w->entry[w->runs] = (entry){.first = run->first_evaluation,
                              .points = run->evaluations,
                              .run = w->runs,
                              .taken = (double)run->steps,
                              .group = k};
  return MG_OK;
}

/* A row of a group of two columns. */
static mg_status append_pair(mg_collection_writer *w, const hid_t pair[2], int64_t row,
                             const char *first, const char *second) {
  hid_t text = mg_h5_text_type(0, false);
  bool ok = append(pair[0], text, row, &first) && append(pair[1], text, row, &second);
  mg_h5_close(text);
  return ok ? MG_OK : fail_write(w);
}

/* Once for each checksum. */
static mg_status add_settings(mg_collection_writer *w, const char *checksum, const char *settings) {
  for (int64_t k = 0; k < w->settings; k++)
    if (strcmp(w->known[k], checksum) == 0) return MG_OK;
  void *larger = mg_memory_grow(w->known, (size_t)(w->settings + 1) * sizeof *w->known);
  if (!larger) return fail_memory(w);
  w->known = larger;
  snprintf(w->known[w->settings], sizeof *w->known, "%s", checksum);
  return append_pair(w, w->setting, w->settings++, checksum, settings);
}

mg_status mg_collection_add(mg_collection_writer *w, const mg_collected_run *run,
                            const char *settings, int64_t points, const mg_curve_point *point) {
  mg_collected_run row = *run;
  row.first_evaluation = w->points, row.evaluations = points;
  MG_TRY(remember(w, &row));
  MG_TRY(add_settings(w, run->settings, settings));
  bool ok = append_points(w, points, point);
  hid_t text = mg_h5_text_type(0, false);
  for (int k = 0; ok && k < MG_COLLECTION_COLUMNS; k++) {
    const char *field = (const char *)&row + COLUMN[k].offset;
    if (COLUMN[k].kind == MG_COLLECTION_KIND_TEXT)
      ok = append(w->column[k], text, w->runs, &field);
    else if (COLUMN[k].kind == MG_COLLECTION_KIND_I64)
      ok = append(w->column[k], H5T_NATIVE_INT64, w->runs, field);
    else
      ok = append(w->column[k], H5T_NATIVE_DOUBLE, w->runs, field);
  }
  mg_h5_close(text);
  w->runs++;
  return ok ? MG_OK : fail_write(w);
}

mg_status mg_collection_skip(mg_collection_writer *w, const char *folder, const char *reason) {
  return append_pair(w, w->skip, w->skipped++, folder, reason);
}

/* ---- the grids ---- */

void mg_collection_group_name(const char *task, const char *method, int64_t trajectories,
                              char name[128]) {
  snprintf(name, 128, "%s_%s_%lld", task, method, (long long)trajectories);
  for (char *c = name; *c; c++)
    if (*c == '/') *c = '-'; /* HDF5's separator */
}

static bool read_points(const mg_collection_writer *w, const entry *e, mg_curve_point *point) {
  hsize_t first = (hsize_t)e->first, count = (hsize_t)e->points;
  if (count == 0) return true;
  double *column = mg_memory_take((size_t)count, sizeof *column);
  bool ok = column != NULL;
  for (int k = 0; ok && k < MG_POINT_COLUMNS; k++) {
    ok = mg_column_read(&w->point[k], first, count, column);
    for (hsize_t i = 0; ok && i < count; i++) {
      double *to[MG_POINT_COLUMNS] = {&point[i].steps, &point[i].seconds, &point[i].raw,
                                      &point[i].average};
      *to[k] = column[i];
    }
  }
  free(column);
  return ok;
}

/* A dataset [rows] (columns 0) or [rows, columns] of a size that stays: without chunks, whose index
 * would be most of it. */
static hid_t create_fixed(hid_t where, const char *name, hid_t type, int64_t rows, int columns,
                          const char *unit) {
  const hsize_t dims[2] = {(hsize_t)rows, (hsize_t)columns};
  hid_t space = H5Screate_simple(columns > 0 ? 2 : 1, dims, NULL);
  hid_t data = H5Dcreate2(where, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  mg_h5_close(space);
  return data >= 0 && mg_h5_write_text(data, "unit", unit) ? data : (mg_h5_close(data), -1);
}

/* The datasets of a group. */
enum { GRID_STEPS, GRID_RUN, GRID_RAW, GRID_AVERAGE, GRID_DATASETS };

static bool create_grid(const group *g, hid_t where, int grid, hid_t data[GRID_DATASETS]) {
  data[GRID_STEPS] = create_fixed(where, "environment_steps", H5T_IEEE_F64LE, grid, 0, "steps");
  data[GRID_RUN] = create_fixed(where, "run", H5T_STD_I64LE, g->runs, 0, "");
  data[GRID_RAW] = create_fixed(where, "return_raw", H5T_IEEE_F64LE, g->runs, grid, "reward");
  data[GRID_AVERAGE] =
      create_fixed(where, "return_average", H5T_IEEE_F64LE, g->runs, grid, "reward");
  bool ok = mg_h5_write_text(where, "task", g->task) &&
            mg_h5_write_text(where, "method", g->method) &&
            mg_h5_write_i64(where, "trajectories", g->trajectories);
  for (int k = 0; k < GRID_DATASETS; k++) ok = ok && data[k] >= 0;
  return ok && mg_h5_write_text(data[GRID_RUN], "help", "rows of /runs");
}

static bool write_run(const mg_collection_writer *w, const entry *e, hsize_t row, int grid,
                      const double *steps, const hid_t data[GRID_DATASETS]) {
  double raw[MG_COLLECTION_GRID], average[MG_COLLECTION_GRID];
  mg_curve_point *point = mg_memory_take((size_t)e->points, sizeof *point);
  bool ok = point && read_points(w, e, point);
  if (ok) mg_collection_grid_fill(e->points, point, e->taken, grid, steps, raw, average);
  free(point);
  const hsize_t at[2] = {row, 0}, count[2] = {1, (hsize_t)grid};
  return ok && mg_h5_write_block(data[GRID_RUN], H5T_NATIVE_INT64, 1, at, count, &e->run) &&
         mg_h5_write_block(data[GRID_RAW], H5T_NATIVE_DOUBLE, 2, at, count, raw) &&
         mg_h5_write_block(data[GRID_AVERAGE], H5T_NATIVE_DOUBLE, 2, at, count, average);
}

static bool write_group(const mg_collection_writer *w, hid_t curves, int k) {
  const group *g = &w->group[k];
  char name[128];
  mg_collection_group_name(g->task, g->method, g->trajectories, name);
  double steps[MG_COLLECTION_GRID];
  const int grid = mg_collection_grid_make(g->most, steps);
  const hsize_t first = 0, all = (hsize_t)grid;
  hid_t data[GRID_DATASETS] = {-1, -1, -1, -1}, where = mg_h5_create_group(curves, name);
  bool ok = where >= 0 && create_grid(g, where, grid, data) &&
            mg_h5_write_block(data[GRID_STEPS], H5T_NATIVE_DOUBLE, 1, &first, &all, steps);
  hsize_t row = 0;
  for (int64_t i = 0; ok && i < w->runs; i++)
    if (w->entry[i].group == k) ok = write_run(w, &w->entry[i], row++, grid, steps, data);
  for (int i = 0; i < GRID_DATASETS; i++) ok = mg_h5_close(data[i]) && ok;
  return mg_h5_close(where) && ok;
}

mg_status mg_collection_close(mg_collection_writer *w, bool keep) {
  bool ok = true;
  if (keep) {
    hid_t curves = mg_h5_create_group(w->file, "curves");
    ok = curves >= 0;
    for (int k = 0; ok && k < w->groups; k++) ok = write_group(w, curves, k);
    mg_h5_close(curves);
  }
  close_ids(w, &ok);
  if (keep) ok = ok && mg_collection_seal(w->temporary);
  mg_status status = ok ? MG_OK : fail_write(w);
  if (status == MG_OK && keep)
    status = mg_safe_commit(w->temporary, w->path, false);
  else
    unlink(w->temporary);
  destroy(w);
  return status;
}
