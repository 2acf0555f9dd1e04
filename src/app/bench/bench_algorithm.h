/* The run's algorithm as a benchmark drives it. */
#ifndef MG_APP_BENCH_BENCH_ALGORITHM_H
#define MG_APP_BENCH_BENCH_ALGORITHM_H

#include "algo/algorithm.h"
#include "app/bench/bench.h"

/* Collective; destroyed by its class. */
mg_status mg_bench_algorithm_create(const mg_bench *bench, mg_algorithm **algorithm);

/* Index of a metric by name, -1 if the algorithm has none. */
int mg_bench_metric(const mg_algorithm *algorithm, const char *name);

#endif
