#include "app/manual/manual.h"

/* clang-format off */
const mg_manual_topic mg_manual_topics[] = {
    {"Files", NULL, "A run folder holds:"},
    {"Files", "config.ini", "all settings; can be given to --config"},
    {"Files", "curves.h5", "one row an iteration, readable while it is written"},
    {"Files", "checkpoint.h5", "what training goes on from, with the one before it as checkpoint.h5.previous"},
    {"Files", "result.json", "at the end: what came out"},
    {"Files", "log.txt", "what was said"},
    {"Files", "lock", "while the run lives"},
    {"Signals", NULL,
     "SIGUSR1, SIGTERM, SIGINT and SIGHUP ask train, and sweep run all its runs, to write a checkpoint and to end with "
     "exit code 75; a second one ends it at once. mpirun and srun forward SIGUSR1 to all ranks; send it to them."},
    {"Signals", NULL,
     "On SIGTERM or Ctrl-C mpirun passes SIGTERM on and kills the ranks one second later, which may be too soon for a "
     "checkpoint: the run then goes on from the one before, at most run.checkpoint_seconds old. mpirun --mca "
     "odls_base_sigkill_timeout 10 gives them ten seconds (and takes twenty to end, whatever ends the run). srun kills "
     "them at once when it gets SIGTERM itself."},
    {"Signals", NULL,
     "A link between machines that is cut, or a machine that is gone, is noticed by mpirun after eight minutes; --mca "
     "oob_tcp_keepalive_time 10 --mca oob_tcp_keepalive_intvl 5 --mca oob_tcp_keepalive_probes 3 makes that half a "
     "minute. A rank that waits for others for run.watchdog seconds names those that are late and ends the run with "
     "exit code 69. Nobody waits for the rank of a run that has but one, and evaluate and record wait for ever: they "
     "are not watched."},
    {"Environment", "MGAIL_ASSETS", "folder of the models of the tasks, instead of the installed one"},
    {"Environment", "MGAIL_GL",
     "egl or osmesa: what render draws robots with; else EGL, and OSMesa where that does not work"},
    {0},
};
/* clang-format on */
