#include "app/bench/bench_physics.h"
#include "base/timer.h"
#include "envs/env.h"

#include <stdio.h>
#include <string.h>

enum { STEPS = 25 }; /* of a round */

/* Adds the rows of the settings' task. Collective. */
static mg_status measure(const mg_bench *bench, mg_bench_result *result) {
  mg_comm *comm = bench->app->comm;
  mg_bench_physics physics;
  mg_status status = mg_comm_agree(comm, mg_bench_physics_create(bench, STEPS, NULL, &physics));
  mg_samples *samples = MG_NEW(bench->arena, mg_samples, 5);
  if (status == MG_OK) status = mg_comm_agree(comm, mg_arena_status(bench->arena));
  if (status != MG_OK) {
    mg_bench_physics_destroy(&physics);
    return status;
  }
  mg_samples *bare = samples, *layer = samples + 1, *collector = samples + 2;
  mg_samples *layer_ratio = samples + 3, *collector_ratio = samples + 4;
  mg_bench_physics_round(&physics); /* caches, page faults */
  double steps = (double)STEPS * physics.N, began = mg_timer_now();
  int rounds = 0;
  for (; mg_bench_goes_on(bench, began, rounds); rounds++) {
    mg_bench_physics_time time = mg_bench_physics_round(&physics);
    mg_samples_push(bare, steps / time.bare);
    mg_samples_push(layer, steps / time.layer);
    mg_samples_push(collector, steps / time.collector);
    mg_samples_push(layer_ratio, time.bare / time.layer);
    mg_samples_push(collector_ratio, time.bare / time.collector);
  }
  result->rounds += rounds;
  double bare_rate = mg_samples_median(bare);
  mg_bench_add(result, "steps/s", mg_samples_median(layer), bare_rate,
               mg_samples_median(layer_ratio), "%s, environments only", bench->settings->run.env);
  mg_bench_add(result, "steps/s", mg_samples_median(collector), bare_rate,
               mg_samples_median(collector_ratio), "%s, collector with policy, N = %d",
               bench->settings->run.env, physics.N);
  mg_bench_physics_destroy(&physics);
  return MG_OK;
}

mg_status mg_bench_rollout(const mg_bench *bench, mg_bench_result *result) {
  result->title = "rollout, steps per second of this rank's processor time";
  result->bare = "the simulator alone, from the same states with the same actions";
  if (strcmp(bench->settings->run.env, "all") != 0) return measure(bench, result);
  for (const char *const *id = mg_env_ids(); *id; id++) {
    mg_settings settings = *bench->settings;
    mg_bench one = *bench;
    one.settings = &settings;
    snprintf(settings.run.env, sizeof settings.run.env, "%s", *id);
    MG_TRY(measure(&one, result));
  }
  return MG_OK;
}
