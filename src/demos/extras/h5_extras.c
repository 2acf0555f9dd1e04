#include "demos/extras/h5_extras.h"

#include "base/arena.h"
#include "files/h5_array.h"
#include "files/h5_cause.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char MG_MARK_FINAL_REPEATED[] = "final_observations_repeated";
const char MG_MARK_NO_REWARDS[] = "rewards_absent";

enum { MAX_DEPTH = 8, MAX_PATH = 512 };

bool mg_h5_is_mark(const char *name) {
  return strcmp(name, MG_MARK_FINAL_REPEATED) == 0 || strcmp(name, MG_MARK_NO_REWARDS) == 0 ||
         strcmp(name, MG_MARK_CONTENT) == 0;
}

void mg_h5_read_marks(mg_dataset_file *f) {
  int64_t value;
  if (mg_h5_read_i64(f->file, MG_MARK_FINAL_REPEATED, &value) && value)
    f->form.final_observation = false;
  if (mg_h5_read_i64(f->file, MG_MARK_NO_REWARDS, &value) && value) f->form.rewards = false;
}

bool mg_h5_skip_names(const void *names, const char *name) {
  for (const char *const *known = names; *known; known++)
    if (strcmp(*known, name) == 0) return true;
  return false;
}

/* ---- types ---- */

/* Names and values that are h5py's, or an equal type that others wrote. */
static bool is_boolean(hid_t type) {
  int8_t values[2];
  for (unsigned i = 0; i < 2; i++)
    if (H5Tget_member_value(type, i, &values[i]) < 0) return false;
  return values[0] == 0 && values[1] == 1;
}

static bool find_type(hid_t type, mg_extra *found) {
  if (H5Tget_class(type) != H5T_STRING)
    return mg_array_find_type(type, &found->type) &&
           (found->type != MG_BOOLEAN || is_boolean(type));
  found->type = MG_TEXT;
  found->ascii = H5Tget_cset(type) == H5T_CSET_ASCII;
  found->text_size = H5Tis_variable_str(type) > 0 ? 0 : H5Tget_size(type);
  return true;
}

static bool find_shape(hid_t space, mg_extra *found) {
  H5S_class_t class = H5Sget_simple_extent_type(space);
  found->rank = class == H5S_NULL ? -1 : H5Sget_simple_extent_ndims(space);
  if (found->rank > MG_EXTRA_MAX_RANK || (found->rank < 0 && class != H5S_NULL)) return false;
  hsize_t dims[H5S_MAX_RANK];
  if (found->rank > 0 && H5Sget_simple_extent_dims(space, dims, NULL) < 0) return false;
  for (int i = 0; i < found->rank; i++) found->dims[i] = dims[i];
  return true;
}

/* ---- values ---- */

typedef herr_t (*reader)(hid_t object, hid_t memory_type, void *values);

static herr_t read_attribute(hid_t object, hid_t memory_type, void *values) {
  return H5Aread(object, memory_type, values);
}

static herr_t read_dataset(hid_t object, hid_t memory_type, void *values) {
  return H5Dread(object, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
}

static bool read_fixed_texts(hid_t object, reader read, hid_t type, mg_extras *x, mg_extra *item) {
  uint64_t size = item->text_size, bytes = mg_h5_product(item->count, size);
  if (bytes > (UINT64_C(64) << 20)) return false;
  char *buffer = mg_memory_take(1, (size_t)bytes + 1), *one = mg_memory_take(1, (size_t)size + 1);
  bool ok = buffer && one && read(object, type, buffer) >= 0;
  for (uint64_t i = 0; ok && i < item->count; i++) {
    memcpy(one, buffer + i * size, (size_t)size);
    ok = mg_extra_set_text(x, item, i, one);
  }
  free(buffer);
  free(one);
  return ok;
}

static bool read_texts(hid_t object, reader read, hid_t space, mg_extras *x, mg_extra *item) {
  hid_t type = mg_h5_text_type(item->text_size, item->ascii);
  bool ok;
  if (item->text_size) {
    ok = read_fixed_texts(object, read, type, x, item);
  } else {
    char **texts = mg_memory_take((size_t)item->count + 1, sizeof *texts);
    ok = texts && read(object, type, texts) >= 0;
    for (uint64_t i = 0; ok && i < item->count; i++)
      ok = mg_extra_set_text(x, item, i, texts[i] ? texts[i] : "");
    if (ok) H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts);
    free(texts);
  }
  mg_h5_close(type);
  return ok;
}

/* Adds the item that `form` describes; the values come from `object`. */
static mg_status add_item(mg_dataset_file *f, hid_t object, reader read, hid_t space,
                          const mg_extra *form, const char *where, const char *path,
                          const char *name, mg_extras *x) {
  if (!*where) where = "its root group";
  mg_extra *item = mg_extras_add(x, path, name, form->type, form->rank, form->dims);
  if (!item)
    return mg_fail(MG_ERR_DATA, "%s: %s holds more beside the episodes than is taken along",
                   f->path, where);
  item->text_size = form->text_size, item->ascii = form->ascii;
  bool ok = item->count == 0;
  if (!ok && item->type == MG_TEXT) {
    ok = read_texts(object, read, space, x, item);
  } else if (!ok) {
    hid_t memory = mg_h5_memory_type(item->type);
    ok = read(object, memory, item->values) >= 0;
    mg_h5_close(memory);
  }
  if (!ok)
    return mg_fail(MG_ERR_DATA, "%s: %s%s%s cannot be read: it is %s", f->path, where,
                   name ? " attribute " : "", name ? name : "", mg_h5_reason());
  return MG_OK;
}

