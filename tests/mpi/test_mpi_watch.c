/* test_mpi_watch stop|stop_inside|hang|slow: the last rank is stopped before a collective, or while it
 * waits in one; never comes to it; or takes its time, but gets on. The others wait for it.
 * test_mpi_watch stop_apart|hang_apart: as if each rank had a node of its own. See watch.sh. */
#include "mpi/comm_mpi.h"
#include "mpi/watchdog.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
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

static void go_on(int signal_number) {
  (void)signal_number;
}

/* Each has its own board, and the others are patient. As the program does, the last one outlives the
 * launcher's SIGTERM. */
static int apart(const mg_comm *comm, bool stopped) {
  const bool last = comm->rank == comm->size - 1;
  mg_watchdog *watchdog;
  mg_watch_board *board = calloc(1, sizeof *board + sizeof board->seat[0]);
  if (!board) return 1;
  board->seat[0].rank = comm->rank;
  if (mg_watchdog_start(board, 1, 0, comm->size, last ? 1 : 4, &watchdog) != MG_OK) return 1;
  mg_watchdog_doing(watchdog, "act 5");
  if (last) {
    signal(SIGTERM, go_on);
    usleep(500000); /* the watchdog has begun */
    if (stopped) raise(SIGSTOP);
    for (;;) pause();
  }
  mg_watchdog_enter(watchdog);
  for (;;) pause();
}

int main(int argc, char **argv) {
  mg_comm *comm;
  if (mg_comm_mpi_create(&argc, &argv, &comm) != MG_OK || argc < 2) return 1;
  if (strstr(argv[1], "_apart")) return apart(comm, strcmp(argv[1], "stop_apart") == 0);
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
