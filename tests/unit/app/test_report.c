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
  cr_assert(mgail->worst == 60 && mgail->worst_seed == 2 && mgail->worst_run == 2);
  cr_assert(bc->worst_run == -1);
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
  mg_figure figure[] = {{.row = mg_figure_rows, .name = "curves-a", .words = "<a>", .drawn = true},
                        {.row = mg_figure_rows, .name = "curves-b"},
                        {.row = mg_figure_rows, .name = "curves-c", .words = "c", .drawn = true},
                        {.row = mg_figure_rows, .name = "curves-d", .words = "d", .drawn = true}};
  scratch_make();
  report.figure = figure, report.figures = 4;
  report.folder = scratch_path("");
  report.most = MG_REPORT_BYTES;
  cr_assert(file_write(scratch_path("curves-a.svg"), "<?xml?><svg id=\"a\"/>", 20));
  cr_assert(file_write(scratch_path("curves-c.svg"), "<?xml?><svg id=\"c\"/>", 20));
  mg_log log = {0};
  cr_assert(mg_report_write(&report, &log) == MG_OK, "%s", mg_status_message());
  static const char *const files[] = {"report.md", "report.html"};
  static const char *const pictures[][2] = {
      {"![\\<a\\>](curves-a.png)", "![c](curves-c.png)"},
      {"<figure><svg role=\"img\" aria-label=\"&lt;a&gt;\" id=\"a\"/>", " id=\"c\"/>"}};
  static const char *const title[][2] = {
      {"\n## Learning curves\n", "- [Learning curves](#learning-curves)\n"},
      {"<h2 id=\"learning-curves\">", "<a href=\"#learning-curves\">"}};
  for (int k = 0; k < 2; k++) {
    cr_assert(occurrences(files[k], title[k][0]) == 1 && occurrences(files[k], title[k][1]) == 1);
    cr_assert(occurrences(files[k], "#learning-curves-over-time") == 0, "nothing is in it");
    cr_assert(occurrences(files[k], mg_figure_rows[0].reading) == 1);
    cr_assert(occurrences(files[k], pictures[k][0]) == 1 &&
              occurrences(files[k], pictures[k][1]) == 1);
    cr_assert(occurrences(files[k], "curves-b") == 0 && occurrences(files[k], "<?xml") == 0);
    cr_assert(occurrences(files[k], "No expert") >= 2 && occurrences(files[k], "<b>") == 0);
    cr_assert(occurrences(files[k], "Hopper-v4, 4, gail (2 settings).") == 1);
  }
  cr_assert(occurrences("report.html", "curves-d.svg could not be read") == 1);
  scratch_remove();
  report.figure = NULL;
  mg_report_free(&report);
}

/* Scores 0.9, 0.6, 1.02 on one task and 0.5 on another: above 0.88 two of four, above 1.02 none. */
Test(report, profile) {
  mg_collected_run run[4] = {make_run("mgail", 1, 90, 300), make_run("mgail", 2, 60, NAN),
                             make_run("mgail", 3, 102, 100), make_run("mgail", 1, 50, NAN)};
  strcpy(run[3].task, "Walker2d-v4");
  mg_collection collection = {.path = "runs.h5", .runs = 4, .run = run};
  mg_report report = fill(&collection);
  const int last = MG_COLLECTION_GRID - 1;
  cr_assert(fabs(report.score_grid[last] - 1.1) < 1e-12, "%g", report.score_grid[last]);
  cr_assert(report.overalls == 1);
  const double *share = report.overall[0].share;
  cr_assert(share[0] == 1 && share[100] == 0.75, "0.55: %g", share[100]);
  cr_assert(share[160] == 0.5, "0.88: %g", share[160]);
  cr_assert(share[185] == 0.25 && share[186] == 0, "1.0175, 1.023");
  cr_assert(report.overall[0].band[160].low <= share[160] &&
            report.overall[0].band[160].high >= share[160]);
  mg_report_free(&report);
}

/* ---- lines ---- */

