/* The HDF5 of the GAIL paper's authors: obs_B_T_Do [B,T,Do], a_B_T_Da [B,T,Da], r_B_T [B,T],
 * len_B [B]; B trajectories, padded to T steps. s_T is unknown, and how a trajectory ended too: one
 * as long as the task's time limit, or, where that is unknown, as T, counts as truncated, a shorter
 * one as terminated. Files written here keep both below metadata/minari. Source: github
 * openai/imitation, scripts/vis_mj.py and imitate_mj.py. */
#include "demos/extras/h5_extras.h"
#include "demos/layouts/layout_arrays.h"
#include "demos/layouts/layout_keep.h"
#include "files/h5_column.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  OBSERVATIONS,
  ACTIONS,
  REWARDS,
  LENGTHS,
  TERMINATED,
  TRUNCATED,
  FINAL,
  ARRAYS,
};

static const mg_array_row ROWS[] = {
    {"obs_B_T_Do", .required = true, .vital = true, .padded = true, .most_rank = 3},
    {"a_B_T_Da", .required = true, .vital = true, .padded = true, .most_rank = 3},
    {"r_B_T", .padded = true, .most_rank = 2},
    {"len_B", .required = true, .vital = true, .most_rank = 1},
    {"terminated_B", .kept = true, .most_rank = 1, .sparse = true},
    {"truncated_B", .kept = true, .most_rank = 1, .sparse = true},
    {"final_obs_B_Do", .kept = true, .most_rank = 2},
    {0},
};

typedef struct gail {
  mg_array array[ARRAYS]; /* id < 0: not there */
} gail;

static bool recognise(const mg_dataset_file *f) {
  return mg_h5_is_hard(f->file, ROWS[OBSERVATIONS].name, H5O_TYPE_DATASET, NULL) &&
         mg_h5_is_hard(f->file, ROWS[ACTIONS].name, H5O_TYPE_DATASET, NULL);
}

/* ---- headers ---- */

/* Expected dimensions; 0 beyond the rank. */
static bool has_shape(const mg_array *a, hsize_t b, hsize_t t, hsize_t d) {
  int rank = 1 + (t > 0) + (d > 0);
  return a->rank == rank && a->dims[0] == b && (t == 0 || a->dims[1] == t) &&
         (d == 0 || a->dims[2] == d);
}

static mg_status check_shapes(mg_dataset_file *f, gail *own) {
  const mg_array *o = &own->array[OBSERVATIONS], *u = &own->array[ACTIONS];
  if (o->rank != 3 || o->kind != MG_ARRAY_FLOAT || o->dims[0] < 1 || o->dims[2] < 1 ||
      o->dims[2] > INT32_MAX / 4 || o->dims[0] > INT32_MAX || o->dims[1] > INT32_MAX)
    return mg_fail(MG_ERR_DATA, "%s: obs_B_T_Do is not [B,T,Do] of float32 or float64", f->path);
  hsize_t b = o->dims[0], t = o->dims[1], d = o->dims[2];
  if (u->dims[0] != b || u->dims[1] != t || u->rank < 2 || u->dims[2] < 1 ||
      u->dims[2] > INT32_MAX / 4)
    return mg_fail(MG_ERR_DATA, "%s: a_B_T_Da is not [%" PRIu64 ",%" PRIu64 ",Da] as obs_B_T_Do is",
                   f->path, (uint64_t)b, (uint64_t)t);
  if (!has_shape(&own->array[LENGTHS], b, 0, 0))
    return mg_fail(MG_ERR_DATA, "%s: len_B is not [%" PRIu64 "] as obs_B_T_Do is", f->path,
                   (uint64_t)b);
  const struct {
    int which;
    hsize_t second;
  } others[] = {{REWARDS, t}, {TERMINATED, 0}, {TRUNCATED, 0}, {FINAL, d}};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    mg_array *a = &own->array[others[i].which];
    if (a->id < 0 || has_shape(a, b, others[i].second, 0)) continue;
    MG_TRY(mg_dataset_wrong(f, "%s does not have the shape that goes with obs_B_T_Do", a->name));
    mg_array_close(a);
  }
  mg_form *form = &f->form;
  form->observation_size = (int)d, form->action_size = (int)u->dims[2];
  form->discrete = u->kind != MG_ARRAY_FLOAT && u->dims[2] == 1;
  form->action_rank = form->discrete ? 1 : 2;
  form->observation_type = o->type, form->action_type = mg_layout_number_type(u->type);
  if (own->array[REWARDS].id >= 0)
    form->reward_type = mg_layout_number_type(own->array[REWARDS].type);
  return MG_OK;
}

