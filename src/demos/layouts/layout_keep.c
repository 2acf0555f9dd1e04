#include "demos/layouts/layout_keep.h"

#include "base/arena.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char FOLDER[] = "metadata/minari", TEXT[] = "metadata.json";
static const char *const FOLDERS[] = {"whole", "final", "absent", NULL}; /* of an episode */

static hid_t make_groups(hid_t file, const char *path) {
  if (H5Lexists(file, "metadata", H5P_DEFAULT) > 0 && H5Lexists(file, FOLDER, H5P_DEFAULT) > 0 &&
      H5Lexists(file, path, H5P_DEFAULT) > 0)
    return H5Gopen2(file, path, H5P_DEFAULT);
  return mg_h5_create_group(file, path);
}

/* ---- writing ---- */

bool mg_keep_write_file(mg_sink *s, const mg_extras *x) {
  if (!mg_h5_extras_write(s->file, x)) return false;
  if (!x->metadata || x->generated) return true;
  char *text = x->metadata;
  const mg_extra item = {.type = MG_TEXT, .count = 1, .values = &text};
  hid_t group = make_groups(s->file, FOLDER);
  bool ok = group >= 0 && mg_h5_extra_write_dataset(group, TEXT, &item);
  return mg_h5_close(group) && ok;
}

hid_t mg_keep_make(const mg_sink *s) {
  return make_groups(s->file, FOLDER);
}

hid_t mg_keep_episode_group(const mg_sink *s) {
  char path[64];
  snprintf(path, sizeof path, "%s/episode_%" PRIi64, FOLDER, s->episodes);
  return make_groups(s->file, path);
}

bool mg_keep_write_item(hid_t episode, const char *folder, const mg_extra *item) {
  char path[640];
  snprintf(path, sizeof path, "%s/%s", folder, item->path);
  if (item->name) {
    hid_t owner = H5Oopen(episode, path, H5P_DEFAULT);
    bool ok = owner >= 0 && mg_h5_extra_write_attribute(owner, item);
    return mg_h5_close(owner) && ok;
  }
  if (!item->group) return mg_h5_extra_write_dataset(episode, path, item);
  hid_t group = mg_h5_create_group(episode, path);
  return group >= 0 && mg_h5_close(group);
}

/* What a reader would give the episode without being told. */
static bool is_trivial(const mg_extra *item, int64_t k, int64_t steps) {
  int64_t value;
  if (!item->name || *item->path || item->type != MG_INT64 || item->rank != 0) return false;
  if (!mg_extra_integer(item, &value)) return false;
  return (strcmp(item->name, "id") == 0 && value == k) ||
         (strcmp(item->name, "total_steps") == 0 && value == steps);
}

bool mg_keep_write_episode(const mg_sink *s, int64_t steps, const mg_extras *x) {
  bool trivial = true;
  for (int64_t i = 0; i < x->count; i++) trivial &= is_trivial(&x->item[i], s->episodes, steps);
  if (trivial) return true;
  hid_t group = mg_keep_episode_group(s);
  bool ok = group >= 0;
  for (int64_t i = 0; i < x->count && ok; i++) {
    const mg_extra *item = &x->item[i];
    ok = item->name && !*item->path ? mg_h5_extra_write_attribute(group, item)
                                    : mg_keep_write_item(group, "whole", item);
  }
  return mg_h5_close(group) && ok;
}

/* ---- reading ---- */

typedef struct names {
  mg_h5_skip skip;
  const void *user;
} names;

static bool skip_in_root(const void *user, const char *name) {
  const names *n = user;
  return strcmp(name, "metadata") == 0 || mg_h5_is_mark(name) ||
         (n->skip && n->skip(n->user, name));
}

/* The group, if each name on the way is a hard link to one; else < 0. */
static hid_t open_path(hid_t from, const char *const *path) {
  hid_t at = from;
  for (; *path; path++) {
    hid_t next = mg_h5_open_hard(at, *path, H5O_TYPE_GROUP, NULL);
    if (at != from) mg_h5_close(at);
    at = next;
    if (at < 0) break;
  }
  return at;
}

static mg_status read_metadata_text(mg_dataset_file *f, hid_t minari, mg_extras *x) {
  if (!mg_h5_is_hard(minari, TEXT, H5O_TYPE_DATASET, NULL)) return MG_OK;
  mg_extras one = {.max_bytes = 2 << 20};
  mg_status status =
      mg_h5_extras_read_dataset(f, minari, TEXT, "metadata/minari/metadata.json", TEXT, &one);
  const mg_extra *item = mg_extras_find(&one, TEXT, NULL);
  if (status == MG_OK && item && item->type == MG_TEXT && item->count == 1)
    if (!(x->metadata = mg_memory_copy(((char **)item->values)[0])))
      status = mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  mg_extras_clear(&one);
  return status;
}

static mg_status read_metadata_group(mg_dataset_file *f, hid_t metadata, mg_extras *x) {
  hsize_t members = 0;
  H5Gget_num_objs(metadata, &members);
  hid_t minari = mg_h5_open_hard(metadata, "minari", H5O_TYPE_GROUP, NULL);
  mg_status status = MG_OK;
  if (members != 1 || minari < 0) {
    if (!mg_extras_add_group(x, "metadata"))
      status = mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
    else
      status = mg_h5_extras_read(f, metadata, "metadata", "metadata", true, mg_h5_skip_names,
                                 (const char *const[]){"minari", NULL}, x);
  }
  if (status == MG_OK && minari >= 0) status = read_metadata_text(f, minari, x);
  mg_h5_close(minari);
  return status;
}

mg_status mg_keep_read_file(mg_dataset_file *f, mg_h5_skip skip, const void *user, mg_extras *x) {
  const names n = {skip, user};
  MG_TRY(mg_h5_extras_read(f, f->file, "", "", true, skip_in_root, &n, x));
  hid_t metadata = mg_h5_open_hard(f->file, "metadata", H5O_TYPE_GROUP, NULL);
  mg_status status = metadata < 0 ? MG_OK : read_metadata_group(f, metadata, x);
  mg_h5_close(metadata);
  return status;
}

hid_t mg_keep_open(const mg_dataset_file *f) {
  return open_path(f->file, (const char *const[]){"metadata", "minari", NULL});
}

hid_t mg_keep_open_episode(const mg_dataset_file *f, int64_t k) {
  char name[40];
  snprintf(name, sizeof name, "episode_%" PRIi64, f->episode[k].id);
  return open_path(f->file, (const char *const[]){"metadata", "minari", name, NULL});
}

mg_status mg_keep_read_episode(mg_dataset_file *f, int64_t k, mg_extras *x) {
  hid_t episode = mg_keep_open_episode(f, k);
  if (episode < 0) return MG_OK;
  mg_status status =
      mg_h5_extras_read(f, episode, f->episode[k].name, "", false, mg_h5_skip_names, FOLDERS, x);
  hid_t whole = status == MG_OK ? mg_h5_open_hard(episode, "whole", H5O_TYPE_GROUP, NULL) : -1;
  if (whole >= 0) status = mg_h5_extras_read(f, whole, f->episode[k].name, "", true, NULL, NULL, x);
  mg_h5_close(whole);
  mg_h5_close(episode);
  return status;
}
