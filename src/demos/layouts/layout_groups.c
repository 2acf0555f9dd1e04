#include "demos/layouts/layout_groups.h"

#include "demos/extras/h5_extras.h"
#include "files/h5_cause.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- which members are episodes ---- */

bool mg_groups_is_name(const char *prefix, const char *name) {
  size_t length = strlen(prefix);
  if (strncmp(name, prefix, length) != 0) return false;
  size_t digits = strspn(name + length, "0123456789");
  return digits >= 1 && digits <= 18 && name[length + digits] == 0;
}

typedef struct walk {
  const char *prefix;
  mg_dataset_file *file;
} walk;

static herr_t see_name(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)group, (void)info;
  return mg_groups_is_name(user, name);
}

bool mg_groups_found(hid_t parent, const char *prefix) {
  return parent >= 0 && H5Literate(parent, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, see_name,
                                   (void *)(uintptr_t)prefix) > 0;
}

static herr_t collect_name(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)group, (void)info;
  const walk *w = user;
  if (!mg_groups_is_name(w->prefix, name)) return 0;
  mg_episode *e = mg_dataset_new_episode(w->file);
  if (!e) return -1;
  snprintf(e->name, sizeof e->name, "%s", name);
  e->id = strtoll(name + strlen(w->prefix), NULL, 10);
  return 0;
}

mg_status mg_groups_collect(mg_dataset_file *f, hid_t parent, const char *where,
                            const char *prefix) {
  walk w = {prefix, f};
  if (H5Literate(parent, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, collect_name, &w) >= 0) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%s: %s cannot be listed: it is %s", f->path, where, mg_h5_reason());
}

/* ---- one of them ---- */

mg_status mg_groups_open(const mg_dataset_file *f, hid_t parent, const char *where,
                         const char *name, hid_t *group) {
  const char *why;
  *group = mg_h5_open_hard(parent, name, H5O_TYPE_GROUP, &why);
  if (*group >= 0) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%s: %s is %s; expected a group of this file", f->path, where, why);
}

mg_status mg_groups_visit(mg_dataset_file *f, hid_t parent, int64_t k, mg_groups_body body,
                          void *user) {
  mg_episode *e = &f->episode[k];
  hid_t group;
  MG_TRY(mg_groups_open(f, parent, e->name, e->name, &group));
  mg_status status = body(f, e, group, user);
  mg_h5_close(group);
  return status;
}

mg_status mg_groups_check(mg_dataset_file *f, hid_t parent, mg_groups_body body) {
  for (int64_t k = 0; k < f->episodes; k++) {
    mg_episode *e = &f->episode[k];
    hid_t group;
    e->broken = true;
    mg_dataset_begin(f, e);
    mg_status status = mg_groups_open(f, parent, e->name, e->name, &group);
    if (status == MG_OK) status = body(f, e, group, NULL);
    mg_h5_close(group);
    MG_TRY(mg_dataset_end(f, status));
  }
  return MG_OK;
}

bool mg_groups_read_whole(hid_t group, const char *attribute, int64_t *value) {
  double number;
  return mg_h5_read_i64(group, attribute, value) ||
         (mg_h5_read_f64(group, attribute, &number) && mg_is_whole(number, value));
}

mg_status mg_groups_check_steps(mg_dataset_file *f, const mg_episode *e, hid_t group,
                                const char *attribute) {
  int64_t steps;
  if (!mg_groups_read_whole(group, attribute, &steps) || steps == e->steps) return MG_OK;
  return mg_dataset_wrong(f, "%s has %" PRIi64 " actions, its attribute %s says %" PRIi64, e->name,
                          e->steps, attribute, steps);
}

mg_status mg_groups_read(mg_dataset_file *f, const mg_episode *e, hid_t group, const char *name,
                         const mg_array_use *use, int64_t rows, int columns, double *values,
                         bool *got) {
  mg_array a;
  *got = false;
  mg_status status = mg_layout_open_array(f, group, e->name, name, use, &a);
  if (status != MG_OK) return f->access.collect ? MG_OK : status;
  if (a.dims[0] == (hsize_t)rows && a.dims[1] == (hsize_t)columns) {
    status = mg_array_read(&a, values);
    *got = status == MG_OK;
    status = mg_dataset_forward(f, status);
  } else if (!f->access.collect) {
    status = mg_fail(MG_ERR_DATA, "%s: %s changed while it was read", f->path, e->name);
  }
  mg_array_close(&a);
  return status;
}

/* ---- what stands beside ---- */

typedef struct beside {
  const char *const *known;
  mg_extras *extras;
} beside;

static mg_status read_extras(mg_dataset_file *f, mg_episode *e, hid_t group, void *user) {
  const beside *b = user;
  return mg_h5_extras_read(f, group, e->name, "", true, mg_h5_skip_names, b->known, b->extras);
}

mg_status mg_groups_extras(mg_dataset_file *f, hid_t parent, int64_t k, const char *const *known,
                           mg_extras *extras) {
  return mg_groups_visit(f, parent, k, read_extras, &(beside){known, extras});
}
