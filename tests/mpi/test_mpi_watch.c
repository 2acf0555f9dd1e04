/* test_mpi_watch stop|stop_inside|hang|slow: the last rank is stopped before a collective, or while it
 * waits in one; never comes to it; or takes its time, but gets on. The others wait for it. See
 * watch.sh. */
#include "mpi/comm_mpi.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static void stop(int signal_number) {
  (void)signal_number;
  raise(SIGSTOP);
}

static void last_rank(mg_comm *comm, const char *what) {
  if (strcmp(what, "stop") == 0) raise(SIGSTOP);
  if (strcmp(what, "hang") == 0)
    for (;;) pause();
  if (strcmp(what, "slow") == 0) {
    for (int k = 0; k < 30; k++) {
      usleep(100000);
      mg_comm_goes_on(comm);
    }
  }
  if (strcmp(what, "stop_inside") == 0) { /* amid the collective, where the others are not yet */
    signal(SIGALRM, stop);
    alarm(1);
  }
}

int main(int argc, char **argv) {
  mg_comm *comm;
  if (mg_comm_mpi_create(&argc, &argv, &comm) != MG_OK || argc < 2) return 1;
  if (mg_comm_watch(comm, 1) != MG_OK) return 1;
  mg_comm_doing(comm, "act %d", 5);
  mg_comm_barrier(comm);
  const bool last = comm->rank == comm->size - 1;
  if (last) last_rank(comm, argv[1]);
  if (!last && strcmp(argv[1], "stop_inside") == 0) usleep(1500000);
  static float x[100000];
  mg_comm_sum_f32(comm, x, 100000);
  mg_comm_mpi_destroy(comm);
  return 0;
}
