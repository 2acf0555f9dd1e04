/* What a run's return is worth. Three returns of a task are told apart, here and wherever a score
 * is shown:
 *
 *   random     of uniformly random actions
 *   data       the mean of the trajectories that the run imitated
 *   reference  of a published expert of the task, whatever the run imitated
 *
 * A score is 0 at random and 1 at data; a reference score is 1 at the reference. */
#ifndef MG_APP_RUN_SCORE_H
#define MG_APP_RUN_SCORE_H

#include "files/collection/collection.h"

/* The task and the demonstrations asked for last: runs of one kind come together. Zeroed at first. */
typedef struct mg_run_known {
  char task[32], expert[1024], checksum[32];
  double random_return, reference_return;
  bool
      without_checksum; /* set by the caller: for those who look often, at files that may be large */
} mg_run_known;

/* mg_run_read, and what the folder alone does not tell: both scores, steps_to_90, the random and
 * the reference return, the checksum of the demonstrations. *point is to be freed. */
mg_status mg_run_score(const char *folder, mg_run_known *known, mg_collected_run *run,
                       int64_t *points, mg_curve_point **point);

#endif
