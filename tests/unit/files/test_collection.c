/* Runs gathered in one file: the index, the grids, what is refused. */
#include "files/collection/collection.h"

#include "files/collection/collection_grid.h"
#include "files/curves/curves.h"
#include "files/h5_util.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void setup(void) {
  scratch_make();
}

TestSuite(collection, .init = setup, .fini = scratch_remove);

static const mg_curve_point CURVE[] = {{100, 1, 10, 20}, {300, 2, 30, NAN}, {400, 3, 70, 60}};

static bool same(double a, double b) {
  return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-12 * fmax(1, fabs(b));
}

/* NaN before the first evaluation, then linear, after the last held while the run went on. */
Test(collection, curve_on_a_grid) {
  const double steps[] = {0, 99, 100, 150, 300, 375, 400, 450, 500, 501};
  const double raw[] = {NAN, NAN, 10, 15, 30, 60, 70, 70, 70, NAN};
  const double average[] = {NAN, NAN, NAN, NAN, NAN, NAN, 60, 60, 60, NAN};
  double r[10], a[10];
  mg_collection_grid_fill(3, CURVE, 500, 10, steps, r, a);
  for (int i = 0; i < 10; i++) {
    cr_assert(same(r[i], raw[i]), "raw at %g: %g instead of %g", steps[i], r[i], raw[i]);
    /* An average that is missing at one end of a piece is missing on it. */
    cr_assert(same(a[i], average[i]), "average at %g: %g instead of %g", steps[i], a[i],
              average[i]);
  }
  mg_collection_grid_fill(0, CURVE, 500, 10, steps, r, a);
  for (int i = 0; i < 10; i++) cr_assert(isnan(r[i]) && isnan(a[i]));
}

/* Of the average where there is one: 60 only at 400, while the raw return has 30 at 300. */
Test(collection, first_evaluation_of_a_level) {
  const mg_curve_point raw[] = {{100, 1, 10, NAN}, {300, 2, 30, NAN}, {400, 3, 20, NAN}};
  cr_assert(mg_run_curve_first(3, CURVE, 20) == 100);
  cr_assert(mg_run_curve_first(3, CURVE, 30) == 300, "the raw return stands in for the average");
  cr_assert(mg_run_curve_first(3, CURVE, 31) == 400);
  cr_assert(isnan(mg_run_curve_first(3, CURVE, 61)));
  cr_assert(mg_run_curve_first(3, raw, 30) == 300 && isnan(mg_run_curve_first(0, raw, 0)));
  cr_assert(isnan(mg_run_curve_first(3, raw, NAN)));
}

Test(collection, grid) {
  double steps[MG_COLLECTION_GRID];
  cr_assert(mg_collection_grid_make(400, steps) == MG_COLLECTION_GRID);
  cr_assert(steps[0] == 0 && steps[1] == 2 && steps[MG_COLLECTION_GRID - 1] == 400);
  cr_assert(mg_collection_grid_make(0, steps) == 1 && steps[0] == 0);
}

static mg_collected_run make_run(const char *folder, const char *method, int64_t seed,
                                 int64_t steps) {
  mg_collected_run run = {.trajectories = 4,
                          .seed = seed,
                          .steps = steps,
                          .planned_steps = 800,
                          .result = 3000.5 + (double)seed,
                          .average_mean = NAN};
  strcpy(run.folder, folder);
  strcpy(run.state, steps == 800 ? "finished" : "partial");
  strcpy(run.task, "Hopper-v4");
  strcpy(run.algorithm, "mgail");
  strcpy(run.method, method);
  return run;
}

static void ok(mg_status status) {
  cr_assert(status == MG_OK, "%s", mg_status_message());
}

static void write_collection(const char *path) {
  mg_collection_writer *w;
  ok(mg_collection_create(path, "mgail 0", "abc", &w));
  mg_collected_run runs[] = {make_run("runs/a", "mgail", 1, 800), make_run("runs/b", "bc", 2, 0),
                             make_run("runs/c \xc3\xbc", "mgail", 3, 400)};
  runs[1].planned_steps = 0;
  strcpy(runs[0].settings, "x");
  strcpy(runs[1].settings, "y");
  strcpy(runs[2].settings, "x");
  strcpy(runs[2].reason, "stopped on request");
  runs[0].seconds = 10, runs[2].seconds = 4;
  const mg_curve_point single = {0, 1, 5, NAN};
  ok(mg_collection_add(w, &runs[0], "a.b=0\n", 3, CURVE));
  ok(mg_collection_add(w, &runs[1], "a.b=1\n", 1, &single));
  ok(mg_collection_skip(w, "runs/broken", "runs/broken: no such thing"));
  ok(mg_collection_add(w, &runs[2], "a.b=2\n", 3, CURVE));
  ok(mg_collection_close(w, true));
}

