#include "base/log.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All that was written to a temporary file so far. */
static const char *contents(FILE *file) {
  static char text[4096];
  rewind(file);
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  return text;
}

Test(base_log, lines_go_to_stream_and_file) {
  FILE *stream = tmpfile(), *file = tmpfile();
  mg_log log = mg_log_open(stream, 0);
  mg_log_line(&log, "before %d", 1);
  log.file = file;
  mg_log_warning(&log, "low on %s", "disk");
  mg_log_progress(&log, true, "iteration %d", 7);
  cr_assert_not(log.terminal);
  cr_assert_str_eq(contents(stream), "before 1\nwarning: low on disk\niteration 7\n");
  cr_assert_str_eq(contents(file), "warning: low on disk\niteration 7\n");
}

Test(base_log, other_ranks_write_nothing) {
  FILE *stream = tmpfile();
  mg_log log = mg_log_open(stream, 3);
  mg_log_line(&log, "line");
  mg_log_warning(&log, "warning");
  mg_log_progress(&log, true, "progress");
  cr_assert_str_eq(contents(stream), "");
}

Test(base_log, a_failing_stream_is_dropped_and_the_file_goes_on) {
  FILE *full = fopen("/dev/full", "w"), *file = tmpfile();
  mg_log log = mg_log_open(full, 0);
  log.file = file;
  mg_log_line(&log, "one");
  cr_assert_null(log.stream);
  mg_log_line(&log, "two");
  cr_assert_str_eq(contents(file), "one\ntwo\n");
}

Test(base_log, a_closed_pipe_is_dropped) {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  cr_assert_eq(pipe(ends), 0);
  close(ends[0]);
  mg_log log = mg_log_open(fdopen(ends[1], "w"), 0);
  mg_log_progress(&log, true, "one");
  cr_assert_null(log.stream);
  mg_log_line(&log, "two");
}

/* What a terminal of `columns` receives from three calls. */
static void on_terminal(const char *kind, int columns, char *received, size_t capacity) {
  struct winsize window = {.ws_col = (unsigned short)columns, .ws_row = 24};
  int master, slave;
  if (openpty(&master, &slave, NULL, NULL, &window) != 0) cr_skip_test("no terminals here");
  setenv("TERM", kind, 1);
  FILE *stream = fdopen(slave, "w");
  mg_log log = mg_log_open(stream, 0);
  mg_log_progress(&log, true, "iteration %d", 1);
  mg_log_progress(&log, true, "iteration %d of many", 2);
  mg_log_line(&log, "saved");
  mg_log_line(&log, "done");
  /* The other end receives in pieces, a little later. */
  size_t length = 0;
  struct pollfd readable = {.fd = master, .events = POLLIN};
  do {
    cr_assert_eq(poll(&readable, 1, 5000), 1, "got only %zu bytes", length);
    ssize_t n = read(master, received + length, capacity - 1 - length);
    cr_assert_gt(n, 0);
    length += (size_t)n;
    received[length] = '\0';
  } while (!strstr(received, "done\r\n"));
}

Test(base_log, progress_is_redrawn_and_cut_on_a_terminal) {
  char received[512];
  on_terminal("xterm", 13, received, sizeof received);
  cr_assert_str_eq(received, "\r\033[Kiteration 1\r\033[Kiteration 2 \r\033[Ksaved\r\ndone\r\n");
}

Test(base_log, a_dumb_terminal_gets_plain_lines) {
  char received[512];
  on_terminal("dumb", 13, received, sizeof received);
  cr_assert_str_eq(received, "iteration 1\r\niteration 2 of many\r\nsaved\r\ndone\r\n");
}

Test(log, numbers_and_their_words) {
  static const struct {
    int64_t n;
    const char *text;
  } rows[] = {{1, "every pair"},       {2, "every 2nd pair"},     {3, "every 3rd pair"},
              {4, "every 4th pair"},   {10, "every 10th pair"},   {11, "every 11th pair"},
              {12, "every 12th pair"}, {13, "every 13th pair"},   {20, "every 20th pair"},
              {21, "every 21st pair"}, {113, "every 113th pair"}, {122, "every 122nd pair"}};
  char text[MG_EVERY_MAX];
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    mg_every(rows[k].n, "pair", text);
    cr_assert_str_eq(text, rows[k].text);
  }
  cr_assert_str_eq(mg_plural(1, "rank", "ranks"), "rank");
  cr_assert_str_eq(mg_plural(0, "rank", "ranks"), "ranks");
  cr_assert_str_eq(mg_plural(2, "rank", "ranks"), "ranks");
}
