/* Runs as TensorBoard reads them. */
#include "app/report/run_tables.h"
#include "files/exchange/event_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TAG_MAX = 96 };

/* "2026-11-26T03:04:05Z" in seconds since 1970; 0 where it is no such time. */
static double start_of(const char *started) {
  struct tm t = {0};
  if (sscanf(started, "%d-%d-%dT%d:%d:%d", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min,
             &t.tm_sec) != 6)
    return 0;
  t.tm_year -= 1900;
  t.tm_mon -= 1;
  return (double)timegm(&t);
}

static mg_status write_table(const mg_curves_table *t, const char *group, const char *path,
                             FILE *to) {
  char tag[MG_CURVES_COLUMNS_MAX][TAG_MAX];
  const char *name[MG_CURVES_COLUMNS_MAX];
  double value[MG_CURVES_COLUMNS_MAX];
  const int first = MG_CURVES_SECONDS + 1, n = t->columns - first;
  const double *seconds = t->value + MG_CURVES_SECONDS * t->rows,
               *steps = t->value + MG_CURVES_STEPS * t->rows;
  if (t->rows > 0 && steps[t->rows - 1] <= 0) steps = t->value; /* takes none: iterations */
  for (int i = 0; i < n; i++) {
    snprintf(tag[i], sizeof tag[i], "%s/%s", group, t->name[first + i]);
    name[i] = tag[i];
  }
  for (int64_t k = 0; k < t->rows; k++) {
    for (int i = 0; i < n; i++) value[i] = t->value[(first + i) * t->rows + k];
    if (!mg_event_scalars(to, start_of(t->started) + seconds[k], (int64_t)steps[k], n, name, value))
      return mg_fail(MG_ERR_IO, "%s: a write failed: %s", path, strerror(errno));
  }
  return MG_OK;
}

/* One file; TensorBoard takes events in any order of their steps for different tags. */
static mg_status write_run(const char *folder, const char *directory) {
  mg_curves_table curves, evaluation = {0};
  mg_failure failure = {0};
  mg_failure_note(&failure, mg_run_table_read(folder, "curves", &curves));
  if (failure.status == MG_OK)
    mg_failure_note(&failure, mg_run_table_read(folder, "evaluation", &evaluation));
  if (failure.status == MG_OK) {
    char name[64];
    mg_new_file file;
    snprintf(name, sizeof name, "events.out.tfevents.%.0f.mgail", start_of(curves.started));
    mg_status status = mg_new_file_open(directory, name, &file);
    if (status == MG_OK && !mg_event_begin(file.to, start_of(curves.started)))
      status = mg_fail(MG_ERR_IO, "%s: %s", file.path, strerror(errno));
    if (status == MG_OK) status = write_table(&curves, "curves", file.path, file.to);
    if (status == MG_OK) status = write_table(&evaluation, "evaluation", file.path, file.to);
    mg_failure_note(&failure, mg_new_file_finish(&file, status));
  }
  free(curves.value);
  free(evaluation.value);
  return mg_failure_again(&failure);
}

/* Of all paths; so much of a single one that its last name is left. */
static size_t common_length(int n, char *const *path) {
  size_t length = mg_same_folder(path[0], path[0], strlen(path[0]));
  for (int i = 1; i < n; i++) length = mg_same_folder(path[0], path[i], length);
  return length;
}

mg_status mg_write_events(const mg_run_folders *f, const char *directory, mg_log *log) {
  mg_skipped skipped = {0};
  char **path = calloc((size_t)f->count, sizeof *path);
  mg_status status = path ? MG_OK : mg_fail(MG_ERR_MEMORY, "no memory for %d runs", f->count);
  int n = 0;
  for (int i = 0; status == MG_OK && i < f->count; i++) {
    path[n] = realpath(f->run[i].path, NULL);
    if (path[n])
      n++;
    else
      status = mg_run_skip(f->run[i].path,
                           mg_fail(MG_ERR_NO_INPUT, "%s: %s", f->run[i].path, strerror(errno)),
                           &skipped, log);
  }
  const size_t common = n > 0 ? common_length(n, path) : 0;
  for (int i = 0; status == MG_OK && i < n; i++) {
    char to[MG_PATH_MAX];
    if (snprintf(to, sizeof to, "%s/%s", directory, path[i] + common) >= (int)sizeof to)
      status = mg_fail(MG_ERR_CREATE, "%.64s...: the name is too long", directory);
    if (status == MG_OK) status = mg_run_skip(path[i], write_run(path[i], to), &skipped, log);
  }
  for (int i = 0; i < n; i++) free(path[i]);
  free(path);
  MG_TRY(status);
  return mg_run_skipped_all(&skipped, f->count);
}
