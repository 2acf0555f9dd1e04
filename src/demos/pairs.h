/* Pairs of state and action out of the trajectories of a data set: chosen, held out, clipped. */
#ifndef MG_DEMOS_PAIRS_H
#define MG_DEMOS_PAIRS_H

#include "demos/dataset.h"

typedef struct mg_pairs {
  int count;
  double *states;  /* [count, d] */
  double *actions; /* [count, m] */
} mg_pairs;

/* Every `stride`-th pair (s_t, a_t) of each trajectory, from an offset drawn uniformly from
 * 0..stride-1 per trajectory with (seed, MG_RNG_EXPERT), in order.
 *
 * A share of them, 0 <= share < 1, is held out for validation, never more than asked for. Of K
 * trajectories that give pairs, floor(share K) whole ones are held out, for neighbouring pairs are
 * all but copies of each other; where that is none, floor(share P) of the P single pairs, at least
 * one. Which, is drawn with (seed, MG_RNG_EXPERT), so all ranks hold out the same. With share 0
 * `validation` is empty.
 *
 * Arrays in the arena. MG_ERR_DATA if there is no pair, or a single one is to be split. */
mg_status mg_dataset_split(const mg_dataset *dataset, int stride, double share, uint64_t seed,
                           mg_arena *arena, mg_pairs *train, mg_pairs *validation);

/* How many entries of the actions [count, m] are outside of the box low..high [m]; and moving them
 * to the nearer bound. Compared in float32, which Gymnasium's boxes are: what only rounding put
 * outside is inside. */
int64_t mg_pairs_count_outside(const mg_pairs *pairs, int m, const double *low, const double *high);
void mg_pairs_clip(mg_pairs *pairs, int m, const double *low, const double *high);

#endif
