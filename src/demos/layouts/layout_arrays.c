#include "demos/layouts/layout_arrays.h"

#include "demos/layouts/layout_keep.h"
#include "files/h5_util.h"

#include <string.h>

static mg_status open_one(mg_dataset_file *f, hid_t kept, const mg_array_row *row, mg_array *a) {
  hid_t group = row->kept ? kept : f->file;
  if (group < 0 || (!row->required && H5Lexists(group, row->name, H5P_DEFAULT) <= 0)) return MG_OK;
  mg_status status = mg_array_open_part(f->path, group, row->kept ? "metadata/minari" : "",
                                        row->name, mg_dataset_most_bytes(f), row->most_rank, a);
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

bool mg_array_has_size(const mg_array *a) {
  return a->dims[1] >= 1 && a->dims[1] <= INT32_MAX / 4;
}

bool mg_array_is_observations(const mg_array *a) {
  return a->kind == MG_ARRAY_FLOAT && a->rank == 2 && mg_array_has_size(a);
}

bool mg_array_is_choices(const mg_array *a) {
  return a->kind == MG_ARRAY_INTEGER && a->dims[1] == 1;
}

void mg_array_take_form(const mg_array *observations, const mg_array *actions,
                        const mg_array *rewards, mg_form *form) {
  form->observation_size = (int)observations->dims[1], form->action_size = (int)actions->dims[1];
  form->observation_type = observations->type, form->action_type = actions->type;
  form->discrete = mg_array_is_choices(actions), form->action_rank = actions->rank;
  if (rewards->id >= 0) form->reward_type = rewards->type;
}