Test(collection, what_is_written_is_read) {
  const char *path = scratch_path("runs.h5");
  write_collection(path);
  mg_collection c;
  ok(mg_collection_read(path, &c));
  cr_assert(c.runs == 3 && c.skipped == 1);
  cr_assert(strcmp(c.run[2].folder, "runs/c \xc3\xbc") == 0 &&
            strcmp(c.run[2].state, "partial") == 0);
  cr_assert(strcmp(c.run[1].method, "bc") == 0 && *c.run[1].expert == '\0');
  cr_assert(c.run[2].seed == 3 && c.run[2].result == 3003.5 && isnan(c.run[2].average_mean));
  cr_assert(c.run[2].first_evaluation == 4 && c.run[2].evaluations == 3);
  cr_assert(strcmp(c.run[2].reason, "stopped on request") == 0 && !*c.run[0].reason);
  cr_assert(c.settings == 2, "once for each checksum: %d", c.settings);
  cr_assert(strcmp(c.setting[0].checksum, "x") == 0 && strcmp(c.setting[1].checksum, "y") == 0);
  cr_assert(strcmp(c.setting[0].text, "a.b=0\n") == 0 && strcmp(c.setting[1].text, "a.b=1\n") == 0);
  cr_assert(strcmp(c.skip[0][0], "runs/broken") == 0);
  cr_assert(strcmp(c.skip[0][1], "runs/broken: no such thing") == 0);

  mg_collected_curves curves;
  ok(mg_collection_read_curves(&c, "Hopper-v4", "mgail", 4, &curves));
  cr_assert(curves.runs == 2 && curves.points == MG_COLLECTION_GRID);
  cr_assert(curves.run[0] == 0 && curves.run[1] == 2);
  cr_assert(curves.at[50] == 200 && curves.at[200] == 800);
  cr_assert(curves.raw[50] == 20 && isnan(curves.average[50]));
  cr_assert(curves.raw[200] == 70 && curves.average[200] == 60, "held to its end");
  cr_assert(curves.raw[201 + 100] == 70 && isnan(curves.raw[201 + 101]), "and not beyond");
  mg_collected_curves_free(&curves);
  ok(mg_collection_read_curves(&c, "Hopper-v4", "bc", 4, &curves));
  cr_assert(curves.runs == 1 && curves.points == 1 && curves.raw[0] == 5);
  mg_collected_curves_free(&curves);
  ok(mg_collection_read_curves(&c, "Hopper-v4", "gail", 4, &curves));
  cr_assert(curves.runs == 0);
  mg_collection_free(&c);
  cr_assert(scratch_count() == 1, "a temporary file is left");
}

/* Chunks would be most of a small group's bytes. */
Test(collection, grids_take_the_bytes_of_their_values) {
  const char *path = scratch_path("runs.h5");
  write_collection(path);
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t data = H5Dopen2(file, "curves/Hopper-v4_mgail_4/return_raw", H5P_DEFAULT);
  cr_expect_eq(H5Dget_storage_size(data), 2 * MG_COLLECTION_GRID * sizeof(double));
  H5Dclose(data);
  data = H5Dopen2(file, "curves/Hopper-v4_mgail_4/run", H5P_DEFAULT);
  cr_expect_eq(H5Dget_storage_size(data), 2 * sizeof(int64_t));
  H5Dclose(data);
  H5Fclose(file);
}

/* Evaluations at 1, 2, 3 s. A finished run keeps its last value to the end of the longest, one at work
 * is as far as it is. */
Test(collection, curves_over_time) {
  const char *path = scratch_path("runs.h5");
  write_collection(path);
  mg_collection c;
  ok(mg_collection_read(path, &c));
  mg_collected_curves curves;
  ok(mg_collection_read_times(&c, "Hopper-v4", "mgail", 4, &curves));
  const int G = MG_COLLECTION_GRID;
  cr_assert(curves.runs == 2 && curves.points == G && curves.run[0] == 0 && curves.run[1] == 2);
  cr_assert(curves.at[200] == 10 && same(curves.at[0], 0.01) &&
            same(curves.at[100], 0.1 * sqrt(10)));
  cr_assert(curves.at[133] < 1 && isnan(curves.raw[133]), "before the first evaluation");
  cr_assert(same(curves.raw[134], 10 + 20 * (curves.at[134] - 1)), "%g", curves.raw[134]);
  cr_assert(curves.raw[200] == 70 && curves.average[200] == 60, "a finished run stays");
  cr_assert(curves.at[173] < 4 && curves.raw[G + 173] == 70 && isnan(curves.raw[G + 174]),
            "one at work does not");
  mg_collected_curves_free(&curves);
  ok(mg_collection_read_times(&c, "Hopper-v4", "gail", 4, &curves));
  cr_assert(curves.runs == 0);
  mg_collected_curves_free(&curves);
  c.run[0].seconds = 4, c.run[2].seconds = 10;
  ok(mg_collection_read_times(&c, "Hopper-v4", "mgail", 4, &curves));
  cr_assert(curves.raw[200] == 70, "nor does it end before the longest");
  mg_collected_curves_free(&curves);
  c.run[2].first_evaluation = 1000;
  cr_assert(mg_collection_read_times(&c, "Hopper-v4", "mgail", 4, &curves) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), "evaluations"), "%s", mg_status_message());
  mg_collection_free(&c);
}

