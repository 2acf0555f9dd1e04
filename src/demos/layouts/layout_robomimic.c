/* robomimic's HDF5: data/demo_K/{obs/<key> [T,...], next_obs/<key>, actions [T,m], rewards [T],
 * dones [T]} with attribute num_samples; data has total and env_args, a JSON object. The keys of
 * obs that are vectors or numbers are joined in the order of their names. dones marks the last step
 * of an episode that the task ended; others are truncated. Masks are not looked at. Source:
 * robomimic, docs "Dataset contents and visualization". */
#include "demos/layouts/layout_robomimic.h"

#include "demos/extras/h5_extras.h"
#include "demos/metadata.h"
#include "files/h5_array.h"
#include "files/h5_util.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_KEYS = 64, MAX_KEY = 64 };

typedef struct robomimic {
  hid_t data;
  int keys;
  char key[MAX_KEYS][MAX_KEY];
  int width[MAX_KEYS];
  double *scratch; /* one key of the longest episode */
} robomimic;

static bool is_demo_name(const char *name) {
  static const char prefix[] = "demo_";
  if (strncmp(name, prefix, sizeof prefix - 1) != 0) return false;
  size_t digits = strspn(name + sizeof prefix - 1, "0123456789");
  return digits >= 1 && digits <= 18 && name[sizeof prefix - 1 + digits] == 0;
}

static herr_t see_name(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)group, (void)info, (void)user;
  return is_demo_name(name);
}

static bool recognise(const mg_dataset_file *f) {
  if (!mg_h5_is_hard(f->file, "data", H5O_TYPE_GROUP, NULL)) return false;
  hid_t data = H5Gopen2(f->file, "data", H5P_DEFAULT);
  bool found =
      data >= 0 && H5Literate(data, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, see_name, NULL) > 0;
  mg_h5_close(data);
  return found;
}

static herr_t collect_name(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)group, (void)info;
  if (!is_demo_name(name)) return 0;
  mg_episode *e = mg_dataset_new_episode(user);
  if (!e) return -1;
  snprintf(e->name, sizeof e->name, "%s", name);
  e->id = strtoll(name + strlen("demo_"), NULL, 10);
  return 0;
}

static mg_status open_group(const mg_dataset_file *f, hid_t parent, const char *name,
                            const char *where, hid_t *group) {
  const char *why;
  *group = -1;
  if (!mg_h5_is_hard(parent, name, H5O_TYPE_GROUP, &why))
    return mg_fail(MG_ERR_DATA, "%s: %s is %s; expected a group of this file", f->path, where, why);
  *group = H5Gopen2(parent, name, H5P_DEFAULT);
  return *group >= 0 ? MG_OK
                     : mg_fail(MG_ERR_DATA, "%s: %s cannot be opened (damaged?)", f->path, where);
}

static uint64_t most_bytes(const mg_dataset_file *f) {
  return f->access.max_episode_bytes ? f->access.max_episode_bytes : f->max_bytes;
}

/* ---- keys, from the first episode ---- */

typedef struct key_walk {
  mg_dataset_file *file;
  mg_status status;
} key_walk;

static herr_t add_key(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)info;
  key_walk *w = user;
  mg_dataset_file *f = w->file;
  robomimic *own = f->state;
  mg_array a;
  w->status = mg_array_open(f->path, group, "obs", name, most_bytes(f), &a);
  if (w->status != MG_OK) return 1;
  if (own->keys == MAX_KEYS || strlen(name) >= MAX_KEY || a.dims[1] < 1 ||
      a.dims[1] > INT32_MAX / 4 / MAX_KEYS) {
    w->status = mg_fail(MG_ERR_DATA,
                        "%s: obs/%.64s: more than %d keys, or a name or a width that "
                        "is too large",
                        f->path, name, MAX_KEYS);
  } else {
    if (own->keys == 0) f->form.observation_type = MG_FLOAT32;
    if (a.type != MG_FLOAT32) f->form.observation_type = MG_FLOAT64;
    strcpy(own->key[own->keys], name);
    own->width[own->keys++] = (int)a.dims[1];
    f->form.observation_size += (int)a.dims[1];
  }
  mg_h5_close(a.id);
  return w->status != MG_OK;
}

