/* Several ranks in one process, for tests of collective code that run without MPI: each rank is a
 * thread, the collectives copy between them. */
#ifndef MG_TESTS_THREAD_COMM_H
#define MG_TESTS_THREAD_COMM_H

#include "base/comm.h"

/* Runs body(comm, user) on `size` threads at once (1..16), each with its own mg_comm; returns when
 * all have ended. */
void run_ranks(int size, void (*body)(mg_comm *comm, void *user), void *user);

#endif
