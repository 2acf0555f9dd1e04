/* A training run, from its settings to its result. */
#ifndef MG_APP_TRAIN_H
#define MG_APP_TRAIN_H

#include "algo/algorithm.h"
#include "app/commands/command.h"
#include "app/run/evaluations.h"
#include "app/run/progress.h"
#include "app/run/provenance.h"
#include "app/run/run_folder.h"

/* What else made a checkpoint, "made_by/...", and what it was made from. Each is "" where an earlier
 * release wrote it, or there are no demonstrations. */
typedef struct mg_origin {
  char simulator[64], blas[64], cpu[64];
  char demonstrations[MG_SETTING_PATH_MAX]; /* their absolute path */
  char checksum[32];                        /* mg_demonstrations_checksum */
} mg_origin;

/* What is asked for. */
typedef struct mg_train_order {
  const mg_settings *settings;
  const char *folder;
  mg_archive *archive;     /* the checkpoint to go on from, closed by mg_train_run; NULL: begin */
  bool anew;               /* begin in the folder of a run that was stopped before its first one */
  bool any_demonstrations; /* go on also where these are others than the run began with */
} mg_train_order;

/* What goes on beside the iterations: how often in this session, how long in all, and how long since the
 * last row of the curves. */
typedef struct mg_train_work {
  int times;
  double seconds, unreported;
} mg_train_work;

/* What ranks tell each other of an iteration, summed in one reduction: the metrics' sums, their weights, and
 * three wishes that any rank may have. */
enum { MG_WISH_FAILED, MG_WISH_STOP, MG_WISH_SAVE, MG_WISHES };
enum { MG_TOLD = 2 * MG_METRIC_COUNT + MG_WISHES };

/* A row of the curves before it is one. */
typedef struct mg_train_row {
  bool on_way; /* its sums have begun (run.overlap), and are taken after the next iteration */
  double sum[MG_TOLD], scratch[MG_TOLD];
  int64_t iteration, steps;
  double seconds;
  mg_pace pace;
} mg_train_row;

typedef struct mg_train {
  mg_app *app;
  const mg_settings *settings;
  const char *folder_path;
  bool resume, anew, any_demonstrations; /* of mg_train_order */

  mg_run_folder folder; /* rank 0 */
  mg_arena *arena;
  mg_algorithm *algorithm;
  mg_curves *curves; /* rank 0 */
  bool curves_known; /* a checkpoint told what the rows up to it are: */
  uint64_t curves_checksum;
  int metrics; /* columns of the curves, and which metric each is */
  mg_metric column[MG_METRIC_COUNT];
  int metric[MG_METRIC_COUNT];
  mg_evaluations evaluations;
  mg_progress progress;
  mg_provenance provenance;
  double seconds_before; /* wall time of the sessions before this one */
  mg_train_row row;
  double checkpoint_at; /* [s] of mg_timer_now, when the next one is due; rank 0 */
  mg_train_work starting, evaluating, saving;
  double *reach; /* of the communicator, with run.shares = measured */
  bool gathers;  /* checkpoints go through rank 0: it did not do that each rank writes its rows */
} mg_train;

/* Collective. MG_ERR_STOPPED when a signal asked for it and the checkpoint is written. */
mg_status mg_train_run(mg_app *app, const mg_train_order *order);

/* Wall time of the run so far [s]: everything since the command began counts, start-up, evaluations
 * and checkpoints included; earlier sessions of a resumed run too, the time between them not. */
double mg_train_seconds(const mg_train *train);

/* Since `began` of mg_timer_now. */
void mg_train_worked(mg_train_work *work, double began);

/* ---- train_loop.c: iterations up to the end of the pace. Collective ---- */
mg_status mg_train_loop(mg_train *train);

/* ---- train_state.c: what a checkpoint holds beside the algorithm's own. Collective ---- */

/* Saves, or restores from an archive that is loading, if the run can go on from it. */
mg_status mg_train_visit(mg_train *train, mg_archive *archive);

/* Writes the folder's checkpoint; `finished`: it is the last one. */
mg_status mg_train_save(mg_train *train, bool finished);

/* ---- resume.c ---- */

/* Opens a folder's checkpoint, or the previous one with a warning if the last is damaged, and reads
 * the settings of the run from it. *archive NULL: the run was stopped before its first checkpoint
 * and begins anew; settings are those of its config.ini if it came so far, else the defaults.
 * Collective. */
mg_status mg_train_open_checkpoint(mg_app *app, const char *folder, mg_archive **archive,
                                   mg_settings *settings);

/* Of this run, here and now. */
mg_origin mg_origin_get(const mg_train *train);

/* Collective; saves or loads. */
void mg_origin_visit(mg_origin *origin, mg_archive *archive);

/* Whether a run can go on that a checkpoint of this program and commit, `was`, is of: MG_ERR_DATA
 * where its demonstrations have changed, a warning where other bits are to be expected. Local. */
mg_status mg_train_check_origin(const mg_train *train, const char *program, const char *git,
                                const mg_origin *was);

/* MG_ERR_CONFIG unless `changed` differs from `saved` only in what a resumed run may change. */
mg_status mg_train_check_resumed(const mg_settings *saved, const mg_settings *changed);

/* ---- train_result.c ---- */

/* The evaluations at the end and result.json. Collective. */
mg_status mg_train_finish(mg_train *train);

#endif
