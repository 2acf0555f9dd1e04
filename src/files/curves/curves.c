#include "files/curves/curves.h"

#include "base/hash.h"
#include "base/timer.h"
#include "files/curves/curves_end.h"
#include "files/curves/curves_file.h"
#include "files/curves/curves_made.h"
#include "files/curves/curves_scale.h"
#include "files/guard.h"
#include "files/h5_cause.h"
#include "files/safe_file.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Both tables begin with iteration, environment_steps, wall_seconds. */
enum { COUNTERS = 3, EVALUATION_COLUMNS = COUNTERS + 4, BUFFERED = 256 };
static const char *const COUNTER_NAMES[COUNTERS] = {"iteration", "environment_steps",
                                                    "wall_seconds"};
static const char *const COUNTER_UNITS[COUNTERS] = {"", "steps", "s"};
static const char *const EVALUATION_NAMES[4] = {"return_raw", "length_raw", "return_average",
                                                "length_average"};

struct mg_curves {
  char *path;
  hid_t file;
  mg_curves_end end;
  int metrics, episodes;
  double flush_seconds, last_flush;
  hsize_t rows, evaluations; /* in the file */
  mg_column *column;         /* [COUNTERS + metrics] */
  mg_column evaluation[EVALUATION_COLUMNS];
  int buffered;
  int64_t iteration[BUFFERED], environment_steps[BUFFERED];
  double *value;  /* [1 + metrics, BUFFERED]: wall_seconds, then the metrics */
  double *absent; /* [episodes] of NaN */
};

static mg_status fail_write(const mg_curves *c) {
  return mg_h5_write_failed(c->path, "");
}

/* ---- open and close ---- */

static mg_curves *make(const char *path, int metrics, int episodes, double flush_seconds) {
  assert(metrics >= 0 && episodes > 0);
  mg_curves *c = calloc(1, sizeof *c);
  if (!c) return NULL;
  size_t m = (size_t)metrics;
  c->file = -1, c->end = MG_CURVES_END, c->metrics = metrics, c->episodes = episodes,
  c->flush_seconds = flush_seconds;
  c->path = malloc(strlen(path) + 1);
  c->column = malloc((COUNTERS + m) * sizeof *c->column);
  c->value = malloc((1 + m) * BUFFERED * sizeof *c->value);
  c->absent = malloc((size_t)episodes * sizeof *c->absent);
  for (size_t i = 0; c->column && i < COUNTERS + m; i++) c->column[i].data = -1;
  for (size_t i = 0; i < EVALUATION_COLUMNS; i++) c->evaluation[i].data = -1;
  for (int i = 0; c->absent && i < episodes; i++) c->absent[i] = NAN;
  c->last_flush = mg_timer_now();
  if (c->path) strcpy(c->path, path);
  return c;
}

static bool close_and_free(mg_curves *c) {
  bool ok = true;
  for (int i = 0; c->column && i < COUNTERS + c->metrics; i++)
    ok = mg_column_close(&c->column[i]) && ok;
  for (int i = 0; i < EVALUATION_COLUMNS; i++) ok = mg_column_close(&c->evaluation[i]) && ok;
  ok = mg_curves_end_close(&c->end) && ok;
  ok = mg_h5_close(c->file) && ok;
  free(c->path);
  free(c->column);
  free(c->value);
  free(c->absent);
  free(c);
  return ok;
}

static bool is_whole(const mg_curves *c) {
  return c && c->path && c->column && c->value && c->absent;
}

/* A reader that locks the file is welcome while this writer is at work. */
static hid_t make_access(void) {
  mg_h5_quiet();
  hid_t properties = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_file_locking(properties, 0, 1);
  return properties;
}

static int columns_of(const mg_curves *c) {
  return COUNTERS + c->metrics + EVALUATION_COLUMNS;
}

/* Of all: the curves', then the evaluations'. */
static mg_column *column_at(const mg_curves *c, int i) {
  const int curves = COUNTERS + c->metrics;
  return i < curves ? &c->column[i] : (mg_column *)(uintptr_t)&c->evaluation[i - curves];
}

