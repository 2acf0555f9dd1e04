/* A report's cells against figures worked out by hand; its pages. */
#include "app/report/figure.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 7 };

static mg_collected_run make_run(const char *method, int64_t seed, double result,
                                 double steps_to_90) {
  mg_collected_run run = {.trajectories = 4,
                          .seed = seed,
                          .planned_steps = 1000,
                          .episodes = 50,
                          .result = result,
                          .steps_to_90 = steps_to_90,
                          .score = result / 100,
                          .reference_score = result / 200,
                          .random_return = 0,
                          .data_return = 100,
                          .reference_return = 200};
  strcpy(run.state, "finished");
  strcpy(run.task, "Hopper-v4");
  strcpy(run.method, method);
  strcpy(run.settings, "same");
  return run;
}

static mg_report fill(mg_collection *collection) {
  mg_report report = {.collection = collection, .resamples = 10, .seed = 1};
  report.paper.rows = 1;
  strcpy(report.paper.row[0].task, "Hopper");
  report.paper.row[0].trajectories = 4;
  for (int m = 0; m < MG_PAPER_METHODS; m++) report.paper.row[0].mean[m] = 10 * (m + 1);
  cr_assert(mg_report_fill(&report) == MG_OK, "%s", mg_status_message());
  return report;
}

Test(report, cells) {
  mg_collected_run run[RUNS] = {make_run("mgail", 1, 90, 300),   make_run("gail", 1, 40, NAN),
                                make_run("mgail", 2, 60, NAN),   make_run("mgail", 3, 102, 100),
                                make_run("gail", 2, 80, 500),    make_run("mgail", 4, 5, 200),
                                make_run("mgail-paper", 1, 7, 1)};
  strcpy(run[5].state, "partial"); /* counts nowhere */
  mg_collection collection = {.path = "runs.h5", .runs = RUNS, .run = run};
  mg_report report = fill(&collection);

  /* bc has no run here, but a figure of the paper. */
  cr_assert(report.cells == 4);
  const char *const order[] = {"bc", "gail", "mgail", "mgail-paper"};
  for (int k = 0; k < 4; k++) cr_assert_str_eq(report.cell[k].method, order[k]);
  const mg_cell *bc = &report.cell[0], *gail = &report.cell[1], *mgail = &report.cell[2];
  cr_assert(bc->finished == 0 && bc->published && bc->paper_mean == 10);
  cr_assert(mgail->paper_mean == 30);

  cr_assert(mgail->finished == 3 && mgail->partial == 1);
  cr_assert(mgail->mean == 84 && fabs(mgail->sd - sqrt((36. + 576 + 324) / 2)) < 1e-12);
  cr_assert(mgail->worst == 60 && mgail->worst_seed == 2);
  cr_assert(fabs(mgail->iqm - 0.84) < 1e-12);
  cr_assert(fabs(mgail->reference_score - 0.42) < 1e-12 && mgail->data_return == 100);

  /* A run that never got there comes last: of {100, 300, never} the middle, of two no middle. */
  cr_assert(mgail->reached == 2 && mgail->steps_to_90 == 300, "%g", mgail->steps_to_90);
  cr_assert(gail->reached == 1 && isinf(gail->steps_to_90), "%g", gail->steps_to_90);
  cr_assert(mgail->takes_steps && !bc->takes_steps);
  mg_report_free(&report);
}

Test(report, median_of_an_even_number) {
  mg_collected_run run[2] = {make_run("gail", 1, 90, 300), make_run("gail", 2, 95, 400)};
  mg_collection collection = {.path = "runs.h5", .runs = 2, .run = run};
  mg_report report = fill(&collection);
  cr_assert(report.cell[1].steps_to_90 == 350 && report.cell[1].reached == 2);
  mg_report_free(&report);
}

/* How often a file of the scratch folder has a text. */
static int occurrences(const char *name, const char *text) {
  size_t length = 0;
  unsigned char *bytes = file_read(scratch_path(name), &length);
  cr_assert(bytes, "%s", name);
  char *all = (char *)bytes;
  all[length] = '\0';
  int n = 0;
  for (const char *at = all; (at = strstr(at, text)); at += strlen(text)) n++;
  free(bytes);
  return n;
}

/* Figures stand below the title of their row, once, in both forms; what was not drawn does not. */
Test(report, pages) {
  static char skip[1][2][1024] = {{"runs/<b>", "runs/<b>: damaged"}};
  mg_collected_run run[3] = {make_run("gail", 1, 90, 300), make_run("gail", 2, 95, 400),
                             make_run("none", 1, 10, NAN)};
  strcpy(run[1].settings, "other");
  mg_collection collection = {
      .path = "runs.h5", .runs = 3, .run = run, .skipped = 1, .skip = skip, .created = "today"};
  mg_report report = fill(&collection);
  mg_figure figure[] = {{.row = mg_figure_rows, .name = "curves-a", .drawn = true},
                        {.row = mg_figure_rows, .name = "curves-b"},
                        {.row = mg_figure_rows, .name = "curves-c", .drawn = true}};
  scratch_make();
  report.figure = figure, report.figures = 3;
  report.folder = scratch_path("");
  cr_assert(file_write(scratch_path("curves-a.svg"), "<?xml?><svg id=\"a\"/>", 20));
  cr_assert(file_write(scratch_path("curves-c.svg"), "<?xml?><svg id=\"c\"/>", 20));
  cr_assert(mg_report_write(&report) == MG_OK, "%s", mg_status_message());
  static const char *const files[] = {"report.md", "report.html"};
  static const char *const pictures[][2] = {{"![curves-a](curves-a.png)", "![curves-c]"},
                                            {"<figure><svg id=\"a\"/>", "<svg id=\"c\"/>"}};
  for (int k = 0; k < 2; k++) {
    cr_assert(occurrences(files[k], mg_figure_rows[0].title) == 1);
    cr_assert(occurrences(files[k], mg_figure_rows[0].reading) == 1);
    cr_assert(occurrences(files[k], pictures[k][0]) == 1 &&
              occurrences(files[k], pictures[k][1]) == 1);
    cr_assert(occurrences(files[k], "curves-b") == 0 && occurrences(files[k], "<?xml") == 0);
    cr_assert(occurrences(files[k], "No expert") == 1 && occurrences(files[k], "<b>") == 0);
    cr_assert(occurrences(files[k], "are of 2 different settings") == 1);
  }
  scratch_remove();
  report.figure = NULL;
  mg_report_free(&report);
}