/* n entries of trajectory b. */
static mg_status read_row(mg_dataset_file *f, int which, int64_t b, hsize_t n, double *values) {
  const gail *own = f->state;
  const mg_array *a = &own->array[which];
  const hsize_t start[3] = {(hsize_t)b, 0, 0}, count[3] = {1, a->rank > 1 ? n : 1, a->dims[2]};
  if (ROWS[which].padded && !mg_array_is_stored(a, start, count))
    return mg_fail(MG_ERR_DATA,
                   "%s: %s was written in part: of trajectory %" PRIi64 " not all of its %" PRIu64
                   " steps were stored",
                   f->path, a->name, b, (uint64_t)n);
  return mg_array_read_part(a, start, count, values);
}

static mg_status check_length(mg_dataset_file *f, int64_t b, double length) {
  const gail *own = f->state;
  hsize_t most = own->array[OBSERVATIONS].dims[1];
  mg_episode *e = &f->episode[b];
  if (length < 0 || length > (double)most || length != floor(length)) {
    e->broken = true;
    return mg_dataset_wrong(f,
                            "len_B[%" PRIi64 "] is %g; expected a whole number from 1 to %" PRIu64,
                            b, length, (uint64_t)most);
  }
  e->steps = (int64_t)length;
  return mg_dataset_count_episode(f, e);
}

static mg_status add_episode(mg_dataset_file *f, int64_t b, double length) {
  mg_episode *e = mg_dataset_new_episode(f);
  if (!e) return mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  e->id = e->place = b;
  snprintf(e->name, sizeof e->name, "trajectory %" PRIi64, b);
  mg_dataset_begin(f, e);
  return mg_dataset_end(f, check_length(f, b, length));
}

static mg_status read_end(mg_dataset_file *f, int64_t b) {
  double terminated = 0, truncated = 0;
  MG_TRY(read_row(f, TERMINATED, b, 1, &terminated));
  MG_TRY(read_row(f, TRUNCATED, b, 1, &truncated));
  f->episode[b].terminated = terminated != 0, f->episode[b].truncated = truncated != 0;
  return MG_OK;
}

static mg_status find_episodes(mg_dataset_file *f) {
  const gail *own = f->state;
  const hsize_t *dims = own->array[OBSERVATIONS].dims;
  const bool ends = own->array[TERMINATED].id >= 0 && own->array[TRUNCATED].id >= 0;
  for (int64_t b = 0; b < (int64_t)dims[0]; b++) {
    double length;
    MG_TRY(read_row(f, LENGTHS, b, 1, &length));
    MG_TRY(add_episode(f, b, length));
    if (ends) MG_TRY(read_end(f, b));
  }
  if (!ends) mg_layout_guess_ends(f, (int64_t)dims[1]);
  return MG_OK;
}

static mg_status open_file(mg_dataset_file *f) {
  gail *own = f->state;
  MG_TRY(mg_arrays_open(f, ROWS, own->array));
  MG_TRY(check_shapes(f, own));
  mg_h5_read_marks(f);
  if (own->array[REWARDS].id < 0) f->form.rewards = false;
  f->form.final_observation = own->array[FINAL].id >= 0;
  mg_layout_find_env_id(f);
  return find_episodes(f);
}

static void close_file(mg_dataset_file *f) {
  gail *own = f->state;
  mg_arrays_close(ROWS, own->array);
}

/* ---- values ---- */

static mg_status read_part(mg_dataset_file *f, const mg_episode *e, mg_part part, double *values) {
  const bool last = part == MG_PART_FINAL;
  const int64_t n = last ? f->form.observation_size : e->steps;
  return mg_dataset_forward(f, read_row(f, last ? FINAL : (int)part, e->place, (hsize_t)n, values));
}

static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  return mg_layout_load_parts(f, k, ROWS[ACTIONS].name, read_part, t);
}

static mg_status read_extras(mg_dataset_file *f, mg_extras *x) {
  return mg_keep_read_file(f, mg_arrays_skip, ROWS, x);
}

/* ---- writing ---- */

/* The padded arrays have their size from the start, and zeros where nothing is written. */
typedef struct state {
  hid_t padded[LENGTHS];
  hsize_t width[LENGTHS]; /* entries of a step */
  mg_h5_column column[ARRAYS];
} state;

