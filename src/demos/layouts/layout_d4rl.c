/* D4RL's flat HDF5: observations [N,d], actions [N,m] (or whole numbers [N]), rewards [N],
 * terminals [N], and perhaps timeouts [N], next_observations [N,d], infos/..., metadata/... The
 * episodes follow one another; layout_d4rl_split.c finds where. Where next_observations is missing,
 * s_T of an episode is unknown. Source: github Farama-Foundation/D4RL, offline_env.py. */
#include "demos/layouts/layout_d4rl.h"

#include "demos/extras/h5_extras.h"
#include "demos/metadata.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const mg_d4rl_names[D4RL_ARRAYS] = {"observations", "actions",  "rewards",
                                                "terminals",    "timeouts", "next_observations"};

static bool recognise(const mg_dataset_file *f) {
  return mg_h5_is_hard(f->file, "observations", H5O_TYPE_DATASET, NULL) &&
         mg_h5_is_hard(f->file, "actions", H5O_TYPE_DATASET, NULL);
}

/* ---- headers ---- */

static mg_status open_arrays(mg_dataset_file *f, mg_d4rl *own) {
  uint64_t most = f->access.max_episode_bytes ? f->access.max_episode_bytes : f->max_bytes;
  for (int i = 0; i < D4RL_ARRAYS; i++) {
    const char *name = mg_d4rl_names[i];
    bool required = i <= D4RL_ACTIONS || i == D4RL_TERMINALS;
    if (!required && H5Lexists(f->file, name, H5P_DEFAULT) <= 0) continue;
    mg_status status = mg_array_open_part(f->path, f->file, "", name, most, 2, &own->array[i]);
    /* Without the first two there is nothing to go on with. */
    MG_TRY(i <= D4RL_ACTIONS ? status : mg_dataset_forward(f, status));
  }
  return MG_OK;
}

static mg_status check_form(mg_dataset_file *f, const mg_d4rl *own) {
  const mg_array *o = &own->array[D4RL_OBSERVATIONS], *u = &own->array[D4RL_ACTIONS];
  if (o->kind != MG_ARRAY_FLOAT || o->rank != 2 || o->dims[1] < 1 || o->dims[1] > INT32_MAX / 4)
    return mg_fail(MG_ERR_DATA, "%s: observations is not [rows, size] of float32 or float64",
                   f->path);
  mg_form *form = &f->form;
  form->discrete = u->kind == MG_ARRAY_INTEGER && u->dims[1] == 1;
  if (!form->discrete && (u->rank != 2 || u->dims[1] < 1 || u->dims[1] > INT32_MAX / 4))
    return mg_fail(MG_ERR_DATA, "%s: actions is neither [rows, size] nor [rows] of whole numbers",
                   f->path);
  form->observation_size = (int)o->dims[1], form->action_size = (int)u->dims[1];
  form->observation_type = o->type, form->action_type = u->type, form->action_rank = u->rank;
  if (own->array[D4RL_REWARDS].id >= 0) form->reward_type = own->array[D4RL_REWARDS].type;
  return MG_OK;
}

/* All have as many rows as observations; what has not is as good as missing. */
static mg_status check_rows(mg_dataset_file *f, mg_d4rl *own) {
  own->rows = own->array[D4RL_OBSERVATIONS].dims[0];
  for (int i = 0; i < D4RL_ARRAYS; i++) {
    mg_array *a = &own->array[i];
    if (a->id < 0) continue;
    bool is_flag = i == D4RL_REWARDS || i == D4RL_TERMINALS || i == D4RL_TIMEOUTS;
    hsize_t columns = is_flag             ? 1
                      : i == D4RL_ACTIONS ? (hsize_t)f->form.action_size
                                          : (hsize_t)f->form.observation_size;
    if (a->dims[0] == own->rows && a->dims[1] == columns) continue;
    mg_status status =
        mg_dataset_wrong(f,
                         "%s has %" PRIu64 " rows of %" PRIu64 ", observations has %" PRIu64
                         "; expected as many rows, of %" PRIu64,
                         mg_d4rl_names[i], (uint64_t)a->dims[0], (uint64_t)a->dims[1],
                         (uint64_t)own->rows, (uint64_t)columns);
    MG_TRY(status);
    if (i == D4RL_ACTIONS) return mg_fail(MG_ERR_DATA, "%s: actions do not fit", f->path);
    mg_h5_close(a->id);
    a->id = -1;
  }
  if (own->rows < 1) return mg_fail(MG_ERR_DATA, "%s: observations has no rows", f->path);
  /* Each of them will belong to an episode. */
  uint64_t row =
      sizeof(double) * ((uint64_t)f->form.observation_size + (uint64_t)f->form.action_size + 1);
  if (mg_h5_product(own->rows, row) > f->max_bytes)
    return mg_fail(MG_ERR_DATA,
                   "%s: %" PRIu64 " rows need more than the limit of %" PRIu64 " bytes", f->path,
                   (uint64_t)own->rows, f->max_bytes);
  return MG_OK;
}

