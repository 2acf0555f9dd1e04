/* How the runs of a sweep fare. Local.
 *
 * What is true is in the run's folder (result.json: done) and in its lock; the rest is told by a
 * record, state/NAME, which whoever runs it writes, and by what a batch system says of its tasks (the
 * queue: a line "NAME <tab> JOB <tab> STATE <tab> last line of its log" each).
 *
 *   done      its result is there
 *   running   somebody has its lock, or a task with it is at work
 *   waiting   not begun, stopped with a checkpoint, or in the queue
 *   failed    with exit code, last line and node */
#ifndef MG_APP_SWEEP_STATE_H
#define MG_APP_SWEEP_STATE_H

#include "app/sweep/manifest.h"

#include <stdint.h>

#define MG_SWEEP_STATE_LIST(X)                                                                     \
  X(MG_SWEEP_WAITING, "waiting")                                                                   \
  X(MG_SWEEP_RUNNING, "running")                                                                   \
  X(MG_SWEEP_DONE, "done")                                                                         \
  X(MG_SWEEP_FAILED, "failed")

typedef enum mg_sweep_state {
#define MG_SWEEP_STATE_ENUM(name, text) name,
  MG_SWEEP_STATE_LIST(MG_SWEEP_STATE_ENUM)
#undef MG_SWEEP_STATE_ENUM
      MG_SWEEP_STATES
} mg_sweep_state;

const char *mg_sweep_state_name(mg_sweep_state state);

/* {0}: there is none. */
typedef struct mg_sweep_record {
  mg_sweep_state state; /* as its writer left it: of one that was killed, running */
  bool there;
  int tries;      /* that ended badly, of this job */
  int code;       /* exit code of the last; < 0: of none */
  int64_t since;  /* [s] of the epoch */
  char node[128]; /* where it ran */
  char job[64];   /* "": of no batch system */
  char line[512]; /* the last it said, or why */
} mg_sweep_record;

mg_status mg_sweep_record_read(const char *folder, const char *name, mg_sweep_record *record);
mg_status mg_sweep_record_write(const char *folder, const char *name,
                                const mg_sweep_record *record);

/* What the batch system says; {0}: of nothing. To be freed. */
typedef struct mg_sweep_queue {
  char *text;
} mg_sweep_queue;

/* MG_ERR_NO_INPUT. */
mg_status mg_sweep_queue_read(const char *path, mg_sweep_queue *queue);
void mg_sweep_queue_free(mg_sweep_queue *queue);

typedef struct mg_sweep_status {
  mg_sweep_state state;
  bool begun;  /* it has a folder, or is running */
  bool queued; /* a task of the batch system will take it up */
  mg_sweep_record record;
  char why[1024]; /* for people, what else there is to say; "" */
} mg_sweep_status;

/* Of one run. queue: Nullable. */
mg_status mg_sweep_status_read(const char *folder, const char *name, const mg_sweep_queue *queue,
                               mg_sweep_status *status);

/* Whether the run has its result; whether it has a folder. */
bool mg_sweep_is_done(const char *folder, const char *name);
bool mg_sweep_has_begun(const char *folder, const char *name);

#endif
