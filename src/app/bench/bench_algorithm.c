#include "app/bench/bench_algorithm.h"

mg_status mg_bench_algorithm_create(const mg_bench *bench, mg_algorithm **algorithm) {
  const mg_algorithm_class *class_ = mg_algorithm_find(bench->settings->run.algorithm);
  mg_context context = {.settings = bench->settings,
                        .comm = bench->app->comm,
                        .log = &bench->app->log,
                        .arena = bench->arena};
  return mg_comm_agree(bench->app->comm, mg_algorithm_create(class_, &context, algorithm));
}
