#include "demos/layouts/layout_npz.h"

#include "demos/extras/h5_extras.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool mg_npz_has(const mg_dataset_file *f, const char *const *names) {
  mg_npz *npz;
  if (mg_npz_open(f->descriptor, f->path, f->max_bytes, &npz) != MG_OK) return false;
  bool all = true;
  for (; *names; names++) all = all && mg_npz_find(npz, *names);
  mg_npz_close(npz);
  return all;
}

/* ---- opening ---- */

static mg_value_type type_of(mg_npy_type type) {
  switch (type) {
  case MG_NPY_F32:
  case MG_NPY_F16:
    return MG_FLOAT32;
  case MG_NPY_I8:
    return MG_INT8;
  case MG_NPY_I16:
    return MG_INT16;
  case MG_NPY_I32:
    return MG_INT32;
  case MG_NPY_I64:
    return MG_INT64;
  case MG_NPY_BOOL:
  case MG_NPY_U8:
    return MG_UINT8;
  case MG_NPY_U16:
    return MG_UINT16;
  case MG_NPY_U32:
    return MG_UINT32;
  case MG_NPY_U64:
    return MG_UINT64;
  default:
    return MG_FLOAT64;
  }
}

/* Values a step: what is behind the first `lead` dimensions, of which all but one are 1. 0: none
 * such. Dimensions of 1 that are passed over are remarked. */
static int find_width(mg_dataset_file *f, const mg_npz_member *m, int lead) {
  char text[96];
  int wide = 0;
  uint64_t width = 1;
  if (m->header.rank < lead) return 0;
  for (int i = lead; i < m->header.rank; i++) {
    wide += m->header.dims[i] != 1;
    width *= m->header.dims[i];
  }
  if (wide > 1 || width > INT32_MAX / 4) return 0;
  if (m->header.rank > lead + 1 && !f->squeezed) {
    f->squeezed = true;
    mg_npy_header_describe(&m->header, text, sizeof text);
    mg_dataset_remark(f, "member %s, %s, is taken as rows of %" PRIu64 ", and others alike",
                      m->name, text, width);
  }
  return (int)width;
}

static mg_status find_form(mg_dataset_file *f, const mg_npz_state *own, int lead) {
  static const char *const shapes[] = {"", "rows", "episodes, steps"};
  const mg_npz_member *o = mg_npz_stream_member(own->stream[MG_PART_OBSERVATIONS]);
  const mg_npz_member *u = mg_npz_stream_member(own->stream[MG_PART_ACTIONS]);
  const mg_npz_stream *rewards = own->stream[MG_PART_REWARDS];
  mg_form *form = &f->form;
  form->observation_type = type_of(o->header.type), form->action_type = type_of(u->header.type);
  form->observation_size = find_width(f, o, lead), form->action_size = find_width(f, u, lead);
  if (o->header.rank <= lead || form->observation_size < 1 ||
      !mg_value_type_is_float(form->observation_type))
    return mg_fail(MG_ERR_DATA, "%s: member %s is not [%s, size] of floats", f->path, o->name,
                   shapes[lead]);
  if (form->action_size < 1)
    return mg_fail(MG_ERR_DATA, "%s: member %s is neither [%s, size] nor [%s]", f->path, u->name,
                   shapes[lead], shapes[lead]);
  form->discrete = !mg_value_type_is_float(form->action_type) && form->action_size == 1;
  form->action_rank = form->discrete || u->header.rank == lead ? 1 : 2;
  if (!rewards) return MG_OK;
  const mg_npz_member *r = mg_npz_stream_member(rewards);
  const uint64_t steps = lead == 1 ? 1 : u->row_size / (uint64_t)form->action_size;
  if (r->row_size != steps || r->rows != u->rows)
    return mg_fail(MG_ERR_DATA,
                   "%s: member %s has %" PRIu64 " rows of %" PRIu64 ", %s has %" PRIu64
                   "; expected as many, of %" PRIu64,
                   f->path, r->name, r->rows, r->row_size, u->name, u->rows, steps);
  form->reward_type = type_of(r->header.type) == MG_FLOAT32 ? MG_FLOAT32 : MG_FLOAT64;
  return MG_OK;
}

mg_status mg_npz_open_arrays(mg_dataset_file *f, const char *const names[NPZ_ARRAYS], int lead,
                             uint64_t *rows, uint64_t *steps) {
  mg_npz_state *own = f->state;
  MG_TRY(mg_npz_open(f->descriptor, f->path, f->max_bytes, &own->npz));
  for (int i = 0; i < NPZ_ARRAYS; i++) {
    if (i == MG_PART_REWARDS && !mg_npz_find(own->npz, names[i])) continue;
    MG_TRY(mg_npz_stream_open(own->npz, names[i], &own->stream[i]));
  }
  f->form.final_observation = false;
  f->form.rewards =
      own->stream[MG_PART_REWARDS] != NULL && !mg_npz_is_marked(f, MG_MARK_NO_REWARDS);
  MG_TRY(find_form(f, own, lead));
  *rows = mg_npz_stream_member(own->stream[MG_PART_OBSERVATIONS])->rows;
  *steps = mg_npz_stream_member(own->stream[MG_PART_ACTIONS])->rows;
  if (*steps >= 1) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%s: member %s has no rows", f->path, names[MG_PART_ACTIONS]);
}

