/* The expert of a run, as section data of the settings asks for it: trajectories chosen from the
 * file, compared with the task, subsampled, split into training and validation; and the normalisers
 * that networks see states and actions through, fitted to the training pairs.
 *
 * A function of file, settings and seed alone: the same on all ranks, whatever their number. */
#ifndef MG_ALGO_EXPERT_H
#define MG_ALGO_EXPERT_H

#include "algo/algorithm.h"
#include "base/statistics.h"
#include "demos/dataset.h"
#include "demos/pairs.h"
#include "envs/env.h"

enum { MG_EXPERT_IDS_MAX = 512 };

struct mg_expert {
  int state_size, action_size; /* S, A: discrete tasks have rows of A entries too, one-hot */
  mg_pairs train, validation; /* states [count,S], actions [count,A], as they stand in the file; the
                                 latter empty unless data.validation > 0 */
  mg_normaliser states;       /* of the entries that run.observe names */
  mg_normaliser actions;      /* discrete: the one-hot as it is */
  double *action_sd;          /* [A] spread of the actions; discrete: 1 */

  /* What was chosen. */
  char path[MG_SETTING_PATH_MAX];
  int64_t available;           /* trajectories in the file */
  int64_t skipped;             /* bad ones that were passed over, beside these, */
  const char *skipped_names;   /* which: "episode_3, episode_7" */
  const char *remarks;         /* sentences about the file, a line each */
  int trajectories;            /* of those available chosen, */
  char ids[MG_EXPERT_IDS_MAX]; /* which: "0-3, 7"; ends with ", ..." where there are too many */
  mg_summary returns;          /* of these */
  int terminated;              /* of these ended by the task, not the time limit */
  int64_t steps;               /* all pairs that they have */
  int64_t entries, outside;    /* entries of the actions used; of these outside of the task's box */
  bool clipped;                /* these were moved to its edge (data.clip_actions) */
};

/* All memory is the arena's. MG_ERR_CONFIG without data.expert, else what mg_dataset_read
 * and _split say. Rank 0 reads, the others receive the pairs. Collective. */
mg_status mg_expert_load(const mg_context *context, const mg_env_spec *spec, mg_expert **loaded);

#endif
