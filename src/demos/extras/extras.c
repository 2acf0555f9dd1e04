#include "demos/extras/extras.h"

#include "base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool take_bytes(mg_extras *extras, uint64_t bytes) {
  uint64_t most = extras->max_bytes ? extras->max_bytes : UINT64_C(64) << 20;
  if (bytes > most - extras->bytes) return false;
  extras->bytes += bytes;
  return true;
}

static mg_extra *grow(mg_extras *extras, const char *path, const char *name) {
  if (extras->count >= MG_EXTRAS_MAX_ITEMS) return NULL;
  if (extras->count == extras->capacity) {
    int64_t capacity = extras->capacity ? 2 * extras->capacity : 16;
    mg_extra *grown = mg_memory_grow(extras->item, (size_t)capacity * sizeof *grown);
    if (!grown) return NULL;
    extras->item = grown, extras->capacity = capacity;
  }
  mg_extra *item = &extras->item[extras->count];
  *item = (mg_extra){.path = mg_memory_copy(path), .name = name ? mg_memory_copy(name) : NULL};
  if (item->path && (item->name || !name)) return item;
  free(item->path);
  free(item->name);
  return NULL;
}

static void release(mg_extra *item) {
  if (item->type == MG_TEXT && item->values && !item->group) {
    char **texts = item->values;
    for (uint64_t i = 0; i < item->count; i++) free(texts[i]);
  }
  free(item->path);
  free(item->name);
  free(item->values);
}

mg_extra *mg_extras_add(mg_extras *extras, const char *path, const char *name, mg_value_type type,
                        int rank, const uint64_t *dims) {
  uint64_t count = rank < 0 ? 0 : 1, bytes;
  if (rank > MG_EXTRA_MAX_RANK) return NULL;
  for (int i = 0; i < rank; i++)
    if (__builtin_mul_overflow(count, dims[i], &count)) return NULL;
  if (__builtin_mul_overflow(count, mg_value_type_size(type), &bytes) || !take_bytes(extras, bytes))
    return NULL;
  mg_extra *item = grow(extras, path, name);
  if (!item) return NULL;
  item->type = type, item->rank = rank, item->count = count;
  for (int i = 0; i < rank; i++) item->dims[i] = dims[i];
  item->values = mg_memory_take(1, (size_t)bytes);
  if (!item->values) {
    release(item);
    return NULL;
  }
  extras->count++;
  return item;
}

mg_extra *mg_extras_add_group(mg_extras *extras, const char *path) {
  mg_extra *item = grow(extras, path, NULL);
  if (!item) return NULL;
  item->group = true;
  extras->count++;
  return item;
}

bool mg_extra_set_text(mg_extras *extras, mg_extra *item, uint64_t index, const char *text) {
  char **texts = item->values;
  if (!take_bytes(extras, strlen(text) + 1)) return false;
  free(texts[index]);
  return (texts[index] = mg_memory_copy(text)) != NULL;
}

const mg_extra *mg_extras_find(const mg_extras *extras, const char *path, const char *name) {
  for (int64_t i = 0; i < extras->count; i++) {
    const mg_extra *item = &extras->item[i];
    if (strcmp(item->path, path) == 0 &&
        (name ? item->name && strcmp(item->name, name) == 0 : !item->name))
      return item;
  }
  return NULL;
}

bool mg_extra_integer(const mg_extra *item, int64_t *value) {
  if (!item || item->group || item->count != 1) return false;
  switch (item->type) {
  case MG_INT8:
    return *value = *(const int8_t *)item->values, true;
  case MG_INT16:
    return *value = *(const int16_t *)item->values, true;
  case MG_INT32:
    return *value = *(const int32_t *)item->values, true;
  case MG_INT64:
    return *value = *(const int64_t *)item->values, true;
  case MG_UINT8:
    return *value = *(const uint8_t *)item->values, true;
  case MG_UINT16:
    return *value = *(const uint16_t *)item->values, true;
  case MG_UINT32:
    return *value = *(const uint32_t *)item->values, true;
  case MG_UINT64:
    *value = (int64_t) * (const uint64_t *)item->values;
    return *value >= 0;
  default:
    return false;
  }
}

double mg_extra_number(const mg_extra *item) {
  int64_t whole;
  if (mg_extra_integer(item, &whole)) return (double)whole;
  if (!item || item->group || item->count != 1) return NAN;
  if (item->type == MG_FLOAT64) return *(const double *)item->values;
  if (item->type == MG_FLOAT32) return (double)*(const float *)item->values;
  return NAN;
}

bool mg_is_whole(double number, int64_t *value) {
  static const double MOST = 9007199254740992; /* 2^53 */
  if (!(fabs(number) < MOST) || number != floor(number)) return false;
  *value = (int64_t)number;
  return true;
}

bool mg_extra_whole(const mg_extra *item, int64_t *value) {
  return mg_extra_integer(item, value) || mg_is_whole(mg_extra_number(item), value);
}

void mg_extras_clear(mg_extras *extras) {
  for (int64_t i = 0; i < extras->count; i++) release(&extras->item[i]);
  free(extras->item);
  free(extras->metadata);
  *extras = (mg_extras){.max_bytes = extras->max_bytes};
}
