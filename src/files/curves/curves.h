/* Learning curves of a run: curves.h5, one row an iteration, readable while it is written.
 *
 *   /curves/{iteration, environment_steps, wall_seconds} [iterations]
 *   /curves/<metric> [iterations]                  float64, with attribute unit
 *   /evaluation/{iteration, environment_steps, wall_seconds} [K]
 *   /evaluation/{return, length}_{raw, average} [K,E]
 *   /evaluation/episode [E]                        0, 1, ...
 *   attributes                                     what made it
 *
 * `iteration` and `episode` are dimension scales of the others (curves_scale.h), so that
 * xarray.open_dataset("curves.h5", group="evaluation", engine="h5netcdf") needs no help.
 *
 * Only rank 0 writes; functions are Local. Rows are kept in memory and written at a bounded
 * interval with a flush, so that a killed run loses at most that interval and the file opens
 * plainly. A file that was closed has the CRC-32 of each data set as its attribute crc32, where one at
 * work has 2^64 - 1; its own is kept in the checkpoint. */
#ifndef MG_FILES_CURVES_H
#define MG_FILES_CURVES_H

#include "base/status.h"

#include <stdint.h>

typedef struct mg_curves mg_curves;

typedef struct mg_metric {
  const char *name, *unit, *help;
} mg_metric;

typedef struct mg_attribute {
  const char *name, *value;
} mg_attribute;

/* A new file; fails with MG_ERR_CREATE if it exists. metrics [n] stay owned by the caller and
 * alive. `episodes` = E, returns per evaluation. flush_seconds: the interval above. */
mg_status mg_curves_create(const char *path, int metrics, const mg_metric *metric, int episodes,
                           int attributes, const mg_attribute *attribute, double flush_seconds,
                           mg_curves **curves);

/* Continue an existing file, cut back to rows with iteration <= last_iteration. checksum: of
 * these rows, Nullable. MG_ERR_DATA if its metrics are not these, or the checksum is another;
 * MG_ERR_NO_INPUT if it is not there. */
mg_status mg_curves_reopen(const char *path, int metrics, const mg_metric *metric, int episodes,
                           int64_t last_iteration, const uint64_t *checksum, double flush_seconds,
                           mg_curves **curves);

/* Of all rows of all data sets so far. */
uint64_t mg_curves_checksum(const mg_curves *curves);

/* One row; value [metrics]. */
mg_status mg_curves_append(mg_curves *curves, int64_t iteration, int64_t environment_steps,
                           double wall_seconds, const double *value);

/* One evaluation of two policies side by side: "raw" (the current parameters) and "average" (their
 * running average): return_raw, length_raw, return_average, length_average [E] each; the average's
 * Nullable (written as NaN). */
mg_status mg_curves_append_evaluation(mg_curves *curves, int64_t iteration,
                                      int64_t environment_steps, double wall_seconds,
                                      const double *return_raw, const double *length_raw,
                                      const double *return_average, const double *length_average);

/* Writes all rows and flushes them to disk (fsync). Before a checkpoint, so that a run continued
 * from it misses no row. */
mg_status mg_curves_flush(mg_curves *curves);

/* Flushes, writes the checksums, closes, frees; NULL is a no-op. */
mg_status mg_curves_close(mg_curves *curves);

#endif
