/* A task as demonstrations of it are compared with it (demos/judge/task.h): that of a run, or the
 * one that a file names. */
#ifndef MG_ALGO_DEMONSTRATED_H
#define MG_ALGO_DEMONSTRATED_H

#include "demos/describe.h"
#include "demos/judge/task.h"
#include "envs/env.h"

typedef struct mg_demonstrated {
  mg_dataset_task task;
  const mg_env_options *options;
} mg_demonstrated;

/* What an environment of `spec`, created with `options` (Nullable: none), expects of demonstrations;
 * valid as long as both, and not to be copied. Observations of another size are answered by the
 * version of the task, or its arguments, on or off, that would make them fit. */
void mg_demonstrated_make(const mg_env_spec *spec, const mg_env_options *options,
                          mg_demonstrated *demonstrated);

/* The task of a file of demonstrations: the given one (Nullable), or else the one that the file
 * names, with the arguments that the file tells. *env stays NULL where the file's is not one of
 * ours; the caller destroys it. MG_ERR_CONFIG if the given one is none. */
typedef struct mg_demonstrated_file {
  char env_id[64]; /* that the file names, else that was given; "": neither */
  mg_env_options options;
  mg_env *env;
  mg_demonstrated expected; /* if there is an env */
} mg_demonstrated_file;
mg_status mg_demonstrated_open(const char *path, const char *given, mg_demonstrated_file *file);
void mg_demonstrated_close(mg_demonstrated_file *file);

#endif
