#include "rollout/evaluate.h"

#include "support/task_policy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define NEAR(a, b, tolerance)                                                                      \
  cr_assert(fabs((double)(a) - (double)(b)) <= (tolerance), "%.17g, expected %.17g", (double)(a),  \
            (double)(b))

static mg_evaluator *make_evaluator(const task_policy *t, mg_comm *comm, int episodes) {
  mg_evaluator *evaluator = NULL;
  cr_assert(mg_evaluator_create(t->spec.id, NULL, episodes, 5, comm, &t->policy, &t->normaliser,
                                &evaluator) == MG_OK,
            "%s", mg_status_message());
  return evaluator;
}

/* Pushes the cart in the direction in which the pole leans and turns: balances for ever. */
Test(evaluate, a_balancing_policy_gets_200_on_cartpole) {
  task_policy f;
  task_policy_make(&f, "CartPole-v0", 0, NULL);
  mg_real w[4] = {(mg_real)0.1, (mg_real)0.5, 5, 2};
  for (int j = 0; j < 4; j++) f.theta[j] = -w[j], f.theta[4 + j] = w[j];
  mg_comm comm = mg_comm_self();
  mg_evaluator *e = make_evaluator(&f, &comm, 40);
  double returns[40], lengths[40];
  mg_evaluator_run(e, f.theta, false, returns, lengths);
  for (int i = 0; i < 40; i++) {
    NEAR(returns[i], 200, 0);
    NEAR(lengths[i], 200, 0);
  }
  for (int j = 0; j < 8; j++) f.theta[j] *= -1; /* the other way it falls */
  mg_evaluator_run(e, f.theta, false, returns, lengths);
  for (int i = 0; i < 40; i++) cr_assert(returns[i] < 20 && returns[i] == lengths[i]);
  mg_evaluator_destroy(e);
  mg_arena_destroy(f.arena);
}

/* A rank of `size` that sees its own episodes only: its reductions do nothing. */
static void share_of(const task_policy *f, int rank, int size, bool stochastic, double *returns,
                     double *lengths) {
  enum { E = 70 };
  double own[2][E];
  mg_comm comm = mg_comm_self();
  comm.rank = rank;
  comm.size = size;
  mg_evaluator *e = make_evaluator(f, &comm, E);
  mg_evaluator_run(e, f->theta, stochastic, own[0], own[1]);
  mg_evaluator_destroy(e);
  for (int i = 0; i < E; i++) {
    cr_assert((own[1][i] > 0) == (i % size == rank), "episode %d on rank %d of %d", i, rank, size);
    returns[i] += own[0][i];
    lengths[i] += own[1][i];
  }
}

Test(evaluate, returns_do_not_depend_on_the_number_of_ranks) {
  task_policy f;
  task_policy_make(&f, "Hopper-v4", 2, (const int[]){64, 64});
  mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
  mg_policy_init(&f.policy, -1, &rng, f.theta);
  for (int stochastic = 0; stochastic < 2; stochastic++) {
    double one[2][70] = {0}, three[2][70] = {0};
    share_of(&f, 0, 1, stochastic, one[0], one[1]);
    for (int r = 0; r < 3; r++) share_of(&f, r, 3, stochastic, three[0], three[1]);
    cr_assert(memcmp(one, three, sizeof one) == 0, "stochastic %d: other returns", stochastic);
  }
  mg_arena_destroy(f.arena);
}

/* Three policies at once: each as by itself, and no rank has two episodes while another has none. */
Test(evaluate, policies_evaluated_together_use_all_ranks) {
  enum { E = 10, POLICIES = 3, SIZE = 40 };
  task_policy f;
  task_policy_make(&f, "CartPole-v1", 0, NULL);
  cr_assert(mg_policy_size(&f.policy) == 10);
  mg_rng rng = mg_rng_at(2, MG_RNG_TEST, 0, 0);
  mg_real theta[POLICIES][10];
  double alone[POLICIES][2][E], sum[POLICIES][2][E] = {0}, own[POLICIES][2][E];
  mg_evaluated policy[POLICIES];
  mg_comm comm = mg_comm_self();
  mg_evaluator *e = make_evaluator(&f, &comm, E);
  for (int k = 0; k < POLICIES; k++) {
    for (int j = 0; j < 10; j++) theta[k][j] = (mg_real)mg_rng_normal(&rng);
    mg_evaluator_run(e, theta[k], k == 1, alone[k][0], alone[k][1]);
    policy[k] = (mg_evaluated){theta[k], k == 1, own[k][0], own[k][1]};
  }
  mg_evaluator_destroy(e);
  for (int r = 0; r < SIZE; r++) {
    comm.rank = r, comm.size = SIZE;
    e = make_evaluator(&f, &comm, E);
    mg_evaluator_run_all(e, POLICIES, policy);
    mg_evaluator_destroy(e);
    int episodes = 0;
    for (int k = 0; k < POLICIES; k++)
      for (int i = 0; i < E; i++) {
        episodes += own[k][1][i] > 0;
        for (int what = 0; what < 2; what++) sum[k][what][i] += own[k][what][i];
      }
    cr_assert_eq(episodes, r < POLICIES * E, "rank %d has %d", r, episodes);
  }
  cr_assert(memcmp(sum, alone, sizeof sum) == 0, "other returns than each by itself");
  mg_arena_destroy(f.arena);
}

Test(evaluate, names_an_unknown_task) {
  task_policy f;
  task_policy_make(&f, "CartPole-v0", 0, NULL);
  mg_comm comm = mg_comm_self();
  mg_evaluator *e = NULL;
  cr_assert(mg_evaluator_create("CartPole-v9", NULL, 1, 0, &comm, &f.policy, &f.normaliser, &e) ==
            MG_ERR_CONFIG);
  cr_assert(e == NULL && strstr(mg_status_message(), "CartPole-v9"));
  mg_arena_destroy(f.arena);
}
