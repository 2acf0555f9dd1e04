/* The page of runs: what a curve looks like, what fits on a line, which runs there are. */
#include "app/watch/watch.h"

#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void setup(void) {
  scratch_make();
}

TestSuite(watch, .init = setup, .fini = scratch_remove);

enum { POINTS = 8 };

static void make_points(mg_curve_point *p, const double *value) {
  for (int k = 0; k < POINTS; k++)
    p[k] = (mg_curve_point){.steps = 100 * (k + 1), .seconds = k, .raw = 7, .average = value[k]};
}

Test(watch, sparkline_is_low_to_high) {
  char text[3 * MG_WATCH_SPARK_MAX + 1];
  mg_curve_point p[POINTS];
  make_points(p, (const double[]){0, 1, 2, 3, 4, 5, 6, 7});
  mg_watch_sparkline(POINTS, p, 8, true, text);
  cr_assert_str_eq(text, "▁▂▃▄▅▆▇█");
  mg_watch_sparkline(POINTS, p, 8, false, text);
  cr_assert_str_eq(text, "_.,-~=*#");
  mg_watch_sparkline(POINTS, p, 4, true, text); /* means of two: 0.5, 2.5, 4.5, 6.5 */
  cr_assert_str_eq(text, "▁▃▆█");
  mg_watch_sparkline(POINTS, p, 16, true, text); /* between evaluations the one before */
  cr_assert_str_eq(text, " ▁▁▂▂▃▃▄▄▅▅▆▆▇▇█");
  mg_watch_sparkline(0, p, 8, true, text);
  cr_assert_str_eq(text, "");
  make_points(p, (const double[]){5, 5, 5, 5, 5, 5, 5, 5});
  mg_watch_sparkline(POINTS, p, 4, true, text);
  cr_assert_str_eq(text, "▄▄▄▄");
  make_points(p, (const double[]){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN}); /* no average: raw */
  mg_watch_sparkline(POINTS, p, 2, true, text);
  cr_assert_str_eq(text, "▄▄");
}

/* ---- the page ---- */

static mg_watched *add(mg_watch *w, const char *path, mg_watch_state state) {
  static mg_curve_point points[POINTS];
  make_points(points, (const double[]){0, 1, 2, 3, 4, 5, 6, 7});
  mg_watched *run = &w->run[w->runs++];
  *run = (mg_watched){.state = state, .points = POINTS, .point = points};
  snprintf(run->path, sizeof run->path, "%s", path);
  run->run.planned_steps = 2000000, run->run.steps = 1234567;
  run->rate = 12345, run->left = 62, run->last_return = -3512.34, run->score = 0.954;
  return run;
}

static char *print(const mg_watch *w, int columns, int rows, bool utf8) {
  char *text = NULL;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  mg_watch_print(w, &(mg_watch_page){columns, rows, utf8, "\n"}, to);
  fclose(to);
  return text;
}

static int lines_of(const char *text) {
  int n = 0;
  for (; *text; text++) n += *text == '\n';
  return n;
}

/* In characters, whatever their bytes. */
static void expect_narrow(const char *text, int columns) {
  for (int width = 0; *text; text++) {
    width = *text == '\n' ? 0 : width + (((unsigned char)*text & 0xc0) != 0x80);
    cr_assert(width < columns, "a line is wider than %d: %s", columns - 1, text);
  }
}

Test(watch, page_has_a_line_a_run_and_fits) {
  mg_watch w = {.run = calloc(30, sizeof(mg_watched))};
  add(&w, "runs/hopper-1", MG_WATCH_RUNNING);
  add(&w, "runs/a-name-that-is-longer-than-there-is-room-for-on-a-page-of-eighty-1",
      MG_WATCH_KILLED)
      ->score = -0.004;
  mg_watched *broken = add(&w, "runs/hopper-3", MG_WATCH_BROKEN);
  snprintf(broken->reason, sizeof broken->reason,
           "runs/hopper-3/curves.h5: a sentence \033[2J that is "
           "longer than what is left of the line, with signs");
  for (int utf8 = 0; utf8 < 2; utf8++) {
    char *text = print(&w, 80, 0, utf8);
    expect_narrow(text, 80);
    cr_assert(lines_of(text) == 5, "%s", text);
    cr_assert(strstr(text, "3 runs, 1 running, 1 killed, 1 broken"), "%s", text);
    cr_assert(strstr(text, utf8 ? "…" : ".."), "%s", text);
    cr_assert(strstr(text, "ghty-1 killed"), "its end is kept: %s", text);
    cr_assert(strstr(text, "1.23M/2M  12.3k     1:02  -3512.3  0.95"), "%s", text);
    cr_assert(strstr(text, "-3512.3  0.00"), "a score next to 0: %s", text);
    cr_assert(strstr(text, "curves.h5: a sentence ?[2J that"), "%s", text);
    free(text);
  }
  char *wide = print(&w, 200, 0, true);
  expect_narrow(wide, 200);
  cr_assert(strstr(wide, "a-name-that-is-longer-than-there-is-room-for-on-a-page-of-eighty-1 "));
  free(wide);
  free(w.run);
}

Test(watch, what_does_not_fit_is_counted) {
  mg_watch w = {.run = calloc(30, sizeof(mg_watched))};
  for (int i = 0; i < 30; i++) add(&w, "runs/one", i < 3 ? MG_WATCH_RUNNING : MG_WATCH_FINISHED);
  char *text = print(&w, 80, 24, true);
  cr_assert(lines_of(text) == 23 && strstr(text, "and 10 more"), "%s", text);
  free(text);
  w.runs = 21;
  text = print(&w, 80, 24, true);
  cr_assert(lines_of(text) == 23 && !strstr(text, "more"), "%s", text);
  free(text);
  free(w.run);
}

/* ---- which runs ---- */

static void make_run(const char *name, const char *lock) {
  char path[64];
  cr_assert(mkdir(scratch_path(name), 0777) == 0);
  snprintf(path, sizeof path, "%s/config.ini", name);
  cr_assert(file_write(scratch_path(path), "[run]\n", 6));
  snprintf(path, sizeof path, "%s/lock", name);
  if (lock) cr_assert(file_write(scratch_path(path), lock, strlen(lock)));
}

Test(watch, finds_runs_that_appear_and_says_what_they_are) {
  char self[160], host[64] = "";
  gethostname(host, sizeof host - 1);
  snprintf(self, sizeof self, "%ld on %s since 0\n", (long)getpid(), host);
  char folder[1024];
  snprintf(folder, sizeof folder, "%s", scratch_path("."));
  const char *const words[] = {folder};
  mg_watch w = {.words = 1, .word = words};
  cr_assert(mg_watch_look(&w) == MG_OK && w.runs == 0, "%s", mg_status_message());
  make_run("a", NULL);
  cr_assert(mg_watch_look(&w) == MG_OK && w.runs == 1);
  cr_assert(w.run[0].state == MG_WATCH_BROKEN && *w.run[0].reason);
  make_run("b", self);
  cr_assert(mg_watch_look(&w) == MG_OK && w.runs == 2);
  cr_assert(w.run[0].state == MG_WATCH_STARTING && strstr(w.run[0].path, "/b"));
  cr_assert(scratch_count() == 2, "it has written something");
  mg_watch_free(&w);
  const char *const none[] = {scratch_path("none")};
  w = (mg_watch){.words = 1, .word = none};
  cr_assert(mg_watch_look(&w) == MG_ERR_NO_INPUT && strstr(mg_status_message(), "none"));
}
