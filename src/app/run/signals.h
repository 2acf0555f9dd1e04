/* A request to stop: SIGUSR1, SIGTERM, SIGINT, or SIGHUP unless nohup has it ignored.
 *
 * The first one sets a flag, which the training loop reads once an iteration and agrees on with the
 * other ranks; a second one ends the process at once. Launchers deliver one request twice (to the
 * group and forwarded), so what comes within a quarter of a second counts as the same. */
#ifndef MG_APP_SIGNALS_H
#define MG_APP_SIGNALS_H

#include <stdbool.h>

void mg_signals_install(void);

bool mg_signals_stop_requested(void);

#endif