/* As release 0.1.0 wrote it. */
/* As they were added: what another collection takes over. */
Test(collection, evaluations) {
  const char *path = scratch_path("runs.h5");
  write_collection(path);
  mg_collection c;
  ok(mg_collection_read(path, &c));
  mg_curve_point *point;
  ok(mg_collection_read_points(&c, &c.run[2], &point));
  cr_assert_eq(c.run[2].evaluations, 3);
  for (int i = 0; i < 3; i++)
    cr_expect(point[i].steps == CURVE[i].steps && point[i].seconds == CURVE[i].seconds &&
                  same(point[i].raw, CURVE[i].raw) && same(point[i].average, CURVE[i].average),
              "evaluation %d", i);
  free(point);
  c.run[2].first_evaluation = 1000;
  cr_expect(mg_collection_read_points(&c, &c.run[2], &point) == MG_ERR_DATA && !point);
  mg_collection_free(&c);
}

Test(collection, a_former_file_is_read) {
  const char *path = scratch_path("runs.h5");
  write_collection(path);
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  H5Ldelete(file, "runs/reason", H5P_DEFAULT);
  H5Ldelete(file, "settings", H5P_DEFAULT);
  H5Adelete(file, "format");
  cr_assert(mg_h5_write_text(file, "format", "mgail collection 2"));
  H5Fclose(file);
  mg_collection c;
  ok(mg_collection_read(path, &c));
  cr_assert(c.runs == 3 && c.settings == 0 && !*c.run[2].reason && c.run[2].seed == 3);
  mg_collection_free(&c);
  file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  H5Adelete(file, "format");
  cr_assert(mg_h5_write_text(file, "format", "mgail collection 4"));
  H5Fclose(file);
  cr_assert(mg_collection_read(path, &c) == MG_ERR_DATA, "this one should have had reasons");
  cr_assert(strstr(mg_status_message(), "/runs/reason"), "%s", mg_status_message());
}

static void damaged(const char *path, const char *part) {
  cr_assert(mg_collection_compare(path) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), part), "%s", mg_status_message());
  cr_assert(mg_collection_check(path) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), part), "%s", mg_status_message());
}

static void change(const char *path, const char *name, hid_t type, const void *value) {
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), data = H5Dopen2(file, name, H5P_DEFAULT);
  cr_assert(mg_h5_write_block(data, type, 1, (hsize_t[]){1}, (hsize_t[]){1}, value));
  H5Dclose(data);
  H5Fclose(file);
}

Test(collection, what_is_not_as_it_was_written_is_missed) {
  const char *path = scratch_path("runs.h5");
  write_collection(path);
  ok(mg_collection_check(path));
  const double steps = 301, back = 300;
  change(path, "evaluations/environment_steps", H5T_NATIVE_DOUBLE, &steps);
  damaged(path, "another checksum");
  change(path, "evaluations/environment_steps", H5T_NATIVE_DOUBLE, &back);
  ok(mg_collection_check(path));
  const int64_t row = 1, true_row = 2;
  change(path, "curves/Hopper-v4_mgail_4/run", H5T_NATIVE_INT64, &row);
  damaged(path, "another checksum");
  change(path, "curves/Hopper-v4_mgail_4/run", H5T_NATIVE_INT64, &true_row);
  ok(mg_collection_check(path));

  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  cr_assert(H5Adelete(file, "content_checksum") >= 0);
  H5Fclose(file);
  damaged(path, "another checksum");
  file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  cr_assert(H5Adelete(file, "format") >= 0);
  cr_assert(mg_h5_write_text(file, "format", "mgail collection 3"));
  H5Fclose(file);
  ok(mg_collection_check(path));
}

