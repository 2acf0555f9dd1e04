#include "demos/recording/origin.h"

#include "base/hash.h"
#include "demos/recording/origin_h5.h"
#include "files/h5_cause.h"
#include "files/h5_util.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(kind, name)                                                                            \
  {#name, MG_ORIGIN_##kind, offsetof(mg_dataset_origin, name),                                     \
   sizeof(((mg_dataset_origin *)NULL)->name)},

/* clang-format off */
const mg_origin_row mg_origin_rows[] = {
  ROW(TEXT, env_id)
  ROW(TEXT, env_kwargs)
  ROW(TEXT, program)
  ROW(TEXT, simulator)
  ROW(TEXT, policy)
  ROW(TEXT, parameters)
  ROW(TEXT, algorithm)
  ROW(INT64, trained_steps)
  ROW(UINT64, policy_checksum)
  ROW(UINT64, seed)
  ROW(INT64, observation_size)
  ROW(INT64, action_size)
  ROW(INT64, total_episodes)
  ROW(INT64, total_steps)
  ROW(FLOAT64, return_mean)
  ROW(FLOAT64, return_sd)
  ROW(FLOAT64, return_min)
  ROW(FLOAT64, return_max)
  ROW(FLOAT64, minimum_return)
  ROW(INT64, rejected_episodes)
  {0}
};
/* clang-format on */

static const void *field_of(const mg_origin_row *row, const mg_dataset_origin *origin) {
  return (const char *)origin + row->offset;
}

bool mg_origin_has(const mg_origin_row *row, const mg_dataset_origin *origin) {
  const void *field = field_of(row, origin);
  switch (row->kind) {
  case MG_ORIGIN_TEXT:
    return *(const char *)field != 0;
  case MG_ORIGIN_INT64:
    return *(const int64_t *)field >= 0;
  case MG_ORIGIN_UINT64:
    return *origin->program != 0;
  case MG_ORIGIN_FLOAT64:
    return !isnan(*(const double *)field);
  }
  return false;
}

void mg_origin_format(const mg_origin_row *row, const mg_dataset_origin *origin,
                      char text[MG_ORIGIN_TEXT_MAX]) {
  const void *field = field_of(row, origin);
  double value;
  switch (row->kind) {
  case MG_ORIGIN_TEXT:
    snprintf(text, MG_ORIGIN_TEXT_MAX, "%s", (const char *)field);
    break;
  case MG_ORIGIN_INT64:
    snprintf(text, MG_ORIGIN_TEXT_MAX, "%" PRIi64, *(const int64_t *)field);
    break;
  case MG_ORIGIN_UINT64:
    snprintf(text, MG_ORIGIN_TEXT_MAX, "%" PRIu64, *(const uint64_t *)field);
    break;
  case MG_ORIGIN_FLOAT64:
    value = *(const double *)field;
    snprintf(text, MG_ORIGIN_TEXT_MAX, isfinite(value) ? "%.15g" : "null", value);
    if (isfinite(value) && strtod(text, NULL) != value)
      snprintf(text, MG_ORIGIN_TEXT_MAX, "%.17g", value);
    break;
  }
}

mg_dataset_origin mg_dataset_origin_none(void) {
  mg_dataset_origin origin;
  memset(&origin, 0, sizeof origin);
  for (const mg_origin_row *row = mg_origin_rows; row->name; row++) {
    void *field = (char *)&origin + row->offset;
    if (row->kind == MG_ORIGIN_INT64) *(int64_t *)field = -1;
    if (row->kind == MG_ORIGIN_FLOAT64) *(double *)field = NAN;
  }
  return origin;
}

static bool write_row(const mg_origin_row *row, const mg_dataset_origin *origin, hid_t file) {
  const void *field = field_of(row, origin);
  switch (row->kind) {
  case MG_ORIGIN_TEXT:
    return mg_h5_write_text(file, row->name, field);
  case MG_ORIGIN_INT64:
    return mg_h5_write_i64(file, row->name, *(const int64_t *)field);
  case MG_ORIGIN_UINT64:
    return mg_h5_write_u64(file, row->name, *(const uint64_t *)field);
  case MG_ORIGIN_FLOAT64:
    return mg_h5_write_f64(file, row->name, *(const double *)field);
  }
  return false;
}

static const char CHECKSUM[] = "origin_checksum";

/* Of all that is told, by name. */
static uint64_t checksum(const mg_dataset_origin *origin) {
  uint64_t hash = MG_HASH_EMPTY;
  for (const mg_origin_row *row = mg_origin_rows; row->name; row++) {
    char text[MG_ORIGIN_TEXT_MAX];
    if (!mg_origin_has(row, origin)) continue;
    mg_origin_format(row, origin, text);
    mg_make_printable(text); /* as it is read */
    hash = mg_hash_more(hash, row->name, strlen(row->name) + 1);
    hash = mg_hash_more(hash, text, strlen(text) + 1);
  }
  return hash;
}

bool mg_dataset_origin_write(const mg_dataset_origin *origin, hid_t file) {
  bool ok = mg_h5_write_u64(file, CHECKSUM, checksum(origin));
  for (const mg_origin_row *row = mg_origin_rows; row->name && ok; row++)
    if (mg_origin_has(row, origin)) ok = write_row(row, origin, file);
  return ok;
}

static void read_row(const mg_origin_row *row, hid_t file, mg_dataset_origin *origin) {
  void *field = (char *)origin + row->offset;
  switch (row->kind) {
  case MG_ORIGIN_TEXT:
    if (!mg_h5_read_text(file, row->name, field, row->size)) *(char *)field = 0;
    mg_make_printable(field);
    break;
  case MG_ORIGIN_INT64:
    if (!mg_h5_read_i64(file, row->name, field)) *(int64_t *)field = -1;
    break;
  case MG_ORIGIN_UINT64:
    mg_h5_read_u64(file, row->name, field);
    break;
  case MG_ORIGIN_FLOAT64:
    mg_h5_read_f64(file, row->name, field);
    break;
  }
}

mg_status mg_dataset_origin_read(const char *path, mg_dataset_origin *origin) {
  uint64_t said;
  *origin = mg_dataset_origin_none();
  mg_h5_quiet();
  hid_t file = mg_h5_open_file(path);
  if (file < 0) return MG_OK;
  for (const mg_origin_row *row = mg_origin_rows; row->name; row++) read_row(row, file, origin);
  const bool sound = !mg_h5_read_u64(file, CHECKSUM, &said) || said == checksum(origin);
  mg_h5_close(file);
  if (sound) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%s: damaged: what it tells of its origin has not its %s", path,
                 CHECKSUM);
}

/* As raw texts: cJSON's own numbers would be rounded to doubles. */
void mg_dataset_origin_add(cJSON *json, const mg_dataset_origin *origin) {
  cJSON *object = cJSON_AddObjectToObject(json, "recording");
  for (const mg_origin_row *row = mg_origin_rows; row->name; row++) {
    char text[MG_ORIGIN_TEXT_MAX];
    if (!mg_origin_has(row, origin)) continue;
    mg_origin_format(row, origin, text);
    if (row->kind == MG_ORIGIN_TEXT)
      cJSON_AddStringToObject(object, row->name, text);
    else
      cJSON_AddRawToObject(object, row->name, text);
  }
}
