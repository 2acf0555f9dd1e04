/* What D4RL files carry beside: columns of N rows (infos/qpos, ...), which belong to episodes row
 * by row; and metadata. */
#include "demos/layouts/layout_d4rl.h"

#include "base/arena.h"
#include "demos/extras/h5_extras.h"
#include "demos/layouts/layout_keep.h"
#include "files/h5_cause.h"
#include "files/h5_util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_known(const char *name) {
  return mg_arrays_skip(mg_d4rl_rows, name) || strcmp(name, "metadata") == 0;
}

/* ---- finding columns ---- */

enum { MOST_LINKS = 100000, MOST_COLUMNS = 256, MOST_DEPTH = 6 };

typedef struct walk {
  mg_dataset_file *file;
  const char *path;
  int depth;
  int *links; /* seen in all: groups may hold themselves */
} walk;

/* A numeric dataset of N rows becomes a column. */
static herr_t offer(walk *w, hid_t group, const char *name, const char *path) {
  mg_d4rl *own = w->file->state;
  mg_d4rl_column column = {0};
  hid_t data = H5Dopen2(group, name, H5P_DEFAULT);
  if (data < 0 || mg_array_refuse_storage(data, w->file->max_bytes)) {
    mg_h5_close(data);
    return 0;
  }
  hid_t type = H5Dget_type(data), space = H5Dget_space(data);
  column.rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
  bool fits = type >= 0 && mg_array_find_type(type, &column.type) && column.rank >= 1 &&
              column.rank <= 8 && H5Sget_simple_extent_dims(space, column.dims, NULL) >= 0 &&
              column.dims[0] == own->rows;
  mg_h5_close(space);
  mg_h5_close(type);
  mg_h5_close(data);
  if (!fits) return 0;
  mg_d4rl_column *grown =
      mg_memory_grow(own->column, (size_t)(own->columns + 1) * sizeof *own->column);
  if (!grown) return -1;
  own->column = grown;
  column.path = mg_memory_copy(path);
  if (!column.path) return -1;
  own->column[own->columns++] = column;
  return 0;
}

static herr_t visit(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)info;
  walk *w = user;
  mg_d4rl *own = w->file->state;
  char path[512];
  if (++*w->links > MOST_LINKS) return -1;
  if (w->depth == 0 && is_known(name)) return 0;
  int n = snprintf(path, sizeof path, "%s%s%s", w->path, *w->path ? "/" : "", name);
  if (n >= (int)sizeof path || own->columns >= MOST_COLUMNS) return 0;
  if (mg_h5_is_hard(group, name, H5O_TYPE_DATASET, NULL)) return offer(w, group, name, path);
  if (w->depth >= MOST_DEPTH || !mg_h5_is_hard(group, name, H5O_TYPE_GROUP, NULL)) return 0;
  hid_t inner = H5Gopen2(group, name, H5P_DEFAULT);
  walk below = {w->file, path, w->depth + 1, w->links};
  herr_t result =
      inner < 0 ? -1 : H5Literate(inner, H5_INDEX_NAME, H5_ITER_INC, NULL, visit, &below);
  mg_h5_close(inner);
  return result;
}

mg_status mg_d4rl_find_columns(mg_dataset_file *f) {
  mg_d4rl *own = f->state;
  int links = 0;
  walk w = {f, "", 0, &links};
  if (own->column) return MG_OK;
  if (H5Literate(f->file, H5_INDEX_NAME, H5_ITER_INC, NULL, visit, &w) >= 0) return MG_OK;
  if (links > MOST_LINKS)
    return mg_fail(MG_ERR_DATA,
                   "%s: its groups hold more than %d members (do they hold themselves?)", f->path,
                   MOST_LINKS);
  return mg_fail(MG_ERR_DATA, "%s: its root group cannot be listed: it is %s", f->path,
                 mg_h5_reason());
}

/* ---- the file's ---- */

static bool skip_columns(const void *user, const char *name) {
  const mg_d4rl *own = user;
  if (is_known(name)) return true;
  for (int64_t i = 0; i < own->columns; i++) /* the column itself, or the group that holds it */
    if (strncmp(own->column[i].path, name, strlen(name)) == 0 &&
        strchr("/", own->column[i].path[strlen(name)]))
      return true;
  return false;
}

