/* A command of the program, and what it is given. */
#ifndef MG_APP_COMMAND_H
#define MG_APP_COMMAND_H

#include "app/options.h"
#include "base/comm.h"
#include "base/log.h"

typedef struct mg_app {
  mg_comm *comm;   /* one rank for commands that are not parallel */
  mg_log log;      /* standard error, of rank 0; results go to standard output */
  double started;  /* [s] of mg_timer_now */
  bool difference; /* set by `verify`: not a failure, yet exit code 1 */
} mg_app;

typedef struct mg_command {
  const char *name;
  const char *summary;      /* one line */
  const char *usage;        /* what follows the name */
  const char *description;  /* for --help, which breaks its lines */
  const mg_option *options; /* its own */
  const char *verbs; /* Nullable: what the first word that is not an option may be, "run|status" */
  const char *words; /* Nullable: what such words may be, as a usage has it: "RUN|FILE" */
  bool settings;     /* takes settings too: --config, --set and their shorthands */
  bool lists_settings; /* its help has all of them, and the tasks */
  int files;           /* most words that are not options */
  bool parallel;       /* runs under mpirun and srun; all ranks return the same status */
  bool stops;          /* takes signals as requests to stop (signals.h) */
  mg_status (*run)(mg_app *app, const mg_args *args);
} mg_command;

/* NULL-terminated, in the order of the help. */
extern const mg_command *const mg_commands[];

/* MG_ERR_USAGE with the nearest name if there is none of this one. */
mg_status mg_command_find(const char *name, const mg_command **command);

/* All options of a command, ended by a row without a name. */
enum { MG_COMMAND_OPTIONS_MAX = 32 };
void mg_command_options(const mg_command *command, mg_option options[MG_COMMAND_OPTIONS_MAX]);

extern const mg_command mg_command_train, mg_command_record, mg_command_export, mg_command_evaluate,
    mg_command_verify, mg_command_info, mg_command_collect, mg_command_report, mg_command_bench,
    mg_command_convert, mg_command_sweep, mg_command_watch, mg_command_render;

#endif
