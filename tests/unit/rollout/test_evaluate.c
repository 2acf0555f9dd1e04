#include "rollout/evaluate.h"

#include "support/thread_comm.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEAR(a, b, tolerance)                                                                      \
  cr_assert(fabs((double)(a) - (double)(b)) <= (tolerance), "%.17g, expected %.17g", (double)(a),  \
            (double)(b))

/* What an evaluation needs; a policy with the given hidden layers and theta drawn or zero. */
typedef struct fixture {
  mg_arena *arena;
  mg_comm comm;
  mg_env_spec spec;
  double mean[8], sd[8];
  mg_policy policy;
  mg_normaliser normaliser;
  mg_real *theta;
} fixture;

static void set_up(fixture *f, const char *id, int hidden_layers, const int *hidden) {
  mg_env *env = NULL;
  cr_assert(mg_env_create(id, &env) == MG_OK, "%s", mg_status_message());
  f->spec = *mg_env_get_spec(env);
  mg_env_destroy(env);
  f->arena = mg_arena_create();
  f->comm = mg_comm_self();
  for (int k = 0; k < 8; k++) f->mean[k] = 0, f->sd[k] = 1;
  f->policy = mg_policy_make(f->spec.observation_size, f->spec.action_size, f->spec.discrete,
                             hidden_layers, hidden, MG_TANH, f->mean, f->sd);
  f->normaliser = mg_normaliser_make(f->spec.observation_size, 1e-8, 10, f->arena);
  f->theta = MG_NEW(f->arena, mg_real, mg_policy_size(&f->policy));
}

static mg_evaluator *make_evaluator(fixture *f, int episodes) {
  mg_evaluator *evaluator = NULL;
  cr_assert(mg_evaluator_create(f->spec.id, NULL, episodes, 5, &f->comm, &f->policy, &f->normaliser,
                                &evaluator) == MG_OK,
            "%s", mg_status_message());
  return evaluator;
}

/* Pushes the cart in the direction in which the pole leans and turns: balances for ever. */
Test(evaluate, a_balancing_policy_gets_200_on_cartpole) {
  fixture f;
  set_up(&f, "CartPole-v0", 0, NULL);
  mg_real w[4] = {(mg_real)0.1, (mg_real)0.5, 5, 2};
  for (int j = 0; j < 4; j++) f.theta[j] = -w[j], f.theta[4 + j] = w[j];
  mg_evaluator *e = make_evaluator(&f, 40);
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
static void share_of(fixture *f, int rank, int size, bool stochastic, double *returns,
                     double *lengths) {
  enum { E = 70 };
  double own[2][E];
  f->comm = mg_comm_self();
  f->comm.rank = rank;
  f->comm.size = size;
  mg_evaluator *e = make_evaluator(f, E);
  mg_evaluator_run(e, f->theta, stochastic, own[0], own[1]);
  mg_evaluator_destroy(e);
  for (int i = 0; i < E; i++) {
    cr_assert((own[1][i] > 0) == (i % size == rank), "episode %d on rank %d of %d", i, rank, size);
    returns[i] += own[0][i];
    lengths[i] += own[1][i];
  }
}

Test(evaluate, returns_do_not_depend_on_the_number_of_ranks) {
  fixture f;
  set_up(&f, "Hopper-v4", 2, (const int[]){64, 64});
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

typedef struct recording {
  int count;
  double total[8], length[8];
  int stop_after, enough_after;
} recording;

static mg_status keep(void *self, const mg_trajectory *t, bool *enough) {
  recording *r = self;
  double total = 0;
  for (int64_t i = 0; i < t->steps; i++) total += t->rewards[i];
  NEAR(total, t->total_reward, 1e-9);
  cr_assert(t->id == r->count && (t->terminated || t->truncated));
  cr_assert(t->observations[t->steps * 11] != 0); /* z after the last step */
  r->total[r->count] = t->total_reward;
  r->length[r->count] = (double)t->steps;
  r->count++;
  *enough = r->count == r->enough_after;
  return r->count == r->stop_after ? mg_fail(MG_ERR_IO, "enough") : MG_OK;
}

Test(evaluate, records_the_episodes_that_it_runs) {
  fixture f;
  set_up(&f, "Hopper-v4", 1, (const int[]){16});
  mg_rng rng = mg_rng_at(2, MG_RNG_TEST, 0, 0);
  mg_policy_init(&f.policy, -1, &rng, f.theta);
  mg_evaluator *e = make_evaluator(&f, 8);
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
  fixture f;
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

Test(evaluate, recordings_do_not_depend_on_the_number_of_ranks) {
  static const int ends[][3] = {{0, 0, 8}, {0, 3, 3}, {5, 0, 5}}; /* stop, enough, episodes */
  for (int k = 0; k < 3; k++) {
    collection one = {.stop_after = ends[k][0], .enough_after = ends[k][1]};
    set_up(&one.f, "CartPole-v0", 1, (const int[]){16}); /* created by several threads */
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

Test(evaluate, names_an_unknown_task) {
  fixture f;
  set_up(&f, "CartPole-v0", 0, NULL);
  mg_evaluator *e = NULL;
  cr_assert(mg_evaluator_create("CartPole-v9", NULL, 1, 0, &f.comm, &f.policy, &f.normaliser, &e) ==
            MG_ERR_CONFIG);
  cr_assert(e == NULL && strstr(mg_status_message(), "CartPole-v9"));
  mg_arena_destroy(f.arena);
}