/* What the rows are, and the columns of an evaluation's values. */
static bool create_scales(const mg_curves *c, hid_t evaluation) {
  const mg_column *rows[] = {&c->column[0], &c->evaluation[0]};
  hid_t episodes = mg_scale_create(evaluation, "episode", c->episodes);
  bool ok = episodes >= 0;
  for (int i = 0; i < 2 && ok; i++) ok = mg_scale_make(rows[i]->data, COUNTER_NAMES[0]);
  for (int i = 1; i < COUNTERS + c->metrics && ok; i++)
    ok = mg_scale_attach(c->column[i].data, rows[0]->data, 0);
  for (int i = 1; i < EVALUATION_COLUMNS && ok; i++)
    ok = mg_scale_attach(c->evaluation[i].data, rows[1]->data, 0) &&
         (i < COUNTERS || mg_scale_attach(c->evaluation[i].data, episodes, 1));
  return mg_h5_close(episodes) && ok;
}

static bool create_columns(mg_curves *c, const mg_metric *metric) {
  hid_t curves = mg_h5_create_group(c->file, "curves");
  hid_t evaluation = mg_h5_create_group(c->file, "evaluation");
  bool ok = curves >= 0 && evaluation >= 0;
  for (int i = 0; i < COUNTERS && ok; i++)
    ok = mg_column_create(&c->column[i], curves, COUNTER_NAMES[i], i < 2, 0, COUNTER_UNITS[i],
                          NULL) &&
         mg_column_create(&c->evaluation[i], evaluation, COUNTER_NAMES[i], i < 2, 0,
                          COUNTER_UNITS[i], NULL);
  for (int i = 0; i < c->metrics && ok; i++)
    ok = mg_column_create(&c->column[COUNTERS + i], curves, metric[i].name, false, 0,
                          metric[i].unit ? metric[i].unit : "", metric[i].help);
  for (int i = 0; i < 4 && ok; i++)
    ok = mg_column_create(&c->evaluation[COUNTERS + i], evaluation, EVALUATION_NAMES[i], false,
                          c->episodes, i % 2 ? "steps" : "reward", NULL);
  ok = ok && create_scales(c, evaluation);
  for (int i = 0; i < columns_of(c) && ok; i++) ok = mg_column_unseal(column_at(c, i));
  ok = mg_h5_close(curves) && ok;
  return mg_h5_close(evaluation) && ok;
}

/* Under a temporary name until it can be read: whoever is killed amid this leaves no broken curves. */
static mg_status create(mg_curves *c, const mg_metric *metric, int attributes,
                        const mg_attribute *attribute) {
  char temporary[MG_PATH_MAX];
  if (access(c->path, F_OK) == 0)
    return mg_fail(MG_ERR_CREATE, "%s: already there; expected a new name", c->path);
  MG_TRY(mg_safe_temporary(c->path, temporary));
  hid_t unlocked = make_access();
  c->file = H5Fcreate(temporary, H5F_ACC_EXCL, H5P_DEFAULT, unlocked);
  mg_h5_close(unlocked);
  if (c->file < 0)
    return mg_fail(MG_ERR_CREATE, "%s: cannot be created; expected a folder to write in", c->path);
  bool ok = create_columns(c, metric);
  for (int i = 0; i < attributes && ok; i++)
    ok = mg_h5_write_text(c->file, attribute[i].name, attribute[i].value);
  ok = ok && mg_curves_made_seal(c->file);
  mg_status status = ok && H5Fflush(c->file, H5F_SCOPE_GLOBAL) >= 0 ? MG_OK : fail_write(c);
  if (status == MG_OK && rename(temporary, c->path) != 0)
    status = mg_fail(MG_ERR_IO, "%s: %s", c->path, strerror(errno));
  if (status != MG_OK) unlink(temporary);
  return status;
}

mg_status mg_curves_create(const char *path, int metrics, const mg_metric *metric, int episodes,
                           int attributes, const mg_attribute *attribute, double flush_seconds,
                           mg_curves **curves) {
  *curves = NULL;
  mg_curves *c = make(path, metrics, episodes, flush_seconds);
  if (!is_whole(c)) {
    if (c) close_and_free(c);
    return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  }
  mg_status status = create(c, metric, attributes, attribute);
  if (status == MG_OK)
    *curves = c;
  else
    close_and_free(c);
  return status;
}

/* ---- continue ---- */

