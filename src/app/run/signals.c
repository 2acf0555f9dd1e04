#include "app/run/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

/* Signal handlers have no argument: the one place where a global is unavoidable. */
static volatile sig_atomic_t stop;
static volatile sig_atomic_t first_at; /* [ms], wraps; meaningful once stop is set */

static sig_atomic_t milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
  return (sig_atomic_t)(ms & 0x3fffffff);
}

static void on_stop(int signal_number) {
  int saved = errno;
  sig_atomic_t now = milliseconds();
  if (!stop) {
    first_at = now;
    stop = 1;
  } else if (((now - first_at) & 0x3fffffff) > 250) {
    struct sigaction by_default = {.sa_handler = SIG_DFL};
    sigaction(signal_number, &by_default, NULL);
    raise(signal_number); /* delivered when this handler returns */
  }
  errno = saved;
}

void mg_signals_install(void) {
  struct sigaction action = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  struct sigaction hangup;
  if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
    sigaction(SIGHUP, &action, NULL);
}

bool mg_signals_stop_requested(void) {
  return stop != 0;
}
