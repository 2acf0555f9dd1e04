#include "app/run/progress.h"

#include "base/timer.h"

#include <inttypes.h>
#include <math.h>

static const double REDRAW_SECONDS = 1, FIRST_SECONDS = 5, LATER_SECONDS = 60;
enum { FIRST_LINES = 5 };

mg_progress mg_progress_begin(mg_pace pace) {
  double now = mg_timer_now();
  return (mg_progress){.began = now,
                       .redraw_at = now + REDRAW_SECONDS,
                       .line_at = now + REDRAW_SECONDS,
                       .first = pace.done,
                       .episode_return = NAN};
}

void mg_progress_format_time(double seconds, char text[32]) {
  if (!(seconds >= 0 && seconds < 1e9)) {
    snprintf(text, 32, "?");
    return;
  }
  long long s = (long long)(seconds + 0.5);
  if (s >= 3600)
    snprintf(text, 32, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
  else
    snprintf(text, 32, "%lld:%02lld", s / 60, s % 60);
}

void mg_progress_show(mg_progress *progress, mg_log *log, mg_pace pace, double episode_return,
                      const mg_evaluation *last) {
  if (isfinite(episode_return)) progress->episode_return = episode_return;
  double now = mg_timer_now();
  const bool line = now >= progress->line_at;
  if (!line && !(log->terminal && now >= progress->redraw_at)) return;
  progress->redraw_at = now + REDRAW_SECONDS;
  if (line)
    progress->line_at = now + (++progress->lines < FIRST_LINES ? FIRST_SECONDS : LATER_SECONDS);

  double rate = (double)(pace.done - progress->first) / (now - progress->began);
  char left[32], returns[64] = "", evaluated[96] = "";
  mg_progress_format_time(fmax(0, (double)(pace.total - pace.done)) / rate, left);
  if (isfinite(progress->episode_return))
    snprintf(returns, sizeof returns, "  return %.1f", progress->episode_return);
  if (last && isfinite(last->average_mean)) {
    snprintf(evaluated, sizeof evaluated, "  evaluated %.1f, average %.1f", last->raw_mean,
             last->average_mean);
  } else if (last) {
    snprintf(evaluated, sizeof evaluated, "  evaluated %.1f", last->raw_mean);
  }
  mg_log_progress(log, line, "%9" PRId64 " %s %5.1f %%  %.0f %s/s  %s left%s%s", pace.done,
                  pace.unit, fmin(100, 100 * (double)pace.done / (double)pace.total), rate,
                  pace.unit, left, returns, evaluated);
}
