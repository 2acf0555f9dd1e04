#include "data/dataset_choose.h"

#include "base/rng.h"

#include <inttypes.h>
#include <stdlib.h>

static int by_index(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void swap(int64_t *a, int64_t *b) {
  int64_t t = *a;
  *a = *b, *b = t;
}

/* Fisher and Yates, stopped after the first `wanted`. */
static void draw(int64_t *chosen, int64_t candidates, int64_t wanted, uint64_t seed) {
  mg_rng rng = mg_rng_at(seed, MG_RNG_EXPERT, 0, 0);
  for (int64_t i = 0; i < wanted; i++)
    swap(&chosen[i], &chosen[i + (int64_t)mg_rng_below(&rng, (uint64_t)(candidates - i))]);
}

/* Selection of the largest; the earlier id wins a tie. */
static void pick_best(const mg_dataset_file *f, int64_t *chosen, int64_t candidates,
                      int64_t wanted) {
  for (int64_t i = 0; i < wanted; i++) {
    int64_t best = i;
    for (int64_t k = i + 1; k < candidates; k++) {
      double a = f->episode[chosen[k]].total_reward, b = f->episode[chosen[best]].total_reward;
      if (a > b || (a == b && chosen[k] < chosen[best])) best = k;
    }
    swap(&chosen[i], &chosen[best]);
  }
}

mg_status mg_dataset_choose(const mg_dataset_file *f, const mg_dataset_options *o, int64_t *chosen,
                            int64_t *count) {
  int64_t candidates = 0;
  for (int64_t k = 0; k < f->episodes; k++)
    if (f->episode[k].steps >= o->minimum_length) chosen[candidates++] = k;
  int64_t wanted = o->trajectories > 0 ? o->trajectories : candidates;
  if (wanted > candidates || candidates == 0)
    return mg_fail(MG_ERR_DATA,
                   "%s: holds %" PRIi64 " trajectories of at least %" PRIi64 " steps (of %" PRIi64
                   "); expected %" PRIi64 " or more",
                   f->path, candidates, o->minimum_length, f->episodes, wanted > 0 ? wanted : 1);
  if (wanted < candidates && o->choice == MG_CHOICE_RANDOM)
    draw(chosen, candidates, wanted, o->seed);
  if (wanted < candidates && o->choice == MG_CHOICE_BEST) pick_best(f, chosen, candidates, wanted);
  qsort(chosen, (size_t)wanted, sizeof *chosen, by_index);
  *count = wanted;
  return MG_OK;
}
