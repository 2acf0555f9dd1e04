#include "app/bench/bench_algorithm.h"
#include "app/bench/bench_physics.h"
#include "base/timer.h"

#include <math.h>

/* A training iteration cannot take less than its simulator steps and its matrix products do by
 * themselves: that sum is the floor, and its share of the time is the program's efficiency. */
typedef struct train_samples {
  mg_samples step_seconds; /* bare, of one step */
  mg_samples product_rate;
  mg_samples floor, actual; /* seconds an iteration */
  mg_samples share;
  mg_samples rollout, update, sync; /* seconds an iteration, by the algorithm's own clock */
} train_samples;

static mg_status round_of(const mg_bench *bench, mg_algorithm *algorithm, mg_bench_physics *physics,
                          const mg_bench_product *product, train_samples *s) {
  double physics_steps = (double)physics->H * physics->N;
  mg_samples_push(&s->step_seconds, mg_bench_physics_round(physics).bare / physics_steps);
  mg_samples_push(&s->product_rate, mg_bench_product_rate(product));
  mg_metrics metrics;
  int64_t steps = algorithm->steps;
  double flops = algorithm->flops, began = mg_bench_now();
  mg_status status = mg_algorithm_iterate(algorithm, &metrics);
  double actual = mg_bench_now() - began;
  MG_TRY(mg_comm_agree(bench->app->comm, status));
  double own_steps = (double)(algorithm->steps - steps) / bench->app->comm->size;
  /* Medians so far: single rounds of the bare loops are too short to be steady. */
  double floor = own_steps * mg_samples_median(&s->step_seconds) +
                 (algorithm->flops - flops) / mg_samples_median(&s->product_rate);
  mg_samples_push(&s->floor, floor);
  mg_samples_push(&s->actual, actual);
  mg_samples_push(&s->share, floor / actual);
  mg_samples_push(&s->rollout, metrics.value[MG_METRIC_SECONDS_ROLLOUT]);
  mg_samples_push(&s->update, metrics.value[MG_METRIC_SECONDS_UPDATE]);
  mg_samples_push(&s->sync, metrics.value[MG_METRIC_SECONDS_SYNC]);
  return MG_OK;
}

static void summarise(const mg_bench *bench, const mg_algorithm *algorithm, const train_samples *s,
                      mg_bench_result *result) {
  double floor = 1 / mg_samples_median(&s->floor);
  result->title = "training iterations, per second of this rank's processor time";
  result->bare = "bare simulator steps and matrix products at full rate, nothing else";
  mg_bench_add(result, "1/s", 1 / mg_samples_median(&s->actual), floor,
               mg_samples_median(&s->share), "%s on %s", algorithm->class_->name,
               bench->settings->run.env);
  mg_bench_add(result, "ms", 1e3 * mg_samples_median(&s->rollout), NAN, NAN,
               "of it rollout (wall)");
  mg_bench_add(result, "ms", 1e3 * mg_samples_median(&s->update), NAN, NAN, "of it updates (wall)");
  mg_bench_add(result, "ms", 1e3 * mg_samples_median(&s->sync), NAN, NAN,
               "of it other ranks (wall)");
}

mg_status mg_bench_train(const mg_bench *bench, mg_bench_result *result) {
  mg_comm *comm = bench->app->comm;
  mg_algorithm *algorithm = NULL;
  MG_TRY(mg_bench_algorithm_create(bench, &algorithm));
  mg_bench_physics physics;
  mg_bench_product product;
  train_samples *samples = MG_NEW(bench->arena, train_samples, 1);
  int steps = (int)fmax(1, 320.0 * comm->size / bench->settings->run.environments);
  mg_status status = mg_bench_physics_create(bench, steps, algorithm, &physics);
  if (status == MG_OK) status = mg_bench_product_make(bench->arena, &product);
  status = mg_comm_agree(comm, status);
  double began = mg_timer_now();
  for (; status == MG_OK && mg_bench_goes_on(bench, began, result->rounds); result->rounds++)
    status = round_of(bench, algorithm, &physics, &product, samples);
  if (status == MG_OK) summarise(bench, algorithm, samples, result);
  mg_bench_physics_destroy(&physics);
  mg_algorithm_destroy(algorithm);
  return status;
}
