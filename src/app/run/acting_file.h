/* A checkpoint opened for acting: what `evaluate`, `record` and `export` begin with. */
#ifndef MG_APP_ACTING_FILE_H
#define MG_APP_ACTING_FILE_H

#include "algo/acting.h"
#include "app/commands/command.h"
#include "app/run/run_folder.h"
#include "app/run/run_header.h"
#include "envs/env.h"

typedef struct mg_acting_file {
  mg_run_header header;
  mg_settings settings;
  mg_acting acting;
  const mg_real *theta;   /* of the policy that was asked for */
  const char *parameters; /* "raw", "average": which of the run's these are */
  mg_env_spec spec;       /* its action bounds are not kept */
  char path[MG_FOLDER_PATH_MAX];
  mg_arena *arena;
} mg_acting_file;

/* Loads --checkpoint, a file or the folder of a run (its last checkpoint that is whole), and picks --policy raw|average (without:
 * average where there is one; of an export what it holds).
 * Collective. The caller closes it also after a failure. */
mg_status mg_acting_file_open(const char *command, const mg_args *args, mg_app *app,
                              mg_acting_file *file);

/* The same of `given`, a file or a folder, and `which`, "raw", "average" or NULL. */
mg_status mg_acting_file_open_path(const char *given, const char *which, mg_app *app,
                                   mg_acting_file *file);

/* Whole episodes of its policy: returns and lengths [episodes] in its arena, on every rank.
 * *seed -1: takes the run's. Collective. */
mg_status mg_acting_file_evaluate(mg_acting_file *file, mg_comm *comm, int64_t episodes,
                                  int64_t *seed, bool stochastic, double **returns,
                                  double **lengths);

/* The generalised states that these episodes start from: *starts [episodes, qpos_size + qvel_size] in
 * its arena. Local. */
mg_status mg_acting_file_starts(mg_acting_file *file, int64_t episodes, int64_t seed,
                                double **starts);

void mg_acting_file_close(mg_acting_file *file);

#endif
