#include "app/bench/bench.h"

#include "base/statistics.h"
#include "base/timer.h"
#include "math/blas.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void mg_samples_push(mg_samples *samples, double value) {
  samples->value[samples->count++ % MG_BENCH_ROUNDS] = value;
}

double mg_samples_median(const mg_samples *samples) {
  int n = samples->count < MG_BENCH_ROUNDS ? samples->count : MG_BENCH_ROUNDS;
  if (n == 0) return NAN;
  double sorted[MG_BENCH_ROUNDS];
  memcpy(sorted, samples->value, (size_t)n * sizeof *sorted);
  return mg_stat_median(n, sorted);
}

void mg_bench_add(mg_bench_result *result, const char *unit, double rate, double bare, double ratio,
                  const char *format, ...) {
  if (result->rows == MG_BENCH_ROWS) return;
  mg_bench_row *row = &result->row[result->rows++];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(row->name, sizeof row->name, format, arguments);
  va_end(arguments);
  row->unit = unit;
  row->rate = rate;
  row->bare = bare;
  row->ratio = ratio;
}

double mg_bench_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

bool mg_bench_goes_on(const mg_bench *bench, double began, int rounds) {
  double on = rounds < 5 || mg_timer_now() - began < bench->seconds;
  mg_comm_broadcast(bench->app->comm, &on, sizeof on);
  return on != 0;
}

mg_status mg_bench_product_make(mg_arena *arena, mg_bench_product *product) {
  size_t n = (size_t)MG_BENCH_PRODUCT * MG_BENCH_PRODUCT;
  product->a = MG_NEW(arena, float, n);
  product->b = MG_NEW(arena, float, n);
  product->c = MG_NEW(arena, float, n);
  MG_TRY(mg_arena_status(arena));
  for (size_t i = 0; i < n; i++) {
    product->a[i] = (float)(i % 17) / 17;
    product->b[i] = (float)(i % 19) / 19;
  }
  return MG_OK;
}

double mg_bench_product_rate(const mg_bench_product *p) {
  const int n = MG_BENCH_PRODUCT;
  double began = mg_bench_now();
  mg_matmul_nn(n, n, n, p->a, p->b, 0, p->c);
  return mg_matmul_flops(n, n, n) / (mg_bench_now() - began);
}
