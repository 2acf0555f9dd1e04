/* An algorithm on one rank, as tests of the trainers drive it; every failure is the test's. */
#ifndef MG_TESTS_ALGORITHM_RUN_H
#define MG_TESTS_ALGORITHM_RUN_H

#include "algo/algorithm.h"

typedef struct run {
  mg_settings settings;
  mg_comm comm;
  mg_log log;
  mg_context context;
  mg_algorithm *algorithm;
} run;

/* All but the algorithm; then the one that settings->run.algorithm names. */
void run_prepare(run *r, const mg_settings *settings);
void run_start(run *r, const mg_settings *settings);
void run_stop(run *r);

/* The metrics of the last of so many iterations. */
mg_metrics run_iterate(run *r, int times);

/* Saves to `file`, or loads. */
void run_visit(run *r, const char *file, bool load);

/* Settings of a tiny run of this algorithm, with an expert's file in the scratch folder. */
mg_settings run_settings(const char *algorithm, const char *env_id);

#endif
