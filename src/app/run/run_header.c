#include "app/run/run_header.h"
#include "files/checkpoint/checkpoint.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void visit_export(mg_run_header *header, mg_archive *archive) {
  const bool there = mg_archive_is_loading(archive) ? mg_archive_has(archive, "export/parameters")
                                                    : header->exported[0] != 0;
  if (!there) return;
  mg_archive_text(archive, "export/parameters", header->exported, sizeof header->exported);
  mg_archive_text(archive, "export/program", header->exporter, sizeof header->exporter);
  mg_archive_shared(archive, "export/episodes", MG_TYPE_I64, &header->measured_episodes, 1);
  mg_archive_shared(archive, "export/return", MG_TYPE_F64, header->measured, 4);
}

void mg_run_header_visit(mg_run_header *header, mg_archive *archive) {
  mg_archive_text(archive, "run/program", header->program, sizeof header->program);
  mg_archive_text(archive, "run/git", header->git, sizeof header->git);
  mg_archive_text(archive, "run/env", header->env, sizeof header->env);
  mg_archive_text(archive, "run/algorithm", header->algorithm, sizeof header->algorithm);
  mg_archive_shared(archive, "run/iteration", MG_TYPE_I64, &header->iteration, 1);
  mg_archive_shared(archive, "run/steps", MG_TYPE_I64, &header->steps, 1);
  mg_archive_shared(archive, "run/seconds", MG_TYPE_F64, &header->seconds, 1);
  mg_archive_text(archive, "run/config", header->config, sizeof header->config);
  /* Not in the files of 0.1.0. */
  if (!mg_archive_is_loading(archive) || mg_archive_has(archive, "run/data_return"))
    mg_archive_shared(archive, "run/data_return", MG_TYPE_F64, &header->data_return, 1);
  visit_export(header, archive);
}

mg_status mg_run_header_open(const char *path, mg_comm *comm, mg_archive **archive,
                             mg_run_header *header, mg_settings *settings) {
  memset(header, 0, sizeof *header);
  header->data_return = NAN;
  MG_TRY(mg_checkpoint_open(path, comm, archive));
  mg_run_header_visit(header, *archive);
  mg_status status = mg_archive_status(*archive);
  if (status == MG_OK) {
    *settings = mg_config_defaults();
    /* A setting that this program does not know means another release wrote the file. */
    if (mg_config_read_saved(path, header->config, settings) != MG_OK)
      status = mg_fail(MG_ERR_DATA, "%s (settings inside the checkpoint)", mg_status_message());
  }
  if (status == MG_OK) return MG_OK;
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  mg_checkpoint_close(*archive);
  *archive = NULL;
  return mg_failure_again(&failure);
}

mg_status mg_run_header_open_last(const char *folder, mg_log *log, mg_comm *comm,
                                  mg_archive **archive, mg_run_header *header,
                                  mg_settings *settings, char path[MG_FOLDER_PATH_MAX]) {
  char previous[MG_FOLDER_PATH_MAX];
  MG_TRY(mg_run_folder_file(folder, "checkpoint.h5", path, MG_FOLDER_PATH_MAX));
  MG_TRY(mg_run_folder_file(folder, "checkpoint.h5.previous", previous, sizeof previous));
  mg_status status = mg_run_header_open(path, comm, archive, header, settings);
  if (status != MG_ERR_DATA && status != MG_ERR_NO_INPUT) return status;
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  if (mg_run_header_open(previous, comm, archive, header, settings) != MG_OK)
    return mg_failure_again(&failure);
  mg_log_warning(log, "%s; taking the checkpoint before it, of %" PRId64 " steps", failure.sentence,
                 header->steps);
  strcpy(path, previous);
  return MG_OK;
}
