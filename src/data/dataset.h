/* Expert demonstrations: whole trajectories read from a file, chosen and subsampled by the papers'
 * protocol.
 *
 * Read: Minari's HDF5 layout, episode_K/{observations [T+1,d], actions [T,m] or int64 [T],
 * rewards [T], terminations [T], truncations [T]}, episodes ordered by their attribute `id`.
 * Files come from strangers: they are opened only in a child process of rank 0 under memory and
 * time limits, which sends the values back; everything outside an allow-list (links, virtual or
 * external data, foreign filters, other types, NaN and infinities) is refused with one sentence. */
#ifndef MG_DATA_DATASET_H
#define MG_DATA_DATASET_H

#include "base/arena.h"
#include "base/comm.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct mg_trajectory {
  int64_t id;                 /* in the file */
  int64_t steps;              /* T >= 1 */
  double *observations;       /* [T+1, d] */
  double *actions;            /* [T, m]; discrete: [T] holding indices */
  double *rewards;            /* [T] */
  bool terminated, truncated; /* how the last step ended */
  double total_reward;
} mg_trajectory;

typedef struct mg_dataset {
  char env_id[64]; /* from metadata.json or the file's attribute; "" if unknown */
  int observation_size;
  int action_size; /* m; discrete: 1 */
  bool discrete;
  int64_t available; /* trajectories in the file */
  int trajectories;  /* chosen and held here */
  mg_trajectory *trajectory;
} mg_dataset;

typedef enum mg_choice { MG_CHOICE_FIRST, MG_CHOICE_RANDOM, MG_CHOICE_BEST } mg_choice;

typedef struct mg_dataset_options {
  int trajectories;       /* how many to hold; 0: all */
  mg_choice choice;       /* first by id; random with `seed`; largest returns */
  int64_t minimum_length; /* only trajectories of at least this many steps are candidates */
  uint64_t seed;
  uint64_t max_bytes; /* refuse files whose episodes need more memory than this; 0: 4 GiB */
} mg_dataset_options;

/* Local: reads `path` into the arena. The trajectories held are in ascending order of id, whatever
 * the choice; every episode of the file is read and checked, held or not. MG_ERR_NO_INPUT: not
 * there or not a regular file; MG_ERR_DATA: anything wrong inside (the sentence names file,
 * dataset, what was found). */
mg_status mg_dataset_read(const char *path, const mg_dataset_options *options, mg_arena *arena,
                          mg_dataset *dataset);

/* Collective: rank 0 reads, all receive. A failure on rank 0 is returned on every rank. */
mg_status mg_dataset_read_all(const char *path, const mg_dataset_options *options, mg_comm *comm,
                              mg_arena *arena, mg_dataset *dataset);

/* MG_ERR_DATA unless the sizes match the task's: observation [observation_size], action
 * [action_size] or, if discrete, choices 0..action_size-1. */
mg_status mg_dataset_check(const mg_dataset *dataset, const char *path, const char *env_id,
                           int observation_size, int action_size, bool discrete);

/* Every `stride`-th pair (s_t, a_t) of each trajectory, from an offset drawn uniformly from
 * 0..stride-1 per trajectory with (seed, MG_RNG_EXPERT). Arrays in the arena. */
typedef struct mg_pairs {
  int count;
  double *states;  /* [count, d] */
  double *actions; /* [count, m] */
} mg_pairs;
mg_status mg_dataset_subsample(const mg_dataset *dataset, int stride, uint64_t seed,
                               mg_arena *arena, mg_pairs *pairs);

/* The same pairs, a share of them held out for validation: 0 <= share < 1, never more than asked
 * for. Of K trajectories that give pairs, floor(share K) whole ones are held out, for neighbouring
 * pairs are all but copies of each other; where that is none, floor(share P) of the P single pairs,
 * at least one. Which, is drawn with (seed, MG_RNG_EXPERT), so all ranks hold out the same. Both
 * parts keep the order of mg_dataset_subsample; with share 0 `train` is what that gives and
 * `validation` is empty. MG_ERR_DATA if a single pair is to be split. */
mg_status mg_dataset_split(const mg_dataset *dataset, int stride, double share, uint64_t seed,
                           mg_arena *arena, mg_pairs *train, mg_pairs *validation);

/* Writing, one trajectory at a time in bounded memory, to a temporary name that is renamed when
 * complete; metadata.json is written beside (path with .h5 replaced by .metadata.json), just
 * before.
 *
 * The pair is a Minari data set in two files: copied to <root>/<id>/data/ as main_data.hdf5 and
 * metadata.json it opens with minari.load_dataset("<id>"). Episodes are numbered as they come:
 * group episode_K with attributes id = K, total_steps, seed; the root has total_episodes,
 * total_steps and where it comes from. Values are float64 (choices int64), so nothing is rounded;
 * the spaces in the metadata have no bounds, for recorded actions need not keep to the task's. */
typedef struct mg_dataset_writer mg_dataset_writer;
typedef struct mg_dataset_provenance {
  const char *env_id;
  const char *env_kwargs;            /* arguments of the task, a JSON object; Nullable: none */
  int observation_size, action_size; /* discrete: number of choices */
  bool discrete;
  const char *program;   /* name and version */
  const char *simulator; /* "MuJoCo 3.3.7" */
  const char *policy;    /* "mean action" or "stochastic" */
  uint64_t policy_checksum;
  uint64_t seed;
} mg_dataset_provenance;
mg_status mg_dataset_writer_create(const char *path, const mg_dataset_provenance *provenance,
                                   mg_dataset_writer **writer);
/* trajectory->id and total_reward are not used; steps >= 1. */
mg_status mg_dataset_writer_append(mg_dataset_writer *writer, const mg_trajectory *trajectory);
/* Flush, rename, free. With `keep` false: remove the temporary file and free. */
mg_status mg_dataset_writer_close(mg_dataset_writer *writer, bool keep);

#endif