void mg_npz_close_file(mg_dataset_file *f) {
  const mg_npz_state *own = f->state;
  for (int i = 0; i < NPZ_ARRAYS; i++) mg_npz_stream_close(own->stream[i]);
  mg_npz_close(own->npz);
}

/* ---- values ---- */

mg_status mg_npz_check_finite(const mg_dataset_file *f, const char *name, uint64_t first_row,
                              uint64_t columns, uint64_t n, const double *values) {
  uint64_t bad = 0, first = 0;
  for (uint64_t i = n; i-- > 0;)
    if (!isfinite(values[i])) bad++, first = i;
  if (bad == 0) return MG_OK;
  char more[48] = "";
  if (bad > 1) snprintf(more, sizeof more, " (the first of %" PRIu64 ")", bad);
  return mg_fail(MG_ERR_DATA, "%s: %s[%" PRIu64 ",%" PRIu64 "] is %s; expected a finite number%s",
                 f->path, name, first_row + first / columns, first % columns,
                 isnan(values[first]) ? "not a number" : "infinite", more);
}

mg_status mg_npz_read_part(mg_dataset_file *f, mg_part part, int64_t first, int64_t rows,
                           double *values) {
  const mg_npz_state *own = f->state;
  const mg_npz_member *m = mg_npz_stream_member(own->stream[part]);
  MG_TRY(mg_npz_stream_read(own->stream[part], (uint64_t)first, (uint64_t)rows, values));
  return mg_dataset_forward(f, mg_npz_check_finite(f, m->name, (uint64_t)first, m->row_size,
                                                   (uint64_t)rows * m->row_size, values));
}

mg_status mg_npz_open_vector(mg_dataset_file *f, const char *name, uint64_t n,
                             mg_npz_stream **stream) {
  mg_npz_state *own = f->state;
  MG_TRY(mg_npz_stream_open(own->npz, name, stream));
  const mg_npz_member *m = mg_npz_stream_member(*stream);
  if (m->row_size == 1 && m->rows == n) return MG_OK;
  mg_status status = mg_fail(
      MG_ERR_DATA, "%s: member %s has %" PRIu64 " rows of %" PRIu64 "; expected %" PRIu64 " of 1",
      f->path, name, m->rows, m->row_size, n);
  mg_npz_stream_close(*stream);
  *stream = NULL;
  return status;
}

mg_status mg_npz_read_vector(mg_dataset_file *f, const char *name, uint64_t n, double *values) {
  mg_npz_stream *stream;
  MG_TRY(mg_npz_open_vector(f, name, n, &stream));
  mg_status status = mg_npz_stream_read(stream, 0, n, values);
  mg_npz_stream_close(stream);
  return status;
}

bool mg_npz_is_marked(const mg_dataset_file *f, const char *name) {
  const mg_npz_state *own = f->state;
  double mark = 0;
  mg_npz_stream *stream;
  const mg_npz_member *m = mg_npz_find(own->npz, name);
  if (!m || m->rows != 1 || m->row_size != 1) return false;
  if (mg_npz_stream_open(own->npz, name, &stream) != MG_OK) return false;
  bool ok = mg_npz_stream_read(stream, 0, 1, &mark) == MG_OK && mark != 0;
  mg_npz_stream_close(stream);
  return ok;
}

/* ---- writing ---- */

mg_npy_type mg_npz_type_of(mg_value_type type) {
  return type == MG_FLOAT32   ? MG_NPY_F32
         : type == MG_FLOAT64 ? MG_NPY_F64
         : type == MG_BOOLEAN ? MG_NPY_BOOL
                              : MG_NPY_I64;
}

mg_status mg_npz_output_create(mg_sink *s, int arrays, const mg_npz_column *column) {
  mg_npz_output *own = s->state;
  own->scratch = calloc((size_t)s->longest + 1, sizeof *own->scratch);
  if (!own->scratch) return mg_fail(MG_ERR_MEMORY, "%s: no memory", s->path);
  MG_TRY(mg_npz_writer_create(s->path, true, &own->writer));
  for (int i = 0, place; i < arrays; i++)
    MG_TRY(
        mg_npz_writer_add(own->writer, column[i].name, column[i].type, column[i].columns, &place));
  return MG_OK;
}

mg_status mg_npz_output_append(mg_sink *s, int array, int64_t rows, const double *values) {
  const mg_npz_output *own = s->state;
  return mg_npz_writer_append(own->writer, array, (uint64_t)rows, values);
}

mg_status mg_npz_output_mark(mg_sink *s, const char *name) {
  const mg_npz_output *own = s->state;
  const double yes = 1;
  int array;
  MG_TRY(mg_npz_writer_add(own->writer, name, MG_NPY_BOOL, 0, &array));
  return mg_npz_writer_append(own->writer, array, 1, &yes);
}

mg_status mg_npz_output_finish(mg_sink *s) {
  mg_npz_output *own = s->state;
  mg_npz_writer *writer = own->writer;
  own->writer = NULL;
  return mg_npz_writer_close(writer, true);
}

void mg_npz_output_discard(mg_sink *s) {
  const mg_npz_output *own = s->state;
  mg_npz_writer_close(own->writer, false);
  free(own->scratch);
}
