/* A sweep for people and scripts: who is how far, and which tasks would start the rest. Local. */
#ifndef MG_APP_SWEEP_SHOW_H
#define MG_APP_SWEEP_SHOW_H

#include "app/sweep/sweep_state.h"

/* The runs of a manifest that conditions choose, and how they fare. */
typedef struct mg_sweep_view {
  const char *folder;
  int runs;
  const mg_sweep_run **run; /* [runs], the manifest's own */
  mg_sweep_status *status;  /* [runs] */
  int of[MG_SWEEP_STATES];  /* how many are in each state */
} mg_sweep_view;

/* conditions [n]: words AXIS=VALUES, all of which hold; 0: all runs. names [named]: if any, these only,
 * and those that the manifest has not are left out. MG_ERR_CONFIG for an axis or value that no run has.
 * queue: Nullable. To be freed whatever is returned. */
mg_status mg_sweep_view_create(const char *folder, const mg_manifest *manifest, int n,
                               const char *const *condition, int named, const char *const *name,
                               const mg_sweep_queue *queue, mg_sweep_view *view);
void mg_sweep_view_free(mg_sweep_view *view);

/* A line a run, and the sum. */
void mg_sweep_print(const mg_sweep_view *view);
mg_status mg_sweep_print_json(const mg_sweep_view *view);

/* What may be submitted: never what is done, running or queued. failed: what has failed, too. */
bool mg_sweep_is_to_start(const mg_sweep_status *status, bool failed);

/* A line for each task of a batch system that would start what is not done, not running and not
 * queued: ranks, minutes, number of runs, their names, options; between them tabs. Tasks of one kind
 * follow each other. failed: those too. */
mg_status mg_sweep_print_plan(const mg_sweep_view *view, bool failed);

#endif