static mg_status open_file(mg_dataset_file *f) {
  mg_d4rl *own = f->state = calloc(1, sizeof *own);
  if (!own) return mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  for (int i = 0; i < D4RL_ARRAYS; i++) own->array[i].id = -1;
  MG_TRY(open_arrays(f, own));
  MG_TRY(check_form(f, own));
  MG_TRY(check_rows(f, own));
  mg_h5_read_marks(f);
  if (own->array[D4RL_REWARDS].id < 0) f->form.rewards = false;
  if (own->array[D4RL_NEXT].id < 0) f->form.final_observation = false;
  if (!mg_metadata_env_id_of_file(f->file, f->form.env_id, sizeof f->form.env_id))
    mg_metadata_env_id(f->path, f->form.env_id, sizeof f->form.env_id);
  return mg_d4rl_split(f);
}

static void close_file(mg_dataset_file *f) {
  mg_d4rl *own = f->state;
  if (!own) return;
  for (int i = 0; i < D4RL_ARRAYS; i++) mg_h5_close(own->array[i].id);
  for (int64_t i = 0; i < own->columns; i++) free(own->column[i].path);
  free(own->column);
  free(own);
  f->state = NULL;
}

/* ---- values ---- */

static mg_status read_rows(mg_dataset_file *f, int which, int64_t first, int64_t rows,
                           double *values) {
  const mg_d4rl *own = f->state;
  const mg_array *a = &own->array[which];
  const hsize_t start[3] = {(hsize_t)first, 0, 0}, count[3] = {(hsize_t)rows, a->dims[1], 1};
  return mg_dataset_forward(
      f, mg_array_read_part(a, f->path, "", mg_d4rl_names[which], start, count, values));
}

static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  const mg_episode *e = &f->episode[k];
  size_t d = (size_t)f->form.observation_size;
  MG_TRY(read_rows(f, D4RL_OBSERVATIONS, e->place, e->steps, t->observations));
  MG_TRY(read_rows(f, D4RL_ACTIONS, e->place, e->steps, t->actions));
  MG_TRY(mg_dataset_check_choices(f, e, "actions", t->actions));
  if (f->form.final_observation)
    MG_TRY(read_rows(f, D4RL_NEXT, e->place + e->steps - 1, 1,
                     t->observations + (size_t)e->steps * d));
  if (f->form.rewards) MG_TRY(read_rows(f, D4RL_REWARDS, e->place, e->steps, t->rewards));
  t->terminated = e->terminated, t->truncated = e->truncated;
  return MG_OK;
}

const mg_layout mg_layout_d4rl = {
    .name = "d4rl",
    .ending = ".h5",
    .signs = "datasets observations, actions",
    .hdf5 = true,
    .recognise = recognise,
    .open = open_file,
    .load = load,
    .extras = mg_d4rl_read_extras,
    .episode_extras = mg_d4rl_read_episode_extras,
    .close = close_file,
    .create = mg_d4rl_create,
    .append = mg_d4rl_append,
    .finish = mg_d4rl_finish,
    .discard = mg_d4rl_discard,
};
