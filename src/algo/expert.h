/* The expert of a run, as section data of the settings asks for it: trajectories chosen from the
 * file, compared with the task, subsampled, split into training and validation.
 *
 * A function of file, settings and seed alone: the same on all ranks, whatever their number. */
#ifndef MG_ALGO_EXPERT_H
#define MG_ALGO_EXPERT_H

#include "algo/algorithm.h"
#include "data/dataset.h"
#include "envs/env.h"

typedef struct mg_expert {
  int state_size, action_size; /* S, A: discrete tasks have rows of A entries too, one-hot */
  mg_pairs train, validation; /* states [count,S], actions [count,A], as they stand in the file; the
                                 latter empty unless data.validation > 0 */
  int terminated;             /* trajectories that the task ended, not the time limit */
} mg_expert;

/* All memory is the arena's. MG_ERR_CONFIG without data.expert, else what mg_dataset_read_all,
 * _check and _split say. Collective. */
mg_status mg_expert_load(const mg_context *context, const mg_env_spec *spec, mg_expert *expert);

#endif
