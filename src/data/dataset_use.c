#include "data/dataset.h"

#include "base/rng.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

mg_status mg_dataset_check(const mg_dataset *d, const char *path, const char *env_id,
                           int observation_size, int action_size, bool discrete) {
  if (d->observation_size != observation_size)
    return mg_fail(MG_ERR_DATA, "%s: observations have %d entries; expected %d, as %s has", path,
                   d->observation_size, observation_size, env_id);
  if (d->discrete != discrete)
    return mg_fail(MG_ERR_DATA, "%s: actions are %s; expected %s ones, as %s has", path,
                   d->discrete ? "discrete" : "continuous", discrete ? "discrete" : "continuous",
                   env_id);
  if (!discrete && d->action_size != action_size)
    return mg_fail(MG_ERR_DATA, "%s: actions have %d entries; expected %d, as %s has", path,
                   d->action_size, action_size, env_id);
  for (int k = 0; discrete && k < d->trajectories; k++) {
    const mg_trajectory *t = &d->trajectory[k];
    for (int64_t i = 0; i < t->steps; i++)
      if (!(t->actions[i] >= 0 && t->actions[i] < action_size))
        return mg_fail(MG_ERR_DATA,
                       "%s: action %" PRIi64 " of the trajectory with id %" PRIi64
                       " is %.0f; expected 0..%d, as %s has",
                       path, i, t->id, t->actions[i], action_size - 1, env_id);
  }
  return MG_OK;
}

static int64_t draw_offset(int k, int stride, uint64_t seed) {
  mg_rng rng = mg_rng_at(seed, MG_RNG_EXPERT, 1 + (uint64_t)k, 0);
  return (int64_t)mg_rng_below(&rng, (uint64_t)stride);
}

mg_status mg_dataset_subsample(const mg_dataset *d, int stride, uint64_t seed, mg_arena *arena,
                               mg_pairs *pairs) {
  *pairs = (mg_pairs){0};
  if (stride < 1) return mg_fail(MG_ERR_CONFIG, "subsample: %d; expected 1 or more", stride);
  int64_t count = 0;
  for (int k = 0; k < d->trajectories; k++) {
    int64_t offset = draw_offset(k, stride, seed), steps = d->trajectory[k].steps;
    if (offset < steps) count += (steps - offset + stride - 1) / stride;
  }
  if (count < 1 || count > INT_MAX)
    return mg_fail(MG_ERR_DATA,
                   "every %d-th pair of %d trajectories gives %" PRIi64 " pairs; expected 1 to %d",
                   stride, d->trajectories, count, INT_MAX);
  size_t n = (size_t)d->observation_size, m = (size_t)d->action_size;
  pairs->states = MG_NEW(arena, double, (size_t)count *n);
  pairs->actions = MG_NEW(arena, double, (size_t)count *m);
  if (!pairs->states || !pairs->actions) return mg_arena_status(arena);
  for (int k = 0; k < d->trajectories; k++) {
    const mg_trajectory *t = &d->trajectory[k];
    for (int64_t i = draw_offset(k, stride, seed); i < t->steps; i += stride) {
      size_t row = (size_t)pairs->count++;
      memcpy(pairs->states + row * n, t->observations + (size_t)i * n, n * sizeof(double));
      memcpy(pairs->actions + row * m, t->actions + (size_t)i * m, m * sizeof(double));
    }
  }
  return MG_OK;
}
