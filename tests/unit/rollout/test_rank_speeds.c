#include "rollout/rank_speeds.h"

#include "support/thread_comm.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* Twice as fast is twice as much; what differs by less than an eighth of an octave is the same. */
Test(rank_speeds, are_taken_in_quarters_of_an_octave) {
  double speed[] = {1000, 1080, 930, 2050, 1000}, reach[6];
  cr_assert(mg_rank_speeds_reach(5, speed, reach));
  static const double expected[] = {0, 1 / 6., 2 / 6., 3 / 6., 5 / 6., 1};
  for (int r = 0; r <= 5; r++)
    cr_expect_float_eq(reach[r], expected[r], 1e-12, "%d: %g", r, reach[r]);

  double apart[] = {1, 1e6, 1e6},
         within[4]; /* an eighth at least, so that the slow one is not starved */
  cr_assert(mg_rank_speeds_reach(3, apart, within));
  cr_expect_float_eq(within[1], 1 / 17., 1e-12);
}

Test(rank_speeds, noise_is_no_difference) {
  double speed[] = {1000, 1080, 930, 1000}, reach[5];
  cr_assert_not(mg_rank_speeds_reach(4, speed, reach));
}

typedef struct measured {
  double reach[4][5];
  bool differ[4];
  mg_status status[4];
} measured;

static void measure_task(mg_comm *comm, measured *m, const char *task) {
  double *reach;
  m->status[comm->rank] = mg_rank_speeds_measure(task, NULL, comm, &reach);
  m->differ[comm->rank] = reach != NULL;
  for (int r = 0; reach && r <= comm->size; r++) m->reach[comm->rank][r] = reach[r];
  free(reach);
}

static void measure_cart(mg_comm *comm, void *user) {
  measure_task(comm, user, "CartPole-v1");
}

static void measure_hopper(mg_comm *comm, void *user) {
  measure_task(comm, user, "Hopper-v4");
}

static void measure_unknown(mg_comm *comm, void *user) {
  measure_task(comm, user, "Hopper-v3");
}

Test(rank_speeds, all_ranks_know_the_same) {
  for (int k = 0; k < 2; k++) {
    measured m = {0};
    run_ranks(4, k ? measure_hopper : measure_cart, &m);
    for (int r = 0; r < 4; r++) {
      cr_assert(m.status[r] == MG_OK && m.differ[r] == m.differ[0]);
      for (int i = 0; i < 5; i++) cr_assert(m.reach[r][i] == m.reach[0][i]);
    }
  }
  measured m = {0};
  run_ranks(2, measure_unknown, &m);
  cr_assert(m.status[0] == MG_ERR_CONFIG && m.status[1] == MG_ERR_CONFIG);
}
