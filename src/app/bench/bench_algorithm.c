#include "app/bench/bench_algorithm.h"

#include <string.h>

mg_status mg_bench_algorithm_create(const mg_bench *bench, mg_algorithm **algorithm) {
  const mg_algorithm_class *class_ = mg_algorithm_find(bench->settings->run.algorithm);
  mg_context context = {.settings = bench->settings,
                        .comm = bench->app->comm,
                        .log = &bench->app->log,
                        .arena = bench->arena};
  return mg_comm_agree(bench->app->comm, class_->create(&context, algorithm));
}

int mg_bench_metric(const mg_algorithm *algorithm, const char *name) {
  for (int k = 0; k < algorithm->class_->metrics; k++) {
    if (strcmp(algorithm->class_->metric[k].name, name) == 0) return k;
  }
  return -1;
}