static mg_status find_keys(mg_dataset_file *f, hid_t demo) {
  hid_t obs;
  key_walk w = {f, MG_OK};
  MG_TRY(open_group(f, demo, "obs", "obs", &obs));
  if (H5Literate(obs, H5_INDEX_NAME, H5_ITER_INC, NULL, add_key, &w) < 0)
    w.status = mg_fail(MG_ERR_DATA, "%s: obs cannot be listed (damaged?)", f->path);
  mg_h5_close(obs);
  if (w.status == MG_OK && f->form.observation_size == 0)
    return mg_fail(MG_ERR_DATA, "%s: %s/obs holds no arrays", f->path, f->episode[0].name);
  f->form.final_observation = H5Lexists(demo, "next_obs", H5P_DEFAULT) > 0;
  f->form.rewards = H5Lexists(demo, "rewards", H5P_DEFAULT) > 0;
  return w.status;
}

/* ---- one episode ---- */

static mg_status check_vector(mg_dataset_file *f, mg_episode *e, hid_t demo, const char *name,
                              bool required) {
  mg_array a;
  if (!required && H5Lexists(demo, name, H5P_DEFAULT) <= 0) return MG_OK;
  mg_status status = mg_array_open(f->path, demo, e->name, name, most_bytes(f), &a);
  if (status != MG_OK) return mg_dataset_forward(f, status);
  if (a.dims[1] != 1 || a.dims[0] != (hsize_t)e->steps)
    status = mg_dataset_wrong(
        f, "%s/%s has %" PRIu64 " rows of %" PRIu64 ", actions has %" PRIi64 "; expected as many",
        e->name, name, (uint64_t)a.dims[0], (uint64_t)a.dims[1], e->steps);
  else if (strcmp(name, "rewards") == 0 && e == f->episode)
    f->form.reward_type = a.type == MG_FLOAT32 ? MG_FLOAT32 : MG_FLOAT64;
  mg_h5_close(a.id);
  return status;
}

static mg_status check_actions(mg_dataset_file *f, mg_episode *e, hid_t demo) {
  mg_array a;
  e->broken = true;
  mg_status status = mg_array_open(f->path, demo, e->name, "actions", most_bytes(f), &a);
  if (status != MG_OK) return mg_dataset_forward(f, status);
  bool discrete = a.kind == MG_ARRAY_INTEGER && a.dims[1] == 1;
  mg_form *form = &f->form;
  e->steps = (int64_t)a.dims[0];
  if (form->action_size == 0) {
    form->action_size = a.dims[1] > INT32_MAX / 4 ? 0 : (int)a.dims[1];
    form->discrete = discrete, form->action_type = a.type, form->action_rank = a.rank;
  }
  if ((!discrete && a.rank != 2) || a.dims[1] < 1 || a.dims[1] != (hsize_t)form->action_size ||
      discrete != form->discrete)
    status = mg_dataset_wrong(f,
                              "%s/actions is not [steps, size] or [steps] of whole numbers, the "
                              "same in all episodes",
                              e->name);
  else
    e->broken = false;
  mg_h5_close(a.id);
  return status;
}

/* values [T, observation_size] <- obs or next_obs; values NULL: only checked. `only`: one row. */
static mg_status read_observations(mg_dataset_file *f, const mg_episode *e, hid_t demo,
                                   const char *name, int64_t only, double *values) {
  robomimic *own = f->state;
  hid_t group;
  char where[64];
  snprintf(where, sizeof where, "%s/%s", e->name, name);
  MG_TRY(open_group(f, demo, name, where, &group));
  mg_status status = MG_OK;
  size_t d = (size_t)f->form.observation_size, offset = 0;
  for (int i = 0; i < own->keys && status == MG_OK; i++) {
    mg_array a;
    status = mg_array_open(f->path, group, where, own->key[i], most_bytes(f), &a);
    if (status != MG_OK) break;
    size_t width = (size_t)own->width[i];
    if (a.dims[0] != (hsize_t)e->steps || a.dims[1] != width) {
      status = mg_fail(
          MG_ERR_DATA, "%s: %s/%s has %" PRIu64 " rows of %" PRIu64 "; expected %" PRIi64 " of %zu",
          f->path, where, own->key[i], (uint64_t)a.dims[0], (uint64_t)a.dims[1], e->steps, width);
    } else if (values) {
      int64_t first = only >= 0 ? only : 0, rows = only >= 0 ? 1 : e->steps;
      const hsize_t start[3] = {(hsize_t)first, 0, 0}, count[3] = {(hsize_t)rows, width, 1};
      status = mg_array_read_part(&a, f->path, where, own->key[i], start, count, own->scratch);
      for (int64_t t = 0; t < rows && status == MG_OK; t++)
        memcpy(values + (size_t)t * d + offset, own->scratch + (size_t)t * width,
               width * sizeof(double));
    }
    offset += width;
    mg_h5_close(a.id);
  }
  mg_h5_close(group);
  return status;
}

