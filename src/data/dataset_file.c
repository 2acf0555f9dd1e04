#include "data/dataset_file.h"

#include "data/dataset_array.h"
#include "data/dataset_metadata.h"
#include "data/h5_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- which groups are episodes ---- */

typedef struct name_list {
  int64_t count, capacity;
  mg_episode *episode;
} name_list;

/* "episode_" and 1 to 18 digits; anything else in the root is none of ours. */
static bool is_episode_name(const char *name) {
  static const char prefix[] = "episode_";
  if (strncmp(name, prefix, sizeof prefix - 1) != 0) return false;
  size_t digits = strspn(name + sizeof prefix - 1, "0123456789");
  return digits >= 1 && digits <= 18 && name[sizeof prefix - 1 + digits] == 0;
}

static herr_t collect_name(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)group, (void)info;
  name_list *list = user;
  if (!is_episode_name(name)) return 0;
  if (list->count == list->capacity) {
    int64_t capacity = list->capacity ? 2 * list->capacity : 64;
    mg_episode *grown = realloc(list->episode, (size_t)capacity * sizeof *grown);
    if (!grown) return -1;
    list->episode = grown, list->capacity = capacity;
  }
  mg_episode *e = &list->episode[list->count++];
  *e = (mg_episode){0};
  snprintf(e->name, sizeof e->name, "%s", name);
  return 0;
}

/* ---- the headers of one episode ---- */

typedef struct episode_arrays {
  mg_array observations, actions, rewards, terminations, truncations;
} episode_arrays;

static mg_status open_group(const mg_dataset_file *f, const mg_episode *e, hid_t *group) {
  const char *why;
  if (!mg_h5_is_hard(f->file, e->name, H5O_TYPE_GROUP, &why))
    return mg_fail(MG_ERR_DATA, "%s: %s is %s; expected a group of this file", f->path, e->name,
                   why);
  *group = H5Gopen2(f->file, e->name, H5P_DEFAULT);
  if (*group < 0)
    return mg_fail(MG_ERR_DATA, "%s: %s cannot be opened (damaged?)", f->path, e->name);
  return MG_OK;
}

static void close_arrays(episode_arrays *a) {
  mg_h5_close(a->observations.id);
  mg_h5_close(a->actions.id);
  mg_h5_close(a->rewards.id);
  mg_h5_close(a->terminations.id);
  mg_h5_close(a->truncations.id);
}

static mg_status open_arrays(const mg_dataset_file *f, const mg_episode *e, hid_t group,
                             episode_arrays *a) {
  struct {
    const char *name;
    mg_array *array;
  } wanted[] = {{"observations", &a->observations},
                {"actions", &a->actions},
                {"rewards", &a->rewards},
                {"terminations", &a->terminations},
                {"truncations", &a->truncations}};
  enum { COUNT = sizeof wanted / sizeof *wanted };
  for (int i = 0; i < COUNT; i++) wanted[i].array->id = -1;
  for (int i = 0; i < COUNT; i++) {
    mg_status status =
        mg_array_open(f->path, group, e->name, wanted[i].name, f->max_bytes, wanted[i].array);
    if (status != MG_OK) {
      close_arrays(a);
      return status;
    }
  }
  return MG_OK;
}

static mg_status check_rows(const mg_dataset_file *f, const mg_episode *e, const char *name,
                            const mg_array *array, bool allow_float) {
  if (array->rank != 1)
    return mg_fail(MG_ERR_DATA, "%s: %s/%s has 2 dimensions; expected [%" PRIi64 "]", f->path,
                   e->name, name, e->steps);
  if (array->dims[0] != (hsize_t)e->steps)
    return mg_fail(MG_ERR_DATA,
                   "%s: %s/%s has %" PRIu64 " rows, actions has %" PRIi64 "; expected as many",
                   f->path, e->name, name, (uint64_t)array->dims[0], e->steps);
  if ((array->kind == MG_ARRAY_FLOAT) != allow_float)
    return mg_fail(MG_ERR_DATA, "%s: %s/%s is %s; expected %s", f->path, e->name, name,
                   allow_float ? "of whole numbers" : "float",
                   allow_float ? "float32 or float64" : "booleans");
  return MG_OK;
}

