/* Minari's HDF5: episode_K/{observations [T+1,d], actions [T,m] or whole numbers [T], rewards [T],
 * terminations [T], truncations [T]} with attributes id, total_steps and perhaps seed and others;
 * infos/..., any; metadata.json beside the file. Source: minari 0.5, HDF5Storage. */
#include "demos/layouts/layout_minari.h"

#include "demos/extras/h5_extras.h"
#include "demos/metadata.h"
#include "files/h5_array.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OBSERVATIONS, ACTIONS, REWARDS, TERMINATIONS, TRUNCATIONS, ARRAYS };
static const char *const NAMES[ARRAYS] = {"observations", "actions", "rewards", "terminations",
                                          "truncations"};

/* ---- which groups are episodes ---- */

bool mg_minari_is_episode_name(const char *name) {
  static const char prefix[] = "episode_";
  if (strncmp(name, prefix, sizeof prefix - 1) != 0) return false;
  size_t digits = strspn(name + sizeof prefix - 1, "0123456789");
  return digits >= 1 && digits <= 18 && name[sizeof prefix - 1 + digits] == 0;
}

static herr_t see_name(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)group, (void)info, (void)user;
  return mg_minari_is_episode_name(name);
}

static bool recognise(const mg_dataset_file *f) {
  return H5Literate(f->file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, see_name, NULL) > 0;
}

static herr_t collect_name(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)group, (void)info;
  if (!mg_minari_is_episode_name(name)) return 0;
  mg_episode *e = mg_dataset_new_episode(user);
  if (!e) return -1;
  snprintf(e->name, sizeof e->name, "%s", name);
  return 0;
}

/* ---- the headers of one episode ---- */

static mg_status open_group(const mg_dataset_file *f, const mg_episode *e, hid_t *group) {
  const char *why;
  *group = mg_h5_open_hard(f->file, e->name, H5O_TYPE_GROUP, &why);
  if (*group >= 0) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%s: %s is %s; expected a group of this file", f->path, e->name, why);
}

static void close_arrays(mg_array a[ARRAYS]) {
  for (int i = 0; i < ARRAYS; i++) {
    mg_h5_close(a[i].id);
    a[i].id = -1;
  }
}

/* Those that cannot be opened have an id below 0, if problems are collected. */
static mg_status open_arrays(mg_dataset_file *f, const mg_episode *e, hid_t group,
                             mg_array a[ARRAYS]) {
  uint64_t most = f->access.max_episode_bytes ? f->access.max_episode_bytes : f->max_bytes;
  for (int i = 0; i < ARRAYS; i++) a[i].id = -1;
  for (int i = 0; i < ARRAYS; i++) {
    mg_status status =
        mg_dataset_forward(f, mg_array_open(f->path, group, e->name, NAMES[i], most, &a[i]));
    if (status != MG_OK) {
      close_arrays(a);
      return status;
    }
  }
  return MG_OK;
}

static mg_status check_rows(mg_dataset_file *f, const mg_episode *e, int which, const mg_array *a,
                            bool allow_float) {
  if (a->id < 0) return MG_OK;
  const char *name = NAMES[which];
  if (a->rank != 1)
    return mg_dataset_wrong(f, "%s/%s has 2 dimensions; expected [%" PRIi64 "]", e->name, name,
                            e->steps);
  if (a->dims[0] != (hsize_t)e->steps)
    MG_TRY(mg_dataset_wrong(f,
                            "%s/%s has %" PRIu64 " rows, actions has %" PRIi64 "; expected as many",
                            e->name, name, (uint64_t)a->dims[0], e->steps));
  if ((a->kind == MG_ARRAY_FLOAT) != allow_float)
    return mg_dataset_wrong(f, "%s/%s is %s; expected %s", e->name, name,
                            allow_float ? "of whole numbers" : "float",
                            allow_float ? "float32 or float64" : "booleans");
  return MG_OK;
}

/* Whole numbers of more than one column are one-hot choices, or nothing that we know. */
static bool is_discrete(const mg_array *actions) {
  return actions->kind == MG_ARRAY_INTEGER && actions->dims[1] == 1;
}

static void take_form(mg_dataset_file *f, const mg_array a[ARRAYS]) {
  mg_form *form = &f->form;
  const mg_array *u = &a[ACTIONS];
  form->observation_size = (int)a[OBSERVATIONS].dims[1], form->action_size = (int)u->dims[1];
  form->discrete = is_discrete(u);
  form->observation_type = a[OBSERVATIONS].type, form->action_type = u->type;
  form->action_rank = u->rank;
  if (a[REWARDS].id >= 0) form->reward_type = a[REWARDS].type;
}

