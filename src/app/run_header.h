/* The head of every checkpoint, "run/...": which program made it, of which run, how far. */
#ifndef MG_APP_RUN_HEADER_H
#define MG_APP_RUN_HEADER_H

#include "app/config_table.h"
#include "data/checkpoint.h"

typedef struct mg_run_header {
  char program[64], git[64], env[64], algorithm[64];
  int64_t iteration, steps;
  double seconds; /* wall time */
  char config[MG_CONFIG_TEXT_MAX];
} mg_run_header;

/* Collective; saves or loads. */
void mg_run_header_visit(mg_run_header *header, mg_archive *archive);

/* Opens a checkpoint and reads its head and settings. Collective; the caller closes the archive. */
mg_status mg_run_header_open(const char *path, mg_comm *comm, mg_archive **archive,
                             mg_run_header *header, mg_settings *settings);

#endif
