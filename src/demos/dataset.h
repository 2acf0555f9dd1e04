/* Expert demonstrations: whole trajectories read from a file, chosen and subsampled by the papers'
 * protocol.
 *
 * Read: the layouts of data/layouts.c, recognised by content. Minari's: HDF5,
 * episode_K/{observations [T+1,d], actions [T,m] or int64 [T], rewards [T], terminations [T],
 * truncations [T]}, episodes ordered by their attribute `id`; each of the others is described in
 * its file, data/layout_*.c. Files come from strangers: they are opened only in a child process of
 * rank 0 under memory and time limits, which sends the values back; everything outside an
 * allow-list (links, virtual or external data, foreign filters, other types, NaN and infinities) is
 * refused with one sentence. */
#ifndef MG_DEMOS_DATASET_H
#define MG_DEMOS_DATASET_H

#include "base/arena.h"
#include "base/comm.h"
#include "base/named.h"
#include "base/trajectory.h"

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
  int64_t max_steps;  /* the task's time limit, for layouts that do not mark ends; 0: unknown */
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

/* For a discrete task: actions [T, choices] whose rows are exactly one 1 among 0s, and floats [T,
 * 1] that are whole numbers, become indices [T], in place. Other data sets stay as they are, for
 * mg_dataset_check to judge. MG_ERR_DATA if the columns are the task's choices and a row is not
 * one-hot. To be called before mg_dataset_check. */
mg_status mg_dataset_one_hot_to_index(mg_dataset *dataset, const char *path, const char *env_id,
                                      int choices);

/* What there is to say about a file, without holding more than one episode of it. */
typedef enum mg_note_kind { MG_NOTE_FACT, MG_NOTE_REMARK, MG_NOTE_PROBLEM } mg_note_kind;
typedef void (*mg_note)(void *user, mg_note_kind kind, const char *name, const char *text);

typedef struct mg_dataset_task { /* what a task expects; the registry is not known here */
  const char *env_id;
  int observation_size, action_size;
  bool discrete;
  int64_t max_steps;
  const double *action_low, *action_high; /* [action_size], Nullable */
} mg_dataset_task;

/* Facts, each with its name: layout, types, attributes of the file. */
mg_status mg_dataset_describe(const char *path, mg_note note, void *user);

/* Reads everything and tells of every problem and of what is remarkable, in a sentence each;
 * *problems counts the former. task (Nullable): what to compare with. Fails only where nothing can
 * be said.
 */
mg_status mg_dataset_validate(const char *path, const mg_dataset_task *task, mg_note note,
                              void *user, int64_t *problems);

/* Writes `input` anew in another layout, one episode in memory at a time; types stay, and what the
 * file carries beside goes along. `output` must not exist. */
typedef struct mg_convert_options {
  const char *layout;    /* by name; NULL: by the output's ending */
  const char *env_id;    /* where the file does not say; Nullable */
  int64_t max_steps;     /* as in mg_dataset_options */
  int choices;           /* of a discrete task, 0: the largest seen and one */
  bool (*stopped)(void); /* Nullable: asked now and then; true ends with MG_ERR_STOPPED */
} mg_convert_options;
typedef struct mg_convert_result {
  int64_t episodes, steps;
  char from[32], to[32]; /* layouts */
} mg_convert_result;
mg_status mg_dataset_convert(const char *input, const char *output,
                             const mg_convert_options *options, mg_note note, void *user,
                             mg_convert_result *result);

/* The task that a file, or the metadata beside it, names; "" if none. */
mg_status mg_dataset_env_id(const char *path, char env_id[64]);

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

/* How many entries of the actions [count, m] are outside of the box low..high [m]; and moving them
 * to the nearer bound. Compared in float32, which Gymnasium's boxes are: what only rounding put
 * outside is inside. */
int64_t mg_pairs_count_outside(const mg_pairs *pairs, int m, const double *low, const double *high);
void mg_pairs_clip(mg_pairs *pairs, int m, const double *low, const double *high);

/* Writing, one trajectory at a time in bounded memory, to a temporary name that is renamed when
 * complete; metadata.json is written beside (path with .h5 replaced by .metadata.json), just
 * before.
 *
 * The pair is a Minari data set in two files: copied to <root>/<id>/data/ as main_data.hdf5 and
 * metadata.json it opens with minari.load_dataset("<id>"). Episodes are numbered as they come:
 * group episode_K with attributes id = K, total_steps, seed; the root has total_episodes,
 * total_steps, the returns' mean, spread and range, and where it comes from (dataset_origin.h), of
 * which metadata.json tells the same. Values are float64 (choices int64), so nothing is rounded;
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
  const char *algorithm;  /* that trained the policy; Nullable: unknown, the next two too */
  const char *parameters; /* "average" or "raw" */
  int64_t trained_steps;
  bool by_return; /* episodes below minimum_return were drawn and not kept */
  double minimum_return;
} mg_dataset_provenance;
mg_status mg_dataset_writer_create(const char *path, const mg_dataset_provenance *provenance,
                                   mg_dataset_writer **writer);
/* trajectory->id and total_reward are not used; steps >= 1. */
mg_status mg_dataset_writer_append(mg_dataset_writer *writer, const mg_trajectory *trajectory);
/* An episode was drawn and not kept: the file tells how many. */
void mg_dataset_writer_reject(mg_dataset_writer *writer);
/* Flush, rename, free. With `keep` false: remove the temporary file and free. */
mg_status mg_dataset_writer_close(mg_dataset_writer *writer, bool keep);

#endif