/* What all episodes must share, taken from the first. */
static mg_status check_sizes(mg_dataset_file *f, mg_episode *e, const mg_array a[ARRAYS]) {
  const mg_array *o = &a[OBSERVATIONS], *u = &a[ACTIONS];
  e->broken = true;
  if (o->id < 0 || u->id < 0) return MG_OK; /* said already */
  if (o->kind != MG_ARRAY_FLOAT || o->rank != 2 || o->dims[1] < 1 || o->dims[1] > INT32_MAX / 4)
    return mg_dataset_wrong(f, "%s/observations is not [rows, size] of float32 or float64",
                            e->name);
  bool discrete = is_discrete(u);
  bool shaped = discrete || (u->kind != MG_ARRAY_BOOLEAN && u->rank == 2);
  if (!shaped || u->dims[1] < 1 || u->dims[1] > INT32_MAX / 4)
    return mg_dataset_wrong(f,
                            "%s/actions is neither [steps, size] of float32 or float64 nor "
                            "[steps] of whole numbers",
                            e->name);
  int observation_size = (int)o->dims[1], action_size = (int)u->dims[1];
  if (f->form.observation_size == 0) take_form(f, a);
  if (observation_size != f->form.observation_size)
    return mg_dataset_wrong(f, "%s/observations has %d columns; expected %d as in %s", e->name,
                            observation_size, f->form.observation_size, f->episode[0].name);
  if (action_size != f->form.action_size || discrete != f->form.discrete)
    return mg_dataset_wrong(f, "%s/actions has %d %s columns; expected %d %s as in %s", e->name,
                            action_size, discrete ? "integer" : "float", f->form.action_size,
                            f->form.discrete ? "integer" : "float", f->episode[0].name);
  e->broken = false;
  return MG_OK;
}

static mg_status check_headers(mg_dataset_file *f, mg_episode *e, const mg_array a[ARRAYS]) {
  MG_TRY(check_sizes(f, e, a));
  if (a[ACTIONS].id >= 0) e->steps = (int64_t)a[ACTIONS].dims[0];
  if (e->broken) return MG_OK;
  if (e->steps >= 1) {
    if (a[OBSERVATIONS].dims[0] != (hsize_t)e->steps + 1)
      MG_TRY(mg_dataset_wrong(f,
                              "%s/observations has %" PRIu64 " rows and actions %" PRIi64
                              "; expected one more observation than actions",
                              e->name, (uint64_t)a[OBSERVATIONS].dims[0], e->steps));
    MG_TRY(check_rows(f, e, REWARDS, &a[REWARDS], true));
    MG_TRY(check_rows(f, e, TERMINATIONS, &a[TERMINATIONS], false));
    MG_TRY(check_rows(f, e, TRUNCATIONS, &a[TRUNCATIONS], false));
  }
  return mg_dataset_count_episode(f, e);
}

static mg_status check_id(mg_dataset_file *f, mg_episode *e, hid_t group) {
  if (mg_h5_read_i64(group, "id", &e->id)) return MG_OK;
  e->id = strtoll(e->name + strlen("episode_"), NULL, 10); /* if problems are collected */
  return mg_dataset_wrong(f, "%s has no attribute id that is one whole number", e->name);
}

static mg_status check_total(mg_dataset_file *f, const mg_episode *e, hid_t group) {
  int64_t total_steps;
  if (!e->broken && mg_h5_read_i64(group, "total_steps", &total_steps) && total_steps != e->steps)
    return mg_dataset_wrong(f,
                            "%s has %" PRIi64 " actions, its attribute total_steps says %" PRIi64,
                            e->name, e->steps, total_steps);
  return MG_OK;
}

static mg_status check_episode(mg_dataset_file *f, mg_episode *e) {
  hid_t group = H5I_INVALID_HID;
  mg_array arrays[ARRAYS];
  e->broken = true;
  mg_status status = open_group(f, e, &group);
  if (status != MG_OK) return mg_dataset_forward(f, status);
  status = check_id(f, e, group);
  if (status == MG_OK && (status = open_arrays(f, e, group, arrays)) == MG_OK) {
    status = check_headers(f, e, arrays);
    close_arrays(arrays);
    if (status == MG_OK) status = check_total(f, e, group);
  }
  mg_h5_close(group);
  return status;
}

static mg_status open_file(mg_dataset_file *f) {
  if (H5Literate(f->file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, collect_name, f) < 0)
    return mg_fail(MG_ERR_DATA, "%s: its root group cannot be listed (damaged?)", f->path);
  mg_h5_read_marks(f);
  for (int64_t k = 0; k < f->episodes; k++) MG_TRY(check_episode(f, &f->episode[k]));
  if (!mg_metadata_env_id(f->path, f->form.env_id, sizeof f->form.env_id))
    mg_metadata_env_id_of_file(f->file, f->form.env_id, sizeof f->form.env_id);
  return MG_OK;
}

/* ---- values ---- */

