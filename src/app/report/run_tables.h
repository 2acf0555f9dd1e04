/* The curves of run folders in forms that other programs read: TensorBoard's event files, CSV. Local. */
#ifndef MG_APP_REPORT_RUN_TABLES_H
#define MG_APP_REPORT_RUN_TABLES_H

#include "app/commands/run_folders.h"
#include "base/log.h"
#include "files/curves/curves_table.h"
#include "files/safe_file.h"

#include <stdio.h>

/* DIR/<run>/events.out.tfevents.<start>.mgail for each run, replaced if it is there: scalars
 * curves/<metric> and evaluation/<column> (means over episodes) over environment steps, or over
 * iterations where the run takes no steps. <run>: what its path has beyond that of all runs. Runs that
 * cannot be read are named in the log and skipped. MG_ERR_NO_INPUT, MG_ERR_DATA if no run is left;
 * MG_ERR_CREATE, MG_ERR_IO. */
mg_status mg_write_events(const mg_run_folders *folders, const char *directory, mg_log *log);

/* DIR/runs.csv, a line a run with the fields of a collection; DIR/evaluations.csv and
 * DIR/curves.csv, a line for each evaluation and iteration of every run. Empty: no such value. Failures
 * as above. */
mg_status mg_write_csv(const mg_run_folders *folders, const char *directory, mg_log *log);

/* ---- for both ---- */

/* A group of a run's curves.h5. */
mg_status mg_run_table_read(const char *folder, const char *group, mg_curves_table *table);

/* Says in the log which folder is skipped and why, if `status` is of its files: then MG_OK, and it is
 * counted with its status. Else returns it. */
typedef struct mg_skipped {
  int count;
  mg_status last;
} mg_skipped;
mg_status mg_run_skip(const char *folder, mg_status status, mg_skipped *skipped, mg_log *log);

/* MG_OK unless all of `runs` were skipped. */
mg_status mg_run_skipped_all(const mg_skipped *skipped, int runs);

/* A file that is whole or absent: written under a temporary name, which finish takes to `path` if
 * status is MG_OK, or removes. */
typedef struct mg_new_file {
  char path[MG_PATH_MAX], temporary[MG_PATH_MAX];
  FILE *to;
} mg_new_file;
mg_status mg_new_file_open(const char *directory, const char *name, mg_new_file *file);
mg_status mg_new_file_finish(mg_new_file *file, mg_status status);

#endif
