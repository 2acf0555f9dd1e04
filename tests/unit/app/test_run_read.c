/* What a run's folder tells: its settings, and why it has no result. */
#include "app/run/run_read.h"

#include "files/curves/curves.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[1024];

static void put(const char *name, const char *text) {
  char path[1100];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  cr_assert(file_write(path, text, strlen(text)));
}

/* A run that has no result. */
static void setup(void) {
  scratch_make();
  snprintf(folder, sizeof folder, "%s", scratch_path("run"));
  cr_assert(mkdir(folder, 0777) == 0);
  put("config.ini", "[run]\nalgorithm = mgail\nenv = Hopper-v4\nseed = 7\nsteps = 900\n"
                    "[mgail]\nupdates = 3\n");
  static const mg_metric metric[] = {{"return", "reward", NULL}};
  static const mg_attribute attribute[] = {{"program", "mgail 9"}};
  static const double one[] = {1};
  char path[1100];
  snprintf(path, sizeof path, "%s/curves.h5", folder);
  mg_curves *c;
  cr_assert(mg_curves_create(path, 1, metric, 1, 1, attribute, 0, &c) == MG_OK);
  cr_assert(mg_curves_append(c, 1, 300, 2, one) == MG_OK);
  cr_assert(mg_curves_append_evaluation(c, 1, 300, 2, one, one, NULL, NULL) == MG_OK);
  cr_assert(mg_curves_close(c) == MG_OK);
}

TestSuite(run_read, .init = setup, .fini = scratch_remove);

static void expect_reason(const char *reason) {
  mg_collected_run run;
  int64_t points;
  mg_curve_point *point;
  cr_assert(mg_run_read(folder, &run, &points, &point) == MG_OK, "%s", mg_status_message());
  free(point);
  cr_assert_str_eq(run.state, "partial");
  cr_assert(run.steps == 300 && run.planned_steps == 900);
  cr_assert_str_eq(run.reason, reason);
}

Test(run_read, the_last_line_of_the_log) {
  expect_reason("");
  put("log.txt", "begins\n\n  10 steps\nstopped on request\n \n");
  expect_reason("stopped on request");
  put("log.txt", "one line alone");
  expect_reason("one line alone");
  static char log[20000];
  memset(log, 'x', sizeof log - 1);
  memcpy(log + 15000, "\n  the end\n\n", 12);
  log[15012] = '\0';
  put("log.txt", log);
  expect_reason("the end");
}

Test(run_read, who_holds_the_folder) {
  char lock[160], host[64] = "";
  gethostname(host, sizeof host - 1);
  put("log.txt", "20 steps\n");
  snprintf(lock, sizeof lock, "%ld on %s since 0\n", (long)getpid(), host);
  put("lock", lock);
  expect_reason("at work; last: 20 steps");
  snprintf(lock, sizeof lock, "999999999 on %s since 0\n", host);
  put("lock", lock);
  expect_reason("killed; last: 20 steps");
  put("lock", "12 on elsewhere since 0\n");
  expect_reason("at work on another machine, or killed there; last: 20 steps");
}

Test(run_read, settings_without_seed_and_paths) {
  static char settings[MG_COLLECTION_SETTINGS];
  cr_assert(mg_run_settings(folder, settings) == MG_OK, "%s", mg_status_message());
  cr_assert_str_eq(settings,
                   "run.algorithm=mgail\nrun.env=Hopper-v4\nrun.steps=900\nmgail.updates=3\n");
  put("config.ini", "[run\n");
  cr_assert(mg_run_settings(folder, settings) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), "config.ini:1: not a setting"), "%s", mg_status_message());
}

/* What stands before the first section is no setting: the line of the checksum, its sign damaged. */
Test(run_read, a_comment_that_lost_its_sign) {
  static char settings[MG_COLLECTION_SETTINGS];
  put("config.ini",
      "! checksum of what follows: 0123\n[run]\nalgorithm = mgail\nenv = Hopper-v4\n");
  cr_expect_eq(mg_run_settings(folder, settings), MG_ERR_DATA);
  cr_expect_not_null(strstr(mg_status_message(), "config.ini:1: not a setting"));
}
