/* The HDF5 of the GAIL paper's authors: obs_B_T_Do [B,T,Do], a_B_T_Da [B,T,Da], r_B_T [B,T],
 * len_B [B]; B trajectories, padded to T steps. s_T is unknown, and how a trajectory ended too: one
 * as long as the task's time limit, or, where that is unknown, as T, counts as truncated, a shorter
 * one as terminated. Files written here keep both below metadata/minari. Source: github
 * openai/imitation, scripts/vis_mj.py and imitate_mj.py. */
#include "demos/layouts/layout_gail.h"
#include "demos/extras/h5_extras.h"
#include "demos/layouts/layout_keep.h"
#include "demos/metadata.h"
#include "files/h5_array.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const mg_gail_names[GAIL_ARRAYS] = {
    "obs_B_T_Do", "a_B_T_Da", "r_B_T", "len_B", "terminated_B", "truncated_B", "final_obs_B_Do"};

typedef struct gail {
  mg_array array[GAIL_ARRAYS]; /* id < 0: not there */
} gail;

static bool recognise(const mg_dataset_file *f) {
  return mg_h5_is_hard(f->file, "obs_B_T_Do", H5O_TYPE_DATASET, NULL) &&
         mg_h5_is_hard(f->file, "a_B_T_Da", H5O_TYPE_DATASET, NULL);
}

/* ---- headers ---- */

static mg_status open_arrays(mg_dataset_file *f, gail *own) {
  uint64_t most = f->access.max_episode_bytes ? f->access.max_episode_bytes : f->max_bytes;
  hid_t kept = mg_keep_open(f);
  mg_status status = MG_OK;
  for (int i = 0; i < GAIL_ARRAYS && status == MG_OK; i++) {
    bool ours = i >= GAIL_TERMINATED, required = i != GAIL_REWARDS && !ours;
    hid_t group = ours ? kept : f->file;
    if (group < 0 || (!required && H5Lexists(group, mg_gail_names[i], H5P_DEFAULT) <= 0)) continue;
    status = mg_array_open_part(f->path, group, ours ? "metadata/minari" : "", mg_gail_names[i],
                                most, i <= GAIL_ACTIONS ? 3 : 2, &own->array[i]);
    if (!required) status = mg_dataset_forward(f, status);
  }
  mg_h5_close(kept);
  return status;
}

/* Expected dimensions; 0 beyond the rank. */
static bool has_shape(const mg_array *a, hsize_t b, hsize_t t, hsize_t d) {
  int rank = 1 + (t > 0) + (d > 0);
  return a->rank == rank && a->dims[0] == b && (t == 0 || a->dims[1] == t) &&
         (d == 0 || a->dims[2] == d);
}

static mg_status check_shapes(mg_dataset_file *f, gail *own) {
  const mg_array *o = &own->array[GAIL_OBSERVATIONS], *u = &own->array[GAIL_ACTIONS];
  if (o->rank != 3 || o->kind != MG_ARRAY_FLOAT || o->dims[0] < 1 || o->dims[2] < 1 ||
      o->dims[2] > INT32_MAX / 4 || o->dims[0] > INT32_MAX || o->dims[1] > INT32_MAX)
    return mg_fail(MG_ERR_DATA, "%s: obs_B_T_Do is not [B,T,Do] of float32 or float64", f->path);
  hsize_t b = o->dims[0], t = o->dims[1], d = o->dims[2];
  bool flat = u->rank == 2 && u->kind == MG_ARRAY_INTEGER; /* choices [B,T] */
  if (u->dims[0] != b || u->dims[1] != t || (u->rank != 3 && !flat) || u->dims[2] < 1 ||
      u->dims[2] > INT32_MAX / 4)
    return mg_fail(MG_ERR_DATA, "%s: a_B_T_Da is not [%" PRIu64 ",%" PRIu64 ",Da] as obs_B_T_Do is",
                   f->path, (uint64_t)b, (uint64_t)t);
  if (!has_shape(&own->array[GAIL_LENGTHS], b, 0, 0))
    return mg_fail(MG_ERR_DATA, "%s: len_B is not [%" PRIu64 "] as obs_B_T_Do is", f->path,
                   (uint64_t)b);
  const struct {
    int which;
    hsize_t second;
  } others[] = {{GAIL_REWARDS, t}, {GAIL_TERMINATED, 0}, {GAIL_TRUNCATED, 0}, {GAIL_FINAL, d}};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    mg_array *a = &own->array[others[i].which];
    if (a->id < 0 || has_shape(a, b, others[i].second, 0)) continue;
    MG_TRY(mg_dataset_wrong(f, "%s does not have the shape that goes with obs_B_T_Do",
                            mg_gail_names[others[i].which]));
    mg_h5_close(a->id);
    a->id = -1;
  }
  mg_form *form = &f->form;
  form->observation_size = (int)d, form->action_size = (int)u->dims[2];
  form->discrete = u->kind == MG_ARRAY_INTEGER && u->dims[2] == 1;
  form->action_rank = form->discrete ? 1 : 2;
  form->observation_type = o->type, form->action_type = u->type;
  if (own->array[GAIL_REWARDS].id >= 0) form->reward_type = own->array[GAIL_REWARDS].type;
  return MG_OK;
}

