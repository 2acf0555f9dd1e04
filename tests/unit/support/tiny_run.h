/* A small MGAIL run for tests of the trainer: settings, and an expert's file made on the spot. */
#ifndef MG_TESTS_TINY_RUN_H
#define MG_TESTS_TINY_RUN_H

#include "algo/algorithm.h"

/* Everything a run needs but the communicator and run.seed = 1; a few thousand parameters, every
 * part switched on. `expert` is copied. */
mg_settings tiny_settings(const char *env_id, const char *expert);

/* Writes 4 trajectories to `path` (and metadata beside it): CartPole's of a controller that keeps
 * the pole up, of any other task those of small random actions. Local. */
mg_status tiny_expert(const char *env_id, const char *path);

/* A metric's name; and whether an algorithm (MG_OF_...) reports it itself: the last three are of the run
 * around it. */
const char *tiny_metric_name(int metric);
bool tiny_reports(unsigned algorithm, int metric);

#endif
