#include "demos/pairs.h"

#include "base/log.h"
#include "base/rng.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <string.h>

static int64_t draw_offset(int k, int stride, uint64_t seed) {
  mg_rng rng = mg_rng_at(seed, MG_RNG_EXPERT, 1 + (uint64_t)k, 0);
  return (int64_t)mg_rng_below(&rng, (uint64_t)stride);
}

static int64_t count_pairs(const mg_dataset *d, int k, int stride, uint64_t seed) {
  int64_t offset = draw_offset(k, stride, seed), steps = d->trajectory[k].steps;
  return offset < steps ? (steps - offset + stride - 1) / stride : 0;
}

static mg_status count_all(const mg_dataset *d, int stride, uint64_t seed, int64_t *count) {
  if (stride < 1) return mg_fail(MG_ERR_CONFIG, "subsample: %d; expected 1 or more", stride);
  *count = 0;
  for (int k = 0; k < d->trajectories; k++) *count += count_pairs(d, k, stride, seed);
  if (*count >= 1 && *count <= INT_MAX) return MG_OK;
  char every[MG_EVERY_MAX];
  mg_every(stride, "pair", every);
  return mg_fail(MG_ERR_DATA, "%s of %d %s gives %" PRIi64 " pairs; expected 1 to %d%s", every,
                 d->trajectories, mg_plural(d->trajectories, "trajectory", "trajectories"), *count,
                 INT_MAX, *count < 1 ? " (data.subsample = 1 takes every pair)" : "");
}

/* The pairs of trajectory k go behind those that are there: to `held` where hold[pair] is set. */
static void append(const mg_dataset *d, int k, int stride, uint64_t seed, const bool *hold,
                   mg_pairs *kept, mg_pairs *held) {
  const size_t n = (size_t)d->observation_size, m = (size_t)d->action_size;
  const mg_trajectory *t = &d->trajectory[k];
  for (int64_t i = draw_offset(k, stride, seed); i < t->steps; i += stride) {
    mg_pairs *to = hold && hold[kept->count + held->count] ? held : kept;
    size_t row = (size_t)to->count++;
    memcpy(to->states + row * n, t->observations + (size_t)i * n, n * sizeof(double));
    memcpy(to->actions + row * m, t->actions + (size_t)i * m, m * sizeof(double));
  }
}

static mg_status make_pairs(const mg_dataset *d, int64_t count, mg_arena *arena, mg_pairs *pairs) {
  *pairs = (mg_pairs){0};
  if (count == 0) return MG_OK;
  pairs->states = MG_NEW(arena, double, (size_t)count *(size_t)d->observation_size);
  pairs->actions = MG_NEW(arena, double, (size_t)count *(size_t)d->action_size);
  return pairs->states && pairs->actions ? MG_OK : mg_arena_status(arena);
}

/* floor(share * n), where share = 0.29 and n = 100 are meant to give 29; never all. */
static int64_t share_of(double share, int64_t n) {
  const int64_t part = (int64_t)floor(share * (double)n + 1e-9);
  return part < n ? part : n - 1;
}

/* hold [count]: which pairs are held out; *held: how many. scratch [count]. */
static mg_status choose_held(const mg_dataset *d, int stride, double share, uint64_t seed,
                             int64_t count, int64_t *scratch, bool *hold, int64_t *held) {
  mg_rng rng = mg_rng_at(seed, MG_RNG_EXPERT, 0, 1);
  int64_t giving = 0, first = 0;
  *held = 0;
  for (int k = 0; k < d->trajectories; k++)
    if (count_pairs(d, k, stride, seed) > 0) scratch[giving++] = k;
  const int64_t whole = share_of(share, giving);
  if (whole == 0) {
    if (count < 2)
      return mg_fail(MG_ERR_DATA,
                     "a single pair of the expert cannot be split; expected 2 or more");
    *held = share_of(share, count) > 0 ? share_of(share, count) : 1;
    for (int64_t p = 0; p < count; p++) scratch[p] = p;
    mg_rng_draw(&rng, count, *held, scratch);
    for (int64_t i = 0; i < *held; i++) hold[scratch[i]] = true;
    return MG_OK;
  }
  mg_rng_draw(&rng, giving, whole, scratch);
  for (int k = 0; k < d->trajectories; k++) {
    const int64_t pairs = count_pairs(d, k, stride, seed);
    for (int64_t i = 0; i < whole; i++) {
      if (scratch[i] != k) continue;
      for (int64_t p = 0; p < pairs; p++) hold[first + p] = true;
      *held += pairs;
    }
    first += pairs;
  }
  return MG_OK;
}

mg_status mg_dataset_split(const mg_dataset *d, int stride, double share, uint64_t seed,
                           mg_arena *arena, mg_pairs *train, mg_pairs *validation) {
  *train = *validation = (mg_pairs){0};
  int64_t count = 0, held = 0;
  bool *hold = NULL;
  if (!(share >= 0 && share < 1))
    return mg_fail(MG_ERR_CONFIG, "share held out: %g; expected 0 to below 1", share);
  MG_TRY(count_all(d, stride, seed, &count));
  if (share > 0) {
    hold = MG_NEW(arena, bool, (size_t)count);
    int64_t *scratch = MG_NEW(arena, int64_t, (size_t)count);
    if (!hold || !scratch) return mg_arena_status(arena);
    MG_TRY(choose_held(d, stride, share, seed, count, scratch, hold, &held));
  }
  MG_TRY(make_pairs(d, count - held, arena, train));
  MG_TRY(make_pairs(d, held, arena, validation));
  for (int k = 0; k < d->trajectories; k++) append(d, k, stride, seed, hold, train, validation);
  return MG_OK;
}

/* -1 below the box, 1 above, 0 inside. */
static int side(double action, double low, double high) {
  return ((float)action > (float)high) - ((float)action < (float)low);
}

int64_t mg_pairs_count_outside(const mg_pairs *pairs, int m, const double *low,
                               const double *high) {
  int64_t outside = 0;
  for (int64_t i = 0; i < (int64_t)pairs->count * m; i++)
    outside += side(pairs->actions[i], low[i % m], high[i % m]) != 0;
  return outside;
}

void mg_pairs_clip(mg_pairs *pairs, int m, const double *low, const double *high) {
  for (int64_t i = 0; i < (int64_t)pairs->count * m; i++) {
    const int where = side(pairs->actions[i], low[i % m], high[i % m]);
    if (where) pairs->actions[i] = where < 0 ? low[i % m] : high[i % m];
  }
}