mg_status mg_d4rl_read_extras(mg_dataset_file *f, mg_extras *x) {
  MG_TRY(mg_d4rl_find_columns(f));
  return mg_keep_read_file(f, skip_columns, f->state, x);
}

/* ---- an episode's ---- */

static bool is_absent(const mg_extras *kept, const char *path) {
  const mg_extra *absent = mg_extras_find(kept, "absent", NULL);
  if (!absent || absent->type != MG_TEXT) return false;
  for (uint64_t i = 0; i < absent->count; i++)
    if (strcmp(((char **)absent->values)[i], path) == 0) return true;
  return false;
}

static bool add_groups(mg_extras *x, const char *path) {
  char group[512];
  for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
    snprintf(group, sizeof group, "%.*s", (int)(slash - path), path);
    if (!mg_extras_find(x, group, NULL) && !mg_extras_add_group(x, group)) return false;
  }
  return true;
}

static mg_status read_column(mg_dataset_file *f, const mg_d4rl_column *c, const mg_episode *e,
                             const mg_extra *last, mg_extras *x) {
  uint64_t dims[8];
  hsize_t start[8] = {(hsize_t)e->place}, count[8];
  for (int i = 0; i < c->rank; i++) dims[i] = count[i] = c->dims[i];
  count[0] = (hsize_t)e->steps;
  dims[0] = (uint64_t)e->steps + (last ? 1 : 0);
  mg_extra *item =
      add_groups(x, c->path) ? mg_extras_add(x, c->path, NULL, c->type, c->rank, dims) : NULL;
  if (!item)
    return mg_fail(MG_ERR_DATA, "%s: %s: an episode of it is more than is taken along", f->path,
                   c->path);
  hid_t data = H5Dopen2(f->file, c->path, H5P_DEFAULT), memory_type = mg_h5_memory_type(c->type);
  hid_t space = data < 0 ? -1 : H5Dget_space(data);
  hid_t memory = H5Screate_simple(c->rank, count, NULL);
  bool ok =
      space >= 0 && (item->count == 0 ||
                     (H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                      H5Sselect_valid(space) > 0 &&
                      H5Dread(data, memory_type, memory, space, H5P_DEFAULT, item->values) >= 0));
  mg_h5_close(memory);
  mg_h5_close(memory_type);
  mg_h5_close(space);
  mg_h5_close(data);
  if (!ok)
    return mg_fail(MG_ERR_DATA, "%s: %s cannot be read: it is %s", f->path, c->path,
                   mg_h5_reason());
  if (last) {
    size_t row = (size_t)last->count * mg_value_type_size(c->type);
    memcpy((char *)item->values + (size_t)e->steps * row, last->values, row);
  }
  return MG_OK;
}

/* The kept last row, if it is of the column's shape. */
static const mg_extra *find_last(const mg_extras *kept, const mg_d4rl_column *c) {
  char path[600];
  snprintf(path, sizeof path, "final/%s", c->path);
  const mg_extra *last = mg_extras_find(kept, path, NULL);
  if (!last || last->group || last->type != c->type || last->rank != c->rank - 1) return NULL;
  for (int i = 1; i < c->rank; i++)
    if (last->dims[i - 1] != c->dims[i]) return NULL;
  return last;
}

mg_status mg_d4rl_read_episode_extras(mg_dataset_file *f, int64_t k, mg_extras *x) {
  const mg_d4rl *own = f->state;
  MG_TRY(mg_d4rl_find_columns(f));
  MG_TRY(mg_keep_read_episode(f, k, x));
  mg_extras kept = {.max_bytes = x->max_bytes};
  hid_t group = mg_keep_open_episode(f, k);
  mg_status status = MG_OK;
  if (group >= 0)
    status = mg_h5_extras_read(f, group, f->episode[k].name, "", true, mg_h5_skip_names,
                               (const char *const[]){"whole", NULL}, &kept);
  mg_h5_close(group);
  for (int64_t i = 0; i < own->columns && status == MG_OK; i++) {
    const mg_d4rl_column *c = &own->column[i];
    if (is_absent(&kept, c->path) || mg_extras_find(x, c->path, NULL)) continue;
    status = read_column(f, c, &f->episode[k], find_last(&kept, c), x);
  }
  mg_extras_clear(&kept);
  return status;
}
