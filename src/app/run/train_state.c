#include "algo/expert.h"
#include "app/run/run_header.h"
#include "app/run/train.h"
#include "files/checkpoint/checkpoint.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static const char CHECKPOINT[] = "checkpoint.h5";

void mg_train_visit(mg_train *train, mg_archive *archive) {
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
  mg_run_header_visit(&header, archive);
  mg_evaluations_visit(&train->evaluations, archive);
  mg_algorithm_visit(algorithm, archive);
  if (mg_archive_is_loading(archive)) {
    algorithm->iteration = header.iteration;
    algorithm->steps = header.steps;
    train->seconds_before = header.seconds;
  }
}

mg_status mg_train_save(mg_train *train) {
  mg_comm *comm = train->app->comm;
  char path[MG_FOLDER_PATH_MAX];
  mg_status status = mg_run_folder_file(train->folder_path, CHECKPOINT, path, sizeof path);
  /* Curves first: they may reach beyond the checkpoint, which is cut back, but never end before. */
  if (status == MG_OK && train->curves) status = mg_curves_flush(train->curves);
  MG_TRY(mg_comm_agree(comm, status));
  mg_archive *archive = NULL;
  MG_TRY(mg_checkpoint_create(path, comm, &archive));
  mg_train_visit(train, archive);
  return mg_checkpoint_close(archive);
}

/* An export opens as a checkpoint does, and has too little to go on from. */
static mg_status refuse_export(const mg_run_header *header, const char *path,
                               mg_archive **archive) {
  if (!*header->exported) return MG_OK;
  mg_checkpoint_close(*archive);
  *archive = NULL;
  return mg_fail(MG_ERR_DATA,
                 "%s: an export, which holds what acting needs and nothing to go on training from; "
                 "resume the folder of the run itself",
                 path);
}

static mg_status expect_folder(mg_comm *comm, const char *folder) {
  struct stat info;
  mg_status status = MG_OK;
  if (comm->rank == 0 && stat(folder, &info) == 0 && !S_ISDIR(info.st_mode)) {
    status = mg_fail(MG_ERR_NO_INPUT,
                     "%s: a file; --resume goes on in the folder of a run, and not from a "
                     "checkpoint or an export alone",
                     folder);
  }
  return mg_comm_agree(comm, status);
}

mg_status mg_train_open_checkpoint(mg_app *app, const char *folder, mg_archive **archive,
                                   mg_settings *settings) {
  char path[MG_FOLDER_PATH_MAX], previous[MG_FOLDER_PATH_MAX];
  mg_run_header header;
  MG_TRY(expect_folder(app->comm, folder));
  MG_TRY(mg_run_folder_file(folder, CHECKPOINT, path, sizeof path));
  MG_TRY(mg_run_folder_file(folder, "checkpoint.h5.previous", previous, sizeof previous));
  mg_status status = mg_run_header_open(path, app->comm, archive, &header, settings);
  if (status == MG_OK) return refuse_export(&header, path, archive);
  if (status != MG_ERR_DATA && status != MG_ERR_NO_INPUT) return status;

  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  if (mg_run_header_open(previous, app->comm, archive, &header, settings) != MG_OK)
    return mg_failure_again(&failure);
  mg_log_warning(&app->log, "%s; going on from the checkpoint before it, of %" PRId64 " steps",
                 failure.sentence, header.steps);
  return MG_OK;
}

/* "run.steps, ...": what may change. */
static void list_resumable(char *text, size_t capacity) {
  size_t used = 0;
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    if (!row->resumable || used >= capacity) continue;
    used += (size_t)snprintf(text + used, capacity - used, "%s%s", used ? ", " : "", row->name);
  }
}

mg_status mg_train_check_resumed(const mg_settings *saved, const mg_settings *changed) {
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    char before[MG_CONFIG_VALUE_MAX], after[MG_CONFIG_VALUE_MAX], free_keys[512];
    mg_config_format(row, saved, before);
    mg_config_format(row, changed, after);
    if (row->resumable || strcmp(before, after) == 0) continue;
    list_resumable(free_keys, sizeof free_keys);
    return mg_fail(MG_ERR_CONFIG,
                   "%s = '%s', but the run that is resumed has '%s'; only these may change: %s",
                   row->name, after, before, free_keys);
  }
  return MG_OK;
}
