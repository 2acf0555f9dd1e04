/* robomimic's HDF5: data/demo_K/{obs/<key> [T,...], next_obs/<key>, actions [T,m], rewards [T],
 * dones [T]} with attribute num_samples; data has total and env_args, a JSON object. The keys of
 * obs that are vectors or numbers are joined in the order of their names. dones marks the last step
 * of an episode that the task ended; others are truncated. mask/<name> lists episodes. Source:
 * robomimic, docs "Dataset contents and visualization". */
#include "demos/layouts/robomimic/layout_robomimic.h"
#include "demos/extras/h5_extras.h"
#include "demos/layouts/layout_keep.h"
#include "demos/metadata.h"
#include "files/h5_util.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char PREFIX[] = "demo_";

static bool recognise(const mg_dataset_file *f) {
  hid_t data = mg_h5_open_hard(f->file, "data", H5O_TYPE_GROUP, NULL);
  bool found = mg_groups_found(data, PREFIX);
  mg_h5_close(data);
  return found;
}

/* ---- one episode ---- */

static mg_status check_vector(mg_dataset_file *f, mg_episode *e, hid_t demo, const char *name,
                              const mg_array_use *use, bool required) {
  mg_array a;
  if (!required && H5Lexists(demo, name, H5P_DEFAULT) <= 0) return MG_OK;
  mg_status status = mg_layout_open_array(f, demo, e->name, name, use, &a);
  if (status != MG_OK) return mg_dataset_forward(f, status);
  if (a.dims[1] != 1 || a.dims[0] != (hsize_t)e->steps)
    status = mg_dataset_wrong(
        f, "%s/%s has %" PRIu64 " rows of %" PRIu64 ", actions has %" PRIi64 "; expected as many",
        e->name, name, (uint64_t)a.dims[0], (uint64_t)a.dims[1], e->steps);
  else if (strcmp(name, "rewards") == 0 && e == f->episode)
    f->form.reward_type = a.type == MG_FLOAT32 ? MG_FLOAT32 : MG_FLOAT64;
  mg_array_close(&a);
  return status;
}

static mg_status check_actions(mg_dataset_file *f, mg_episode *e, hid_t demo) {
  mg_array a;
  mg_status status = mg_layout_open_array(f, demo, e->name, "actions", &mg_use_matrix, &a);
  if (status != MG_OK) return mg_dataset_forward(f, status);
  bool discrete = mg_array_is_choices(&a);
  mg_form *form = &f->form;
  e->steps = (int64_t)a.dims[0];
  if (form->action_size == 0) {
    form->action_size = a.dims[1] > INT32_MAX / 4 ? 0 : (int)a.dims[1];
    form->discrete = discrete, form->action_rank = a.rank;
    form->action_type = mg_layout_number_type(a.type);
  }
  if (a.dims[1] < 1 || a.dims[1] != (hsize_t)form->action_size || discrete != form->discrete)
    status = mg_dataset_wrong(f,
                              "%s/actions is not [steps, size] or [steps] of whole numbers, the "
                              "same in all episodes",
                              e->name);
  else
    e->broken = false;
  mg_array_close(&a);
  return status;
}

/* values [T, observation_size] <- obs or next_obs; values NULL: only checked. `only`: one row. */
static mg_status read_observations(mg_dataset_file *f, const mg_episode *e, hid_t demo,
                                   const char *name, int64_t only, double *values) {
  mg_robomimic *own = f->state;
  hid_t group;
  char where[64];
  snprintf(where, sizeof where, "%s/%s", e->name, name);
  MG_TRY(mg_groups_open(f, demo, where, name, &group));
  mg_status status = MG_OK;
  size_t d = (size_t)f->form.observation_size, offset = 0;
  for (int i = 0; i < own->keys && status == MG_OK; i++) {
    mg_array a;
    status = mg_layout_open_array(f, group, where, own->key[i], &mg_use_matrix, &a);
    if (status != MG_OK) break;
    size_t width = (size_t)own->width[i];
    if (a.dims[0] != (hsize_t)e->steps || a.dims[1] != width) {
      status = mg_fail(
          MG_ERR_DATA, "%s: %s/%s has %" PRIu64 " rows of %" PRIu64 "; expected %" PRIi64 " of %zu",
          f->path, where, own->key[i], (uint64_t)a.dims[0], (uint64_t)a.dims[1], e->steps, width);
    } else if (values) {
      int64_t first = only >= 0 ? only : 0, rows = only >= 0 ? 1 : e->steps;
      const hsize_t start[2] = {(hsize_t)first, 0}, count[2] = {(hsize_t)rows, width};
      status = mg_array_read_part(&a, start, count, own->scratch);
      for (int64_t t = 0; t < rows && status == MG_OK; t++)
        memcpy(values + (size_t)t * d + offset, own->scratch + (size_t)t * width,
               width * sizeof(double));
    }
    offset += width;
    mg_array_close(&a);
  }
  mg_h5_close(group);
  return status;
}

