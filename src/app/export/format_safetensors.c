/* safetensors: the length of a JSON text as 8 bytes, the text, then the arrays' bytes. The texts stand
 * under "__metadata__", and with them "crc32", zlib's of the arrays' bytes, which the format lacks.
 * Source: huggingface.co/docs/safetensors. */
#include "app/export/export.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { LENGTH_BYTES = 8, ALIGNED = 8 };

static const char *type_name(mg_npy_type type) {
  return type == MG_NPY_F32 ? "F32" : type == MG_NPY_F64 ? "F64" : "I64";
}

static void describe(cJSON *json, const mg_portable_array *a, size_t from, size_t to) {
  cJSON *o = cJSON_AddObjectToObject(json, a->name);
  cJSON *shape = cJSON_CreateArray(), *offsets = cJSON_CreateArray();
  cJSON_AddStringToObject(o, "dtype", type_name(a->type));
  for (int i = 0; i < a->rank; i++)
    cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)a->dims[i]));
  cJSON_AddItemToObject(o, "shape", shape);
  cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)from));
  cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)to));
  cJSON_AddItemToObject(o, "data_offsets", offsets);
}

/* The order in which arrays lie in the file: wider values first, so that all are aligned. */
static int order_of(const mg_portable *p, int order[MG_PORTABLE_ARRAYS]) {
  int n = 0;
  for (int wide = 1; wide >= 0; wide--)
    for (int i = 0; i < p->arrays; i++)
      if ((mg_npy_type_size(p->array[i].type) == 8) == wide) order[n++] = i;
  return n;
}

/* The header, to be freed, of arrays whose bytes are data. */
static char *header_of(const mg_portable *p, size_t size, const uint8_t *data) {
  cJSON *json = cJSON_CreateObject(), *texts = cJSON_AddObjectToObject(json, "__metadata__");
  int order[MG_PORTABLE_ARRAYS];
  char crc[16];
  snprintf(crc, sizeof crc, "%08lx", crc32_z(0, data, size));
  for (int i = 0; i < p->facts; i++)
    cJSON_AddStringToObject(texts, p->fact[i].key, p->fact[i].text);
  cJSON_AddStringToObject(texts, "crc32", crc);
  size_t at = 0;
  for (int k = 0; k < order_of(p, order); k++) {
    const mg_portable_array *a = &p->array[order[k]];
    const size_t bytes = (size_t)mg_portable_values(a) * mg_npy_type_size(a->type);
    describe(json, a, at, at + bytes);
    at += bytes;
  }
  char *text = json ? cJSON_PrintUnformatted(json) : NULL;
  cJSON_Delete(json);
  return text;
}

/* All arrays' bytes, to be freed. */
static uint8_t *data_of(const mg_portable *p, size_t *size) {
  int order[MG_PORTABLE_ARRAYS];
  const int n = order_of(p, order);
  *size = 0;
  for (int k = 0; k < n; k++)
    *size += (size_t)mg_portable_values(&p->array[k]) * mg_npy_type_size(p->array[k].type);
  uint8_t *data = malloc(*size + 1);
  size_t at = 0, bytes;
  for (int k = 0; data && k < n; k++) {
    uint8_t *part = mg_portable_encode(&p->array[order[k]], &bytes);
    if (part) memcpy(data + at, part, bytes);
    at += bytes;
    if (!part) free(data), data = NULL;
    free(part);
  }
  return data;
}

static mg_status write_file(const mg_export *e, const char *path, const char *second) {
  (void)second;
  size_t size;
  uint8_t *data = data_of(&e->policy, &size);
  char *text = data ? header_of(&e->policy, size, data) : NULL;
  const size_t length = text ? strlen(text) : 0,
               padded = (length + ALIGNED - 1) / ALIGNED * ALIGNED;
  uint8_t *all = text ? malloc(LENGTH_BYTES + padded + size) : NULL;
  mg_status status = all ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  if (all) {
    for (int i = 0; i < LENGTH_BYTES; i++) all[i] = (uint8_t)((uint64_t)padded >> (8 * i));
    for (size_t i = 0; i < padded; i++) all[LENGTH_BYTES + i] = i < length ? (uint8_t)text[i] : ' ';
    memcpy(all + LENGTH_BYTES + padded, data, size);
    status = mg_export_write_bytes(path, all, LENGTH_BYTES + padded + size);
  }
  free(all);
  cJSON_free(text);
  free(data);
  return status;
}

/* ---- reading ---- */

static bool read_array(const cJSON *json, const mg_portable_array *a, const uint8_t *data,
                       size_t size) {
  const cJSON *o = cJSON_GetObjectItemCaseSensitive(json, a->name);
  const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "dtype"));
  const cJSON *shape = cJSON_GetObjectItemCaseSensitive(o, "shape");
  const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(o, "data_offsets");
  if (!type || strcmp(type, type_name(a->type)) != 0 || cJSON_GetArraySize(shape) != a->rank ||
      cJSON_GetArraySize(offsets) != 2)
    return false;
  for (int i = 0; i < a->rank; i++)
    if (cJSON_GetArrayItem(shape, i)->valuedouble != (double)a->dims[i]) return false;
  const double from = cJSON_GetArrayItem(offsets, 0)->valuedouble,
               to = cJSON_GetArrayItem(offsets, 1)->valuedouble;
  return from >= 0 && to >= from && to <= (double)size &&
         mg_portable_decode(a, data + (size_t)from, (size_t)(to - from));
}

static mg_status act(const mg_export *e, const char *path, const mg_portable_states *states,
                     double *heads, double *sigma) {
  mg_portable again;
  uint8_t *bytes;
  size_t size;
  uint64_t length = 0;
  MG_TRY(mg_portable_room(&e->policy, e->file->arena, &again));
  MG_TRY(mg_export_read_bytes(path, &bytes, &size));
  for (int i = 0; i < LENGTH_BYTES && size >= LENGTH_BYTES; i++)
    length |= (uint64_t)bytes[i] << (8 * i);
  const bool whole = size >= LENGTH_BYTES && length <= size - LENGTH_BYTES;
  cJSON *json =
      whole ? cJSON_ParseWithLength((const char *)bytes + LENGTH_BYTES, (size_t)length) : NULL;
  mg_status status = json ? MG_OK : mg_fail(MG_ERR_DATA, "%s: not safetensors", path);
  for (int i = 0; status == MG_OK && i < again.arrays; i++)
    if (!read_array(json, &again.array[i], bytes + LENGTH_BYTES + length,
                    size - LENGTH_BYTES - (size_t)length))
      status = mg_fail(MG_ERR_DATA, "%s: %s is missing or damaged", path, again.array[i].name);
  cJSON_Delete(json);
  free(bytes);
  MG_TRY(status);
  return mg_portable_act(&again, path, states, heads, sigma);
}

const mg_export_format mg_export_safetensors = {.name = "safetensors",
                                                .ending = ".safetensors",
                                                .checked = "the arrays of the file, read again",
                                                .write = write_file,
                                                .act = act};