static mg_status read_row(mg_dataset_file *f, int which, int64_t b, hsize_t n, double *values) {
  const gail *own = f->state;
  const mg_array *a = &own->array[which];
  const hsize_t start[3] = {(hsize_t)b, 0, 0}, count[3] = {1, a->rank > 1 ? n : 1, a->dims[2]};
  return mg_array_read_part(a, f->path, which >= GAIL_TERMINATED ? "metadata/minari" : "",
                            mg_gail_names[which], start, count, values);
}

static mg_status add_episode(mg_dataset_file *f, int64_t b, double length) {
  const gail *own = f->state;
  hsize_t most = own->array[GAIL_OBSERVATIONS].dims[1];
  mg_episode *e = mg_dataset_new_episode(f);
  if (!e) return mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  e->id = e->place = b;
  snprintf(e->name, sizeof e->name, "trajectory %" PRIi64, b);
  if (length < 0 || length > (double)most || length != floor(length)) {
    e->broken = true;
    return mg_dataset_wrong(f,
                            "len_B[%" PRIi64 "] is %g; expected a whole number from 1 to %" PRIu64,
                            b, length, (uint64_t)most);
  }
  e->steps = (int64_t)length;
  int64_t limit = f->access.max_steps > 0 ? f->access.max_steps : (int64_t)most;
  e->truncated = e->steps >= limit, e->terminated = !e->truncated;
  return mg_dataset_count_episode(f, e);
}

static mg_status find_episodes(mg_dataset_file *f) {
  const gail *own = f->state;
  hsize_t b = own->array[GAIL_OBSERVATIONS].dims[0];
  for (hsize_t i = 0; i < b; i++) {
    double length, flag;
    MG_TRY(read_row(f, GAIL_LENGTHS, (int64_t)i, 1, &length));
    MG_TRY(add_episode(f, (int64_t)i, length));
    mg_episode *e = &f->episode[i];
    if (own->array[GAIL_TERMINATED].id < 0 || own->array[GAIL_TRUNCATED].id < 0) continue;
    MG_TRY(read_row(f, GAIL_TERMINATED, (int64_t)i, 1, &flag));
    e->terminated = flag != 0;
    MG_TRY(read_row(f, GAIL_TRUNCATED, (int64_t)i, 1, &flag));
    e->truncated = flag != 0;
  }
  if (own->array[GAIL_TRUNCATED].id < 0)
    mg_dataset_remark(f, "how episodes ended is not stored; taken from their lengths");
  return MG_OK;
}

static mg_status open_file(mg_dataset_file *f) {
  gail *own = f->state = calloc(1, sizeof *own);
  if (!own) return mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  for (int i = 0; i < GAIL_ARRAYS; i++) own->array[i].id = -1;
  MG_TRY(open_arrays(f, own));
  MG_TRY(check_shapes(f, own));
  mg_h5_read_marks(f);
  if (own->array[GAIL_REWARDS].id < 0) f->form.rewards = false;
  f->form.final_observation = own->array[GAIL_FINAL].id >= 0;
  if (!mg_metadata_env_id_of_file(f->file, f->form.env_id, sizeof f->form.env_id))
    mg_metadata_env_id(f->path, f->form.env_id, sizeof f->form.env_id);
  return find_episodes(f);
}

static void close_file(mg_dataset_file *f) {
  gail *own = f->state;
  for (int i = 0; own && i < GAIL_ARRAYS; i++) mg_h5_close(own->array[i].id);
  free(own);
  f->state = NULL;
}

/* ---- values ---- */

static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  const mg_episode *e = &f->episode[k];
  hsize_t steps = (hsize_t)e->steps;
  double *last = t->observations + (size_t)e->steps * (size_t)f->form.observation_size;
  MG_TRY(mg_dataset_forward(f, read_row(f, GAIL_OBSERVATIONS, e->place, steps, t->observations)));
  MG_TRY(mg_dataset_forward(f, read_row(f, GAIL_ACTIONS, e->place, steps, t->actions)));
  MG_TRY(mg_dataset_check_choices(f, e, "a_B_T_Da", t->actions));
  if (f->form.final_observation)
    MG_TRY(mg_dataset_forward(
        f, read_row(f, GAIL_FINAL, e->place, (hsize_t)f->form.observation_size, last)));
  if (f->form.rewards)
    MG_TRY(mg_dataset_forward(f, read_row(f, GAIL_REWARDS, e->place, steps, t->rewards)));
  t->terminated = e->terminated, t->truncated = e->truncated;
  return MG_OK;
}

static bool is_ours(const void *user, const char *name) {
  (void)user;
  for (int i = 0; i <= GAIL_LENGTHS; i++)
    if (strcmp(name, mg_gail_names[i]) == 0) return true;
  return false;
}

static mg_status read_extras(mg_dataset_file *f, mg_extras *x) {
  return mg_keep_read_file(f, is_ours, NULL, x);
}

static mg_status read_episode_extras(mg_dataset_file *f, int64_t k, mg_extras *x) {
  return mg_keep_read_episode(f, k, x);
}

const mg_layout mg_layout_gail = {
    .name = "gail",
    .ending = ".h5",
    .signs = "datasets obs_B_T_Do, a_B_T_Da",
    .hdf5 = true,
    .recognise = recognise,
    .open = open_file,
    .load = load,
    .extras = read_extras,
    .episode_extras = read_episode_extras,
    .close = close_file,
    .create = mg_gail_create,
    .append = mg_gail_append,
    .finish = mg_gail_finish,
    .discard = mg_gail_discard,
};
