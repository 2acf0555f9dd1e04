/* The run's algorithm as a benchmark drives it. */
#ifndef MG_APP_BENCH_BENCH_ALGORITHM_H
#define MG_APP_BENCH_BENCH_ALGORITHM_H

#include "algo/algorithm.h"
#include "app/bench/bench.h"

/* Collective; the caller destroys it. */
mg_status mg_bench_algorithm_create(const mg_bench *bench, mg_algorithm **algorithm);

#endif
