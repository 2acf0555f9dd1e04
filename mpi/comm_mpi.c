#include "mpi/comm_mpi.h"

#include "mpi/launch.h"

#include <limits.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

/* MPI counts in int: longer vectors go in pieces. The tests build this file with small ones too. */
#ifndef MG_MPI_PIECE
#define MG_MPI_PIECE (1 << 30)
#endif
static const size_t PIECE = MG_MPI_PIECE;
_Static_assert(MG_MPI_PIECE <= INT_MAX, "a piece must fit MPI's count");

static int piece_of(size_t n) {
  return (int)(n < PIECE ? n : PIECE);
}

static MPI_Op op_of(mg_reduce op) {
  switch (op) {
  case MG_REDUCE_SUM:
    return MPI_SUM;
  case MG_REDUCE_MIN:
    return MPI_MIN;
  case MG_REDUCE_MAX:
    return MPI_MAX;
  }
  return MPI_OP_NULL;
}

static void reduce(mg_comm *comm, void *x, size_t n, size_t size, MPI_Datatype type, MPI_Op op) {
  if (n < (size_t)comm->size) {
    /* With fewer entries than ranks Rabenseifner's algorithm has nothing to split, and Open MPI
     * would let rank 0 speak with every other rank in turn. Two trees instead. */
    MPI_Reduce(comm->rank == 0 ? MPI_IN_PLACE : x, x, (int)n, type, op, 0, MPI_COMM_WORLD);
    MPI_Bcast(x, (int)n, type, 0, MPI_COMM_WORLD);
    return;
  }
  for (char *at = x; n > 0;) {
    int count = piece_of(n);
    MPI_Allreduce(MPI_IN_PLACE, at, count, type, op, MPI_COMM_WORLD);
    at += (size_t)count * size;
    n -= (size_t)count;
  }
}

static void mpi_sum_f32(mg_comm *comm, float *x, size_t n) {
  reduce(comm, x, n, sizeof *x, MPI_FLOAT, MPI_SUM);
}

static void mpi_reduce_f64(mg_comm *comm, mg_reduce op, double *x, size_t n) {
  reduce(comm, x, n, sizeof *x, MPI_DOUBLE, op_of(op));
}

static void mpi_reduce_u64(mg_comm *comm, mg_reduce op, uint64_t *x, size_t n) {
  reduce(comm, x, n, sizeof *x, MPI_UINT64_T, op_of(op));
}

static void mpi_broadcast(mg_comm *comm, void *bytes, size_t n) {
  (void)comm;
  for (char *at = bytes; n > 0;) {
    int count = piece_of(n);
    MPI_Bcast(at, count, MPI_BYTE, 0, MPI_COMM_WORLD);
    at += count;
    n -= (size_t)count;
  }
}

/* n bytes from one rank to another; the others return at once. */
static void move(mg_comm *comm, int from, const char *source, int to, char *target, size_t n) {
  if (from == to) {
    if (comm->rank == to) memmove(target, source, n);
    return;
  }
  while (n > 0) {
    int count = piece_of(n);
    if (comm->rank == from) {
      MPI_Send(source, count, MPI_BYTE, to, 0, MPI_COMM_WORLD);
      source += count;
    } else if (comm->rank == to) {
      MPI_Recv(target, count, MPI_BYTE, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
      target += count;
    }
    n -= (size_t)count;
  }
}

static void mpi_gather(mg_comm *comm, const void *bytes, size_t n, int from, void *at_root) {
  move(comm, from, bytes, 0, at_root, n);
}

static void mpi_scatter(mg_comm *comm, void *bytes, size_t n, int to, const void *at_root) {
  move(comm, 0, at_root, to, bytes, n);
}

static void mpi_barrier(mg_comm *comm) {
  (void)comm;
  MPI_Barrier(MPI_COMM_WORLD);
}

mg_status mg_comm_mpi_create(int *argc, char ***argv, mg_comm **comm) {
  *comm = NULL;
  mg_launch_prepare();
  mg_comm *made = malloc(sizeof *made);
  if (!made) return mg_fail(MG_ERR_MEMORY, "out of memory for the communicator");

  /* Errors of MPI end the job by themselves (MPI_ERRORS_ARE_FATAL), here and later. */
  int provided;
  MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
  *made = (mg_comm){
      .sum_f32 = mpi_sum_f32,
      .reduce_f64 = mpi_reduce_f64,
      .reduce_u64 = mpi_reduce_u64,
      .broadcast = mpi_broadcast,
      .gather = mpi_gather,
      .scatter = mpi_scatter,
      .barrier = mpi_barrier,
  };
  MPI_Comm_rank(MPI_COMM_WORLD, &made->rank);
  MPI_Comm_size(MPI_COMM_WORLD, &made->size);

  mg_status status = MG_OK;
  if (provided < MPI_THREAD_FUNNELED) {
    status = mg_fail(MG_ERR_LAUNCH, "%s gives thread level %d, MPI_THREAD_FUNNELED (%d) is needed",
                     mg_comm_mpi_library(), provided, MPI_THREAD_FUNNELED);
  } else if (made->size == 1) {
    status = mg_launch_check_single(mg_comm_mpi_library());
  }
  if (status != MG_OK) {
    mg_comm_mpi_destroy(made);
    return status;
  }
  *comm = made;
  return MG_OK;
}

void mg_comm_mpi_destroy(mg_comm *comm) {
  if (!comm) return;
  MPI_Finalize();
  free(comm);
}

const char *mg_comm_mpi_library(void) {
  /* Per thread, and the same text at every call. */
  static _Thread_local char version[MPI_MAX_LIBRARY_VERSION_STRING];
  int length;
  MPI_Get_library_version(version, &length);
  version[strcspn(version, "\r\n")] = '\0';
  return version;
}

int mg_comm_mpi_launched_rank(void) {
  return mg_launch_rank();
}
