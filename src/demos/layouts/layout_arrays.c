#include "demos/layouts/layout_arrays.h"

#include "demos/layouts/layout_keep.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const mg_array_use mg_use_matrix = {.most_rank = 2}, mg_use_vector = {.most_rank = 1},
                   mg_use_flags = {.most_rank = 1, .sparse = true};

/* "[200,1,11] is taken as [200,11]" */
static void describe_squeezed(const mg_array *a, char *text, size_t capacity) {
  size_t n = 0;
  for (int i = 0; i < a->stored_rank; i++)
    n += (size_t)snprintf(text + n, capacity - n, "%s%" PRIu64, i ? "," : "[",
                          (uint64_t)a->stored_dims[i]);
  n += (size_t)snprintf(text + n, capacity - n, "] is taken as ");
  for (int i = 0; i < a->rank; i++)
    n +=
        (size_t)snprintf(text + n, capacity - n, "%s%" PRIu64, i ? "," : "[", (uint64_t)a->dims[i]);
  snprintf(text + n, capacity - n, "]");
}

mg_status mg_layout_open_array(mg_dataset_file *f, hid_t group, const char *where, const char *name,
                               const mg_array_use *use, mg_array *a) {
  mg_array_use bounded = *use;
  bounded.max_bytes = mg_dataset_most_bytes(f);
  MG_TRY(mg_array_open(f->path, group, where, name, &bounded, a));
  if (a->rank == a->stored_rank || f->squeezed) return MG_OK;
  char text[400];
  f->squeezed = true;
  describe_squeezed(a, text, sizeof text);
  mg_dataset_remark(f, "%s%s%s %s, and others alike", where, *where ? "/" : "", name, text);
  return MG_OK;
}

static mg_status open_one(mg_dataset_file *f, hid_t kept, const mg_array_row *row, mg_array *a) {
  hid_t group = row->kept ? kept : f->file;
  if (group < 0 || (!row->required && H5Lexists(group, row->name, H5P_DEFAULT) <= 0)) return MG_OK;
  const mg_array_use use = {
      .most_rank = row->most_rank, .parts = true, .sparse = row->sparse, .padded = row->padded};
  mg_status status =
      mg_layout_open_array(f, group, row->kept ? "metadata/minari" : "", row->name, &use, a);
  return row->vital ? status : mg_dataset_forward(f, status);
}

mg_status mg_arrays_open(mg_dataset_file *f, const mg_array_row *rows, mg_array *array) {
  mg_status status = MG_OK;
  for (int i = 0; rows[i].name; i++) array[i].id = H5I_INVALID_HID;
  hid_t kept = mg_keep_open(f);
  for (int i = 0; rows[i].name && status == MG_OK; i++)
    status = open_one(f, kept, &rows[i], &array[i]);
  mg_h5_close(kept);
  return status;
}

void mg_arrays_close(const mg_array_row *rows, mg_array *array) {
  for (int i = 0; rows[i].name; i++) mg_array_close(&array[i]);
}

bool mg_arrays_skip(const void *rows, const char *name) {
  for (const mg_array_row *row = rows; row->name; row++)
    if (!row->kept && strcmp(row->name, name) == 0) return true;
  return false;
}

mg_status mg_arrays_read(mg_dataset_file *f, const mg_array *a, const hsize_t *start,
                         const hsize_t *count, double *values) {
  return mg_dataset_forward(f, mg_array_read_part(a, start, count, values));
}

/* ---- the form ---- */

mg_value_type mg_layout_number_type(mg_value_type type) {
  return type == MG_BOOLEAN ? MG_INT8 : type;
}

bool mg_array_has_size(const mg_array *a) {
  return a->dims[1] >= 1 && a->dims[1] <= INT32_MAX / 4;
}

bool mg_array_is_observations(const mg_array *a) {
  return a->kind == MG_ARRAY_FLOAT && a->rank == 2 && mg_array_has_size(a);
}

bool mg_array_is_choices(const mg_array *a) {
  return a->kind != MG_ARRAY_FLOAT && a->dims[1] == 1;
}

void mg_array_take_form(const mg_array *observations, const mg_array *actions,
                        const mg_array *rewards, mg_form *form) {
  form->observation_size = (int)observations->dims[1], form->action_size = (int)actions->dims[1];
  form->observation_type = observations->type;
  form->action_type = mg_layout_number_type(actions->type);
  form->discrete = mg_array_is_choices(actions), form->action_rank = actions->rank;
  if (rewards->id >= 0) form->reward_type = mg_layout_number_type(rewards->type);
}
