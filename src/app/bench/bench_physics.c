#include "app/bench/bench_physics.h"

#include "algo/observed.h"
#include "rollout/contained_step.h"

#include <stdlib.h>
#include <string.h>

static size_t entry(const mg_bench_physics *p, int t, int n) {
  return (size_t)t * (size_t)p->N + (size_t)n;
}

static void reset(mg_bench_physics *p, mg_env *env, int n, uint64_t episode) {
  mg_rng rng = mg_rng_at(p->seed, MG_RNG_RESET, (uint64_t)(p->share.first + n), episode);
  mg_env_reset(env, &rng, p->observation);
}

static mg_status make_environments(mg_bench_physics *p, const mg_settings *s) {
  MG_TRY(mg_env_create_with(s->run.env, &s->env, &p->spare));
  MG_TRY(mg_env_create_many(s->run.env, &s->env, p->N, p->layer));
  return mg_env_create_many(s->run.env, &s->env, p->N, p->bare);
}

/* As wide as the normaliser's rows. */
static void make_policy(mg_bench_physics *p, const mg_settings *s, const mg_env_spec *spec,
                        mg_arena *arena) {
  double *mean = MG_NEW(arena, double, (size_t)spec->action_size);
  double *sd = MG_NEW(arena, double, (size_t)spec->action_size);
  for (int i = 0; sd && i < spec->action_size; i++) sd[i] = 1;
  p->policy =
      mg_policy_make(p->normaliser.size, spec->action_size, spec->discrete, s->policy.hidden.count,
                     s->policy.hidden.width, (mg_activation)s->policy.activation,
                     spec->discrete ? NULL : mean, spec->discrete ? NULL : sd);
  mg_real *theta = MG_NEW(arena, mg_real, mg_policy_size(&p->policy));
  p->theta = theta;
  if (!theta) return;
  mg_rng rng = mg_rng_at(p->seed, MG_RNG_BENCH, 0, 0);
  mg_policy_init(&p->policy, s->policy.log_sigma, &rng, theta);
}

static mg_status find_policy(mg_bench_physics *p, const mg_settings *s, const mg_env_spec *spec,
                             const mg_algorithm *algorithm, mg_arena *arena) {
  if (algorithm) {
    p->policy = algorithm->policy;
    p->normaliser = *algorithm->normaliser;
    p->theta = mg_paramset_theta(algorithm->set, 0);
    return MG_OK;
  }
  MG_TRY(mg_observed_normaliser(s, spec, 1e-3, 10, arena, &p->normaliser));
  make_policy(p, s, spec, arena);
  return MG_OK;
}

mg_status mg_bench_physics_create(const mg_bench *bench, int steps, const mg_algorithm *algorithm,
                                  mg_bench_physics *p) {
  const mg_settings *s = bench->settings;
  mg_arena *arena = bench->arena;
  const mg_comm *comm = bench->app->comm;
  *p = (mg_bench_physics){.H = steps,
                          .share = mg_comm_share(comm, s->run.environments, comm->rank),
                          .seed = (uint64_t)s->run.seed};
  p->N = (int)p->share.count;
  size_t N = (size_t)p->N, rows = N * (size_t)steps;
  p->layer = MG_NEW(arena, mg_env *, N);
  p->bare = MG_NEW(arena, mg_env *, N);
  MG_TRY(mg_arena_status(arena));
  MG_TRY(make_environments(p, s));
  const mg_env_spec *spec = mg_env_get_spec(p->spare);
  p->m = spec->discrete ? 1 : spec->action_size;
  p->state_size = mg_env_state_size(p->spare);
  MG_TRY(find_policy(p, s, spec, algorithm, arena));
  p->segment = mg_segment_make(steps, p->N, p->normaliser.size, spec->action_size, arena);
  p->episode = MG_NEW(arena, int64_t, N);
  p->action = MG_NEW(arena, double, rows *(size_t)p->m);
  p->observation = MG_NEW(arena, double, (size_t)spec->observation_size);
  p->reset_state = MG_NEW(arena, double, rows * p->state_size);
  p->reset_episode = MG_NEW(arena, uint64_t, rows);
  MG_TRY(mg_arena_status(arena));
  mg_collector_options options = {
      .env_id = s->run.env, .env_options = &s->env, .share = p->share, .seed = p->seed};
  MG_TRY(mg_collector_create(&options, &p->policy, &p->normaliser, arena, &p->collector));
  for (int n = 0; n < p->N; n++) {
    reset(p, p->layer[n], n, 0);
    reset(p, p->bare[n], n, 0);
  }
  return MG_OK;
}

void mg_bench_physics_destroy(mg_bench_physics *p) {
  mg_collector_destroy(p->collector);
  mg_env_destroy(p->spare);
  for (int n = 0; n < p->N && p->layer && p->bare; n++) {
    mg_env_destroy(p->layer[n]);
    mg_env_destroy(p->bare[n]);
  }
}

static bool ended(const mg_bench_physics *p, size_t row) {
  return p->segment.terminated[row] || p->segment.truncated[row];
}

/* What the replays need, outside of their time. */
static void prepare(mg_bench_physics *p) {
  const mg_env_spec *spec = mg_env_get_spec(p->spare);
  for (int t = 0; t < p->H; t++) {
    for (int n = 0; n < p->N; n++) {
      size_t row = entry(p, t, n);
      mg_action_decode(spec, p->segment.a + row * (size_t)spec->action_size,
                       p->action + row * (size_t)p->m);
      if (!ended(p, row)) continue;
      p->reset_episode[row] = (uint64_t)++p->episode[n];
      reset(p, p->spare, n, p->reset_episode[row]);
      mg_env_get_state(p->spare, p->reset_state + row * p->state_size);
    }
  }
}

static void replay_layer(mg_bench_physics *p) {
  for (int t = 0; t < p->H; t++) {
    for (int n = 0; n < p->N; n++) {
      size_t row = entry(p, t, n);
      mg_env_step(p->layer[n], p->action + row * (size_t)p->m, p->observation);
      if (ended(p, row)) reset(p, p->layer[n], n, p->reset_episode[row]);
    }
  }
}

static void replay_bare(mg_bench_physics *p) {
  for (int t = 0; t < p->H; t++) {
    for (int n = 0; n < p->N; n++) {
      size_t row = entry(p, t, n);
      mg_env_bare_step(p->bare[n], p->action + row * (size_t)p->m, 1);
      if (ended(p, row)) mg_env_set_state(p->bare[n], p->reset_state + row * p->state_size, NULL);
    }
  }
}

mg_bench_physics_time mg_bench_physics_round(mg_bench_physics *p) {
  double t0 = mg_bench_now();
  mg_collector_run(p->collector, p->theta, &p->segment);
  double t1 = mg_bench_now();
  prepare(p);
  double t2 = mg_bench_now();
  replay_layer(p);
  double t3 = mg_bench_now();
  replay_bare(p);
  double t4 = mg_bench_now();
  return (mg_bench_physics_time){.collector = t1 - t0, .layer = t3 - t2, .bare = t4 - t3};
}
