#include "demos/layouts/robomimic/layout_robomimic.h"

#include "files/h5_cause.h"
#include "files/h5_util.h"

#include <stdio.h>
#include <string.h>

typedef struct key_walk {
  mg_dataset_file *file;
  mg_status status;
  char passed[256]; /* keys that are no vectors: "agentview_image, ..." */
} key_walk;

/* False for images and their like: of more dimensions than one a step, or no numbers. What cannot
 * be looked at is left to who reads it, to say why. */
static bool is_vector(const mg_dataset_file *f, hid_t group, const char *name) {
  hid_t data = mg_h5_open_hard(group, name, H5O_TYPE_DATASET, NULL);
  if (data < 0 || mg_array_refuse_storage(data, f->max_bytes)) {
    mg_h5_close(data);
    return true;
  }
  hid_t space = H5Dget_space(data), type = H5Dget_type(data);
  hsize_t dims[H5S_MAX_RANK];
  const int rank = H5Sget_simple_extent_dims(space, dims, NULL);
  mg_value_type unused;
  int wide = 0;
  for (int i = 1; i < rank; i++) wide += dims[i] != 1;
  const bool vector = wide <= 1 && mg_array_find_type(type, &unused);
  mg_h5_close(type);
  mg_h5_close(space);
  mg_h5_close(data);
  return vector;
}

static void pass_over(key_walk *w, const char *name) {
  const size_t used = strlen(w->passed);
  snprintf(w->passed + used, sizeof w->passed - used, "%s%s", used ? ", " : "", name);
}

static mg_status take_key(mg_dataset_file *f, const char *name, const mg_array *a) {
  mg_robomimic *own = f->state;
  if (own->keys == ROBOMIMIC_MAX_KEYS || strlen(name) >= ROBOMIMIC_MAX_KEY || a->dims[1] < 1 ||
      a->dims[1] > INT32_MAX / 4 / ROBOMIMIC_MAX_KEYS)
    return mg_fail(MG_ERR_DATA,
                   "%s: obs/%.64s: more than %d keys, or a name or a width that is too large",
                   f->path, name, ROBOMIMIC_MAX_KEYS);
  if (own->keys == 0) f->form.observation_type = MG_FLOAT32;
  if (a->type != MG_FLOAT32) f->form.observation_type = MG_FLOAT64;
  strcpy(own->key[own->keys], name);
  own->width[own->keys++] = (int)a->dims[1];
  f->form.observation_size += (int)a->dims[1];
  return MG_OK;
}

static herr_t add_key(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  (void)info;
  key_walk *w = user;
  mg_array a;
  if (!is_vector(w->file, group, name)) {
    pass_over(w, name);
    return 0;
  }
  w->status = mg_layout_open_array(w->file, group, "obs", name, &mg_use_matrix, &a);
  if (w->status != MG_OK) return 1;
  w->status = take_key(w->file, name, &a);
  mg_array_close(&a);
  return w->status != MG_OK;
}

mg_status mg_robomimic_find_keys(mg_dataset_file *f, const mg_episode *first, hid_t demo) {
  hid_t obs;
  key_walk w = {f, MG_OK, ""};
  MG_TRY(mg_groups_open(f, demo, "obs", "obs", &obs));
  if (H5Literate(obs, H5_INDEX_NAME, H5_ITER_INC, NULL, add_key, &w) < 0)
    w.status = mg_fail(MG_ERR_DATA, "%s: obs cannot be listed: it is %s", f->path, mg_h5_reason());
  mg_h5_close(obs);
  if (w.status == MG_OK && f->form.observation_size == 0) {
    mg_h5_met_storage();
    return mg_fail(MG_ERR_DATA, "%s: %s/obs holds no vectors of numbers%s%s", f->path, first->name,
                   *w.passed ? ", but " : "", w.passed);
  }
  if (w.status == MG_OK && *w.passed)
    mg_dataset_remark(f, "keys of obs that are no vectors of numbers are passed over: %s",
                      w.passed);
  f->form.final_observation = H5Lexists(demo, "next_obs", H5P_DEFAULT) > 0;
  f->form.rewards = H5Lexists(demo, "rewards", H5P_DEFAULT) > 0;
  return w.status;
}
