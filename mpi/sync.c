#include "mpi/sync.h"

#include "base/hash.h"

static void weigh(const mg_sync *sync, mg_real *x, size_t n) {
  const mg_real weight = (mg_real)sync->weight;
  for (size_t i = 0; weight != 1 && i < n; i++) x[i] *= weight;
}

static void divide(const mg_sync *sync, mg_real *x, size_t n) {
  const mg_real share = (mg_real)(1.0 / sync->comm->size);
  for (size_t i = 0; i < n; i++) x[i] *= share;
}

void mg_sync_mean(const mg_sync *sync, mg_real *x, size_t n) {
  if (sync->comm->size == 1) return;
  weigh(sync, x, n);
#ifdef MG_REAL_DOUBLE
  mg_comm_reduce_f64(sync->comm, MG_REDUCE_SUM, x, n);
#else
  mg_comm_sum_f32(sync->comm, x, n);
#endif
  divide(sync, x, n);
}

void mg_sync_begin_mean(const mg_sync *sync, mg_real *x, size_t n, mg_real *scratch) {
  if (sync->comm->size == 1) return;
  weigh(sync, x, n);
#ifdef MG_REAL_DOUBLE
  mg_comm_begin_sum_f64(sync->comm, x, n, scratch);
#else
  mg_comm_begin_sum_f32(sync->comm, x, n, scratch);
#endif
}

void mg_sync_end_mean(const mg_sync *sync, mg_real *x, size_t n) {
  if (sync->comm->size == 1) return;
  mg_comm_end_sum(sync->comm, x);
  divide(sync, x, n);
}

void mg_sync_gradient(const mg_sync *sync, mg_real *gradient, size_t n) {
  if (sync->mode == MG_SYNC_GRADIENTS) mg_sync_mean(sync, gradient, n);
}

void mg_sync_parameters(const mg_sync *sync, mg_real *theta, size_t n) {
  if (sync->mode == MG_SYNC_PARAMETERS) mg_sync_mean(sync, theta, n);
}

bool mg_sync_agrees(const mg_sync *sync, const mg_real *theta, size_t n) {
  uint64_t hash = mg_hash_bytes(theta, n * sizeof *theta);
  /* max(~h) = ~min(h): one reduction finds both ends. */
  uint64_t ends[2] = {hash, ~hash};
  mg_comm_reduce_u64(sync->comm, MG_REDUCE_MAX, ends, 2);
  return ends[0] == ~ends[1];
}
