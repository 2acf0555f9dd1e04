/* A run as a process of its own: started behind a launcher, heard out, judged by what it left. Local. */
#ifndef MG_APP_RUN_PROCESS_H
#define MG_APP_RUN_PROCESS_H

#include "app/sweep/sweep_state.h"

#include <sys/types.h>

/* Processors that this process may use. */
int mg_processors(void);

/* Starts `mgail train` on the run, behind `launch`, words in which {ranks} is replaced (NULL: mpirun
 * where there is more than one rank). Its output is appended to its log, *log_from bytes long before.
 * A run whose folder is there goes on. It gets SIGUSR1 should this process die. */
mg_status mg_run_process_start(const char *folder, const mg_sweep_run *run, const char *launch,
                               pid_t *pid, off_t *log_from);

/* What an end means. */
typedef enum mg_run_end {
  MG_RUN_DONE,
  MG_RUN_STOPPED, /* on request, with a checkpoint */
  MG_RUN_LATE,    /* a rank that hung, was stopped or cut off (run.watchdog) */
  MG_RUN_IN_USE,  /* another process has the folder: one of a lost node, perhaps */
  MG_RUN_IO,      /* its files */
  MG_RUN_KILLED,  /* a signal ended a rank */
  MG_RUN_LAUNCH,  /* the launcher ended without the program having said why */
  MG_RUN_WRONG    /* settings, data, memory: the same again would end the same way */
} mg_run_end;

/* wait_status: of waitpid. code: the exit code, 128 + signal. line: what it said last: the program's
 * error, else the last line with a word in it. */
mg_run_end mg_run_process_judge(const char *folder, const mg_sweep_run *run, off_t log_from,
                                int wait_status, int *code, char line[512]);

/* How often a run may end this way until it has failed; 1: at once. */
int mg_run_end_tries(mg_run_end end);

#endif
