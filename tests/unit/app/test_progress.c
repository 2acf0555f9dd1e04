/* How often a run says how far it is. */
#include "app/run/progress.h"
#include "base/timer.h"

#include <criterion/criterion.h>
#include <math.h>

/* Lines of a text. */
static int count(const char *text) {
  int lines = 0;
  for (; *text; text++) lines += *text == '\n';
  return lines;
}

Test(progress, a_line_a_minute_after_the_first_five) {
  char text[4096] = "";
  FILE *to = fmemopen(text, sizeof text, "w");
  mg_log log = {.stream = to};
  const mg_pace pace = {.done = 10, .total = 100, .unit = "steps"};
  mg_progress p = mg_progress_begin(pace);
  for (int k = 0; k < 8; k++) {
    p.line_at = 0; /* long ago */
    const double now = mg_timer_now();
    mg_progress_show(&p, &log, pace, NAN, NULL);
    const double wait = p.line_at - now, expected = k < 4 ? 5 : 60;
    cr_assert(wait >= expected && wait < expected + 5, "line %d: the next in %g s", k, wait);
    mg_progress_show(&p, &log, pace, NAN, NULL); /* too early */
  }
  fclose(to);
  cr_assert(count(text) == 8, "%s", text);
}

/* On a terminal the line is redrawn every second, which log.txt does not keep. */
Test(progress, a_terminal_is_redrawn) {
  char shown[4096] = "", kept[4096] = "";
  FILE *stream = fmemopen(shown, sizeof shown, "w"), *file = fmemopen(kept, sizeof kept, "w");
  mg_log log = {.stream = stream, .file = file, .terminal = true};
  const mg_pace pace = {.done = 10, .total = 100, .unit = "steps"};
  mg_progress p = mg_progress_begin(pace);
  for (int k = 0; k < 4; k++) {
    p.redraw_at = 0;
    mg_progress_show(&p, &log, pace, NAN, NULL);
  }
  p.line_at = 0;
  mg_progress_show(&p, &log, pace, NAN, NULL);
  fclose(stream);
  fclose(file);
  cr_assert(count(kept) == 1, "%s", kept);
  int redrawn = 0;
  for (const char *c = shown; *c; c++) redrawn += *c == '\r';
  cr_assert(redrawn == 5, "%d", redrawn);
}