static mg_status check_episode(mg_dataset_file *f, mg_episode *e) {
  robomimic *own = f->state;
  hid_t demo;
  int64_t samples;
  e->broken = true;
  mg_status status = open_group(f, own->data, e->name, e->name, &demo);
  if (status != MG_OK) return mg_dataset_forward(f, status);
  if (own->keys == 0) status = find_keys(f, demo);
  if (status == MG_OK) status = check_actions(f, e, demo);
  if (status == MG_OK && !e->broken) {
    mg_status read = read_observations(f, e, demo, "obs", -1, NULL);
    if (read == MG_OK && f->form.final_observation)
      read = read_observations(f, e, demo, "next_obs", -1, NULL);
    e->broken = read != MG_OK;
    status = mg_dataset_forward(f, read);
    if (status == MG_OK) status = check_vector(f, e, demo, "rewards", f->form.rewards);
    if (status == MG_OK) status = check_vector(f, e, demo, "dones", false);
    if (status == MG_OK && mg_h5_read_i64(demo, "num_samples", &samples) && samples != e->steps)
      status =
          mg_dataset_wrong(f, "%s has %" PRIi64 " actions, its attribute num_samples says %" PRIi64,
                           e->name, e->steps, samples);
    if (status == MG_OK && !e->broken) status = mg_dataset_count_episode(f, e);
  }
  mg_h5_close(demo);
  return status;
}

static void find_env_id(mg_dataset_file *f, hid_t data) {
  char args[8192];
  mg_form *form = &f->form;
  if (mg_metadata_env_id_of_file(f->file, form->env_id, sizeof form->env_id) ||
      mg_metadata_env_id(f->path, form->env_id, sizeof form->env_id))
    return;
  if (!mg_h5_read_text(data, "env_args", args, sizeof args)) return;
  cJSON *root = cJSON_Parse(args);
  const cJSON *name = cJSON_GetObjectItemCaseSensitive(root, "env_name");
  if (cJSON_IsString(name) && mg_is_env_id(name->valuestring) &&
      strlen(name->valuestring) < sizeof form->env_id)
    strcpy(form->env_id, name->valuestring);
  cJSON_Delete(root);
}

static mg_status open_file(mg_dataset_file *f) {
  robomimic *own = f->state = calloc(1, sizeof *own);
  if (!own) return mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  own->data = -1;
  MG_TRY(open_group(f, f->file, "data", "data", &own->data));
  if (H5Literate(own->data, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, collect_name, f) < 0)
    return mg_fail(MG_ERR_DATA, "%s: data cannot be listed (damaged?)", f->path);
  for (int64_t k = 0; k < f->episodes; k++) MG_TRY(check_episode(f, &f->episode[k]));
  mg_h5_read_marks(f);
  find_env_id(f, own->data);
  size_t widest = 1;
  for (int i = 0; i < own->keys; i++)
    if ((size_t)own->width[i] > widest) widest = (size_t)own->width[i];
  own->scratch = calloc(((size_t)f->longest + 1) * widest, sizeof *own->scratch);
  return own->scratch ? MG_OK : mg_fail(MG_ERR_DATA, "%s: does not fit into memory", f->path);
}

static void close_file(mg_dataset_file *f) {
  robomimic *own = f->state;
  if (!own) return;
  mg_h5_close(own->data);
  free(own->scratch);
  free(own);
  f->state = NULL;
}

/* ---- values ---- */

