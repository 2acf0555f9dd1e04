/* What `mgail watch` knows of runs, and the page that it draws of them. Only reads files. Local. */
#ifndef MG_APP_WATCH_WATCH_H
#define MG_APP_WATCH_WATCH_H

#include "app/commands/run_folders.h"
#include "app/report/run_score.h"
#include "app/run/run_folder.h"
#include "base/named.h"

#include <stdio.h>
#include <time.h>

/* State, its name on the page and in JSON: in the order of the page. */
#define MG_WATCH_STATE_LIST(X)                                                                     \
  X(MG_WATCH_RUNNING, "running")                                                                   \
  X(MG_WATCH_STARTING, "starting") /* holds its folder, and has no curves yet */                   \
  X(MG_WATCH_SILENT, "silent")     /* on another machine, and its files are old */                 \
  X(MG_WATCH_KILLED, "killed")     /* left its lock behind */                                      \
  X(MG_WATCH_STOPPED, "stopped")   /* may be gone on with by --resume */                           \
  X(MG_WATCH_FINISHED, "finished")                                                                 \
  X(MG_WATCH_BROKEN, "broken") /* cannot be read; `reason` says why */
typedef enum mg_watch_state { MG_WATCH_STATE_LIST(MG_NAMED_ENUM) } mg_watch_state;
extern const char *const mg_watch_states[];

typedef struct mg_watched {
  char path[MG_FOLDER_PATH_MAX];
  mg_watch_state state;
  char reason[256]; /* of what is broken */
  mg_collected_run run;
  int64_t points;
  mg_curve_point *point;
  double rate;            /* [steps/s], of late; [iterations/s] where the run takes no steps */
  double left;            /* [s]; NaN: not known */
  double last_return;     /* of the result, else the last evaluation; NaN: none yet */
  double score;           /* of that, relative to the data; NaN: there is none */
  double reference_score; /* relative to the published expert */
  /* As they were when it was read: */
  struct timespec curves, result; /* times of change; 0: not there */
} mg_watched;

typedef struct mg_watch {
  int words; /* run folders, or folders of them */
  const char *const *word;
  mg_run_known known;
  int runs, capacity;
  mg_watched *run; /* by state, then by path */
} mg_watch;

/* Looks at all run folders there are now; reads again what has changed. MG_ERR_NO_INPUT if one of the
 * words is no folder; a folder without runs has none yet. */
mg_status mg_watch_look(mg_watch *watch);
void mg_watch_free(mg_watch *watch);

/* ---- page ---- */

typedef struct mg_watch_page {
  int columns, rows; /* of the terminal; rows 0: any number */
  bool utf8;         /* else ASCII alone */
  const char *end;   /* of a line: what clears the rest of it, and a newline */
} mg_watch_page;

/* A line for the whole, the names of the columns, and a line a run, as many as fit. */
void mg_watch_print(const mg_watch *watch, const mg_watch_page *page, FILE *to);

/* text <- `width` signs whose height is that of a curve, low to high, over its environment steps: of
 * the evaluations in each part the mean, or that of the part before it. "" without evaluations. */
enum { MG_WATCH_SPARK_MAX = 64 };
void mg_watch_sparkline(int64_t points, const mg_curve_point *point, int width, bool utf8,
                        char text[3 * MG_WATCH_SPARK_MAX + 1]);

/* An object {runs: [...]} on standard output. */
mg_status mg_watch_print_json(const mg_watch *watch);

#endif