/* What all episodes must share, taken from the first. */
static mg_status check_sizes(mg_dataset_file *f, const mg_episode *e, bool first,
                             const episode_arrays *a) {
  const mg_array *o = &a->observations, *u = &a->actions;
  if (o->kind != MG_ARRAY_FLOAT || o->rank != 2 || o->dims[1] < 1 || o->dims[1] > INT32_MAX / 4)
    return mg_fail(MG_ERR_DATA, "%s: %s/observations is not [rows, size] of float32 or float64",
                   f->path, e->name);
  bool discrete = u->kind == MG_ARRAY_INTEGER;
  bool shaped = discrete ? u->dims[1] == 1 : u->kind == MG_ARRAY_FLOAT && u->rank == 2;
  if (!shaped || u->dims[1] < 1 || u->dims[1] > INT32_MAX / 4)
    return mg_fail(MG_ERR_DATA,
                   "%s: %s/actions is neither [steps, size] of float32 or float64 nor [steps] of "
                   "whole numbers",
                   f->path, e->name);
  int observation_size = (int)o->dims[1], action_size = (int)u->dims[1];
  if (first) {
    f->observation_size = observation_size, f->action_size = action_size, f->discrete = discrete;
    return MG_OK;
  }
  if (observation_size != f->observation_size)
    return mg_fail(MG_ERR_DATA, "%s: %s/observations has %d columns; expected %d as in %s", f->path,
                   e->name, observation_size, f->observation_size, f->episode[0].name);
  if (action_size != f->action_size || discrete != f->discrete)
    return mg_fail(MG_ERR_DATA, "%s: %s/actions has %d %s columns; expected %d %s as in %s",
                   f->path, e->name, action_size, discrete ? "integer" : "float", f->action_size,
                   f->discrete ? "integer" : "float", f->episode[0].name);
  return MG_OK;
}

static mg_status check_headers(mg_dataset_file *f, mg_episode *e, bool first,
                               const episode_arrays *a) {
  MG_TRY(check_sizes(f, e, first, a));
  e->steps = (int64_t)a->actions.dims[0];
  if (e->steps < 1) return mg_fail(MG_ERR_DATA, "%s: %s has no steps", f->path, e->name);
  if (a->observations.dims[0] != (hsize_t)e->steps + 1)
    return mg_fail(MG_ERR_DATA,
                   "%s: %s/observations has %" PRIu64 " rows and actions %" PRIi64
                   "; expected one more observation than actions",
                   f->path, e->name, (uint64_t)a->observations.dims[0], e->steps);
  MG_TRY(check_rows(f, e, "rewards", &a->rewards, true));
  MG_TRY(check_rows(f, e, "terminations", &a->terminations, false));
  MG_TRY(check_rows(f, e, "truncations", &a->truncations, false));
  uint64_t bytes = a->observations.bytes + a->actions.bytes + a->rewards.bytes;
  if (bytes > f->max_bytes - f->bytes)
    return mg_fail(MG_ERR_DATA,
                   "%s: up to %s the episodes need more than the limit of %" PRIu64 " bytes",
                   f->path, e->name, f->max_bytes);
  f->bytes += bytes;
  if (e->steps > f->longest) f->longest = e->steps;
  return MG_OK;
}

static mg_status check_episode(mg_dataset_file *f, mg_episode *e, bool first) {
  hid_t group = H5I_INVALID_HID;
  episode_arrays arrays;
  int64_t total_steps;
  MG_TRY(open_group(f, e, &group));
  mg_status status;
  if (!mg_h5_read_i64(group, "id", &e->id)) {
    status = mg_fail(MG_ERR_DATA, "%s: %s has no attribute id that is one whole number", f->path,
                     e->name);
  } else if ((status = open_arrays(f, e, group, &arrays)) == MG_OK) {
    status = check_headers(f, e, first, &arrays);
    close_arrays(&arrays);
    if (status == MG_OK && mg_h5_read_i64(group, "total_steps", &total_steps) &&
        total_steps != e->steps)
      status = mg_fail(MG_ERR_DATA,
                       "%s: %s has %" PRIi64 " actions, its attribute total_steps says %" PRIi64,
                       f->path, e->name, e->steps, total_steps);
  }
  mg_h5_close(group);
  return status;
}

static int by_id(const void *a, const void *b) {
  int64_t x = ((const mg_episode *)a)->id, y = ((const mg_episode *)b)->id;
  return (x > y) - (x < y);
}

static mg_status check_all(mg_dataset_file *f) {
  if (f->episodes == 0)
    return mg_fail(MG_ERR_DATA,
                   "%s: no groups episode_0, episode_1, ...; expected Minari's layout%s", f->path,
                   H5Lexists(f->file, "observations", H5P_DEFAULT) > 0 ? ", found D4RL's" : "");
  for (int64_t k = 0; k < f->episodes; k++) MG_TRY(check_episode(f, &f->episode[k], k == 0));
  qsort(f->episode, (size_t)f->episodes, sizeof *f->episode, by_id);
  for (int64_t k = 1; k < f->episodes; k++)
    if (f->episode[k].id == f->episode[k - 1].id)
      return mg_fail(MG_ERR_DATA, "%s: %s and %s have the same attribute id %" PRIi64, f->path,
                     f->episode[k - 1].name, f->episode[k].name, f->episode[k].id);
  return MG_OK;
}