/* Two runs at three points; the first has nothing in the middle, the second nothing at the end. */
static mg_status read_two(const mg_collection *collection, const char *task, const char *method,
                          int64_t trajectories, mg_collected_curves *curves) {
  (void)collection, (void)task, (void)method, (void)trajectories;
  static const double raw[] = {1, NAN, 3, 5, 7, NAN};
  *curves = (mg_collected_curves){.runs = 2,
                                  .points = 3,
                                  .run = calloc(2, sizeof *curves->run),
                                  .at = calloc(3, sizeof *curves->at),
                                  .raw = calloc(6, sizeof *curves->raw),
                                  .average = calloc(6, sizeof *curves->average)};
  for (int k = 0; k < 6; k++) curves->raw[k] = raw[k], curves->average[k] = NAN;
  for (int k = 0; k < 3; k++) curves->at[k] = k;
  curves->run[1] = 1;
  return MG_OK;
}

static const mg_figure_row two = {.name = "two", .read = read_two};
static const mg_figure hopper = {.row = &two, .task = "Hopper-v4", .trajectories = 4};

Test(report, lines_of_means) {
  mg_collected_run run[2] = {make_run("gail", 1, 90, 300), make_run("gail", 2, 95, 400)};
  mg_collection collection = {.path = "runs.h5", .runs = 2, .run = run};
  for (int partial = 0; partial < 2; partial++) {
    if (partial) strcpy(run[1].state, "partial");
    mg_report report = fill(&collection);
    mg_lines lines = {0};
    cr_assert(mg_lines_of_means(&two, &report, &hopper, &lines) == MG_OK);
    cr_assert(lines.count == 4 - partial, "%d", lines.count);
    const mg_line *l = lines.line;
    cr_assert_str_eq(l[0].name, "gail (2)");
    cr_assert(l[0].style == MG_LINE_MEAN && l[0].points == 3);
    cr_assert(l[0].y[0] == 3 && l[0].low[0] == 1 && l[0].high[0] == 5);
    cr_assert(l[0].y[1] == 7 && l[0].y[2] == 3 && l[0].x[2] == 2);
    /* What stands at the end of all stands on, where all have ended. */
    if (!partial) cr_assert(l[1].style == MG_LINE_FINAL && l[1].points == 1 && l[1].x[0] == 2);
    if (!partial) cr_assert(l[1].y[0] == 3 && !*l[1].name);
    cr_assert_str_eq(l[2 - partial].name, "data 100");
    cr_assert_str_eq(l[3 - partial].name, "random 0");
    free(lines.line);
    mg_report_free(&report);
  }
}

Test(report, the_worst_line_is_named_and_above) {
  mg_collected_run run[2] = {make_run("gail", 1, 90, 300), make_run("gail", 2, 95, 400)};
  mg_collection collection = {.path = "runs.h5", .runs = 2, .run = run};
  mg_report report = fill(&collection);
  mg_lines lines = {0};
  cr_assert(mg_lines_of_runs(&two, &report, &hopper, &lines) == MG_OK && lines.count == 4);
  const mg_line *other = &lines.line[0], *worst = &lines.line[1];
  cr_assert(other->style == MG_LINE_RUN && !*other->name && other->points == 2);
  cr_assert(other->y[0] == 5 && other->y[1] == 7);
  cr_assert_str_eq(worst->name, "gail, seed 1");
  cr_assert(worst->style == MG_LINE_WORST && worst->points == 2 && worst->y[1] == 3);
  free(lines.line);
  mg_report_free(&report);
}

/* Without gnuplot its script and data are there. From the first evaluation on; what stands over the whole
 * width begins there, for a logarithm has no 0. */
