/* The collective interface: all that the trainer needs of a parallel machine.
 *
 * Two implementations: one rank (mg_comm_self, here) and MPI (mpi/comm_mpi.h). Every function is
 * Collective: all ranks call it in the same order with the same counts. Decisions that involve a
 * collective are taken from reduced values only. */
#ifndef MG_BASE_COMM_H
#define MG_BASE_COMM_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum mg_reduce { MG_REDUCE_SUM, MG_REDUCE_MIN, MG_REDUCE_MAX } mg_reduce;

/* Some of the rows that ranks share (mg_share): first .. first + count - 1 of `total`, one behind the
 * other in bytes [count, size], on every rank. */
typedef struct mg_rows {
  int64_t total, first, count;
  size_t size; /* bytes of a row */
  char *bytes;
} mg_rows;

typedef struct mg_comm mg_comm;
struct mg_comm {
  int rank, size;
  /* Nullable, the caller's, [size + 1]: what ranks before r have of the speed of all, from 0 to 1; the same on all
   * ranks. NULL: all are as fast. */
  const double *reach;
  bool alone; /* the others are not there, nor is what they would send or write */
  void *impl;
  void (*sum_f32)(mg_comm *, float *x, size_t n);
  void (*reduce_f64)(mg_comm *, mg_reduce, double *x, size_t n);
  void (*reduce_u64)(mg_comm *, mg_reduce, uint64_t *x, size_t n);
  void (*broadcast)(mg_comm *, void *bytes, size_t n);
  void (*gather)(mg_comm *, const void *bytes, size_t n, int from, void *at_root);
  void (*gather_rows)(mg_comm *, const mg_rows *rows);
  void (*scatter_rows)(mg_comm *, const mg_rows *rows);
  void (*barrier)(mg_comm *);
  void (*begin_sum)(mg_comm *, void *x, size_t n, size_t size,
                    void *scratch); /* size: an entry's */
  void (*poll)(mg_comm *);
  void (*end_sum)(mg_comm *, void *x);
  mg_status (*watch)(mg_comm *, double seconds); /* Nullable: */
  void (*doing)(mg_comm *, const char *what);    /* nobody waits for others; what: Nullable */
};

/* The one-rank implementation; no state, may be copied. */
mg_comm mg_comm_self(void);

/* In place on every rank. The same bits on all ranks. */
void mg_comm_sum_f32(mg_comm *comm, float *x, size_t n);
void mg_comm_reduce_f64(mg_comm *comm, mg_reduce op, double *x, size_t n);
void mg_comm_reduce_u64(mg_comm *comm, mg_reduce op, uint64_t *x, size_t n);

/* ---- a sum that is on its way while its ranks do something else ----
 * Begun by all ranks and, in the order in which they began, ended by all; other collectives may come in between. At most
 * MG_SUMS_MAX are on their way. Only a rank that polls, ends a sum or is in another collective passes on what others
 * wait for. The same bits on all ranks, whoever comes late. x [n] is the sum when it has ended; until then x and
 * scratch [n] are not to be changed, and a begun sum is to be ended. Nothing is allocated. */
enum { MG_SUMS_MAX = 4 };
void mg_comm_begin_sum_f32(mg_comm *comm, float *x, size_t n, float *scratch);
void mg_comm_begin_sum_f64(mg_comm *comm, double *x, size_t n, double *scratch);
void mg_comm_end_sum(mg_comm *comm, void *x); /* x: of the oldest */

/* Moves on what is on its way, without waiting. Local. */
static inline void mg_comm_poll(mg_comm *comm) {
  comm->poll(comm);
}

/* Rank 0's bytes to all. */
void mg_comm_broadcast(mg_comm *comm, void *bytes, size_t n);

/* The bytes of rank `from` to at_root on rank 0 (from = 0: a copy). Others ignore at_root. */
void mg_comm_gather(mg_comm *comm, const void *bytes, size_t n, int from, void *at_root);

/* Each rank has put its own rows in their places; rank 0 then has all of them, the others scratch. Of a
 * row that several ranks hold the first one's is taken. Along a tree: at most log2(ranks) messages at a
 * rank, and no memory but `bytes`. */
void mg_comm_gather_rows(mg_comm *comm, const mg_rows *rows);

/* The way back: rank 0 has all rows; each rank then has its own, and scratch beside them. */
void mg_comm_scatter_rows(mg_comm *comm, const mg_rows *rows);

void mg_comm_barrier(mg_comm *comm);

/* From here on a rank that waits so long for others, none of whom gets anywhere, says which are late
 * and at what, and ends the job with the exit code of MG_ERR_LAUNCH. 0: never. At most once for a
 * communicator. Collective. */
mg_status mg_comm_watch(mg_comm *comm, double seconds);

/* What this rank is at from here on, for those who wait for it. Local. */
void mg_comm_doing(mg_comm *comm, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* It has got somewhere with that. Local. */
void mg_comm_goes_on(mg_comm *comm);

/* All ranks agree on a status: the worst (largest code) of all, and the sentence of the lowest rank
 * that has it, prefixed with its rank when there are several. Collective. */
mg_status mg_comm_agree(mg_comm *comm, mg_status local);

/* ---- shares ---- */

/* How rows (environments) are divided among ranks: in order of rank, as evenly as whole rows allow;
 * the first total mod ranks of them have one more.
 *
 * Where there are more ranks than rows, rank r has a copy of row r mod total: it steps the same
 * environment, whose random numbers go by its index, and so holds the same data, on which it draws
 * other minibatches. So the ranks of a row share its updates. */
typedef struct mg_share {
  int64_t first, count; /* this rank's rows, at least one */
  int64_t total;        /* of all ranks; at least 1 */
  int ranks;
  int copies; /* ranks that hold these rows, this one among them */
  bool own;   /* it is the first of them: where rows are counted or written, it speaks for them */
} mg_share;

mg_share mg_share_of(int64_t total, int rank, int ranks);

/* With comm->reach, and more rows than ranks, each rank has one row, and of the others as its speed is, to the nearest
 * whole row; else mg_share_of. */
mg_share mg_comm_share(const mg_comm *comm, int64_t total, int rank);

/* What this rank's mean counts in the mean over ranks, 1 on average: ranks count / (total copies). */
double mg_share_weight(const mg_share *share);

/* This rank's part of an amount that is a total over ranks, at least 1. */
int64_t mg_share_part(const mg_share *share, int64_t amount);

/* The rows that the share has of first .. first + count - 1: how many; *from: the first one. */
int64_t mg_share_overlap(const mg_share *share, int64_t first, int64_t count, int64_t *from);

/* What ranks rank .. end - 1 need of these rows: the bytes of *rows, shortened to that. owned: but
 * for what they hold as copies. bytes is NULL and count 0 where that is nothing. */
mg_rows mg_rows_of_ranks(const mg_comm *comm, const mg_rows *rows, int rank, int end, bool owned);

#endif
