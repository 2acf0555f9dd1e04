/* Benchmarks as ratios: every rate stands beside the bare one that it is made of, measured in the
 * same run, in turn, so that a busy machine slows both. Medians over rounds. */
#ifndef MG_APP_BENCH_BENCH_H
#define MG_APP_BENCH_BENCH_H

#include "algo/settings.h"
#include "app/commands/command.h"
#include "base/arena.h"

enum { MG_BENCH_ROWS = 64, MG_BENCH_ROUNDS = 4096 };

/* Samples of one quantity; more than fit overwrite the oldest. */
typedef struct mg_samples {
  int count; /* ever pushed */
  double value[MG_BENCH_ROUNDS];
} mg_samples;
void mg_samples_push(mg_samples *samples, double value);
double mg_samples_median(const mg_samples *samples); /* NaN if empty */

typedef struct mg_bench_row {
  char name[64];
  const char *unit; /* of rate and bare */
  double rate, bare;
  double ratio; /* rate / bare; NaN for a row without a bare rate */
} mg_bench_row;

typedef struct mg_bench_result {
  const char *title;
  const char *bare; /* what the bare rate is */
  int rounds, rows;
  mg_bench_row row[MG_BENCH_ROWS];
} mg_bench_result;

/* The ratio is given, as the median of the rounds' ratios. */
void mg_bench_add(mg_bench_result *result, const char *unit, double rate, double bare, double ratio,
                  const char *format, ...) __attribute__((format(printf, 6, 7)));

typedef struct mg_bench {
  mg_app *app;
  const mg_settings *settings;
  double seconds;     /* to measure for, about */
  int ranks;          /* of collectives: that there would be */
  const char *output; /* of collectives: the file of their list; NULL: none */
  mg_arena *arena;
} mg_bench;

/* Processor time of this thread [s]: what other programs take of a shared machine does not count.
 */
double mg_bench_now(void);

/* Whether to measure another round: rank 0's clock decides for all. At least 5. Collective. */
bool mg_bench_goes_on(const mg_bench *bench, double began, int rounds);

/* Floating-point operations a second of one square product in float32. */
enum { MG_BENCH_PRODUCT = 512 };
typedef struct mg_bench_product {
  float *a, *b, *c; /* [512,512] */
} mg_bench_product;
mg_status mg_bench_product_make(mg_arena *arena, mg_bench_product *product);
double mg_bench_product_rate(const mg_bench_product *product);

/* Collective. rollout: run.env may be "all", for every task of the registry. */
mg_status mg_bench_rollout(const mg_bench *bench, mg_bench_result *result);
mg_status mg_bench_products(const mg_bench *bench, mg_bench_result *result);
mg_status mg_bench_update(const mg_bench *bench, mg_bench_result *result);
mg_status mg_bench_allreduce(const mg_bench *bench, mg_bench_result *result);
mg_status mg_bench_train(const mg_bench *bench, mg_bench_result *result);

/* Not collective: one process alone. */
mg_status mg_bench_collectives(const mg_bench *bench, mg_bench_result *result);

#endif
