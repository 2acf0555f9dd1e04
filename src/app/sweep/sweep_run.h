/* Runs the runs of a sweep on this machine or in this allocation, so many at a time. Local.
 *
 * A run belongs to one process at a time (state/NAME.lock), so that sweeps that are started twice run
 * nothing twice. What other nodes or a little patience may mend is tried again, after waits that
 * double, a bounded number of times; what it ended with stands in its record. */
#ifndef MG_APP_SWEEP_RUN_H
#define MG_APP_SWEEP_RUN_H

#include "app/commands/command.h"
#include "app/sweep/manifest.h"

typedef struct mg_sweep_order {
  const char *folder;
  int runs;
  const mg_sweep_run *const *run; /* [runs] */
  int jobs;                       /* at a time */
  const char *launch;             /* Nullable: what stands in front of the program; {ranks} */
  const char
      *job; /* Nullable: of a batch system. Tries are counted over its restarts, what has failed
                    * in it is not begun again, and what fails twice here is left to a restart */
  double patience; /* [s] before the second try */
} mg_sweep_order;

typedef struct mg_sweep_outcome {
  int done, failed, left; /* left: stopped, or for a restart */
} mg_sweep_outcome;

/* MG_ERR_STOPPED where anything is left. Signals are requests to stop (app/run/signals.h), which are
 * passed on to the runs. */
mg_status mg_sweep_run_all(mg_app *app, const mg_sweep_order *order, mg_sweep_outcome *outcome);

#endif