static mg_status check_arrays(mg_dataset_file *f, mg_episode *e, hid_t demo) {
  mg_status read = read_observations(f, e, demo, "obs", -1, NULL);
  if (read == MG_OK && f->form.final_observation)
    read = read_observations(f, e, demo, "next_obs", -1, NULL);
  e->broken = read != MG_OK;
  MG_TRY(mg_dataset_forward(f, read));
  MG_TRY(check_vector(f, e, demo, "rewards", &mg_use_vector, f->form.rewards));
  MG_TRY(check_vector(f, e, demo, "dones", &mg_use_flags, false));
  MG_TRY(mg_groups_check_steps(f, e, demo, "num_samples"));
  return e->broken ? MG_OK : mg_dataset_count_episode(f, e);
}

static mg_status check_episode(mg_dataset_file *f, mg_episode *e, hid_t demo, void *user) {
  const mg_robomimic *own = f->state;
  (void)user;
  if (own->keys == 0) MG_TRY(mg_robomimic_find_keys(f, e, demo));
  MG_TRY(check_actions(f, e, demo));
  return e->broken ? MG_OK : check_arrays(f, e, demo);
}

static void find_env_id(mg_dataset_file *f, hid_t data) {
  char args[8192];
  mg_form *form = &f->form;
  if (mg_layout_find_env_id(f)) return;
  if (!mg_h5_read_text(data, "env_args", args, sizeof args)) return;
  cJSON *root = cJSON_Parse(args);
  const cJSON *name = cJSON_GetObjectItemCaseSensitive(root, "env_name");
  if (cJSON_IsString(name) && mg_is_env_id(name->valuestring) &&
      strlen(name->valuestring) < sizeof form->env_id)
    strcpy(form->env_id, name->valuestring);
  cJSON_Delete(root);
}

static mg_status open_file(mg_dataset_file *f) {
  mg_robomimic *own = f->state;
  MG_TRY(mg_groups_open(f, f->file, "data", "data", &own->data));
  MG_TRY(mg_groups_collect(f, own->data, "data", PREFIX));
  MG_TRY(mg_groups_check(f, own->data, check_episode));
  mg_h5_read_marks(f);
  find_env_id(f, own->data);
  mg_robomimic_remark_masks(f);
  size_t widest = 1;
  for (int i = 0; i < own->keys; i++)
    if ((size_t)own->width[i] > widest) widest = (size_t)own->width[i];
  own->scratch = calloc(((size_t)f->longest + 1) * widest, sizeof *own->scratch);
  return own->scratch ? MG_OK : mg_fail(MG_ERR_DATA, "%s: does not fit into memory", f->path);
}

static void close_file(mg_dataset_file *f) {
  mg_robomimic *own = f->state;
  mg_h5_close(own->data);
  free(own->scratch);
}

/* ---- values ---- */

/* The flags pass through the array of rewards, which is read later. */
static mg_status load_ends(mg_dataset_file *f, const mg_episode *e, hid_t demo, mg_trajectory *t) {
  int64_t truncated;
  bool got = false;
  if (H5Lexists(demo, "dones", H5P_DEFAULT) > 0)
    MG_TRY(mg_groups_read(f, e, demo, "dones", &mg_use_flags, e->steps, 1, t->rewards, &got));
  t->terminated = got && t->rewards[e->steps - 1] != 0;
  t->truncated = !t->terminated;
  if (mg_h5_read_i64(demo, "truncated", &truncated)) t->truncated = truncated != 0;
  return MG_OK;
}

static mg_status load_arrays(mg_dataset_file *f, mg_episode *e, hid_t demo, void *user) {
  mg_trajectory *t = user;
  const mg_form *form = &f->form;
  double *last = t->observations + (size_t)e->steps * (size_t)form->observation_size;
  bool got;
  MG_TRY(mg_dataset_forward(f, read_observations(f, e, demo, "obs", -1, t->observations)));
  if (form->final_observation)
    MG_TRY(mg_dataset_forward(f, read_observations(f, e, demo, "next_obs", e->steps - 1, last)));
  MG_TRY(mg_groups_read(f, e, demo, "actions", &mg_use_matrix, e->steps, form->action_size,
                        t->actions, &got));
  if (got) MG_TRY(mg_dataset_check_choices(f, e, "actions", t->actions));
  MG_TRY(load_ends(f, e, demo, t));
  return form->rewards
             ? mg_groups_read(f, e, demo, "rewards", &mg_use_vector, e->steps, 1, t->rewards, &got)
             : MG_OK;
}

static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  const mg_robomimic *own = f->state;
  return mg_groups_visit(f, own->data, k, load_arrays, t);
}

/* ---- what stands beside ---- */

static mg_status read_extras(mg_dataset_file *f, mg_extras *x) {
  return mg_keep_read_file(f, mg_h5_skip_names, (const char *const[]){"data", "mask", NULL}, x);
}

static mg_status read_episode_extras(mg_dataset_file *f, int64_t k, mg_extras *x) {
  static const char *const known[] = {"obs",   "next_obs",    "actions",   "rewards",
                                      "dones", "num_samples", "truncated", NULL};
  const mg_robomimic *own = f->state;
  return mg_groups_extras(f, own->data, k, known, x);
}

static const mg_layout_reader reader = {
    sizeof(mg_robomimic), recognise,           open_file,  load,
    read_extras,          read_episode_extras, close_file, mg_robomimic_mask};

const mg_layout mg_layout_robomimic = {
    .name = "robomimic",
    .ending = ".h5",
    .signs = "groups data/demo_0, ...",
    .hdf5 = true,
    .read = &reader,
    .write = &mg_robomimic_writer,
};