mg_status mg_dataset_file_open(const char *name, const char *path, uint64_t max_bytes,
                               mg_dataset_file *f) {
  *f = (mg_dataset_file){.path = path, .max_bytes = max_bytes};
  mg_h5_quiet();
  f->file = H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (f->file < 0) return mg_fail(MG_ERR_DATA, "%s: truncated or not an HDF5 file", path);
  name_list list = {0};
  if (H5Literate(f->file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, collect_name, &list) < 0)
    return mg_fail(MG_ERR_DATA, "%s: its root group cannot be listed (damaged?)", path);
  f->episodes = list.count;
  f->episode = list.episode;
  return check_all(f);
}

/* ---- values ---- */

static mg_status load_flags(const mg_dataset_file *f, const mg_episode *e, const char *name,
                            const mg_array *array, double *scratch, bool *last) {
  MG_TRY(mg_array_read(array, f->path, e->name, name, scratch));
  for (int64_t t = 0; t < e->steps; t++)
    if (scratch[t] != 0 && scratch[t] != 1)
      return mg_fail(MG_ERR_DATA, "%s: %s/%s[%" PRIi64 "] is %g; expected 0 or 1", f->path, e->name,
                     name, t, scratch[t]);
  *last = scratch[e->steps - 1] != 0;
  return MG_OK;
}

/* The flags pass through the array of rewards, which is read last. */
static mg_status load_arrays(const mg_dataset_file *f, const mg_episode *e, const episode_arrays *a,
                             mg_trajectory *t) {
  MG_TRY(mg_array_read(&a->observations, f->path, e->name, "observations", t->observations));
  MG_TRY(mg_array_read(&a->actions, f->path, e->name, "actions", t->actions));
  for (int64_t i = 0; f->discrete && i < e->steps; i++)
    if (t->actions[i] < 0 || t->actions[i] > INT32_MAX)
      return mg_fail(MG_ERR_DATA, "%s: %s/actions[%" PRIi64 "] is %.0f; expected a choice from 0",
                     f->path, e->name, i, t->actions[i]);
  MG_TRY(load_flags(f, e, "terminations", &a->terminations, t->rewards, &t->terminated));
  MG_TRY(load_flags(f, e, "truncations", &a->truncations, t->rewards, &t->truncated));
  MG_TRY(mg_array_read(&a->rewards, f->path, e->name, "rewards", t->rewards));
  t->total_reward = 0;
  for (int64_t i = 0; i < e->steps; i++) t->total_reward += t->rewards[i];
  return MG_OK;
}

mg_status mg_dataset_file_load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  mg_episode *e = &f->episode[k];
  hid_t group = H5I_INVALID_HID;
  episode_arrays arrays;
  t->id = e->id, t->steps = e->steps;
  MG_TRY(open_group(f, e, &group));
  mg_status status = open_arrays(f, e, group, &arrays);
  if (status == MG_OK) {
    /* Opened anew: the shapes are those that were checked, or the file changed meanwhile. */
    if (arrays.actions.dims[0] != (hsize_t)e->steps ||
        arrays.observations.bytes != 8 * (uint64_t)(e->steps + 1) * (uint64_t)f->observation_size ||
        arrays.actions.bytes != 8 * (uint64_t)e->steps * (uint64_t)f->action_size ||
        arrays.rewards.bytes != 8 * (uint64_t)e->steps ||
        arrays.terminations.bytes != arrays.rewards.bytes ||
        arrays.truncations.bytes != arrays.rewards.bytes)
      status = mg_fail(MG_ERR_DATA, "%s: %s changed while it was read", f->path, e->name);
    else
      status = load_arrays(f, e, &arrays, t);
    close_arrays(&arrays);
  }
  mg_h5_close(group);
  if (status == MG_OK) {
    e->total_reward = t->total_reward;
    e->terminated = t->terminated, e->truncated = t->truncated;
  }
  return status;
}

bool mg_dataset_file_env_id(const mg_dataset_file *f, char *env_id, size_t capacity) {
  char spec[8192];
  if (mg_h5_read_text(f->file, "env_id", env_id, capacity) && mg_is_env_id(env_id)) return true;
  env_id[0] = 0;
  return mg_h5_read_text(f->file, "env_spec", spec, sizeof spec) &&
         mg_env_id_of_spec(spec, env_id, capacity);
}