static bool open_columns(mg_curves *c, const mg_metric *metric, hsize_t *rows,
                         hsize_t *evaluations) {
  hid_t curves = mg_h5_open_hard(c->file, "curves", H5O_TYPE_GROUP, NULL);
  hid_t evaluation = mg_h5_open_hard(c->file, "evaluation", H5O_TYPE_GROUP, NULL);
  H5G_info_t info = {0};
  /* The shortest column counts: a kill amid a flush can leave some longer than others. */
  bool ok = curves >= 0 && evaluation >= 0 && H5Gget_info(curves, &info) >= 0 &&
            info.nlinks == (hsize_t)(COUNTERS + c->metrics);
  *rows = *evaluations = HSIZE_UNDEF;
  for (int i = 0; i < COUNTERS + c->metrics && ok; i++) {
    hsize_t length = 0;
    ok = mg_column_open(&c->column[i], curves,
                        i < COUNTERS ? COUNTER_NAMES[i] : metric[i - COUNTERS].name, i < 2, 0,
                        &length);
    if (length < *rows) *rows = length;
  }
  for (int i = 0; i < EVALUATION_COLUMNS && ok; i++) {
    hsize_t length = 0;
    ok = mg_column_open(&c->evaluation[i], evaluation,
                        i < COUNTERS ? COUNTER_NAMES[i] : EVALUATION_NAMES[i - COUNTERS], i < 2,
                        i < COUNTERS ? 0 : c->episodes, &length);
    if (length < *evaluations) *evaluations = length;
  }
  mg_h5_close(curves);
  mg_h5_close(evaluation);
  return ok;
}

uint64_t mg_curves_checksum(const mg_curves *c) {
  uint64_t sum = 0;
  for (int i = 0; i < columns_of(c); i++) {
    const uint64_t next[2] = {sum, column_at(c, i)->crc};
    sum = mg_hash_bytes(next, sizeof next);
  }
  return sum;
}

typedef struct request {
  mg_curves *curves;
  const mg_metric *metric;
  int64_t last_iteration;
  const uint64_t *checksum;
} request;

/* The rows of the checkpoint, which must be the same as then. */
static mg_status sum_rows(mg_curves *c, const uint64_t *checksum) {
  bool ok = true;
  for (int i = 0; i < columns_of(c) && ok; i++)
    ok = mg_column_sum(column_at(c, i), i < COUNTERS + c->metrics ? c->rows : c->evaluations);
  if (!ok) return mg_fail(MG_ERR_DATA, "%s: damaged: a data set cannot be read", c->path);
  if (checksum && *checksum != mg_curves_checksum(c))
    return mg_fail(MG_ERR_DATA, "%s: damaged: its rows are not those that the checkpoint knows",
                   c->path);
  return MG_OK;
}

static mg_status open_file(const request *r, unsigned how) {
  mg_curves *c = r->curves;
  hid_t unlocked = make_access();
  c->file = H5Fopen(c->path, how, unlocked);
  mg_h5_close(unlocked);
  if (c->file < 0 && mg_h5_last_cause() == MG_H5_SYSTEM) return mg_h5_open_failed(c->path);
  if (c->file < 0)
    return mg_fail(MG_ERR_DATA, "%s: truncated, not writable or not an HDF5 file", c->path);
  if (!open_columns(c, r->metric, &c->rows, &c->evaluations))
    return mg_fail(
        MG_ERR_DATA,
        "%s: its data sets are damaged or not those of this run; expected %d metrics and "
        "%d episodes an evaluation",
        c->path, c->metrics, c->episodes);
  if (!mg_curves_made_is_sound(c->file))
    return mg_fail(MG_ERR_DATA, "%s: damaged: it is not as it was made", c->path);
  if (!mg_column_find_end(&c->column[0], r->last_iteration, &c->rows) ||
      !mg_column_find_end(&c->evaluation[0], r->last_iteration, &c->evaluations))
    return mg_fail(MG_ERR_DATA, "%s: damaged: iteration cannot be read", c->path);
  return sum_rows(c, r->checksum);
}

static void look(int pipe, void *user) {
  mg_guard_tell(pipe, open_file(user, H5F_ACC_RDONLY));
}

/* The file's structure has no checksum, and HDF5 1.10 may crash on a damaged one: a child looks first. */
static mg_status look_in_child(request *r) {
  const mg_guard_limits limits = mg_guard_limits_of(r->curves->path, UINT64_C(2) << 30);
  return mg_guard_ask(r->curves->path, &limits, look, r);
}

static mg_status cut_back(const mg_curves *c) {
  bool ok = true;
  for (int i = 0; i < columns_of(c); i++) {
    const mg_column *column = column_at(c, i);
    if (!mg_column_unseal(column))
      return mg_fail(MG_ERR_DATA, "%s: damaged: a data set takes no checksum", c->path);
    ok = mg_column_cut(column, column->summed) && ok;
  }
  if (ok && H5Fflush(c->file, H5F_SCOPE_GLOBAL) >= 0) return MG_OK;
  if (mg_h5_last_cause() != MG_H5_DAMAGED) return fail_write(c);
  return mg_fail(MG_ERR_DATA, "%s: damaged: its rows cannot be cut back", c->path);
}

