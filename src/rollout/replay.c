#include "rollout/replay.h"

#include <assert.h>
#include <math.h>
#include <string.h>

mg_replay mg_replay_make(int state_size, int action_size, int environments, int64_t capacity,
                         mg_arena *arena) {
  assert(state_size > 0 && action_size >= 0 && environments > 0 && capacity > 0);
  mg_replay r = {.state_size = state_size,
                 .action_size = action_size,
                 .width = 2 * state_size + action_size,
                 .environments = environments,
                 .capacity = capacity};
  size_t record = (size_t)r.width * sizeof(mg_real) * (size_t)environments;
  r.added = MG_NEW(arena, int64_t, 1);
  r.rows = mg_arena_alloc(arena, (size_t)capacity, record);
  return r;
}

int64_t mg_replay_steps(const mg_replay *r) {
  return *r->added < r->capacity ? *r->added : r->capacity;
}

int64_t mg_replay_count(const mg_replay *r) {
  return mg_replay_steps(r) * r->environments;
}

void mg_replay_add(mg_replay *r, const mg_real *x, const mg_real *a, size_t stride,
                   const mg_real *x_next) {
  const size_t d = (size_t)r->state_size, m = (size_t)r->action_size;
  const size_t width = (size_t)r->width, N = (size_t)r->environments;
  mg_real *row = r->rows + (size_t)(*r->added % r->capacity) * N * width;
  for (size_t n = 0; n < N; n++, row += width) {
    memcpy(row, x + n * stride, d * sizeof *row);
    memcpy(row + d, a + n * stride, m * sizeof *row);
    memcpy(row + d + m, x_next + n * d, d * sizeof *row);
  }
  *r->added += 1;
}

void mg_replay_sample(const mg_replay *r, int B, mg_rng *rng, mg_real *xa, mg_real *x_next) {
  /* A row is as good as never in cache: those of a group are asked for before the first is read. */
  enum { GROUP = 32, LINE = 64 / sizeof(mg_real) };
  const int d = r->state_size, dm = d + r->action_size;
  const uint64_t held = (uint64_t)mg_replay_count(r);
  assert(B == 0 || held > 0);
  for (int first = 0; first < B; first += GROUP) {
    const int group = B - first < GROUP ? B - first : GROUP;
    const mg_real *row[GROUP];
    for (int b = 0; b < group; b++) {
      row[b] = r->rows + (size_t)mg_rng_below(rng, held) * (size_t)r->width;
      for (int i = 0; i < r->width; i += LINE) __builtin_prefetch(row[b] + i);
    }
    for (int b = 0; b < group; b++, xa += dm, x_next += d) {
      memcpy(xa, row[b], (size_t)dm * sizeof *xa);
      memcpy(x_next, row[b] + dm, (size_t)d * sizeof *x_next);
    }
  }
}

/* Sums about the first row's difference, against cancellation; a band of columns at a time, so that
 * the sums need no allocation and stay in cache. */
void mg_replay_delta_sd(const mg_replay *r, double *sd) {
  enum { BAND = 64 };
  int64_t count = mg_replay_count(r);
  int next = r->state_size + r->action_size;
  for (int first = 0; first < r->state_size; first += BAND) {
    int columns = r->state_size - first < BAND ? r->state_size - first : BAND;
    double reference[BAND] = {0}, sum[BAND] = {0}, square[BAND] = {0};
    for (int64_t i = 0; i < count; i++) {
      const mg_real *x = r->rows + (size_t)i * (size_t)r->width + first, *x_next = x + next;
      if (i == 0)
        for (int j = 0; j < columns; j++) reference[j] = (double)x_next[j] - (double)x[j];
      for (int j = 0; j < columns; j++) {
        double delta = (double)x_next[j] - (double)x[j] - reference[j];
        sum[j] += delta;
        square[j] += delta * delta;
      }
    }
    for (int j = 0; j < columns; j++) {
      double n = count > 0 ? (double)count : 1;
      sd[first + j] = sqrt(fmax(0, square[j] - sum[j] * sum[j] / n) / n);
    }
  }
}
