/* test_mpi_kill FOLDER [none]: the last rank, or none, is killed in the middle of a collective of
 * all; the others would wait for ever. Each rank leaves its process number in FOLDER. See kill.sh. */
#include "mpi/comm_mpi.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  mg_comm *comm;
  if (mg_comm_mpi_create(&argc, &argv, &comm) != MG_OK || argc < 2) return 1;
  char path[4096];
  snprintf(path, sizeof path, "%s/%d", argv[1], comm->rank);
  FILE *file = fopen(path, "w");
  if (!file) return 1;
  fprintf(file, "%ld\n", (long)getpid());
  fclose(file);

  mg_comm_barrier(comm);
  if (argc == 2 && comm->rank == comm->size - 1) raise(SIGKILL);
  static float x[100000];
  mg_comm_sum_f32(comm, x, 100000);
  mg_comm_mpi_destroy(comm);
  return 0;
}
