#include "rollout/rank_speeds.h"

#include "base/arena.h"
#include "base/rng.h"
#include "base/timer.h"
#include "envs/env.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SECONDS = 0.2; /* of stepping */

enum { LOOK_EVERY = 16 }; /* steps between looks at the clock */

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

bool mg_rank_speeds_reach(int ranks, double *speed, double *reach) {
  double all = 0;
  memcpy(reach, speed, (size_t)ranks * sizeof *reach);
  qsort(speed, (size_t)ranks, sizeof *speed, ascending);
  const double median = speed[ranks / 2];
  bool differ = false;
  for (int r = 0; r < ranks; r++) {
    const double octaves = round(4 * log2(reach[r] / median)) / 4;
    speed[r] = exp2(fmax(-3, fmin(3, octaves)));
    differ |= speed[r] != speed[0];
    all += speed[r];
  }
  double before = 0;
  for (int r = 0; r < ranks; r++) {
    reach[r] = before / all;
    before += speed[r];
  }
  reach[ranks] = 1;
  return differ;
}

/* Steps a second of one environment with random actions. */
static double steps_a_second(mg_env *env, double *observation, double *action) {
  const mg_env_spec *spec = mg_env_get_spec(env);
  mg_rng rng = mg_rng_at(0, MG_RNG_BENCH, 0, 0);
  int64_t steps = 0;
  double seconds = 0;
  mg_env_reset(env, &rng, observation);
  const double began = mg_timer_now();
  while (seconds < SECONDS) {
    for (int k = 0; k < LOOK_EVERY; k++, steps++) {
      if (spec->discrete)
        action[0] = (double)mg_rng_below(&rng, (uint64_t)spec->action_size);
      else
        for (int i = 0; i < spec->action_size; i++)
          action[i] = spec->action_low[i] +
                      mg_rng_uniform(&rng) * (spec->action_high[i] - spec->action_low[i]);
      const mg_env_outcome outcome = mg_env_step(env, action, observation);
      if (outcome.terminated || outcome.truncated) mg_env_reset(env, &rng, observation);
    }
    seconds = mg_timer_now() - began;
  }
  return (double)steps / seconds;
}

/* What this rank measures beside the others, or a failure; all of them take part either way. */
static mg_status measure(const char *env_id, const mg_env_options *options, mg_comm *comm,
                         double *speed) {
  mg_env *env = NULL;
  mg_status status = mg_env_create_with(env_id, options, &env);
  const mg_env_spec *spec = status == MG_OK ? mg_env_get_spec(env) : NULL;
  const size_t d = spec ? (size_t)spec->observation_size : 0;
  const size_t m = spec ? (size_t)spec->action_size : 0;
  double *work = mg_memory_take(d + m, sizeof *work);
  if (status == MG_OK && !work)
    status = mg_fail(MG_ERR_MEMORY, "no memory to measure how fast ranks are");
  status = mg_comm_agree(comm, status); /* and so they begin together */
  if (status == MG_OK && work) *speed = steps_a_second(env, work, work + d);
  free(work);
  mg_env_destroy(env);
  return status;
}

mg_status mg_rank_speeds_measure(const char *env_id, const mg_env_options *options, mg_comm *comm,
                                 double **reach) {
  const size_t ranks = (size_t)comm->size;
  *reach = NULL;
  double *speed = mg_memory_take(ranks, sizeof *speed);
  double *made = mg_memory_take(ranks + 1, sizeof *made);
  mg_status status = MG_OK;
  if (!speed || !made) status = mg_fail(MG_ERR_MEMORY, "no memory for the speeds of ranks");
  status = mg_comm_agree(comm, status);
  if (status == MG_OK && speed && made) {
    status = measure(env_id, options, comm, &speed[comm->rank]);
    mg_comm_reduce_f64(comm, MG_REDUCE_SUM, speed, ranks);
    if (status == MG_OK && mg_rank_speeds_reach(comm->size, speed, made)) {
      *reach = made;
      made = NULL;
    }
  }
  free(speed);
  free(made);
  return status;
}
