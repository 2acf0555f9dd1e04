#include "app/bench/bench.h"
#include "base/timer.h"
#include "mpi/sync.h"

#include <math.h>

enum { SIZES = 3, REPEATS = 10 };

typedef struct measured {
  mg_samples sync, bare, ratio; /* seconds of one */
} measured;

static void round_of(const mg_bench *bench, size_t n, float *x, measured *m) {
  mg_comm *comm = bench->app->comm;
  mg_sync sync = mg_sync_of(comm, MG_SYNC_PARAMETERS);
  mg_comm_barrier(comm);
  double t0 = mg_timer_now();
  for (int k = 0; k < REPEATS; k++) mg_sync_mean(&sync, x, n);
  double t1 = mg_timer_now();
  mg_comm_barrier(comm);
  double t2 = mg_timer_now();
  /* All entries are 0, so sums of sums stay finite. */
  for (int k = 0; k < REPEATS; k++) comm->sum_f32(comm, x, n);
  double t3 = mg_timer_now();
  mg_samples_push(&m->sync, (t1 - t0) / REPEATS);
  mg_samples_push(&m->bare, (t3 - t2) / REPEATS);
  mg_samples_push(&m->ratio, (t3 - t2) / (t1 - t0));
}

mg_status mg_bench_allreduce(const mg_bench *bench, mg_bench_result *result) {
  static const size_t size[SIZES] = {1, 40000, 1000000};
  static const char *const name[SIZES] = {"1 float: latency", "40,000 floats: the usual theta",
                                          "1,000,000 floats"};
  measured *m = MG_NEW(bench->arena, measured, SIZES);
  float *x = MG_NEW(bench->arena, float, size[SIZES - 1]);
  mg_comm *comm = bench->app->comm;
  MG_TRY(mg_comm_agree(comm, mg_arena_status(bench->arena)));
  for (int k = 0; k < SIZES; k++) round_of(bench, size[k], x, &m[k]);
  for (int k = 0; k < SIZES; k++) m[k] = (measured){0};
  double began = mg_timer_now();
  for (; mg_bench_goes_on(bench, began, result->rounds); result->rounds++)
    for (int k = 0; k < SIZES; k++) round_of(bench, size[k], x, &m[k]);
  result->title = "averages over ranks, per second";
  result->bare = "the library's allreduce alone, same vector";
  for (int k = 0; k < SIZES; k++) {
    mg_bench_add(result, "1/s", 1 / mg_samples_median(&m[k].sync),
                 1 / mg_samples_median(&m[k].bare),
                 comm->size > 1 ? mg_samples_median(&m[k].ratio) : NAN, "%s, %d rank%s", name[k],
                 comm->size, comm->size == 1 ? "" : "s");
  }
  return MG_OK;
}
