#include "demos/choose.h"

#include "base/log.h"
#include "base/rng.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int by_index(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
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
    const int64_t swapped = chosen[i];
    chosen[i] = chosen[best], chosen[best] = swapped;
  }
}

static bool qualifies(const mg_episode *e, const mg_dataset_options *o) {
  return e->steps >= o->minimum_length && (!o->by_return || e->total_reward >= o->minimum_return);
}

/* " of at least 50 steps and with a return of at least 3000", as far as it was asked for. */
static void describe_filter(const mg_dataset_options *o, char *text, size_t capacity) {
  int n = 0;
  text[0] = 0;
  if (o->minimum_length > 0)
    n = snprintf(text, capacity, " of at least %" PRIi64 " steps", o->minimum_length);
  if (o->by_return)
    snprintf(text + n, capacity - (size_t)n, "%s with a return of at least %.10g", n ? " and" : "",
             o->minimum_return);
}

static mg_status fail_few(const mg_dataset_file *f, const mg_dataset_options *o, int64_t candidates,
                          int64_t wanted) {
  char filter[128], best[96] = "", of[128] = "";
  describe_filter(o, filter, sizeof filter);
  if (o->by_return && f->episodes > 0) {
    const mg_episode *top = &f->episode[0];
    for (int64_t k = 1; k < f->episodes; k++)
      if (f->episode[k].total_reward > top->total_reward) top = &f->episode[k];
    snprintf(best, sizeof best, "; the best has %.10g, in %" PRIi64 " steps", top->total_reward,
             top->steps);
  }
  if (*filter) snprintf(of, sizeof of, " (of %" PRIi64 "%s)", f->episodes, best);
  return mg_fail(MG_ERR_DATA, "%s: holds %" PRIi64 " %s%s%s; expected %" PRIi64 " or more", f->path,
                 candidates, mg_plural(candidates, "trajectory", "trajectories"), filter, of,
                 wanted > 0 ? wanted : 1);
}

mg_status mg_dataset_choose(const mg_dataset_file *f, const mg_dataset_options *o, int64_t *chosen,
                            int64_t *count) {
  int64_t candidates = 0;
  for (int64_t k = 0; k < f->episodes; k++)
    if (qualifies(&f->episode[k], o)) chosen[candidates++] = k;
  int64_t wanted = o->trajectories > 0 ? o->trajectories : candidates;
  if (wanted > candidates || candidates == 0) return fail_few(f, o, candidates, wanted);
  if (wanted < candidates && o->choice == MG_CHOICE_RANDOM) {
    mg_rng rng = mg_rng_at(o->seed, MG_RNG_EXPERT, 0, 0);
    mg_rng_draw(&rng, candidates, wanted, chosen);
  }
  if (wanted < candidates && o->choice == MG_CHOICE_BEST) pick_best(f, chosen, candidates, wanted);
  qsort(chosen, (size_t)wanted, sizeof *chosen, by_index);
  *count = wanted;
  return MG_OK;
}
