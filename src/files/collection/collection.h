/* Many runs in one HDF5 file: an index, and learning curves on common grids.
 *
 *   /runs/<field> [R]            one row a run: the fields of MG_COLLECTION_LIST below
 *   /evaluations/<column> [P]    every evaluation of every run, a run's own in one piece: rows
 *                                first_evaluation .. first_evaluation + evaluations - 1
 *   /curves/<task>_<method>_<trajectories>/
 *       environment_steps [G]    the grid
 *       run [n]                  rows of /runs
 *       return_average, return_raw [n,G]
 *   /skipped/{folder, reason} [S]
 *   /settings/{checksum, text} [T]   once for each different checksum of /runs/settings
 *
 * The grid of a group (task x method x trajectories) is G = 201 points, evenly from 0 to the most
 * environment steps that any of its runs was to take or took; G = 1 where no run of the group takes
 * any. On it a run's curve is linear between its evaluations; after its last one that value is
 * held up to the steps that the run has taken; NaN before its first evaluation, beyond its steps,
 * and where it has no such policy.
 *
 * Rows are written as they come and the grids at the end, run by run from the file, so that memory
 * is bounded by the longest run and a few bytes a run. Local. */
#ifndef MG_FILES_COLLECTION_H
#define MG_FILES_COLLECTION_H

#include "files/curves/run_curve.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MG_COLLECTION_GRID = 201, MG_COLLECTION_SETTINGS = 32768 };

/* The fields of a run, once: X(kind, name, size, unit, help); kind TEXT (size bytes), I64, F64.
 * Final returns are over `episodes` episodes; average: of the parameters' running average. */
#define MG_COLLECTION_LIST(X)                                                                      \
  X(TEXT, folder, 1024, "", "run folder, as it was given")                                         \
  X(TEXT, state, 16, "", "finished: has its result; partial: not yet")                             \
  X(TEXT, reason, 512, "", "of a partial run: why it has no result, when it was collected")        \
  X(TEXT, task, 32, "", "Gymnasium's id")                                                          \
  X(TEXT, algorithm, 16, "", "run.algorithm")                                                      \
  X(TEXT, method, 32, "",                                                                          \
    "algorithm; none: its discriminator is never updated; mgail-paper: the "                       \
    "published form")                                                                              \
  X(I64, trajectories, 0, "", "of the expert; 0: all")                                             \
  X(I64, subsample, 0, "", "every so many pairs one is used")                                      \
  X(I64, seed, 0, "", "run.seed")                                                                  \
  X(I64, ranks, 0, "", "processes; 0: unknown")                                                    \
  X(I64, environments, 0, "", "simulated side by side")                                            \
  X(I64, planned_steps, 0, "steps", "run.steps; 0 where the algorithm takes none")                 \
  X(I64, steps, 0, "steps", "of the environment, taken so far")                                    \
  X(I64, iterations, 0, "", "done so far")                                                         \
  X(F64, seconds, 0, "s", "wall time of training so far")                                          \
  X(I64, episodes, 0, "", "of the final evaluations")                                              \
  X(F64, average_mean, 0, "reward", "final, mean action: mean")                                    \
  X(F64, average_sd, 0, "reward", "final, mean action: standard deviation over episodes")          \
  X(F64, average_min, 0, "reward", "final, mean action: worst episode")                            \
  X(F64, average_stochastic_mean, 0, "reward", "final, sampled actions: mean")                     \
  X(F64, average_stochastic_sd, 0, "reward", "final, sampled actions: standard deviation")         \
  X(F64, average_stochastic_min, 0, "reward", "final, sampled actions: worst episode")             \
  X(F64, raw_mean, 0, "reward", "the same of the current parameters")                              \
  X(F64, raw_sd, 0, "reward", "")                                                                  \
  X(F64, raw_min, 0, "reward", "")                                                                 \
  X(F64, raw_stochastic_mean, 0, "reward", "")                                                     \
  X(F64, raw_stochastic_sd, 0, "reward", "")                                                       \
  X(F64, raw_stochastic_min, 0, "reward", "")                                                      \
  X(F64, result, 0, "reward", "average_mean, or raw_mean where no average is kept")                \
  X(F64, score, 0, "", "(result - random_return) / (data_return - random_return)")                 \
  X(F64, reference_score, 0, "", "(result - random_return) / (reference_return - random_return)")  \
  X(F64, steps_to_90, 0, "steps",                                                                  \
    "at the first evaluation of which the score is 0.9 or more; NaN: none")                        \
  X(F64, random_return, 0, "reward", "of uniformly random actions on this task")                   \
  X(F64, data_return, 0, "reward", "mean of the trajectories used; NaN: of none")                  \
  X(F64, reference_return, 0, "reward", "of a published expert of this task")                      \
  X(TEXT, expert, 1024, "", "file of demonstrations")                                              \
  X(TEXT, expert_checksum, 32, "", "of that file when the runs were collected; empty: not there")  \
  X(TEXT, settings, 32, "", "checksum of all settings but seeds and paths: equal where they are")  \
  X(TEXT, program, 64, "", "name and version")                                                     \
  X(TEXT, git, 64, "", "state of its source")                                                      \
  X(I64, first_evaluation, 0, "", "row of /evaluations")                                           \
  X(I64, evaluations, 0, "", "rows there")