Test(report, an_axis_of_time) {
  static const mg_figure_unit unit[] = {{0, 1, ""}};
  static const mg_figure_row row = {.title = "T",
                                    .x_label = "time",
                                    .y_label = "return",
                                    .unit = unit,
                                    .of_time = true,
                                    .told = INFINITY};
  mg_figure figure = {.row = &row, .name = "t", .of = "a task"};
  mg_lines lines = {0};
  mg_line *l = mg_lines_add(&lines, MG_LINE_MEAN, "#0072b2", "mgail (2)");
  l->points = 2;
  for (int i = 0; i < 2; i++) l->x[i] = i ? 100 : 5, l->y[i] = l->low[i] = l->high[i] = i ? 20 : 10;
  l = mg_lines_add(&lines, MG_LINE_DATA, MG_FIGURE_INK, "data 7");
  l->points = 1, l->x[0] = 0, l->y[0] = l->low[0] = l->high[0] = 7;
  scratch_make();
  const mg_report report = {.folder = scratch_path("")};
  bool missing = true;
  mg_log log = {0};
  cr_assert(mg_figure_plot(&report, &figure, &lines, &missing, &log) == MG_OK);
  cr_assert(occurrences("t.gp", "set logscale x") == 1 && occurrences("t.gp", "'20 s' 20") == 1);
  cr_assert(occurrences("t.gp", "set xrange [5:100]") == 1);
  cr_assert(occurrences("t.dat", "\n5 10 10 10\n100 20 20 20\n") == 1);
  cr_assert(occurrences("t.dat", "# data 7\n5 7 7 7\n100 7 7 7\n") == 1);
  cr_assert_str_eq(figure.words, "T, a task; mgail (2): 20 at the end; data 7");
  cr_assert(!figure.drawn);
  free(lines.line);
  scratch_remove();
}

Test(report, names_mean_nothing_to_gnuplot) {
  mg_lines lines = {0};
  const mg_line *l = mg_lines_add(&lines, MG_LINE_RUN, "#000000", "%s", "a'\"`\\<b>\n\xc3\xa9(1)");
  cr_assert_str_eq(l->name, "a-----b----(1)");
  free(lines.line);
}

/* ---- settings ---- */

/* Only what a method reads is compared: what two methods have differently, what runs of one have. */
Test(report, settings_that_differ) {
  static struct mg_collected_settings setting[] = {
      {"m1", "run.env=Hopper-v4\npolicy.rate=1\nclone.weight=3\ndata.mask=\nmgail.updates=1\n"},
      {"m16", "run.env=Hopper-v4\npolicy.rate=1\nclone.weight=3\ndata.mask=\nmgail.updates=16\n"},
      {"g",
       "run.env=Other-v4\npolicy.rate=12\nclone.weight=3\ngail.horizon=5\nmgail.updates=99\n"}};
  mg_collected_run run[3] = {make_run("mgail", 1, 90, 300), make_run("mgail", 2, 95, 400),
                             make_run("gail", 1, 10, NAN)};
  for (int k = 0; k < 3; k++) strcpy(run[k].settings, setting[k].checksum);
  mg_collection collection = {
      .path = "runs.h5", .runs = 3, .run = run, .settings = 3, .setting = setting};
  mg_report report = fill(&collection);
  mg_text_table table = mg_report_settings_table(&report);
  cr_assert(table.columns == 4 && table.rows == 2, "%d rows", table.rows);
  cr_assert_str_eq(table.head[2], "gail");
  cr_assert_str_eq(table.head[3], "mgail");
  static const char *const cells[2][4] = {{"Hopper-v4", "policy.rate", "12", "1"},
                                          {"Hopper-v4", "mgail.updates", "–", "1, 16"}};
  for (int r = 0; r < 2; r++)
    for (int k = 0; k < 4; k++) cr_assert_str_eq(table.row[r].text[k], cells[r][k]);
  mg_table_free(&table);
  mg_report_free(&report);
}

Test(report, no_more_values_than_can_be_read) {
  enum { MANY = 20 };
  static struct mg_collected_settings setting[MANY];
  static mg_collected_run run[MANY];
  for (int k = 0; k < MANY; k++) {
    run[k] = make_run("mgail", k, 90, 300);
    snprintf(run[k].settings, sizeof run[k].settings, "%d", k);
    strcpy(setting[k].checksum, run[k].settings);
    snprintf(setting[k].text, sizeof setting[k].text, "mgail.updates=%d\n", k);
  }
  mg_collection collection = {
      .path = "runs.h5", .runs = MANY, .run = run, .settings = MANY, .setting = setting};
  mg_report report = fill(&collection);
  mg_text_table table = mg_report_settings_table(&report);
  cr_assert(table.rows == 1);
  cr_assert_str_eq(table.row[0].text[2], "0, 1, 2, 3, 4, 5, 6, 7, ...");
  mg_table_free(&table);
  mg_report_free(&report);
}

