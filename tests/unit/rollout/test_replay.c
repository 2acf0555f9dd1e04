#include "rollout/replay.h"

#include <criterion/criterion.h>
#include <math.h>

/* Row i of the tests: x = i + [0, .25, .5], a = -i + [0, -.5], x' = x + the step given. */
static void add_row(mg_replay *replay, int64_t i, double step) {
  mg_real xa[5], x_next[3], *x = xa, *a = xa + 3;
  for (int j = 0; j < 3; j++) {
    x[j] = (mg_real)((double)i + 0.25 * j);
    x_next[j] = (mg_real)((double)x[j] + step * (j + 1));
  }
  for (int j = 0; j < 2; j++) a[j] = (mg_real)(-(double)i - 0.5 * j);
  mg_replay_add(replay, xa, xa + 3, 5, x_next);
}

Test(replay, counts_up_to_its_capacity_and_keeps_the_newest) {
  mg_arena *arena = mg_arena_create();
  mg_replay r = mg_replay_make(3, 2, 1, 5, arena);
  cr_assert(mg_arena_status(arena) == MG_OK && r.width == 8);
  cr_assert(mg_replay_count(&r) == 0);
  for (int64_t i = 0; i < 13; i++) {
    add_row(&r, i, 1);
    cr_assert(mg_replay_count(&r) == (i < 5 ? i + 1 : 5));
  }
  bool seen[13] = {false};
  for (int k = 0; k < 5; k++) seen[(int)r.rows[k * 8]] = true;
  for (int i = 0; i < 13; i++) cr_assert(seen[i] == (i >= 8), "row %d", i);
  mg_arena_destroy(arena);
}

/* A column for each environment: so many steps of every one of them, whoever holds it. */
Test(replay, keeps_as_many_steps_of_every_environment) {
  enum { N = 3, STEPS = 4 };
  mg_arena *arena = mg_arena_create();
  mg_replay r = mg_replay_make(1, 1, N, STEPS, arena);
  for (int t = 0; t < 6; t++) {
    mg_real xa[2 * N], x_next[N];
    for (int n = 0; n < N; n++)
      xa[2 * n] = (mg_real)(100 * n + t), xa[2 * n + 1] = 7, x_next[n] = xa[2 * n] + 1;
    mg_replay_add(&r, xa, xa + 1, 2, x_next);
    cr_assert(mg_replay_steps(&r) == (t < STEPS ? t + 1 : STEPS));
    cr_assert(mg_replay_count(&r) == N * mg_replay_steps(&r));
  }
  for (int slot = 0; slot < STEPS; slot++)
    for (int n = 0; n < N; n++) {
      const int t = slot < 2 ? slot + 4 : slot; /* 4 and 5 took the place of 0 and 1 */
      const mg_real *row = r.rows + 3 * (slot * N + n);
      cr_assert(row[0] == 100 * n + t && row[1] == 7 && row[2] == row[0] + 1, "%d %d", slot, n);
    }
  mg_arena_destroy(arena);
}

Test(replay, sampled_rows_are_whole_and_uniform) {
  enum { HELD = 20, B = 256, DRAWS = 400 };
  mg_arena *arena = mg_arena_create();
  mg_replay r = mg_replay_make(3, 2, 1, 100, arena);
  for (int64_t i = 0; i < HELD; i++) add_row(&r, i, 0.125);
  mg_rng rng = mg_rng_at(3, MG_RNG_TEST, 0, 0);
  static mg_real xa[B * 5], x_next[B * 3];
  int hits[HELD] = {0};
  for (int draw = 0; draw < DRAWS; draw++) {
    mg_replay_sample(&r, B, &rng, xa, x_next);
    for (int b = 0; b < B; b++) {
      mg_real i = xa[b * 5];
      cr_assert(i >= 0 && i < HELD, "row %g was never added", (double)i);
      hits[(int)i]++;
      for (int j = 0; j < 3; j++) {
        cr_assert(xa[b * 5 + j] == i + (mg_real)0.25 * (mg_real)j);
        cr_assert(x_next[b * 3 + j] == xa[b * 5 + j] + (mg_real)0.125 * (mg_real)(j + 1));
      }
      for (int j = 0; j < 2; j++) cr_assert(xa[b * 5 + 3 + j] == -i - (mg_real)0.5 * (mg_real)j);
    }
  }
  double expected = (double)B * DRAWS / HELD, chi2 = 0;
  for (int i = 0; i < HELD; i++) chi2 += pow(hits[i] - expected, 2) / expected;
  cr_assert(chi2 < 43.8, "chi2 %g with 19 degrees of freedom (0.1 %% point 43.8)", chi2);
  mg_replay_sample(&r, 0, &rng, NULL, NULL);
  mg_arena_destroy(arena);
}

Test(replay, delta_sd_is_that_of_the_rows_held) {
  mg_arena *arena = mg_arena_create();
  mg_replay r = mg_replay_make(3, 2, 1, 4, arena);
  double sd[3] = {-1, -1, -1};
  mg_replay_delta_sd(&r, sd);
  cr_assert(sd[0] == 0 && sd[2] == 0);
  add_row(&r, 0, 1000); /* overwritten below */
  for (int64_t i = 1; i <= 4; i++) add_row(&r, i, (double)i);
  /* Steps 1, 2, 3, 4 in column 0; twice and three times that in the others. */
  mg_replay_delta_sd(&r, sd);
  for (int j = 0; j < 3; j++)
    cr_assert(fabs(sd[j] - (j + 1) * sqrt(1.25)) < 1e-6, "%d: %g", j, sd[j]);
  mg_arena_destroy(arena);
}

Test(replay, delta_sd_of_wide_rows_without_cancellation) {
  enum { D = 150, N = 300 };
  mg_arena *arena = mg_arena_create();
  mg_replay r = mg_replay_make(D, 1, 1, N, arena);
  static mg_real xa[D + 1], x_next[D];
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < D; j++) x_next[j] = (mg_real)(4096 * (j + 1) + (i % 2 ? 0.5 : 0));
    mg_replay_add(&r, xa, xa + D, D + 1, x_next);
  }
  double sd[D];
  mg_replay_delta_sd(&r, sd);
  for (int j = 0; j < D; j++) cr_assert(fabs(sd[j] - 0.25) < 1e-9, "%d: %.12g", j, sd[j]);
  mg_arena_destroy(arena);
}
