/* The same physics three times: as the collector does it with a policy, as the environment layer
 * does it, and bare. A round collects a segment; the other two replay its actions and resets. */
#ifndef MG_APP_BENCH_BENCH_PHYSICS_H
#define MG_APP_BENCH_BENCH_PHYSICS_H

#include "algo/algorithm.h"
#include "app/bench/bench.h"
#include "rollout/collector.h"

typedef struct mg_bench_physics {
  int H, N, m;
  mg_share share; /* N of all environments */
  mg_policy policy;
  mg_normaliser normaliser;
  const mg_real *theta;
  mg_collector *collector;
  mg_segment segment;
  mg_env **layer, **bare; /* [N] */
  mg_env *spare;          /* makes reset states */
  int64_t *episode;       /* [N] */
  uint64_t seed;
  double *action;          /* [H,N,m] as environments take them */
  double *observation;     /* [d] */
  double *reset_state;     /* [H,N,state size], where an episode ended */
  uint64_t *reset_episode; /* [H,N] */
  size_t state_size;
} mg_bench_physics;

/* Segments of `steps` steps of the rank's environments, with the policy that an algorithm is training,
 * so that bodies are as upright as its own are: that decides what a step costs; NULL: a fresh one. The
 * caller destroys it also after a failure. Local. */
mg_status mg_bench_physics_create(const mg_bench *bench, int steps, const mg_algorithm *algorithm,
                                  mg_bench_physics *physics);
void mg_bench_physics_destroy(mg_bench_physics *physics);

/* Seconds of one round, each for H*N steps. */
typedef struct mg_bench_physics_time {
  double collector, layer, bare;
} mg_bench_physics_time;
mg_bench_physics_time mg_bench_physics_round(mg_bench_physics *physics);

#endif