/* ---- what stands in the page ---- */

/* gnuplot's greys become the page's; a method's colour stays. */
Test(report, a_figure_in_the_page) {
  static const char SVG[] =
      "<?xml?><svg><title>t</title><desc>d</desc><g id=\"gnuplot_canvas\"/><defs><path "
      "id='gpDot'/></defs><rect fill=\"#ffffff\"/>"
      "<path stroke='rgb( 85,  85,  85)'/><text fill=\"rgb(51,51,51)\"/>"
      "<path stroke='rgb(228, 228, 228)'/><path stroke='rgb(  0, 114, 178)'/></svg>";
  mg_collected_run run = make_run("gail", 1, 90, 300);
  mg_collection collection = {.path = "runs.h5", .runs = 1, .run = &run};
  mg_report report = fill(&collection);
  mg_figure figure = {.row = mg_figure_rows, .name = "curves-a", .words = "w", .drawn = true};
  scratch_make();
  report.figure = &figure, report.figures = 1;
  report.folder = scratch_path("");
  report.most = MG_REPORT_BYTES;
  cr_assert(file_write(scratch_path("curves-a.svg"), SVG, sizeof SVG - 1));
  mg_log log = {0};
  cr_assert(mg_report_write(&report, &log) == MG_OK);
  cr_assert(occurrences("report.html",
                        "<svg role=\"img\" aria-label=\"w\"><g/><rect fill=\"none\"/>"
                        "<path stroke='var(--frame)'/><text fill=\"var(--ink)\"/>"
                        "<path stroke='var(--line)'/><path stroke='rgb(  0, 114, 178)'/></svg>") ==
            1);
  scratch_remove();
  report.figure = NULL;
  mg_report_free(&report);
}

/* The largest film is left out first, then the other, then figures; what is left out is named. */
Test(report, a_page_that_would_be_too_large) {
  mg_collected_run run = make_run("gail", 1, 90, 300);
  mg_collection collection = {.path = "runs.h5", .runs = 1, .run = &run};
  mg_report report = fill(&collection);
  mg_figure figure = {.row = mg_figure_rows, .name = "curves-a", .words = "w", .drawn = true};
  mg_report_one_film film[] = {{.task = "A-v0", .name = "film-a", .words = "one"},
                               {.task = "B-v0", .name = "film-b", .words = "two"}};
  scratch_make();
  static char bytes[60000];
  memset(bytes, 'x', sizeof bytes);
  cr_assert(file_write(scratch_path("curves-a.svg"), "<svg id=\"a\"/>", 13));
  cr_assert(file_write(scratch_path("film-a.webp"), "ManM", 4));
  cr_assert(file_write(scratch_path("film-b.webp"), bytes, sizeof bytes));
  report.figure = &figure, report.figures = 1;
  report.film = film, report.films = 2;
  char folder[256];
  snprintf(folder, sizeof folder, "%s", scratch_path(""));
  report.folder = folder;
  mg_log log = {0};
  /* Room for: all, the small film, nothing. */
  const size_t most[] = {MG_REPORT_BYTES, 60000, 100};
  for (int k = 0; k < 3; k++) {
    report.most = most[k];
    cr_assert(mg_report_write(&report, &log) == MG_OK, "%s", mg_status_message());
    cr_assert(occurrences("report.html", "data:image/webp;base64,TWFuTQ==\"") == (k < 2));
    cr_assert(occurrences("report.html", "data:image/webp;base64,eHh4eHh4") == (k < 1));
    cr_assert(occurrences("report.html", "id=\"a\"") == (k < 2));
    cr_assert(occurrences("report.html", "film-b.webp, 0.08 MB, is left out") == (k > 0));
    cr_assert(occurrences("report.html", "film-a.webp, 0.00 MB, is left out") == (k > 1));
    cr_assert(occurrences("report.html", "curves-a.svg, 0.00 MB, is left out") == (k > 1));
    cr_assert(occurrences("report.md", "![two](film-b.webp)") == 1);
  }
  scratch_remove();
  report.figure = NULL, report.film = NULL;
  mg_report_free(&report);
}
