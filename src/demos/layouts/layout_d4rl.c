/* D4RL's flat HDF5: observations [N,d], actions [N,m] (or whole numbers [N]), rewards [N],
 * terminals [N], and perhaps timeouts [N], next_observations [N,d], infos/..., metadata/... The
 * episodes follow one another; layout_d4rl_split.c finds where. Where next_observations is missing,
 * s_T of an episode is unknown. Source: github Farama-Foundation/D4RL, offline_env.py. */
#include "demos/layouts/layout_d4rl.h"

#include "demos/extras/h5_extras.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const mg_array_row mg_d4rl_rows[] = {
    {"observations", .required = true, .vital = true, .most_rank = 2},
    {"actions", .required = true, .vital = true, .most_rank = 2},
    {"rewards", .most_rank = 1},
    {"terminals", .required = true, .most_rank = 1, .sparse = true},
    {"timeouts", .most_rank = 1, .sparse = true},
    {"next_observations", .most_rank = 2},
    {0},
};

static bool recognise(const mg_dataset_file *f) {
  return mg_h5_is_hard(f->file, "observations", H5O_TYPE_DATASET, NULL) &&
         mg_h5_is_hard(f->file, "actions", H5O_TYPE_DATASET, NULL);
}

/* ---- headers ---- */

static mg_status check_form(mg_dataset_file *f, const mg_d4rl *own) {
  const mg_array *o = &own->array[D4RL_OBSERVATIONS], *u = &own->array[D4RL_ACTIONS];
  if (!mg_array_is_observations(o))
    return mg_fail(MG_ERR_DATA, "%s: observations is not [rows, size] of float32 or float64",
                   f->path);
  if (!mg_array_has_size(u))
    return mg_fail(MG_ERR_DATA, "%s: actions is neither [rows, size] nor [rows]", f->path);
  mg_array_take_form(o, u, &own->array[D4RL_REWARDS], &f->form);
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
                         a->name, (uint64_t)a->dims[0], (uint64_t)a->dims[1], (uint64_t)own->rows,
                         (uint64_t)columns);
    MG_TRY(status);
    if (i == D4RL_ACTIONS) return mg_fail(MG_ERR_DATA, "%s: actions do not fit", f->path);
    mg_array_close(a);
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
  mg_d4rl *own = f->state;
  MG_TRY(mg_arrays_open(f, mg_d4rl_rows, own->array));
  MG_TRY(check_form(f, own));
  MG_TRY(check_rows(f, own));
  mg_h5_read_marks(f);
  if (own->array[D4RL_REWARDS].id < 0) f->form.rewards = false;
  if (own->array[D4RL_NEXT].id < 0) f->form.final_observation = false;
  mg_layout_find_env_id(f);
  return mg_d4rl_split(f);
}

static void close_file(mg_dataset_file *f) {
  mg_d4rl *own = f->state;
  mg_arrays_close(mg_d4rl_rows, own->array);
  for (int64_t i = 0; i < own->columns; i++) free(own->column[i].path);
  free(own->column);
}

/* ---- values ---- */

static mg_status read_part(mg_dataset_file *f, const mg_episode *e, mg_part part, double *values) {
  const mg_d4rl *own = f->state;
  const bool last = part == MG_PART_FINAL;
  const mg_array *a = &own->array[last ? D4RL_NEXT : (int)part];
  const hsize_t start[2] = {(hsize_t)(e->place + (last ? e->steps - 1 : 0)), 0};
  return mg_arrays_read(f, a, start, (hsize_t[]){last ? 1 : (hsize_t)e->steps, a->dims[1]}, values);
}

static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  return mg_layout_load_parts(f, k, "actions", read_part, t);
}

static const mg_layout_reader reader = {sizeof(mg_d4rl),     recognise,
                                        open_file,           load,
                                        mg_d4rl_read_extras, mg_d4rl_read_episode_extras,
                                        .close = close_file};

const mg_layout mg_layout_d4rl = {
    .name = "d4rl",
    .ending = ".h5",
    .signs = "datasets observations, actions",
    .hdf5 = true,
    .read = &reader,
    .write = &mg_d4rl_writer,
};
