/* test_mpi_abort FOLDER abort|kill: the last rank ends in the middle of a collective of all; the
 * others would wait for ever. Each rank leaves its process number in FOLDER. See abort.sh. */
#include "mpi/comm_mpi.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  mg_comm *comm;
  if (mg_comm_mpi_create(&argc, &argv, &comm) != MG_OK) return 1;
  if (argc != 3) mg_comm_abort(comm, 1);
  char path[4096];
  snprintf(path, sizeof path, "%s/%d", argv[1], comm->rank);
  FILE *file = fopen(path, "w");
  if (!file) mg_comm_abort(comm, 1);
  fprintf(file, "%ld\n", (long)getpid());
  fclose(file);

  mg_comm_barrier(comm);
  if (comm->rank == comm->size - 1) {
    if (strcmp(argv[2], "kill") == 0) raise(SIGKILL);
    mg_comm_abort(comm, 65);
  }
  static float x[100000];
  mg_comm_sum_f32(comm, x, 100000);
  mg_comm_mpi_destroy(comm);
  return 0;
}
