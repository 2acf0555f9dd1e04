#include "rollout/record.h"

#include "support/task_policy.h"
#include "support/thread_comm.h"

#include <criterion/criterion.h>
#include <string.h>

typedef struct recording {
  int count;
  double total[8], length[8];
  int stop_after, enough_after;
} recording;

static mg_status keep(void *self, const mg_trajectory *t, bool *enough) {
  recording *r = self;
  double total = 0;
  for (int64_t i = 0; i < t->steps; i++) total += t->rewards[i];
  cr_assert_float_eq(total, t->total_reward, 1e-9);
  cr_assert(t->id == r->count && (t->terminated || t->truncated));
  cr_assert(t->observations[t->steps * 11] != 0); /* z after the last step */
  r->total[r->count] = t->total_reward;
  r->length[r->count] = (double)t->steps;
  r->count++;
  *enough = r->count == r->enough_after;
  return r->count == r->stop_after ? mg_fail(MG_ERR_IO, "enough") : MG_OK;
}

Test(record, records_the_episodes_that_it_runs) {
  task_policy f;
  task_policy_make(&f, "Hopper-v4", 1, (const int[]){16});
  mg_rng rng = mg_rng_at(2, MG_RNG_TEST, 0, 0);
  mg_policy_init(&f.policy, -1, &rng, f.theta);
  mg_comm comm = mg_comm_self();
  mg_evaluator *e = NULL;
  cr_assert(mg_evaluator_create("Hopper-v4", NULL, 8, 5, &comm, &f.policy, &f.normaliser, &e) ==
            MG_OK);
  double returns[8], lengths[8];
  for (int stochastic = 0; stochastic < 2; stochastic++) {
    recording r = {0};
    mg_evaluator_run(e, f.theta, stochastic, returns, lengths);
    cr_assert(mg_evaluator_record(e, f.theta, stochastic, keep, &r) == MG_OK);
    cr_assert(r.count == 8);
    cr_assert(memcmp(returns, r.total, sizeof returns) == 0);
    cr_assert(memcmp(lengths, r.length, sizeof lengths) == 0);
  }
  recording r = {.stop_after = 3};
  cr_assert(mg_evaluator_record(e, f.theta, true, keep, &r) == MG_ERR_IO);
  cr_assert(r.count == 3);
  r = (recording){.enough_after = 2};
  cr_assert(mg_evaluator_record(e, f.theta, true, keep, &r) == MG_OK);
  cr_assert(r.count == 2);
  mg_evaluator_destroy(e);
  mg_arena_destroy(f.arena);
}

/* What rank 0's sink got, byte by byte, as a checksum per episode. */
typedef struct collection {
  task_policy f;
  int stop_after, enough_after, count;
  uint64_t sum[8];
  mg_status status[4]; /* of each rank */
} collection;

static mg_status collect(void *self, const mg_trajectory *t, bool *enough) {
  collection *c = self;
  const size_t n = (size_t)t->steps;
  cr_assert(t->id == c->count && t->terminated != t->truncated);
  const struct {
    const double *value;
    size_t n;
  } part[] = {{t->observations, (n + 1) * 4}, {t->actions, n}, {t->rewards, n}};
  uint64_t sum = 0;
  for (int k = 0; k < 3; k++) {
    for (size_t i = 0; i < part[k].n; i++) {
      uint64_t bits;
      memcpy(&bits, &part[k].value[i], sizeof bits);
      sum = (sum ^ bits) * UINT64_C(1099511628211);
    }
  }
  c->sum[c->count++] = sum;
  *enough = c->count == c->enough_after;
  return c->count == c->stop_after ? mg_fail(MG_ERR_IO, "the disk is full") : MG_OK;
}

static void record_on_rank(mg_comm *comm, void *user) {
  collection *c = user;
  mg_evaluator *e = NULL;
  c->status[comm->rank] =
      mg_evaluator_create(c->f.spec.id, NULL, 8, 5, comm, &c->f.policy, &c->f.normaliser, &e);
  if (c->status[comm->rank] != MG_OK) return;
  c->status[comm->rank] = mg_evaluator_record(e, c->f.theta, true, collect, c);
  mg_evaluator_destroy(e);
}

Test(record, recordings_do_not_depend_on_the_number_of_ranks) {
  static const int ends[][3] = {{0, 0, 8}, {0, 3, 3}, {5, 0, 5}}; /* stop, enough, episodes */
  for (int k = 0; k < 3; k++) {
    collection one = {.stop_after = ends[k][0], .enough_after = ends[k][1]};
    task_policy_make(&one.f, "CartPole-v0", 1, (const int[]){16}); /* created by several threads */
    mg_rng rng = mg_rng_at(2, MG_RNG_TEST, 0, 0);
    mg_policy_init(&one.f.policy, -1, &rng, one.f.theta);
    for (int ranks = 1; ranks <= 3; ranks++) {
      collection some = one;
      run_ranks(ranks, record_on_rank, &some);
      for (int r = 0; r < ranks; r++)
        cr_assert(some.status[r] == (ends[k][0] ? MG_ERR_IO : MG_OK), "rank %d of %d", r, ranks);
      cr_assert(some.count == ends[k][2], "%d episodes on %d ranks", some.count, ranks);
      if (ranks == 1) memcpy(one.sum, some.sum, sizeof one.sum);
      cr_assert(memcmp(one.sum, some.sum, sizeof one.sum) == 0, "%d ranks: other bits", ranks);
    }
    mg_arena_destroy(one.f.arena);
  }
}
