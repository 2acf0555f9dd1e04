/* How fast ranks are beside one another, so that each may have environments in proportion (run.shares = measured).
 *
 * All ranks step the run's task for a moment, at the same time, as they will when they train: steps a second, s_r.
 * What counts is s_r / median, to the nearest quarter of an octave (a factor of 1.19), within 1/8 .. 8, so that noise
 * is not taken for a difference: where all are as fast after that, shares are even, with the bits of even shares. */
#ifndef MG_ROLLOUT_RANK_SPEEDS_H
#define MG_ROLLOUT_RANK_SPEEDS_H

#include "base/comm.h"
#include "envs/env_options.h"

/* *reach <- for mg_comm.reach, to be freed; NULL where all ranks are as fast. The same on all ranks. MG_ERR_CONFIG for
 * an unknown task, MG_ERR_MEMORY. Collective. */
mg_status mg_rank_speeds_measure(const char *env_id, const mg_env_options *options, mg_comm *comm,
                                 double **reach);

/* reach [ranks + 1] of speeds [ranks] > 0, which are overwritten; false where all are as fast. */
bool mg_rank_speeds_reach(int ranks, double *speed, double *reach);

#endif
