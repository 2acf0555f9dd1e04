/* Recording: the episodes of an evaluation as whole trajectories, handed to a sink. */
#ifndef MG_ROLLOUT_RECORD_H
#define MG_ROLLOUT_RECORD_H

#include "base/trajectory.h"
#include "rollout/evaluate.h"

/* The episodes of mg_evaluator_run in their order, each given to `sink` on rank 0 as a trajectory
 * (id = e; memory valid during the call), whichever rank it ran on. Every rank holds one episode at
 * a time, rank 0 one more of another rank. Ends early once the sink has set *enough or fails, which
 * all ranks return. What the sink gets does not depend on the number of ranks. Collective. */
typedef mg_status (*mg_trajectory_sink)(void *self, const mg_trajectory *trajectory, bool *enough);
mg_status mg_evaluator_record(mg_evaluator *evaluator, const mg_real *theta, bool stochastic,
                              mg_trajectory_sink sink, void *self);

#endif
