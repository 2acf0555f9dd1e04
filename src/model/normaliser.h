/* Normalisation of vectors, x = clip((s - mean) / (sd + epsilon), -limit, limit), of all entries of
 * s or of some: x_j is of s_index[j].
 *
 * Fixed (statistics of the expert's pairs) or running (statistics of all that was seen, merged over
 * ranks). Statistics are float64; x is what networks see. Part of every checkpoint. */
#ifndef MG_MODEL_NORMALISER_H
#define MG_MODEL_NORMALISER_H

#include "base/arena.h"
#include "base/comm.h"
#include "math/real.h"

#include <stdint.h>

typedef struct mg_normaliser {
  int size;       /* entries of x */
  int raw_size;   /* entries of s, at least as many */
  int64_t *index; /* [size] increasing: where in s each entry of x stands */
  double epsilon;
  double limit; /* <= 0: no clipping */
  /* Running moments; pending ones are this rank's since the last merge. */
  double *count;                        /* [1] */
  double *mean, *m2;                    /* [size]: mean and sum of squared deviations */
  double *pending_count;                /* [1] */
  double *pending_sum, *pending_square; /* [size]: sums of (s - mean) and its square */
  /* Derived, what apply uses. */
  double *shift, *inverse; /* [size]: mean and 1 / (sd + epsilon) */
} mg_normaliser;

/* Identity until given statistics (mean 0, sd 1 - epsilon). index is copied; NULL: all `size`
 * entries, and raw_size is size. */
mg_normaliser mg_normaliser_make(int size, double epsilon, double limit, mg_arena *arena);
mg_normaliser mg_normaliser_make_of(int raw_size, int size, const int64_t *index, double epsilon,
                                    double limit, mg_arena *arena);

/* Fixed statistics of rows [count, raw_size]; population standard deviation. */
void mg_normaliser_fit(mg_normaliser *normaliser, size_t count, const double *rows);

/* x [B,size] <- normalised s [B,raw_size]. */
void mg_normaliser_apply(const mg_normaliser *normaliser, int B, const double *s, mg_real *x);

/* Add one row [raw_size] to the pending moments. */
void mg_normaliser_observe(mg_normaliser *normaliser, const double *s);

/* Merge the pending moments of all ranks into the statistics (Chan, Golub, LeVeque 1983).
 * Collective, one reduction; the same on all ranks. */
void mg_normaliser_merge(mg_normaliser *normaliser, mg_comm *comm);

/* Recompute shift and inverse from count, mean, m2 (after loading). */
void mg_normaliser_update(mg_normaliser *normaliser);

#endif
