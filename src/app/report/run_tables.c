#include "app/report/run_tables.h"

#include "app/run/run_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

mg_status mg_run_table_read(const char *folder, const char *group, mg_curves_table *table) {
  char path[MG_FOLDER_PATH_MAX];
  table->value = NULL;
  MG_TRY(mg_run_folder_file(folder, "curves.h5", path, sizeof path));
  return mg_curves_table_read(path, group, table);
}

mg_status mg_run_skip(const char *folder, mg_status status, mg_skipped *skipped, mg_log *log) {
  if (status != MG_ERR_NO_INPUT && status != MG_ERR_DATA) return status;
  mg_log_warning(log, "%s: skipped: %s", folder, mg_status_message());
  skipped->count++;
  skipped->last = status;
  return MG_OK;
}

mg_status mg_run_skipped_all(const mg_skipped *skipped, int runs) {
  if (skipped->count < runs) return MG_OK;
  return mg_fail(skipped->last, "report: no run could be read of %d %s", runs,
                 mg_plural(runs, "folder", "folders"));
}

mg_status mg_new_file_open(const char *directory, const char *name, mg_new_file *file) {
  file->to = NULL;
  if (snprintf(file->path, sizeof file->path, "%s/%s", directory, name) >= (int)sizeof file->path)
    return mg_fail(MG_ERR_CREATE, "%.64s...: the name is too long", directory);
  MG_TRY(mg_make_folders(directory, NULL));
  MG_TRY(mg_safe_temporary(file->path, file->temporary));
  const int descriptor =
      open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor >= 0) file->to = fdopen(descriptor, "wb");
  if (file->to) return MG_OK;
  const int error = errno;
  if (descriptor >= 0) close(descriptor);
  return mg_fail(MG_ERR_CREATE, "%s: %s", file->temporary, strerror(error));
}

mg_status mg_new_file_finish(mg_new_file *file, mg_status status) {
  if (!file->to) return status;
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  const bool written = !ferror(file->to);
  errno = 0;
  if ((fclose(file->to) != 0 || !written) && failure.status == MG_OK)
    mg_failure_note(&failure, mg_fail(MG_ERR_IO, "%s: %s", file->path,
                                      errno ? strerror(errno) : "a write failed"));
  file->to = NULL;
  if (failure.status == MG_OK)
    mg_failure_note(&failure, mg_safe_commit(file->temporary, file->path, false));
  else
    unlink(file->temporary);
  return mg_failure_again(&failure);
}
