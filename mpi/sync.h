/* Keeping the ranks' networks one: averages of the flat vectors that all networks live in.
 *
 * Local work is elsewhere; here is only the reduction. sync = parameters averages theta, and the
 * optimisers' moments with it, after each rank's own optimiser steps (one allreduce an iteration);
 * sync = gradients averages each gradient before the step, so that all ranks take the same one. For
 * plain SGD and one step an iteration the two are the same up to rounding.
 *
 * Ranks with more data count more (weight; base/comm.h): mean x = sum over ranks of weight x / ranks.
 * All functions are Collective. */
#ifndef MG_MPI_SYNC_H
#define MG_MPI_SYNC_H

#include "base/comm.h"
#include "base/named.h"
#include "math/real.h"

#include <stdbool.h>

/* Enumerator, name in configuration files. */
#define MG_SYNC_LIST(X)                                                                            \
  X(MG_SYNC_PARAMETERS, "parameters")                                                              \
  X(MG_SYNC_GRADIENTS, "gradients")

typedef enum mg_sync_mode { MG_SYNC_LIST(MG_NAMED_ENUM) } mg_sync_mode;

typedef struct mg_sync {
  mg_comm *comm;
  mg_sync_mode mode;
  double weight; /* of this rank, 1 on average */
} mg_sync;

/* With weight 1: all ranks alike. */
static inline mg_sync mg_sync_of(mg_comm *comm, mg_sync_mode mode) {
  return (mg_sync){.comm = comm, .mode = mode, .weight = 1};
}

/* x [n] <- mean over ranks of x, the same bits on every rank. One allreduce; no-op on one rank. */
void mg_sync_mean(const mg_sync *sync, mg_real *x, size_t n);

/* The same in two halves, between which it is on its way (base/comm.h; scratch [n]): with bits of its own from three
 * ranks on, for it sums in another order. */
void mg_sync_begin_mean(const mg_sync *sync, mg_real *x, size_t n, mg_real *scratch);
void mg_sync_end_mean(const mg_sync *sync, mg_real *x, size_t n);

/* With mode = gradients: mean of gradient [n]; with mode = parameters: nothing. Call between the
 * backward pass and the optimiser step. */
void mg_sync_gradient(const mg_sync *sync, mg_real *gradient, size_t n);

/* At the end of an iteration. With mode = parameters: mean of theta [n]; with gradients: nothing
 * (theta is already the same everywhere). */
void mg_sync_parameters(const mg_sync *sync, mg_real *theta, size_t n);

/* Drift check: true on every rank if theta [n] has the same bits on every rank (a 64-bit hash,
 * reduced with MIN and MAX). Costs one small allreduce. */
bool mg_sync_agrees(const mg_sync *sync, const mg_real *theta, size_t n);

#endif