/* A list of names that comes back to itself, on which HDF5 1.10 crashes or works without end. */
Test(collection, a_file_that_breaks_the_library_is_refused) {
  const char *path = scratch_path("runs.h5");
  static char bytes[1 << 20];
  write_collection(path);
  FILE *file = fopen(path, "r+b");
  const size_t length = fread(bytes, 1, sizeof bytes, file);
  for (size_t at = 0; at + 32 <= length; at++) {
    uint64_t heap[3]; /* size, first free block, address */
    if (memcmp(bytes + at, "HEAP", 4) != 0) continue;
    memcpy(heap, bytes + at + 8, sizeof heap);
    if (heap[1] >= heap[0]) continue;
    const uint64_t again[2] = {heap[1], 16};
    cr_assert(fseek(file, (long)(heap[2] + heap[1]), SEEK_SET) == 0);
    cr_assert(fwrite(again, sizeof again, 1, file) == 1);
  }
  fclose(file);
  cr_assert(mg_collection_check(path) == MG_ERR_DATA);
}

Test(collection, nothing_is_kept_unless_asked) {
  const char *path = scratch_path("runs.h5");
  mg_collection_writer *w;
  ok(mg_collection_create(path, "mgail 0", "abc", &w));
  ok(mg_collection_close(w, false));
  cr_assert(scratch_count() == 0);
  cr_assert(mg_collection_create(scratch_path("no/such/runs.h5"), "", "", &w) == MG_ERR_CREATE);
}

Test(collection, other_files_are_refused) {
  mg_collection c;
  cr_assert(mg_collection_read(scratch_path("absent.h5"), &c) == MG_ERR_NO_INPUT);
  cr_assert(file_write(scratch_path("text.h5"), "no HDF5", 7));
  cr_assert(mg_collection_read(scratch_path("text.h5"), &c) == MG_ERR_DATA);
  /* One column is missing. */
  const char *path = scratch_path("runs.h5");
  write_collection(path);
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  H5Ldelete(file, "runs/seed", H5P_DEFAULT);
  H5Fclose(file);
  cr_assert(mg_collection_read(path, &c) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), "/runs/seed"), "%s", mg_status_message());
}

/* ---- one run's curve, from the file that training writes ---- */

enum { EPISODES = 2 };

static mg_curves *start_curves(const char *path) {
  static const mg_metric metric[] = {{"return", "reward", NULL}};
  static const mg_attribute attribute[] = {{"program", "mgail 9"}, {"ranks", "3"}};
  mg_curves *c;
  ok(mg_curves_create(path, 1, metric, EPISODES, 2, attribute, 0, &c));
  for (int64_t i = 1; i <= 4; i++) {
    double value = (double)i;
    double raw[] = {value, value + 1}, average[] = {10 * value, 10 * value}, length[] = {1, 1};
    ok(mg_curves_append(c, i, 100 * i, 0.5 * value, &value));
    ok(mg_curves_append_evaluation(c, i, 100 * i, 0.5 * value, raw, length, i < 3 ? average : NULL,
                                   i < 3 ? length : NULL));
  }
  return c;
}

static void expect_curve(const char *path) {
  mg_run_curve curve;
  ok(mg_run_curve_read(path, &curve));
  cr_assert(curve.points == 4 && curve.iterations == 4 && curve.steps == 400);
  cr_assert(curve.seconds == 2 && strcmp(curve.ranks, "3") == 0);
  cr_assert(curve.point[1].steps == 200 && curve.point[1].raw == 2.5 &&
            curve.point[1].average == 20);
  cr_assert(curve.point[3].raw == 4.5 && isnan(curve.point[3].average));
  free(curve.point);
}

Test(collection, a_run_curve_also_while_it_is_written) {
  const char *path = scratch_path("curves.h5");
  mg_curves *c = start_curves(path);
  /* A copy, as another process sees it: HDF5 would hand out what this one has open. */
  size_t length;
  unsigned char *bytes = file_read(path, &length);
  cr_assert(file_write(scratch_path("copy.h5"), bytes, length));
  free(bytes);
  expect_curve(scratch_path("copy.h5"));
  ok(mg_curves_close(c));
  expect_curve(path);
}

Test(collection, a_curve_cut_short_is_refused) {
  const char *path = scratch_path("curves.h5");
  ok(mg_curves_close(start_curves(path)));
  size_t length;
  unsigned char *bytes = file_read(path, &length);
  cr_assert(file_write(path, bytes, length / 2));
  free(bytes);
  mg_run_curve curve;
  cr_assert(mg_run_curve_read(path, &curve) == MG_ERR_DATA && !curve.point);
  cr_assert(mg_run_curve_read(scratch_path("absent"), &curve) == MG_ERR_NO_INPUT);
}
