/* Expert demonstrations: whole trajectories read from a file, chosen by the papers' protocol.
 *
 * Read: the layouts of layouts/layouts.c, recognised by content. Minari's: HDF5,
 * episode_K/{observations [T+1,d], actions [T,m] or int64 [T], rewards [T], terminations [T],
 * truncations [T]}, episodes ordered by their attribute `id`; each of the others is described in
 * its file, layouts/layout_*.c. Files come from strangers: they are opened only in a child process
 * of rank 0 under memory and time limits, which sends the values back; everything outside an
 * allow-list (links, virtual or external data, foreign filters, other types, NaN and infinities) is
 * refused with one sentence. */
#ifndef MG_DEMOS_DATASET_H
#define MG_DEMOS_DATASET_H

#include "base/arena.h"
#include "base/named.h"
#include "base/trajectory.h"
#include "demos/judge/task.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct mg_dataset {
  char env_id[64]; /* from metadata.json or the file's attribute; "" if unknown */
  int observation_size;
  int action_size; /* m; discrete: 1 */
  bool discrete;
  bool final_observation; /* s_T of each trajectory is the true one; layouts of T rows lack it */
  bool rewards;           /* the file has them; else they are zeros */
  int64_t available;      /* trajectories in the file */
  int trajectories;       /* chosen and held here */
  mg_trajectory *trajectory;
  int64_t skipped;           /* bad ones that were passed over, */
  const char *skipped_names; /* which: "episode_3, episode_7"; cut with ", ..." */
  const char *remarks;       /* sentences, a line each */
} mg_dataset;

/* Enumerator, name in configuration files. */
#define MG_CHOICE_LIST(X)                                                                          \
  X(MG_CHOICE_FIRST, "first")   /* by id */                                                        \
  X(MG_CHOICE_RANDOM, "random") /* with a seed */                                                  \
  X(MG_CHOICE_BEST, "best")     /* largest returns */

typedef enum mg_choice { MG_CHOICE_LIST(MG_NAMED_ENUM) } mg_choice;

typedef struct mg_dataset_options {
  int trajectories; /* how many to hold; 0: all */
  mg_choice choice;
  int64_t minimum_length; /* only trajectories of at least this many steps are candidates */
  bool by_return; /* if so, of them only those of at least this return, whatever the choice */
  double minimum_return;
  uint64_t seed;
  uint64_t max_bytes; /* refuse files whose episodes need more memory than this; 0: 4 GiB */
  int64_t max_steps; /* the task's time limit, for layouts that do not mark ends; 0: that of `task`,
                         or unknown */
  const mg_dataset_task
      *task;        /* Nullable: the data have to fit it, and its choices become indices */
  bool skip_bad;    /* bad episodes are passed over, not refused */
  const char *mask; /* Nullable, "": all; else the episodes that the file lists so */
} mg_dataset_options;

/* Local: reads `path` (locate.h) into the arena. The trajectories held are in ascending order of id, whatever
 * the choice; every episode of the file (of the mask) is read and checked, held or not. MG_ERR_NO_INPUT: not
 * there or not a regular file; MG_ERR_DATA: anything wrong inside (the sentence names file,
 * dataset, what was found). */
mg_status mg_dataset_read(const char *path, const mg_dataset_options *options, mg_arena *arena,
                          mg_dataset *dataset);

#endif
