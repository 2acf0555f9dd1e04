#include "model/normaliser.h"

#include "base/rng.h"
#include "support/thread_comm.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define NEAR(a, b, tolerance)                                                                      \
  cr_assert(fabs((double)(a) - (double)(b)) <= (tolerance), "%.17g, expected %.17g", (double)(a),  \
            (double)(b))

Test(normaliser, is_the_identity_until_fitted) {
  mg_arena *arena = mg_arena_create();
  mg_normaliser n = mg_normaliser_make(2, 1e-3, 10, arena);
  double s[4] = {1, -2, 50, -50};
  mg_real x[4];
  mg_normaliser_apply(&n, 2, s, x);
  NEAR(x[0], 1, 0);
  NEAR(x[1], -2, 0);
  NEAR(x[2], 10, 0);
  NEAR(x[3], -10, 0);
  mg_normaliser_fit(&n, 0, NULL);
  mg_normaliser_apply(&n, 1, s, x);
  NEAR(x[0], 1, 0);
  NEAR(x[1], -2, 0);
  mg_arena_destroy(arena);
}

Test(normaliser, fit_has_the_closed_form) {
  mg_arena *arena = mg_arena_create();
  mg_normaliser n = mg_normaliser_make(3, 1e-3, 0, arena);
  /* Column 0: 1, 2, 3, 4; column 1 constant; column 2 tiny spread on a huge offset. */
  double rows[12] = {1, 0.1, 1e9, 2, 0.1, 1e9 + 1, 3, 0.1, 1e9, 4, 0.1, 1e9 + 1};
  mg_normaliser_fit(&n, 4, rows);
  NEAR(*n.count, 4, 0);
  NEAR(n.mean[0], 2.5, 1e-15);
  NEAR(n.m2[0], 5, 1e-14);
  NEAR(n.mean[1], 0.1, 0);
  NEAR(n.m2[1], 0, 0);
  NEAR(n.mean[2], 1e9 + 0.5, 0);
  NEAR(n.m2[2], 1, 1e-12);
  double s[3] = {4, 0.1, 1e9 + 1};
  mg_real x[3];
  mg_normaliser_apply(&n, 1, s, x);
  NEAR(x[0], 1.5 / (sqrt(1.25) + 1e-3), 1e-6);
  NEAR(x[1], 0, 0);
  NEAR(x[2], 0.5 / (0.5 + 1e-3), 1e-6);
  mg_arena_destroy(arena);
}

Test(normaliser, constant_dimensions_stay_finite_without_epsilon) {
  mg_arena *arena = mg_arena_create();
  mg_normaliser n = mg_normaliser_make(1, 0, 0, arena);
  double rows[3] = {0.3, 0.3, 0.3}, s = 0.8;
  mg_real x;
  mg_normaliser_fit(&n, 3, rows);
  mg_normaliser_apply(&n, 1, &s, &x);
  NEAR(x, 0.5, 1e-6);
  mg_arena_destroy(arena);
}

Test(normaliser, apply_passes_nan_on) {
  mg_arena *arena = mg_arena_create();
  mg_normaliser n = mg_normaliser_make(1, 1e-3, 10, arena);
  double s = NAN;
  mg_real x = 0;
  mg_normaliser_apply(&n, 1, &s, &x);
  cr_assert(isnan(x));
  mg_arena_destroy(arena);
}

enum { ROWS = 4000, SIZE = 7, ROUNDS = 5 };

typedef struct split {
  const double *rows; /* [ROWS, SIZE] */
  double result[4][3 * SIZE + 1];
} split;

static void observe_split(mg_comm *comm, void *user) {
  split *u = user;
  mg_arena *arena = mg_arena_create();
  mg_normaliser n = mg_normaliser_make(SIZE, 1e-3, 10, arena);
  int per_round = ROWS / ROUNDS;
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < per_round; i++)
      /* Round 2 is seen by the last rank alone: the others merge nothing of their own. */
      if (round == 2 ? comm->rank == comm->size - 1 : i % comm->size == comm->rank)
        mg_normaliser_observe(&n, u->rows + (round * per_round + i) * SIZE);
    mg_normaliser_merge(&n, comm);
    if (round == 3) mg_normaliser_merge(&n, comm); /* nothing new: changes nothing */
  }
  double *r = u->result[comm->rank];
  r[0] = *n.count;
  memcpy(r + 1, n.mean, sizeof(double) * SIZE);
  memcpy(r + 1 + SIZE, n.m2, sizeof(double) * SIZE);
  memcpy(r + 1 + 2 * SIZE, n.inverse, sizeof(double) * SIZE);
  mg_arena_destroy(arena);
}

Test(normaliser, running_moments_agree_with_the_fit_on_any_number_of_ranks) {
  static double rows[ROWS * SIZE];
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  for (int i = 0; i < ROWS * SIZE; i++) {
    int j = i % SIZE;
    rows[i] = j == 0 ? 5 : pow(10, j) * (1 + 1e-3 * mg_rng_normal(&rng)); /* drift, offsets */
    if (j == 3) rows[i] += i / SIZE;
  }
  mg_arena *arena = mg_arena_create();
  mg_normaliser fit = mg_normaliser_make(SIZE, 1e-3, 10, arena);
  mg_normaliser_fit(&fit, ROWS, rows);
  for (int ranks = 1; ranks <= 4; ranks++) {
    split u = {.rows = rows};
    run_ranks(ranks, observe_split, &u);
    for (int r = 0; r < ranks; r++) {
      cr_assert(memcmp(u.result[r], u.result[0], sizeof u.result[0]) == 0, "rank %d differs", r);
      NEAR(u.result[r][0], ROWS, 0);
      for (int j = 0; j < SIZE; j++) {
        NEAR(u.result[r][1 + j], fit.mean[j], 1e-13 * fabs(fit.mean[j]));
        NEAR(u.result[r][1 + SIZE + j], fit.m2[j], 1e-9 * fit.m2[j]);
        NEAR(u.result[r][1 + 2 * SIZE + j], fit.inverse[j], 1e-9 * fit.inverse[j]);
      }
    }
  }
  mg_arena_destroy(arena);
}

Test(normaliser, update_restores_what_apply_uses) {
  mg_arena *arena = mg_arena_create();
  mg_normaliser a = mg_normaliser_make(2, 1e-3, 10, arena);
  mg_normaliser b = mg_normaliser_make(2, 1e-3, 10, arena);
  double rows[6] = {1, 2, 3, 5, 8, 13}, s[2] = {4, 4};
  mg_normaliser_fit(&a, 3, rows);
  *b.count = *a.count;
  memcpy(b.mean, a.mean, 2 * sizeof(double));
  memcpy(b.m2, a.m2, 2 * sizeof(double));
  mg_normaliser_update(&b);
  mg_real xa[2], xb[2];
  mg_normaliser_apply(&a, 1, s, xa);
  mg_normaliser_apply(&b, 1, s, xb);
  cr_assert(memcmp(xa, xb, sizeof xa) == 0);
  mg_arena_destroy(arena);
}
