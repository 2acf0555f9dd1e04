#include "mpi/comm_mpi.h"

#include "mpi/flight.h"
#include "mpi/launch.h"
#include "mpi/watchdog.h"

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

/* comm->impl; of the watch all is NULL while nobody watches. */
typedef struct mpi_state {
  mg_watchdog *watchdog;
  MPI_Win window; /* the board's memory */
  MPI_Comm node;
  mg_flights flights;
} mpi_state;

static mg_watchdog *watchdog_of(const mg_comm *comm) {
  return ((const mpi_state *)comm->impl)->watchdog;
}

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

static void reduce_pieces(mg_comm *comm, void *x, size_t n, size_t size, MPI_Datatype type,
                          MPI_Op op) {
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

static void reduce(mg_comm *comm, void *x, size_t n, size_t size, MPI_Datatype type, MPI_Op op) {
  mg_watchdog_enter(watchdog_of(comm));
  reduce_pieces(comm, x, n, size, type, op);
  mg_watchdog_leave(watchdog_of(comm));
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

static mg_flights *flights_of(const mg_comm *comm) {
  return &((mpi_state *)comm->impl)->flights;
}

/* More than MPI counts goes at once, in pieces. */
static void mpi_begin_sum(mg_comm *comm, void *x, size_t n, size_t size, void *scratch) {
  const bool single = size == sizeof(float);
  if (n > PIECE) reduce(comm, x, n, size, single ? MPI_FLOAT : MPI_DOUBLE, MPI_SUM);
  mg_flights_begin(flights_of(comm), x, n > PIECE ? 0 : (int)n, single ? MPI_FLOAT : MPI_DOUBLE,
                   scratch);
}

static void mpi_poll(mg_comm *comm) {
  mg_flights_poll(flights_of(comm));
}

static void mpi_end_sum(mg_comm *comm, void *x) {
  mg_watchdog_enter(watchdog_of(comm));
  mg_flights_end(flights_of(comm), x);
  mg_watchdog_leave(watchdog_of(comm));
}

static void mpi_broadcast(mg_comm *comm, void *bytes, size_t n) {
  mg_watchdog_enter(watchdog_of(comm));
  for (char *at = bytes; n > 0;) {
    int count = piece_of(n);
    MPI_Bcast(at, count, MPI_BYTE, 0, MPI_COMM_WORLD);
    at += count;
    n -= (size_t)count;
  }
  mg_watchdog_leave(watchdog_of(comm));
}

static void send_to(int rank, const char *bytes, size_t n) {
  while (n > 0) {
    const int count = piece_of(n);
    MPI_Send(bytes, count, MPI_BYTE, rank, 0, MPI_COMM_WORLD);
    bytes += count;
    n -= (size_t)count;
  }
}

static void receive_from(int rank, char *bytes, size_t n) {
  while (n > 0) {
    const int count = piece_of(n);
    MPI_Recv(bytes, count, MPI_BYTE, rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    bytes += count;
    n -= (size_t)count;
  }
}

static void mpi_gather(mg_comm *comm, const void *bytes, size_t n, int from, void *at_root) {
  mg_watchdog_enter(watchdog_of(comm));
  if (from == 0 && comm->rank == 0)
    memmove(at_root, bytes, n);
  else if (comm->rank == 0)
    receive_from(from, at_root, n);
  else if (comm->rank == from)
    send_to(0, bytes, n);
  mg_watchdog_leave(watchdog_of(comm));
}

/* ---- rows, along a binomial tree ----
 * Below rank r hang r + 1, r + 2, r + 4, ..., r + s / 2, where s is the lowest set bit of r, and with each of
 * them as many ranks as it is away from r. So ranks r .. r + s - 1 hang together, and MPI_Gatherv's P
 * messages at rank 0 (Open MPI receives them one after the other) become log2 P. */

/* s; for rank 0 the first power of two that is not below the number of ranks. */
static int branch_of(const mg_comm *comm) {
  int bit = 1;
  while (bit < comm->size && !(comm->rank & bit)) bit <<= 1;
  return bit;
}

static mg_rows rows_of_branch(const mg_comm *comm, const mg_rows *rows, int rank, int branch,
                              bool owned) {
  const int end = branch < comm->size - rank ? rank + branch : comm->size;
  return mg_rows_of_ranks(comm, rows, rank, end, owned);
}

static void mpi_gather_rows(mg_comm *comm, const mg_rows *rows) {
  const int own = branch_of(comm);
  mg_watchdog_enter(watchdog_of(comm));
  for (int bit = 1; bit < own && comm->rank + bit < comm->size; bit <<= 1) {
    const mg_rows part = rows_of_branch(comm, rows, comm->rank + bit, bit, true);
    receive_from(comm->rank + bit, part.bytes, (size_t)part.count * part.size);
  }
  const mg_rows part = rows_of_branch(comm, rows, comm->rank, own, true);
  if (comm->rank != 0) send_to(comm->rank - own, part.bytes, (size_t)part.count * part.size);
  mg_watchdog_leave(watchdog_of(comm));
}

static void mpi_scatter_rows(mg_comm *comm, const mg_rows *rows) {
  const int own = branch_of(comm);
  mg_watchdog_enter(watchdog_of(comm));
  const mg_rows part = rows_of_branch(comm, rows, comm->rank, own, false);
  if (comm->rank != 0) receive_from(comm->rank - own, part.bytes, (size_t)part.count * part.size);
  for (int bit = own >> 1; bit > 0; bit >>= 1) {
    if (comm->rank + bit >= comm->size) continue;
    const mg_rows below = rows_of_branch(comm, rows, comm->rank + bit, bit, false);
    send_to(comm->rank + bit, below.bytes, (size_t)below.count * below.size);
  }
  mg_watchdog_leave(watchdog_of(comm));
}

static void mpi_barrier(mg_comm *comm) {
  mg_watchdog_enter(watchdog_of(comm));
  MPI_Barrier(MPI_COMM_WORLD);
  mg_watchdog_leave(watchdog_of(comm));
}

static void mpi_doing(mg_comm *comm, const char *what) {
  mg_watchdog_doing(watchdog_of(comm), what);
}

/* A board for the ranks of this node, with their seats taken. */
static mg_watch_board *make_board(const mg_comm *comm, mpi_state *state, int *seats, int *mine) {
  mg_watch_board *board;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, comm->rank, MPI_INFO_NULL,
                      &state->node);
  MPI_Comm_size(state->node, seats);
  MPI_Comm_rank(state->node, mine);
  const size_t bytes = sizeof *board + (size_t)*seats * sizeof board->seat[0];
  MPI_Aint size = *mine == 0 ? (MPI_Aint)bytes : 0;
  int unit;
  MPI_Win_allocate_shared(size, 1, MPI_INFO_NULL, state->node, &board, &state->window);
  MPI_Win_shared_query(state->window, 0, &size, &unit, &board);
  if (*mine == 0) memset(board, 0, bytes);
  MPI_Barrier(state->node);
  board->seat[*mine].rank = comm->rank;
  MPI_Barrier(state->node);
  return board;
}

static mg_status mpi_watch(mg_comm *comm, double seconds) {
  mpi_state *state = comm->impl;
  int seats, mine;
  mg_watch_board *board = make_board(comm, state, &seats, &mine);
  mg_status status = mg_watchdog_start(board, seats, mine, comm->size, seconds, &state->watchdog);
  MPI_Barrier(MPI_COMM_WORLD);
  return mg_comm_agree(comm, status);
}

/* What MPI gave, once it has started. */
static mg_status check(const mg_comm *comm, const mg_launch *launch, int provided) {
  if (provided < MPI_THREAD_FUNNELED)
    return mg_fail(MG_ERR_LAUNCH, "%s gives thread level %d, MPI_THREAD_FUNNELED (%d) is needed",
                   mg_comm_mpi_library(), provided, MPI_THREAD_FUNNELED);
  return mg_launch_check(mg_comm_mpi_library(), launch, comm->size);
}

mg_status mg_comm_mpi_create(int *argc, char ***argv, mg_comm **comm) {
  *comm = NULL;
  mg_launch launch;
  MG_TRY(mg_launch_look(mg_comm_mpi_library(), &launch));
  mg_launch_prepare();
  mg_comm *made = malloc(sizeof *made);
  mpi_state *state = malloc(sizeof *state);
  if (!made || !state) {
    free(made);
    free(state);
    return mg_fail(MG_ERR_MEMORY, "out of memory for the communicator");
  }
  if (launch.alone) {
    free(state);
    *made = mg_comm_self();
    *comm = made;
    return MG_OK;
  }
  *state = (mpi_state){.window = MPI_WIN_NULL, .node = MPI_COMM_NULL};

  /* Errors of MPI end the job by themselves (MPI_ERRORS_ARE_FATAL), here and later. */
  int provided;
  MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
  *made = (mg_comm){
      .impl = state,
      .sum_f32 = mpi_sum_f32,
      .reduce_f64 = mpi_reduce_f64,
      .reduce_u64 = mpi_reduce_u64,
      .broadcast = mpi_broadcast,
      .gather = mpi_gather,
      .gather_rows = mpi_gather_rows,
      .scatter_rows = mpi_scatter_rows,
      .barrier = mpi_barrier,
      .begin_sum = mpi_begin_sum,
      .poll = mpi_poll,
      .end_sum = mpi_end_sum,
      .watch = mpi_watch,
      .doing = mpi_doing,
  };
  MPI_Comm_rank(MPI_COMM_WORLD, &made->rank);
  MPI_Comm_size(MPI_COMM_WORLD, &made->size);
  mg_flights_prepare(&state->flights, made->rank, made->size);

  mg_status status = check(made, &launch, provided);
  if (status != MG_OK) {
    mg_comm_mpi_destroy(made);
    return status;
  }
  *comm = made;
  return MG_OK;
}

void mg_comm_mpi_destroy(mg_comm *comm) {
  if (!comm) return;
  mpi_state *state = comm->impl;
  if (!state) { /* alone, without MPI */
    free(comm);
    return;
  }
  mg_watchdog_stop(state->watchdog);
  if (state->window != MPI_WIN_NULL) MPI_Win_free(&state->window);
  if (state->node != MPI_COMM_NULL) MPI_Comm_free(&state->node);
  MPI_Finalize();
  free(state);
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
