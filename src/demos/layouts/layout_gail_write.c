#include "demos/layouts/layout_gail.h"

#include "demos/extras/h5_extras.h"
#include "demos/layouts/layout_keep.h"
#include "files/h5_column.h"
#include "files/h5_util.h"

#include <stdlib.h>
#include <string.h>

/* The padded arrays have their size from the start, and zeros where nothing is written. */
typedef struct state {
  hid_t padded[GAIL_LENGTHS];
  hsize_t width[GAIL_LENGTHS]; /* entries of a step */
  mg_h5_column column[GAIL_ARRAYS];
} state;

static mg_status failed(const mg_sink *s) {
  return mg_fail(MG_ERR_IO, "%s: write failed (disk full?)", s->path);
}

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
    data = H5Dcreate2(s->file, mg_gail_names[which], file_type, space, H5P_DEFAULT, creation,
                      H5P_DEFAULT);
  mg_h5_close(file_type);
  mg_h5_close(creation);
  mg_h5_close(space);
  return data;
}

static bool write_padded(const mg_sink *s, int which, int rank, hsize_t steps,
                         const double *values) {
  const state *own = s->state;
  hsize_t start[3] = {(hsize_t)s->episodes, 0, 0}, count[3] = {1, steps, own->width[which]};
  hid_t memory = H5Screate_simple(rank, count, NULL), file = H5Dget_space(own->padded[which]);
  bool ok = H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
            H5Dwrite(own->padded[which], H5T_NATIVE_DOUBLE, memory, file, H5P_DEFAULT, values) >= 0;
  mg_h5_close(file);
  mg_h5_close(memory);
  return ok;
}

static bool create_arrays(mg_sink *s) {
  state *own = s->state;
  const mg_form *form = &s->form;
  own->width[GAIL_OBSERVATIONS] = (hsize_t)form->observation_size;
  own->width[GAIL_ACTIONS] = (hsize_t)form->action_size;
  own->width[GAIL_REWARDS] = 1;
  const mg_value_type types[] = {form->observation_type, form->action_type, form->reward_type};
  for (int i = 0; i < GAIL_LENGTHS; i++) {
    if (i == GAIL_REWARDS && !form->rewards) continue;
    own->padded[i] = create_padded(s, i, types[i], i == GAIL_REWARDS ? 2 : 3, own->width[i]);
    if (own->padded[i] < 0) return false;
  }
  const hsize_t d = (hsize_t)form->observation_size;
  hid_t kept = mg_keep_make(s);
  bool ok = kept >= 0 &&
            mg_h5_column_create(s->file, mg_gail_names[GAIL_LENGTHS], MG_INT32, 1, NULL,
                                &own->column[GAIL_LENGTHS]) &&
            mg_h5_column_create(kept, mg_gail_names[GAIL_TERMINATED], MG_BOOLEAN, 1, NULL,
                                &own->column[GAIL_TERMINATED]) &&
            mg_h5_column_create(kept, mg_gail_names[GAIL_TRUNCATED], MG_BOOLEAN, 1, NULL,
                                &own->column[GAIL_TRUNCATED]) &&
            (!form->final_observation ||
             mg_h5_column_create(kept, mg_gail_names[GAIL_FINAL], form->observation_type, 2, &d,
                                 &own->column[GAIL_FINAL]));
  return mg_h5_close(kept) && ok;
}

mg_status mg_gail_create(mg_sink *s, const mg_extras *x) {
  state *own = s->state = calloc(1, sizeof *own);
  if (!own) return mg_fail(MG_ERR_MEMORY, "%s: no memory", s->path);
  for (int i = 0; i < GAIL_LENGTHS; i++) own->padded[i] = -1;
  for (int i = 0; i < GAIL_ARRAYS; i++) own->column[i].data = -1;
  return mg_keep_write_file(s, x) && create_arrays(s) ? MG_OK : failed(s);
}

mg_status mg_gail_append(mg_sink *s, const mg_trajectory *t, const mg_extras *x) {
  state *own = s->state;
  hsize_t steps = (hsize_t)t->steps;
  int32_t length = (int32_t)t->steps;
  int8_t terminated = t->terminated, truncated = t->truncated;
  const double *last = t->observations + (size_t)steps * (size_t)s->form.observation_size;
  bool ok =
      write_padded(s, GAIL_OBSERVATIONS, 3, steps, t->observations) &&
      write_padded(s, GAIL_ACTIONS, 3, steps, t->actions) &&
      (!s->form.rewards || write_padded(s, GAIL_REWARDS, 2, steps, t->rewards)) &&
      mg_h5_column_append_native(&own->column[GAIL_LENGTHS], 1, &length) &&
      mg_h5_column_append_native(&own->column[GAIL_TERMINATED], 1, &terminated) &&
      mg_h5_column_append_native(&own->column[GAIL_TRUNCATED], 1, &truncated) &&
      (!s->form.final_observation || mg_h5_column_append(&own->column[GAIL_FINAL], 1, last)) &&
      mg_keep_write_episode(s, t->steps, x);
  return ok ? MG_OK : failed(s);
}

static bool close_all(state *own) {
  bool ok = true;
  for (int i = 0; i < GAIL_LENGTHS; i++) {
    ok = mg_h5_close(own->padded[i]) && ok;
    own->padded[i] = -1;
  }
  for (int i = 0; i < GAIL_ARRAYS; i++) ok = mg_h5_column_close(&own->column[i]) && ok;
  return ok;
}

mg_status mg_gail_finish(mg_sink *s) {
  return close_all(s->state) ? MG_OK : failed(s);
}

void mg_gail_discard(mg_sink *s) {
  if (s->state) close_all(s->state);
  free(s->state);
  s->state = NULL;
}
