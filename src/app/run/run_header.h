/* The head of every checkpoint, "run/...": which program made it, of which run, how far. An export
 * (mgail export) is a checkpoint with only what acting needs; "export/..." tells so. */
#ifndef MG_APP_RUN_HEADER_H
#define MG_APP_RUN_HEADER_H

#include "app/config/config_table.h"
#include "app/run/run_folder.h"
#include "base/log.h"
#include "files/checkpoint/checkpoint.h"

typedef struct mg_run_header {
  char program[64], git[64], env[64], algorithm[64];
  int64_t iteration, steps;
  double seconds;     /* wall time */
  double data_return; /* mean of the trajectories that are imitated; NaN: of none, or not known */
  char config[MG_CONFIG_TEXT_MAX];

  /* Of an export; else "" and not in the file. */
  char exported[16];         /* which of the run's parameters it holds: "raw", "average" */
  char exporter[160];        /* program that made it */
  int64_t measured_episodes; /* of the mean action; 0: its return was not measured */
  double measured[4];        /* return: mean, sd, min, max */
} mg_run_header;

/* Collective; saves or loads. */
void mg_run_header_visit(mg_run_header *header, mg_archive *archive);

/* Opens a checkpoint and reads its head and settings. Collective; the caller closes the archive. */
mg_status mg_run_header_open(const char *path, mg_comm *comm, mg_archive **archive,
                             mg_run_header *header, mg_settings *settings);

/* The same of a run's folder: its checkpoint.h5, or the one before it with a warning where that is
 * damaged or gone. path: of the one that is open. */
mg_status mg_run_header_open_last(const char *folder, mg_log *log, mg_comm *comm,
                                  mg_archive **archive, mg_run_header *header,
                                  mg_settings *settings, char path[MG_FOLDER_PATH_MAX]);

#endif
