/* mgail watch: runs as they go on, on a page that is drawn again and again. */
#include "app/commands/command.h"
#include "app/run/signals.h"
#include "app/watch/watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const mg_option options[] = {
    {"once", NULL, "print the page and end; so it is where the output is no terminal"},
    {"json", NULL, "print it once, as JSON"},
    {"interval", "SECONDS", "between looks (default 2)"},
    {0},
};

enum { COLUMNS = 80 };

static bool has_utf8(void) {
  static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (int i = 0; i < 3; i++) {
    const char *value = getenv(variables[i]);
    if (value && *value) return strstr(value, "UTF-8") || strstr(value, "utf8");
  }
  return false;
}

static mg_watch_page page_now(const char *end, bool all_rows) {
  struct winsize size = {0};
  mg_watch_page page = {.columns = COLUMNS, .utf8 = has_utf8(), .end = end};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return page;
  page.columns = size.ws_col;
  page.rows = all_rows ? 0 : size.ws_row;
  return page;
}

static void print_once(const mg_watch *watch) {
  const mg_watch_page page = page_now("\n", true);
  mg_watch_print(watch, &page, stdout);
}

/* One write a page, so that a slow line shows no half of it. */
static void draw(const mg_watch *watch) {
  const mg_watch_page page = page_now("\033[K\n", false);
  fputs("\033[H", stdout);
  mg_watch_print(watch, &page, stdout);
  fputs("\033[J", stdout);
  fflush(stdout);
}

static void wait_for(double seconds) {
  const struct timespec slice = {.tv_nsec = 100000000};
  for (double waited = 0; waited < seconds && !mg_signals_stop_requested(); waited += 0.1)
    nanosleep(&slice, NULL);
}

/* On a screen of its own, which leaves what was there before; the last page stays. */
static mg_status go_on(mg_watch *watch, double interval) {
  fputs("\033[?1049h\033[?25l", stdout);
  mg_failure failure = {0};
  while (failure.status == MG_OK && !mg_signals_stop_requested()) {
    draw(watch);
    wait_for(interval);
    if (!mg_signals_stop_requested()) mg_failure_note(&failure, mg_watch_look(watch));
  }
  fputs("\033[?25h\033[?1049l", stdout);
  print_once(watch);
  return mg_failure_again(&failure);
}

static mg_status run(mg_app *app, const mg_args *args) {
  (void)app;
  double interval = 2;
  MG_TRY(mg_args_number(args, "interval", 0.1, 3600, &interval));
  if (args->files == 0) return mg_fail(MG_ERR_USAGE, "watch: expected run folders");
  mg_watch watch = {.words = args->files, .word = args->file};
  mg_status status = mg_watch_look(&watch);
  if (status == MG_OK && mg_args_has(args, "json"))
    status = mg_watch_print_json(&watch);
  else if (status == MG_OK && (mg_args_has(args, "once") || !isatty(STDOUT_FILENO)))
    print_once(&watch);
  else if (status == MG_OK)
    status = go_on(&watch, interval);
  mg_watch_free(&watch);
  return status;
}

const mg_command mg_command_watch = {
    .name = "watch",
    .summary = "A page of runs, at work or not: progress, time left, returns, scores",
    .usage = "RUN... [OPTION...]",
    .description =
        "RUN: a run folder, or a folder of run folders, in which runs may appear later. Only "
        "reads their files. Ctrl-C ends it. The score is 0 for random actions and 1 for what is "
        "imitated; the last column is the return over the run so far, its lowest to its highest. "
        "stopped and killed runs go on by train --resume.",
    .options = options,
    .words = "RUN",
    .files = MG_ARGS_MAX,
    .stops = true,
    .run = run,
};
