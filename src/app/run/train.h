/* A training run, from its settings to its result. */
#ifndef MG_APP_TRAIN_H
#define MG_APP_TRAIN_H

#include "algo/algorithm.h"
#include "app/commands/command.h"
#include "app/run/evaluations.h"
#include "app/run/progress.h"
#include "app/run/provenance.h"
#include "app/run/run_folder.h"

typedef struct mg_train {
  mg_app *app;
  const mg_settings *settings;
  const char *folder_path;
  bool resume; /* from a checkpoint, */
  bool anew;   /* in the folder of a run that was stopped before its first one */

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
  double checkpoint_at;  /* [s] of mg_timer_now, when the next one is due; rank 0 */
} mg_train;

/* Collective. archive: the checkpoint to go on from, closed here; NULL for a new run, which makes
 * its folder unless it begins `anew` in one. MG_ERR_STOPPED when a signal asked for it and the
 * checkpoint is written. */
mg_status mg_train_run(mg_app *app, const mg_settings *settings, const char *folder, bool anew,
                       mg_archive *archive);

/* Wall time of the run so far [s]: everything since the command began counts, start-up, evaluations
 * and checkpoints included; earlier sessions of a resumed run too, the time between them not. */
double mg_train_seconds(const mg_train *train);

/* ---- train_loop.c: iterations up to the end of the pace. Collective ---- */
mg_status mg_train_loop(mg_train *train);

/* ---- train_state.c: what a checkpoint holds beside the algorithm's own. Collective ---- */

/* Saves, or restores from an archive that is loading. */
void mg_train_visit(mg_train *train, mg_archive *archive);

/* Writes the folder's checkpoint. */
mg_status mg_train_save(mg_train *train);

/* ---- resume.c ---- */

/* Opens a folder's checkpoint, or the previous one with a warning if the last is damaged, and reads
 * the settings of the run from it. *archive NULL: the run was stopped before its first checkpoint
 * and begins anew; settings are those of its config.ini if it came so far, else the defaults.
 * Collective. */
mg_status mg_train_open_checkpoint(mg_app *app, const char *folder, mg_archive **archive,
                                   mg_settings *settings);

/* MG_ERR_CONFIG unless `changed` differs from `saved` only in what a resumed run may change. */
mg_status mg_train_check_resumed(const mg_settings *saved, const mg_settings *changed);

/* ---- train_result.c ---- */

/* The evaluations at the end and result.json. Collective. */
mg_status mg_train_finish(mg_train *train);

#endif
