#include "algo/expert.h"
#include "app/run/run_header.h"
#include "app/run/train.h"
#include "files/checkpoint/checkpoint.h"

#include <math.h>
#include <string.h>

static const char CHECKPOINT[] = "checkpoint.h5";

/* What the curves hold up to here; a checkpoint of an earlier release does not tell. */
static void visit_curves(mg_train *train, mg_archive *archive) {
  static const char name[] = "run/curves_checksum";
  if (train->curves) train->curves_checksum = mg_curves_checksum(train->curves);
  train->curves_known = !mg_archive_is_loading(archive) || mg_archive_has(archive, name);
  if (train->curves_known)
    mg_archive_shared(archive, name, MG_TYPE_U64, &train->curves_checksum, 1);
}

mg_status mg_train_visit(mg_train *train, mg_archive *archive) {
  mg_algorithm *algorithm = train->algorithm;
  mg_run_header header = {.iteration = algorithm->iteration,
                          .steps = algorithm->steps,
                          .seconds = mg_train_seconds(train),
                          .data_return = algorithm->expert ? algorithm->expert->returns.mean : NAN};
  snprintf(header.program, sizeof header.program, "%s", train->provenance.program);
  snprintf(header.git, sizeof header.git, "%s", train->provenance.git);
  snprintf(header.env, sizeof header.env, "%s", train->settings->run.env);
  snprintf(header.algorithm, sizeof header.algorithm, "%s", algorithm->class_->name);
  mg_config_to_text(train->settings, header.config);
  mg_origin origin = mg_origin_get(train);
  mg_run_header_visit(&header, archive);
  mg_origin_visit(&origin, archive);
  visit_curves(train, archive);
  mg_evaluations_visit(&train->evaluations, archive);
  mg_algorithm_visit(algorithm, archive);
  MG_TRY(mg_archive_status(archive));
  if (!mg_archive_is_loading(archive)) return MG_OK;
  algorithm->iteration = header.iteration;
  algorithm->steps = header.steps;
  train->seconds_before = header.seconds;
  const mg_pace pace = mg_algorithm_pace(algorithm, train->settings);
  if (mg_archive_has(archive, "replay/left_out") && pace.done < pace.total)
    mg_log_warning(&train->app->log, "the checkpoint holds no replay (run.checkpoint_replay): it "
                                     "fills anew, and the run will have other bits");
  return mg_train_check_origin(train, header.program, header.git, &origin);
}

static mg_status write_checkpoint(mg_train *train, const char *path, bool lean) {
  mg_archive *archive = NULL;
  MG_TRY(mg_checkpoint_create(path, train->app->comm, &archive));
  archive->lean = lean;
  archive->gathered = train->gathers;
  mg_train_visit(train, archive); /* what fails is the archive's, too */
  return mg_checkpoint_close(archive);
}

mg_status mg_train_save(mg_train *train, bool finished) {
  const int keep = train->settings->run.checkpoint_replay;
  const bool lean = keep == MG_KEEP_REPLAY_OFF || (keep == MG_KEEP_REPLAY_RUNNING && finished);
  mg_comm *comm = train->app->comm;
  char path[MG_FOLDER_PATH_MAX];
  mg_status status = mg_run_folder_file(train->folder_path, CHECKPOINT, path, sizeof path);
  /* Curves first: they may reach beyond the checkpoint, which is cut back, but never end before. */
  if (status == MG_OK && train->curves) status = mg_curves_flush(train->curves);
  MG_TRY(mg_comm_agree(comm, status));
  status = write_checkpoint(train, path, lean);
  if (status != MG_ERR_IO || comm->size == 1 || train->gathers) return status;
  mg_log_warning(&train->app->log, "%s; from here on rank 0 alone writes checkpoints",
                 mg_status_message());
  train->gathers = true;
  return write_checkpoint(train, path, lean);
}