static mg_status reopen(request *r) {
  MG_TRY(mg_safe_check_input(r->curves->path));
  MG_TRY(look_in_child(r));
  MG_TRY(open_file(r, H5F_ACC_RDWR));
  return cut_back(r->curves);
}

mg_status mg_curves_reopen(const char *path, int metrics, const mg_metric *metric, int episodes,
                           int64_t last_iteration, const uint64_t *checksum, double flush_seconds,
                           mg_curves **curves) {
  *curves = NULL;
  mg_curves *c = make(path, metrics, episodes, flush_seconds);
  if (!is_whole(c)) {
    if (c) close_and_free(c);
    return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  }
  mg_status status = reopen(&(request){c, metric, last_iteration, checksum});
  if (status == MG_OK)
    *curves = c;
  else
    close_and_free(c);
  return status;
}

/* ---- rows ---- */

static mg_status write_buffered(mg_curves *c) {
  c->last_flush = mg_timer_now();
  hsize_t n = (hsize_t)c->buffered, bytes = 0;
  bool ok = true;
  if (n > 0) {
    for (int i = 0; i < COUNTERS + c->metrics; i++)
      bytes += mg_column_new_bytes(&c->column[i], c->rows, n);
    ok = mg_curves_end_reserve(&c->end, c->file, bytes) &&
         mg_column_write(&c->column[0], c->rows, n, c->iteration) &&
         mg_column_write(&c->column[1], c->rows, n, c->environment_steps);
    for (int i = 0; i < 1 + c->metrics && ok; i++)
      ok = mg_column_write(&c->column[2 + i], c->rows, n, c->value + (size_t)i * BUFFERED);
  }
  if (!ok || H5Fflush(c->file, H5F_SCOPE_GLOBAL) < 0) return fail_write(c);
  c->rows += n;
  c->buffered = 0;
  return MG_OK;
}

mg_status mg_curves_append(mg_curves *c, int64_t iteration, int64_t environment_steps,
                           double wall_seconds, const double *value) {
  if (c->buffered == BUFFERED) MG_TRY(write_buffered(c)); /* an earlier write failed */
  int row = c->buffered++;
  c->iteration[row] = iteration;
  c->environment_steps[row] = environment_steps;
  c->value[row] = wall_seconds;
  for (int i = 0; i < c->metrics; i++)
    c->value[(size_t)(1 + i) * BUFFERED + (size_t)row] = value[i];
  if (c->buffered < BUFFERED && mg_timer_now() - c->last_flush < c->flush_seconds) return MG_OK;
  return write_buffered(c);
}

mg_status mg_curves_append_evaluation(mg_curves *c, int64_t iteration, int64_t environment_steps,
                                      double wall_seconds, const double *return_raw,
                                      const double *length_raw, const double *return_average,
                                      const double *length_average) {
  const void *values[EVALUATION_COLUMNS] = {&iteration,
                                            &environment_steps,
                                            &wall_seconds,
                                            return_raw,
                                            length_raw,
                                            return_average ? return_average : c->absent,
                                            length_average ? length_average : c->absent};
  hsize_t bytes = 0;
  for (int i = 0; i < EVALUATION_COLUMNS; i++)
    bytes += mg_column_new_bytes(&c->evaluation[i], c->evaluations, 1);
  bool ok = mg_curves_end_reserve(&c->end, c->file, bytes);
  for (int i = 0; i < EVALUATION_COLUMNS && ok; i++)
    ok = mg_column_write(&c->evaluation[i], c->evaluations, 1, values[i]);
  if (!ok) return fail_write(c);
  c->evaluations++;
  return write_buffered(c);
}

/* On disk, not only out of this process. */
mg_status mg_curves_flush(mg_curves *c) {
  MG_TRY(write_buffered(c));
  int *descriptor = NULL;
  if (H5Fget_vfd_handle(c->file, H5P_DEFAULT, (void **)&descriptor) < 0 || fsync(*descriptor) != 0)
    return fail_write(c);
  return MG_OK;
}

mg_status mg_curves_close(mg_curves *c) {
  if (!c) return MG_OK;
  mg_status status = mg_curves_flush(c);
  for (int i = 0; status == MG_OK && i < columns_of(c); i++)
    if (!mg_column_seal(column_at(c, i))) status = fail_write(c);
  char path[256];
  snprintf(path, sizeof path, "%s", c->path);
  if (!close_and_free(c) && status == MG_OK) status = mg_h5_write_failed(path, "");
  return status;
}
