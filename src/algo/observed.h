/* Which entries of a task's observation the networks see (run.observe): "motion", the positions and
 * velocities, with which every observation begins; "all"; or ranges such as "0-21, 30", counted
 * from 0, ends included, in increasing order.
 *
 * Humanoid's 376 numbers are 45 of motion and 331 of inertias and forces that follow from them;
 * Ant's contact forces are 84 of 111, most of them 0. What is left out is cut by the normaliser
 * (model/normaliser.h), so that files of demonstrations, recordings and traces stay whole. */
#ifndef MG_ALGO_OBSERVED_H
#define MG_ALGO_OBSERVED_H

#include "algo/settings.h"
#include "base/arena.h"
#include "base/status.h"
#include "envs/env.h"
#include "model/normaliser.h"

/* index [d] <- the entries seen, *count of them. MG_ERR_CONFIG, naming setting, value and what is
 * expected, if the text is none of the above, or names an entry that the task has not. Local. */
mg_status mg_observed_parse(const char *text, const mg_env_spec *spec, int64_t *index, int *count);

/* A normaliser of these entries, an identity until it is fitted. All memory is the arena's. Local.
 */
mg_status mg_observed_normaliser(const mg_settings *settings, const mg_env_spec *spec,
                                 double epsilon, double limit, mg_arena *arena,
                                 mg_normaliser *normaliser);

#endif
