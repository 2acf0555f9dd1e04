#include "envs/trace/trace_file.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_EPISODES = 10000, MAX_SIZE = 100000, MAX_STEPS = 10000000 };
#define MAX_NUMBERS ((hsize_t)1 << 28) /* in one dataset: 2 GiB */

/* ---- attributes ---- */

static mg_status read_string(const mg_trace_file *file, hid_t object, const char *name, char *value,
                             size_t size) {
  mg_status status = MG_ERR_DATA;
  hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
  if (attribute < 0) return mg_fail(MG_ERR_DATA, "%s: attribute %s is missing", file->path, name);
  hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  if (H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1) {
    hid_t memory_type = H5Tcopy(H5T_C_S1);
    H5Tset_cset(memory_type, H5Tget_cset(type));
    if (H5Tis_variable_str(type) > 0) {
      char *text = NULL;
      H5Tset_size(memory_type, H5T_VARIABLE);
      if (H5Aread(attribute, memory_type, &text) >= 0 && text && strlen(text) < size) {
        memcpy(value, text, strlen(text) + 1);
        status = MG_OK;
      }
      if (text) H5free_memory(text);
    } else if (H5Tget_size(type) < size) {
      H5Tset_size(memory_type, size);
      if (H5Aread(attribute, memory_type, value) >= 0) status = MG_OK;
      value[size - 1] = '\0';
    }
    H5Tclose(memory_type);
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(attribute);
  if (status == MG_OK) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%s: attribute %s is not one string shorter than %zu bytes",
                 file->path, name, size);
}

static mg_status read_size(const mg_trace_file *file, const char *name, int *value) {
  hid_t attribute = H5Aopen((hid_t)file->handle, name, H5P_DEFAULT);
  if (attribute < 0) return mg_fail(MG_ERR_DATA, "%s: attribute %s is missing", file->path, name);
  long long number = -1;
  hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  bool ok = H5Tget_class(type) == H5T_INTEGER && H5Sget_simple_extent_npoints(space) == 1 &&
            H5Aread(attribute, H5T_NATIVE_LLONG, &number) >= 0;
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(attribute);
  if (!ok || number < 0 || number > MAX_SIZE)
    return mg_fail(MG_ERR_DATA, "%s: attribute %s is not an integer in 0..%d", file->path, name,
                   MAX_SIZE);
  *value = (int)number;
  return MG_OK;
}

/* ---- file ---- */

static mg_status read_header(mg_trace_file *file) {
  hid_t root = (hid_t)file->handle;
  char layout[32], kind[32];
  MG_TRY(read_string(file, root, "layout", layout, sizeof layout));
  if (strcmp(layout, "conformance-1") != 0)
    return mg_fail(MG_ERR_DATA, "%s: layout is '%s', expected 'conformance-1'", file->path, layout);
  MG_TRY(read_string(file, root, "kind", kind, sizeof kind));
  file->classic = strcmp(kind, "classic") == 0;
  if (!file->classic && strcmp(kind, "mujoco") != 0)
    return mg_fail(MG_ERR_DATA, "%s: kind is '%s', expected 'mujoco' or 'classic'", file->path,
                   kind);
  MG_TRY(read_string(file, root, "env_id", file->id, sizeof file->id));
  MG_TRY(read_string(file, root, "env_kwargs", file->kwargs, sizeof file->kwargs));
  MG_TRY(read_string(file, root, "gymnasium_version", file->gymnasium_version,
                     sizeof file->gymnasium_version));
  MG_TRY(read_size(file, "obs_dim", &file->observation_size));
  MG_TRY(read_size(file, "max_episode_steps", &file->max_episode_steps));
  MG_TRY(read_size(file, file->classic ? "num_actions" : "act_dim", &file->action_size));
  if (!file->classic) {
    MG_TRY(read_string(file, root, "mujoco_version", file->mujoco_version,
                       sizeof file->mujoco_version));
    MG_TRY(read_size(file, "nq", &file->qpos_size));
    MG_TRY(read_size(file, "nv", &file->qvel_size));
  }
  char name[32];
  for (; file->episodes < MAX_EPISODES; file->episodes++) {
    snprintf(name, sizeof name, "episode_%d", file->episodes);
    if (H5Lexists(root, name, H5P_DEFAULT) <= 0) break;
  }
  if (!file->episodes) return mg_fail(MG_ERR_DATA, "%s: no group episode_0", file->path);
  return MG_OK;
}

mg_status mg_trace_file_open(const char *path, mg_trace_file *file) {
  memset(file, 0, sizeof *file);
  file->handle = -1;
  snprintf(file->path, sizeof file->path, "%s", path);
  struct stat s;
  if (stat(path, &s) != 0 || !S_ISREG(s.st_mode))
    return mg_fail(MG_ERR_NO_INPUT, "%s: no such regular file", path);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  file->handle = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file->handle < 0)
    return mg_fail(MG_ERR_DATA, "%s: truncated, or not an HDF5 file", file->path);
  return read_header(file);
}

