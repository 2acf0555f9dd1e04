/* Checks for programs under mpirun: a failed one is printed with its rank and counted; the program
 * goes on, so that no rank leaves the others in a collective. */
#ifndef MG_TESTS_MPI_CHECK_H
#define MG_TESTS_MPI_CHECK_H

#include "mpi/comm_mpi.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct mg_checks {
  mg_comm *comm;
  uint64_t failed;
} mg_checks;

#define CHECK(checks, condition)                                                                   \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fprintf(stderr, "%s:%d: rank %d of %d: %s\n", __FILE__, __LINE__, (checks)->comm->rank,      \
              (checks)->comm->size, #condition);                                                   \
      (checks)->failed++;                                                                          \
    }                                                                                              \
  } while (0)

/* Starts MPI; false, with the reason printed, where it does not start. Collective. */
static inline bool checks_begin(mg_checks *checks, int *argc, char ***argv) {
  if (mg_comm_mpi_create(argc, argv, &checks->comm) == MG_OK) return true;
  fprintf(stderr, "%s\n", mg_status_message());
  return false;
}

/* Ends MPI. The exit status of the program: 0 where no rank had a failure. Collective. */
static inline int checks_finish(mg_checks *checks) {
  mg_comm_reduce_u64(checks->comm, MG_REDUCE_SUM, &checks->failed, 1);
  int status = checks->failed != 0;
  mg_comm_mpi_destroy(checks->comm);
  return status;
}

#endif