/* ---- attributes ---- */

typedef struct walk {
  mg_dataset_file *file;
  const char *where, *path;
  mg_h5_skip skip;
  const void *user;
  mg_extras *extras;
  int depth;
  mg_status status;
} walk;

static herr_t take_attribute(hid_t object, const char *name, const H5A_info_t *info, void *user) {
  (void)info;
  walk *w = user;
  if (w->skip && w->skip(w->user, name)) return 0;
  hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
  hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
  hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
  mg_extra form = {0};
  if (type < 0 || space < 0 || !find_type(type, &form) || !find_shape(space, &form))
    mg_dataset_remark(w->file, "%s: the attribute %s is neither numbers nor text; left out",
                      w->where, name);
  else
    w->status = add_item(w->file, attribute, read_attribute, space, &form, w->where, w->path, name,
                         w->extras);
  mg_h5_close(space);
  mg_h5_close(type);
  mg_h5_close(attribute);
  return w->status == MG_OK ? 0 : 1;
}

static mg_status take_attributes(walk *w, hid_t object) {
  hsize_t index = 0;
  if (H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &index, take_attribute, w) < 0)
    return mg_fail(MG_ERR_DATA, "%s: the attributes of %s cannot be listed: it is %s",
                   w->file->path, w->where, mg_h5_reason());
  return w->status;
}

/* ---- datasets and groups ---- */

mg_status mg_h5_extras_read_dataset(mg_dataset_file *f, hid_t group, const char *name,
                                    const char *where, const char *path, mg_extras *extras) {
  hid_t data = H5Dopen2(group, name, H5P_DEFAULT);
  if (data < 0) return mg_fail(MG_ERR_DATA, "%s: %s is %s", f->path, where, mg_h5_reason());
  const char *problem = mg_array_refuse_storage(data, f->max_bytes);
  mg_status status = MG_OK;
  if (problem) {
    mg_dataset_remark(f, "%s is %s; left out", where, problem);
  } else {
    hid_t type = H5Dget_type(data), space = H5Dget_space(data);
    mg_extra form = {0};
    if (type < 0 || space < 0 || !find_type(type, &form) || !find_shape(space, &form)) {
      mg_dataset_remark(f, "%s is neither numbers nor text; left out", where);
    } else {
      status = add_item(f, data, read_dataset, space, &form, where, path, NULL, extras);
      walk inner = {.file = f, .where = where, .path = path, .extras = extras};
      if (status == MG_OK) status = take_attributes(&inner, data);
    }
    mg_h5_close(space);
    mg_h5_close(type);
  }
  mg_h5_close(data);
  return status;
}

static mg_status take_group(walk *w, hid_t group, bool members);

static mg_status take_member(walk *w, hid_t group, const char *name) {
  char where[MAX_PATH], path[MAX_PATH];
  int n = snprintf(where, sizeof where, "%s%s%s", w->where, *w->where ? "/" : "", name);
  snprintf(path, sizeof path, "%s%s%s", w->path, *w->path ? "/" : "", name);
  const char *why;
  if (n >= MAX_PATH)
    return mg_fail(MG_ERR_DATA, "%s: %.64s...: the name is too long", w->file->path, where);
  if (mg_h5_is_hard(group, name, H5O_TYPE_DATASET, &why))
    return mg_h5_extras_read_dataset(w->file, group, name, where, path, w->extras);
  if (!mg_h5_is_hard(group, name, H5O_TYPE_GROUP, &why)) {
    mg_dataset_remark(w->file, "%s is %s; left out", where, why);
    return MG_OK;
  }
  if (w->depth >= MAX_DEPTH)
    return mg_fail(MG_ERR_DATA, "%s: %s is deeper than %d groups", w->file->path, where, MAX_DEPTH);
  if (!mg_extras_add_group(w->extras, path))
    return mg_fail(MG_ERR_DATA, "%s: %s holds more than is taken along", w->file->path, where);
  hid_t inner = H5Gopen2(group, name, H5P_DEFAULT);
  if (inner < 0) return mg_fail(MG_ERR_DATA, "%s: %s is %s", w->file->path, where, mg_h5_reason());
  walk below = *w;
  below.where = where, below.path = path, below.skip = NULL, below.depth++;
  mg_status status = take_group(&below, inner, true);
  mg_h5_close(inner);
  return status;
}

static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)info;
  walk *w = user;
  if (w->skip && w->skip(w->user, name)) return 0;
  w->status = take_member(w, group, name);
  return w->status == MG_OK ? 0 : 1;
}

static mg_status take_group(walk *w, hid_t group, bool members) {
  MG_TRY(take_attributes(w, group));
  if (!members) return MG_OK;
  if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_link, w) < 0)
    return mg_fail(MG_ERR_DATA, "%s: %s cannot be listed: it is %s", w->file->path,
                   *w->where ? w->where : "its root group", mg_h5_reason());
  return w->status;
}

mg_status mg_h5_extras_read(mg_dataset_file *f, hid_t group, const char *where, const char *path,
                            bool members, mg_h5_skip skip, const void *user, mg_extras *extras) {
  walk w = {.file = f,
            .where = where,
            .path = path,
            .skip = skip,
            .user = user,
            .extras = extras,
            .depth = 1};
  return take_group(&w, group, members);
}