static hid_t create_padded(const mg_sink *s, int which, mg_value_type type, int rank,
                           hsize_t width) {
  enum { MOST_STEPS = 1024 };
  hsize_t longest = (hsize_t)s->longest;
  hsize_t dims[3] = {(hsize_t)s->expected, longest, width};
  hsize_t chunk[3] = {1, longest < MOST_STEPS ? longest : MOST_STEPS, width};
  hid_t space = H5Screate_simple(rank, dims, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
  hid_t file_type = mg_h5_file_type(type), data = -1;
  if (H5Pset_chunk(creation, rank, chunk) >= 0 && H5Pset_shuffle(creation) >= 0 &&
      H5Pset_deflate(creation, 4) >= 0)
    data =
        H5Dcreate2(s->file, ROWS[which].name, file_type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  mg_h5_close(file_type);
  mg_h5_close(creation);
  mg_h5_close(space);
  return data;
}

static bool write_padded(const mg_sink *s, int which, int rank, hsize_t steps,
                         const double *values) {
  const state *own = s->state;
  const hsize_t start[3] = {(hsize_t)s->episodes, 0, 0}, count[3] = {1, steps, own->width[which]};
  return mg_h5_write_block(own->padded[which], H5T_NATIVE_DOUBLE, rank, start, count, values);
}

static bool create_arrays(mg_sink *s) {
  state *own = s->state;
  const mg_form *form = &s->form;
  own->width[OBSERVATIONS] = (hsize_t)form->observation_size;
  own->width[ACTIONS] = (hsize_t)form->action_size;
  own->width[REWARDS] = 1;
  const mg_value_type types[] = {form->observation_type, form->action_type, form->reward_type};
  for (int i = 0; i < LENGTHS; i++) {
    if (i == REWARDS && !form->rewards) continue;
    own->padded[i] = create_padded(s, i, types[i], i == REWARDS ? 2 : 3, own->width[i]);
    if (own->padded[i] < 0) return false;
  }
  const hsize_t d = (hsize_t)form->observation_size;
  const mg_value_type others[] = {MG_INT32, MG_BOOLEAN, MG_BOOLEAN, form->observation_type};
  hid_t kept = mg_keep_make(s);
  bool ok = kept >= 0;
  for (int i = LENGTHS; i < (form->final_observation ? ARRAYS : FINAL) && ok; i++)
    ok = mg_h5_column_create(ROWS[i].kept ? kept : s->file, ROWS[i].name, others[i - LENGTHS],
                             i == FINAL ? 2 : 1, &d, &own->column[i]);
  return mg_h5_close(kept) && ok;
}

static mg_status create(mg_sink *s, const mg_extras *x) {
  state *own = s->state;
  for (int i = 0; i < LENGTHS; i++) own->padded[i] = -1;
  for (int i = 0; i < ARRAYS; i++) own->column[i].data = -1;
  return mg_sink_wrote(s, mg_keep_write_file(s, x) && create_arrays(s));
}

static mg_status append(mg_sink *s, const mg_trajectory *t, const mg_extras *x) {
  state *own = s->state;
  hsize_t steps = (hsize_t)t->steps;
  int32_t length = (int32_t)t->steps;
  int8_t terminated = t->terminated, truncated = t->truncated;
  const double *last = t->observations + (size_t)steps * (size_t)s->form.observation_size;
  bool ok = write_padded(s, OBSERVATIONS, 3, steps, t->observations) &&
            write_padded(s, ACTIONS, 3, steps, t->actions) &&
            (!s->form.rewards || write_padded(s, REWARDS, 2, steps, t->rewards)) &&
            mg_h5_column_append_native(&own->column[LENGTHS], 1, &length) &&
            mg_h5_column_append_native(&own->column[TERMINATED], 1, &terminated) &&
            mg_h5_column_append_native(&own->column[TRUNCATED], 1, &truncated) &&
            (!s->form.final_observation || mg_h5_column_append(&own->column[FINAL], 1, last)) &&
            mg_keep_write_episode(s, t->steps, x);
  return mg_sink_wrote(s, ok);
}

static bool close_all(state *own) {
  bool ok = true;
  for (int i = 0; i < LENGTHS; i++) {
    ok = mg_h5_close(own->padded[i]) && ok;
    own->padded[i] = -1;
  }
  for (int i = 0; i < ARRAYS; i++) ok = mg_h5_column_close(&own->column[i]) && ok;
  return ok;
}

static mg_status finish(mg_sink *s) {
  return mg_sink_wrote(s, close_all(s->state));
}

static void discard(mg_sink *s) {
  close_all(s->state);
}

static const mg_layout_reader reader = {
    sizeof(gail),         recognise,          open_file, load, read_extras,
    mg_keep_read_episode, .close = close_file};
static const mg_layout_writer writer = {sizeof(state), create, append, finish, discard};

const mg_layout mg_layout_gail = {
    .name = "gail",
    .ending = ".h5",
    .signs = "datasets obs_B_T_Do, a_B_T_Da",
    .hdf5 = true,
    .read = &reader,
    .write = &writer,
};