#define MG_COLLECTION_TEXT(name, size)                    char name[size];
#define MG_COLLECTION_I64(name, size)                     int64_t name;
#define MG_COLLECTION_F64(name, size)                     double name;
#define MG_COLLECTION_FIELD(kind, name, size, unit, help) MG_COLLECTION_##kind(name, size)
typedef struct mg_collected_run {
  MG_COLLECTION_LIST(MG_COLLECTION_FIELD)
} mg_collected_run;

/* ---- writing ---- */

typedef struct mg_collection_writer mg_collection_writer;

/* program, git: of the program that collects. MG_ERR_CREATE, MG_ERR_MEMORY. */
mg_status mg_collection_create(const char *path, const char *program, const char *git,
                               mg_collection_writer **writer);

/* first_evaluation and evaluations of the run are set here. settings: lines "section.key=value\n", of
 * which run->settings is the checksum. */
mg_status mg_collection_add(mg_collection_writer *writer, const mg_collected_run *run,
                            const char *settings, int64_t points, const mg_curve_point *point);
mg_status mg_collection_skip(mg_collection_writer *writer, const char *folder, const char *reason);

/* Writes the grids, flushes, renames, frees; with `keep` false removes what was written. */
mg_status mg_collection_close(mg_collection_writer *writer, bool keep);

/* ---- reading ---- */

typedef struct mg_collection {
  char path[1024], created[32];
  bool former; /* of release 0.1.0, without reasons and settings */
  int runs, skipped;
  mg_collected_run *run; /* [runs] */
  char (*skip)[2][1024]; /* [skipped] {folder, reason} */
  int settings;          /* different ones; 0 in a former file */
  struct mg_collected_settings {
    char checksum[32], text[MG_COLLECTION_SETTINGS]; /* lines "section.key=value\n" */
  } * setting;                                       /* [settings] */
} mg_collection;

/* MG_ERR_DATA if something of the file cannot be read, or its content has not the checksum that was stored when it
 * was written (content_checksum; files of an earlier format have none). */
mg_status mg_collection_compare(const char *path);

/* The same, and whether its index can be read, in a child process: for a file that a stranger may have made, before
 * what follows; HDF5 1.10 may crash on a damaged one. */
mg_status mg_collection_check(const char *path);

/* The whole index into memory; the caller frees it. MG_ERR_NO_INPUT, MG_ERR_DATA, MG_ERR_MEMORY. */
mg_status mg_collection_read(const char *path, mg_collection *collection);
void mg_collection_free(mg_collection *collection);

/* The evaluations of a run of its index, `evaluations` of them, to be freed. MG_ERR_NO_INPUT, MG_ERR_DATA,
 * MG_ERR_MEMORY. */
mg_status mg_collection_read_points(const mg_collection *collection, const mg_collected_run *run,
                                    mg_curve_point **point);

/* One group's curves. */
typedef struct mg_collected_curves {
  int runs, points;      /* n, G; 0 where the file has no such group */
  int64_t *run;          /* [n] */
  double *at;            /* [G] environment steps, or seconds */
  double *average, *raw; /* [n,G] */
} mg_collected_curves;
typedef mg_status mg_collection_reader(const mg_collection *collection, const char *task,
                                       const char *method, int64_t trajectories,
                                       mg_collected_curves *curves);

/* Over environment steps, as the file has them. */
mg_collection_reader mg_collection_read_curves;

/* Over seconds of wall time, from the evaluations: G points up to the longest of the group's runs, from a
 * thousandth of that on, each later than the one before by the same factor, for methods differ by as much. A
 * finished run keeps its last value up to the end. */
mg_collection_reader mg_collection_read_times;
void mg_collected_curves_free(mg_collected_curves *curves);

#endif
