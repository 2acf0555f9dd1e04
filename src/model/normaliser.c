#include "model/normaliser.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* The pending count, sums and squares lie together, so that a merge is one reduction in place. */
mg_normaliser mg_normaliser_make_of(int raw_size, int size, const int64_t *index, double epsilon,
                                    double limit, mg_arena *arena) {
  assert(size > 0 && size <= raw_size && epsilon >= 0);
  const size_t d = (size_t)size;
  mg_normaliser n = {.size = size, .raw_size = raw_size, .epsilon = epsilon, .limit = limit};
  n.index = MG_NEW(arena, int64_t, d);
  double *moments = MG_NEW(arena, double, 1 + 2 * d);
  double *pending = MG_NEW(arena, double, 1 + 2 * d);
  double *derived = MG_NEW(arena, double, 2 * d);
  if (!n.index || !moments || !pending || !derived) return n;
  for (int j = 0; j < size; j++) n.index[j] = index ? index[j] : j;
  n.count = moments, n.mean = moments + 1, n.m2 = moments + 1 + d;
  n.pending_count = pending, n.pending_sum = pending + 1, n.pending_square = pending + 1 + d;
  n.shift = derived, n.inverse = derived + d;
  mg_normaliser_update(&n);
  return n;
}

mg_normaliser mg_normaliser_make(int size, double epsilon, double limit, mg_arena *arena) {
  return mg_normaliser_make_of(size, size, NULL, epsilon, limit, arena);
}

void mg_normaliser_update(mg_normaliser *n) {
  for (int j = 0; j < n->size; j++) {
    if (*n->count <= 0) {
      n->shift[j] = 0, n->inverse[j] = 1;
      continue;
    }
    const double scale = sqrt(n->m2[j] / *n->count) + n->epsilon;
    n->shift[j] = n->mean[j];
    n->inverse[j] = scale > 0 ? 1 / scale : 1;
  }
}

/* Row by row about the first row, whose distance to a constant column is exactly 0; the second pass
 * removes what rounding left in the mean (Chan, Golub, LeVeque 1983, eq. 1.7). m2 holds the first
 * pass's sums for a while. */
void mg_normaliser_fit(mg_normaliser *n, size_t count, const double *rows) {
  const size_t d = (size_t)n->size, raw = (size_t)n->raw_size;
  const int64_t *index = n->index;
  *n->count = (double)count;
  memset(n->mean, 0, d * sizeof(double));
  memset(n->m2, 0, d * sizeof(double));
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < d; j++) n->mean[j] += rows[i * raw + (size_t)index[j]] - rows[index[j]];
  if (count > 0)
    for (size_t j = 0; j < d; j++) n->mean[j] = rows[index[j]] + n->mean[j] / (double)count;
  for (size_t j = 0; j < d; j++) {
    double sum = 0, square = 0;
    for (size_t i = 0; i < count; i++) {
      const double deviation = rows[i * raw + (size_t)index[j]] - n->mean[j];
      sum += deviation;
      square += deviation * deviation;
    }
    if (count > 0) n->m2[j] = fmax(0, square - sum * sum / (double)count);
  }
  mg_normaliser_update(n);
}

void mg_normaliser_apply(const mg_normaliser *n, int B, const double *s, mg_real *x) {
  const int size = n->size;
  const double high = n->limit > 0 ? n->limit : HUGE_VAL, low = -high;
  const double *restrict shift = n->shift, *restrict inverse = n->inverse;
  const int64_t *restrict index = n->index;
  for (int b = 0; b < B; b++) {
    const double *restrict in = s + (size_t)b * (size_t)n->raw_size;
    mg_real *restrict out = x + (size_t)b * (size_t)size;
    for (int j = 0; j < size; j++) {
      double z = (in[index[j]] - shift[j]) * inverse[j];
      z = z > high ? high : z;
      z = z < low ? low : z;
      out[j] = (mg_real)z;
    }
  }
}

void mg_normaliser_observe(mg_normaliser *n, const double *s) {
  const double *restrict mean = n->mean;
  double *restrict sum = n->pending_sum, *restrict square = n->pending_square;
  for (int j = 0; j < n->size; j++) {
    const double deviation = s[n->index[j]] - mean[j];
    sum[j] += deviation;
    square[j] += deviation * deviation;
  }
  *n->pending_count += 1;
}

/* Chan, Golub, LeVeque's update for two sets. The pending sums are about the mean that all ranks
 * hold, so they add up over ranks without cancellation. */
void mg_normaliser_merge(mg_normaliser *n, mg_comm *comm) {
  const size_t d = (size_t)n->size;
  mg_comm_reduce_f64(comm, MG_REDUCE_SUM, n->pending_count, 1 + 2 * d);
  const double old = *n->count, fresh = *n->pending_count;
  if (fresh > 0) {
    const double total = old + fresh;
    for (size_t j = 0; j < d; j++) {
      const double delta = n->pending_sum[j] / fresh;
      const double within = fmax(0, n->pending_square[j] - n->pending_sum[j] * delta);
      n->mean[j] += delta * (fresh / total);
      n->m2[j] += within + delta * delta * (old * fresh / total);
    }
    *n->count = total;
  }
  memset(n->pending_count, 0, (1 + 2 * d) * sizeof(double));
  mg_normaliser_update(n);
}