static mg_status load_flags(mg_dataset_file *f, const mg_episode *e, int which, const mg_array *a,
                            double *scratch, bool *last) {
  int64_t inside = 0, first = 0;
  MG_TRY(mg_array_read(a, f->path, e->name, NAMES[which], scratch));
  for (int64_t t = 0; t < e->steps; t++)
    if (scratch[t] != 0 && scratch[t] != 1)
      return mg_fail(MG_ERR_DATA, "%s: %s/%s[%" PRIi64 "] is %g; expected 0 or 1", f->path, e->name,
                     NAMES[which], t, scratch[t]);
  for (int64_t t = e->steps - 1; t-- > 0;)
    if (scratch[t] != 0) inside++, first = t;
  *last = scratch[e->steps - 1] != 0;
  if (inside > 0 && f->access.strict)
    return mg_fail(MG_ERR_DATA,
                   "%s: %s/%s[%" PRIi64 "] is set before the episode's end (%" PRIi64 " %s so)",
                   f->path, e->name, NAMES[which], first, inside, inside == 1 ? "is" : "are");
  return MG_OK;
}

/* Opened anew: the shape is that which was checked, or the file changed meanwhile; where problems
 * are collected it may be one of them. */
static bool fits(const mg_dataset_file *f, const mg_episode *e, int which, const mg_array *a) {
  uint64_t rows = (uint64_t)e->steps + (which == OBSERVATIONS);
  uint64_t columns = which == OBSERVATIONS ? (uint64_t)f->form.observation_size
                     : which == ACTIONS    ? (uint64_t)f->form.action_size
                                           : 1;
  return a->id >= 0 && a->dims[0] == rows && a->bytes == sizeof(double) * rows * columns;
}

static mg_status load_array(mg_dataset_file *f, const mg_episode *e, int which, const mg_array *a,
                            mg_trajectory *t) {
  if (!fits(f, e, which, a))
    return f->access.collect
               ? MG_OK
               : mg_fail(MG_ERR_DATA, "%s: %s changed while it was read", f->path, e->name);
  switch (which) {
  case OBSERVATIONS:
    return mg_array_read(a, f->path, e->name, NAMES[which], t->observations);
  case ACTIONS:
    MG_TRY(mg_array_read(a, f->path, e->name, NAMES[which], t->actions));
    return mg_dataset_check_choices(f, e, NAMES[which], t->actions);
  case TERMINATIONS:
    return load_flags(f, e, which, a, t->rewards, &t->terminated);
  case TRUNCATIONS:
    return load_flags(f, e, which, a, t->rewards, &t->truncated);
  default:
    return mg_array_read(a, f->path, e->name, NAMES[which], t->rewards);
  }
}

static void forget(void *user, mg_note_kind kind, const char *sentence) {
  (void)user, (void)kind, (void)sentence;
}

/* The flags pass through the array of rewards, which is read last. */
static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  static const int order[ARRAYS] = {OBSERVATIONS, ACTIONS, TERMINATIONS, TRUNCATIONS, REWARDS};
  const mg_episode *e = &f->episode[k];
  hid_t group = H5I_INVALID_HID;
  mg_array arrays[ARRAYS];
  mg_dataset_access access = f->access;
  MG_TRY(open_group(f, e, &group));
  if (access.found) f->access.found = forget; /* what is said about headers was said */
  mg_status status = open_arrays(f, e, group, arrays);
  f->access = access;
  if (status == MG_OK) {
    for (int i = 0; i < ARRAYS && status == MG_OK; i++)
      status = mg_dataset_forward(f, load_array(f, e, order[i], &arrays[order[i]], t));
    close_arrays(arrays);
  }
  mg_h5_close(group);
  return status;
}

/* ---- what stands beside ---- */

static bool skip_in_root(const void *user, const char *name) {
  (void)user;
  return mg_minari_is_episode_name(name) || mg_h5_is_mark(name);
}

static bool skip_in_episode(const void *user, const char *name) {
  (void)user;
  for (int i = 0; i < ARRAYS; i++)
    if (strcmp(name, NAMES[i]) == 0) return true;
  return false;
}

static mg_status read_extras(mg_dataset_file *f, mg_extras *x) {
  MG_TRY(mg_h5_extras_read(f, f->file, "", "", true, skip_in_root, NULL, x));
  x->metadata = mg_metadata_beside(f->path);
  x->generated = x->metadata && mg_metadata_is_generated(x->metadata);
  return MG_OK;
}

static mg_status read_episode_extras(mg_dataset_file *f, int64_t k, mg_extras *x) {
  const mg_episode *e = &f->episode[k];
  hid_t group = H5I_INVALID_HID;
  MG_TRY(open_group(f, e, &group));
  mg_status status = mg_h5_extras_read(f, group, e->name, "", true, skip_in_episode, NULL, x);
  mg_h5_close(group);
  return status;
}

const mg_layout mg_layout_minari = {
    .name = "minari",
    .ending = ".h5",
    .signs = "groups episode_0, episode_1, ...",
    .hdf5 = true,
    .recognise = recognise,
    .open = open_file,
    .load = load,
    .extras = read_extras,
    .episode_extras = read_episode_extras,
    .create = mg_minari_create,
    .append = mg_minari_append,
    .finish = mg_minari_finish,
    .discard = mg_minari_discard,
};
