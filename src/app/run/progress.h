/* What a person sees of a run: a line that is redrawn on a terminal every second; in log.txt, and
 * where there is no terminal, five lines five seconds apart and then one a minute. */
#ifndef MG_APP_PROGRESS_H
#define MG_APP_PROGRESS_H

#include "app/run/evaluations.h"
#include "base/log.h"

typedef struct mg_progress {
  double began;              /* [s] of mg_timer_now, */
  double redraw_at, line_at; /* and so when the next of each is due */
  int lines;                 /* so far */
  int64_t first;             /* done at this start */
  double episode_return;     /* last one known */
} mg_progress;

mg_progress mg_progress_begin(mg_pace pace);

/* Writes a line if it is time; episode_return may be NaN: no episode ended. */
void mg_progress_show(mg_progress *progress, mg_log *log, mg_pace pace, double episode_return,
                      const mg_evaluation *last);

/* "1:02:03", "2:03" */
void mg_progress_format_time(double seconds, char text[32]);

#endif