static mg_status load_vector(mg_dataset_file *f, const mg_episode *e, hid_t demo, const char *name,
                             hsize_t columns, double *values) {
  mg_array a;
  MG_TRY(mg_array_open(f->path, demo, e->name, name, most_bytes(f), &a));
  mg_status status;
  if (a.dims[0] != (hsize_t)e->steps || a.dims[1] != columns)
    status = f->access.collect
                 ? MG_OK /* said already */
                 : mg_fail(MG_ERR_DATA, "%s: %s changed while it was read", f->path, e->name);
  else
    status = mg_array_read(&a, f->path, e->name, name, values);
  mg_h5_close(a.id);
  return status;
}

static mg_status load_ends(mg_dataset_file *f, const mg_episode *e, hid_t demo, mg_trajectory *t) {
  int64_t truncated;
  t->terminated = false;
  if (H5Lexists(demo, "dones", H5P_DEFAULT) > 0) { /* through the array of rewards, read later */
    MG_TRY(load_vector(f, e, demo, "dones", 1, t->rewards));
    t->terminated = t->rewards[e->steps - 1] != 0;
  }
  t->truncated = !t->terminated;
  if (mg_h5_read_i64(demo, "truncated", &truncated)) t->truncated = truncated != 0;
  return MG_OK;
}

static mg_status load_arrays(mg_dataset_file *f, const mg_episode *e, hid_t demo,
                             mg_trajectory *t) {
  double *last = t->observations + (size_t)e->steps * (size_t)f->form.observation_size;
  MG_TRY(mg_dataset_forward(f, read_observations(f, e, demo, "obs", -1, t->observations)));
  if (f->form.final_observation)
    MG_TRY(mg_dataset_forward(f, read_observations(f, e, demo, "next_obs", e->steps - 1, last)));
  MG_TRY(mg_dataset_forward(
      f, load_vector(f, e, demo, "actions", (hsize_t)f->form.action_size, t->actions)));
  MG_TRY(mg_dataset_check_choices(f, e, "actions", t->actions));
  MG_TRY(mg_dataset_forward(f, load_ends(f, e, demo, t)));
  if (f->form.rewards)
    MG_TRY(mg_dataset_forward(f, load_vector(f, e, demo, "rewards", 1, t->rewards)));
  return MG_OK;
}

static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  const robomimic *own = f->state;
  hid_t demo;
  MG_TRY(open_group(f, own->data, f->episode[k].name, f->episode[k].name, &demo));
  mg_status status = load_arrays(f, &f->episode[k], demo, t);
  mg_h5_close(demo);
  return status;
}

/* ---- what stands beside ---- */

static bool skip_in_root(const void *user, const char *name) {
  (void)user;
  return strcmp(name, "data") == 0 || strcmp(name, "mask") == 0 || mg_h5_is_mark(name);
}

static bool skip_in_demo(const void *user, const char *name) {
  static const char *const known[] = {"obs",   "next_obs",    "actions",  "rewards",
                                      "dones", "num_samples", "truncated"};
  (void)user;
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(name, known[i]) == 0) return true;
  return false;
}

static mg_status read_extras(mg_dataset_file *f, mg_extras *x) {
  return mg_keep_read_file(f, skip_in_root, NULL, x);
}

static mg_status read_episode_extras(mg_dataset_file *f, int64_t k, mg_extras *x) {
  const robomimic *own = f->state;
  const mg_episode *e = &f->episode[k];
  hid_t demo;
  MG_TRY(open_group(f, own->data, e->name, e->name, &demo));
  mg_status status = mg_h5_extras_read(f, demo, e->name, "", true, skip_in_demo, NULL, x);
  mg_h5_close(demo);
  return status;
}

const mg_layout mg_layout_robomimic = {
    .name = "robomimic",
    .ending = ".h5",
    .signs = "groups data/demo_0, ...",
    .hdf5 = true,
    .recognise = recognise,
    .open = open_file,
    .load = load,
    .extras = read_extras,
    .episode_extras = read_episode_extras,
    .close = close_file,
    .create = mg_robomimic_create,
    .append = mg_robomimic_append,
    .finish = mg_robomimic_finish,
    .discard = mg_robomimic_discard,
};