void mg_trace_file_close(mg_trace_file *file) {
  if (file->handle >= 0) H5Fclose((hid_t)file->handle);
  file->handle = -1;
}

/* ---- episodes ---- */

typedef struct reader {
  const mg_trace_file *file;
  hid_t group;
  int k;
} reader;

/* *values <- dataset `name` as doubles; the caller frees it. *rows and *columns: expected length of
 * each dimension; -1 is replaced by what is found; columns NULL: one dimension. */
static mg_status read_array(const reader *r, const char *name, int *rows, int *columns,
                            double **values) {
  hid_t set = H5Dopen2(r->group, name, H5P_DEFAULT);
  if (set < 0)
    return mg_fail(MG_ERR_DATA, "%s: dataset episode_%d/%s is missing", r->file->path, r->k, name);
  hid_t type = H5Dget_type(set), space = H5Dget_space(set);
  hsize_t size[2] = {1, 1};
  int wanted = columns ? 2 : 1, found = H5Sget_simple_extent_ndims(space);
  H5T_class_t kind = H5Tget_class(type);
  bool ok = found == wanted && (kind == H5T_FLOAT || kind == H5T_INTEGER) &&
            H5Sget_simple_extent_dims(space, size, NULL) == wanted && size[0] <= MAX_STEPS &&
            size[1] <= MAX_SIZE && size[0] * size[1] <= MAX_NUMBERS;
  if (ok && *rows < 0) *rows = (int)size[0];
  if (ok && columns && *columns < 0) *columns = (int)size[1];
  ok = ok && size[0] == (hsize_t)*rows && (!columns || size[1] == (hsize_t)*columns);
  mg_status status = MG_OK;
  if (!ok) {
    char shape[32];
    snprintf(shape, sizeof shape, columns ? "[%d,%d]" : "[%d]", *rows, columns ? *columns : 0);
    status = mg_fail(MG_ERR_DATA, "%s: dataset episode_%d/%s is not numbers of shape %s",
                     r->file->path, r->k, name, shape);
  } else if (!(*values = malloc((size_t)(size[0] * size[1] + 1) * sizeof(double)))) {
    status = mg_fail(MG_ERR_MEMORY, "%s: no memory for episode_%d/%s", r->file->path, r->k, name);
  } else if (H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *values) < 0) {
    status =
        mg_fail(MG_ERR_DATA, "%s: dataset episode_%d/%s cannot be read", r->file->path, r->k, name);
  }
  H5Sclose(space);
  H5Tclose(type);
  H5Dclose(set);
  return status;
}

static mg_status read_episode(const reader *r, mg_trace_file *file, mg_trace_episode *e) {
  int *d = &file->observation_size, *T = &e->steps;
  e->steps = -1;
  memcpy(e->kwargs, file->kwargs, sizeof e->kwargs);
  if (H5Aexists(r->group, "env_kwargs") > 0)
    MG_TRY(read_string(file, r->group, "env_kwargs", e->kwargs, sizeof e->kwargs));
  MG_TRY(read_array(r, "rewards", T, NULL, &e->rewards));
  MG_TRY(read_array(r, "terminated", T, NULL, &e->terminated));
  MG_TRY(read_array(r, "truncated", T, NULL, &e->truncated));
  MG_TRY(read_array(r, "observations", T, d, &e->observations));
  MG_TRY(read_array(r, "init_obs", d, NULL, &e->init_observation));
  if (file->classic) {
    if (!file->qpos_size) file->qpos_size = -1;
    MG_TRY(read_array(r, "init_state", &file->qpos_size, NULL, &e->init_qpos));
    MG_TRY(read_array(r, "state", T, &file->qpos_size, &e->qpos));
    return read_array(r, "actions", T, NULL, &e->actions);
  }
  MG_TRY(read_array(r, "init_qpos", &file->qpos_size, NULL, &e->init_qpos));
  MG_TRY(read_array(r, "init_qvel", &file->qvel_size, NULL, &e->init_qvel));
  MG_TRY(read_array(r, "qpos", T, &file->qpos_size, &e->qpos));
  MG_TRY(read_array(r, "qvel", T, &file->qvel_size, &e->qvel));
  return read_array(r, "actions", T, &file->action_size, &e->actions);
}

mg_status mg_trace_file_read(mg_trace_file *file, int k, mg_trace_episode *episode) {
  memset(episode, 0, sizeof *episode);
  char name[32];
  snprintf(name, sizeof name, "episode_%d", k);
  reader r = {.file = file, .group = H5Gopen2((hid_t)file->handle, name, H5P_DEFAULT), .k = k};
  if (r.group < 0) return mg_fail(MG_ERR_DATA, "%s: %s is not a group", file->path, name);
  mg_status status = read_episode(&r, file, episode);
  H5Gclose(r.group);
  return status;
}

void mg_trace_episode_free(mg_trace_episode *e) {
  double *arrays[] = {e->init_observation, e->init_qpos,  e->init_qvel, e->actions, e->observations,
                      e->rewards,          e->terminated, e->truncated, e->qpos,    e->qvel};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
  memset(e, 0, sizeof *e);
}
