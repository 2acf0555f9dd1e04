#include "demos/layouts/layout_d4rl.h"

#include "base/arena.h"
#include "demos/extras/h5_extras.h"
#include "demos/layouts/layout_keep.h"
#include "files/h5_column.h"
#include "files/h5_util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct extra_column {
  char *path;
  mg_h5_column column;
} extra_column;

typedef struct state {
  mg_h5_column array[D4RL_ARRAYS];
  int64_t columns; /* those of the first episode */
  extra_column *column;
} state;

static mg_status create(mg_sink *s, const mg_extras *x) {
  state *own = s->state;
  const mg_form *form = &s->form;
  const mg_value_type types[D4RL_ARRAYS] = {
      form->observation_type, form->action_type, form->reward_type, MG_BOOLEAN, MG_BOOLEAN,
      form->observation_type};
  for (int i = 0; i < D4RL_ARRAYS; i++) own->array[i].data = -1;
  bool ok = mg_keep_write_file(s, x) &&
            (form->rewards || mg_h5_write_i64(s->file, MG_MARK_NO_REWARDS, 1));
  for (int i = 0; i < D4RL_ARRAYS && ok; i++) {
    hsize_t columns =
        i == D4RL_ACTIONS ? (hsize_t)form->action_size : (hsize_t)form->observation_size;
    int rank = i == D4RL_ACTIONS                          ? form->action_rank
               : i == D4RL_OBSERVATIONS || i == D4RL_NEXT ? 2
                                                          : 1;
    if (i == D4RL_NEXT && !form->final_observation) continue;
    ok = mg_h5_column_create(s->file, mg_d4rl_rows[i].name, types[i], rank, &columns,
                             &own->array[i]);
  }
  return mg_sink_wrote(s, ok);
}

/* ---- infos and their like ---- */

static bool has_attributes(const mg_extras *x, const char *path) {
  for (int64_t i = 0; i < x->count; i++)
    if (x->item[i].name && strcmp(x->item[i].path, path) == 0) return true;
  return false;
}

static bool is_taken(const char *path) {
  char top[64];
  snprintf(top, sizeof top, "%.*s", (int)strcspn(path, "/"), path);
  return mg_arrays_skip(mg_d4rl_rows, top) || strcmp(top, "metadata") == 0;
}

/* Numbers of T or T+1 rows, without attributes: a column. */
static bool may_be_column(const mg_extras *x, const mg_extra *item, int64_t steps) {
  return !item->group && !item->name && item->type != MG_TEXT && item->rank >= 1 &&
         (item->dims[0] == (uint64_t)steps || item->dims[0] == (uint64_t)steps + 1) &&
         !is_taken(item->path) && !has_attributes(x, item->path);
}

static bool create_columns(mg_sink *s, int64_t steps, const mg_extras *x) {
  state *own = s->state;
  own->column = mg_memory_take((size_t)x->count + 1, sizeof *own->column);
  if (!own->column) return false;
  for (int64_t i = 0; i < x->count; i++) {
    const mg_extra *item = &x->item[i];
    if (!may_be_column(x, item, steps)) continue;
    extra_column *c = &own->column[own->columns];
    hsize_t dims[MG_EXTRA_MAX_RANK];
    for (int k = 1; k < item->rank; k++) dims[k - 1] = item->dims[k];
    c->path = mg_memory_copy(item->path);
    c->column.data = -1;
    own->columns++;
    if (!c->path || H5Lexists(s->file, item->path, H5P_DEFAULT) > 0 ||
        !mg_h5_column_create(s->file, item->path, item->type, item->rank, dims, &c->column))
      return false;
  }
  return true;
}

static extra_column *find_column(const mg_sink *s, const mg_extra *item) {
  state *own = s->state;
  for (int64_t i = 0; i < own->columns; i++) {
    extra_column *c = &own->column[i];
    if (strcmp(c->path, item->path) != 0) continue;
    bool same = c->column.type == item->type && c->column.rank == item->rank;
    for (int k = 1; same && k < item->rank; k++) same = c->column.dims[k] == item->dims[k];
    return same ? c : NULL;
  }
  return NULL;
}

/* A group that some dataset below it brings back. */
static bool is_implied(const mg_extras *x, const mg_extra *group) {
  size_t length = strlen(group->path);
  if (has_attributes(x, group->path)) return false;
  for (int64_t i = 0; i < x->count; i++)
    if (!x->item[i].group && strncmp(x->item[i].path, group->path, length) == 0 &&
        x->item[i].path[length] == '/')
      return true;
  return false;
}

static bool keep_last_row(const mg_sink *s, const mg_extra *item, int64_t steps) {
  mg_extra last = *item;
  last.rank--;
  last.count = item->count / item->dims[0];
  for (int k = 0; k < last.rank; k++) last.dims[k] = item->dims[k + 1];
  last.values = (char *)item->values + (size_t)steps * last.count * mg_value_type_size(item->type);
  hid_t group = mg_keep_episode_group(s);
  bool ok = group >= 0 && mg_keep_write_item(group, "final", &last);
  return mg_h5_close(group) && ok;
}

static bool append_extras(mg_sink *s, int64_t steps, const mg_extras *x, mg_extras *kept) {
  state *own = s->state;
  const hsize_t rows = (hsize_t)own->array[D4RL_OBSERVATIONS].dims[0];
  for (int64_t i = 0; i < x->count; i++) {
    const mg_extra *item = &x->item[i];
    extra_column *c = may_be_column(x, item, steps) ? find_column(s, item) : NULL;
    if (c) {
      if (!mg_h5_column_append_native(&c->column, (hsize_t)steps, item->values)) return false;
      if (item->dims[0] > (uint64_t)steps && !keep_last_row(s, item, steps)) return false;
    } else if (!(item->group && is_implied(x, item))) {
      kept->item[kept->count++] = *item; /* borrowed */
    }
  }
  uint64_t absent = 0;
  char **names = mg_memory_take((size_t)own->columns + 1, sizeof *names);
  bool ok = names;
  for (int64_t i = 0; i < own->columns && ok; i++) {
    extra_column *c = &own->column[i];
    if (c->column.dims[0] == rows) continue;
    names[absent++] = c->path;
    ok = mg_h5_column_append_native(&c->column, (hsize_t)steps, NULL);
  }
  if (ok && absent > 0) {
    const mg_extra item = {
        .type = MG_TEXT, .rank = 1, .dims = {absent}, .count = absent, .values = names};
    hid_t group = mg_keep_episode_group(s);
    ok = group >= 0 && mg_h5_extra_write_dataset(group, "absent", &item);
    ok = mg_h5_close(group) && ok;
  }
  free(names);
  return ok;
}

/* ---- episodes ---- */

static bool append_flags(mg_h5_column *c, int64_t steps, bool last) {
  int8_t *flags = mg_memory_take((size_t)steps, 1);
  if (!flags) return false;
  flags[steps - 1] = last;
  bool ok = mg_h5_column_append_native(c, (hsize_t)steps, flags);
  free(flags);
  return ok;
}

static mg_status append(mg_sink *s, const mg_trajectory *t, const mg_extras *x) {
  state *own = s->state;
  hsize_t steps = (hsize_t)t->steps;
  size_t d = (size_t)s->form.observation_size;
  if (s->episodes == 0 && !create_columns(s, t->steps, x)) return mg_sink_wrote(s, false);
  bool ok = mg_h5_column_append(&own->array[D4RL_OBSERVATIONS], steps, t->observations) &&
            mg_h5_column_append(&own->array[D4RL_ACTIONS], steps, t->actions) &&
            mg_h5_column_append(&own->array[D4RL_REWARDS], steps, t->rewards) &&
            append_flags(&own->array[D4RL_TERMINALS], t->steps, t->terminated) &&
            /* Without any mark the next episode would be taken for its continuation. */
            append_flags(&own->array[D4RL_TIMEOUTS], t->steps, t->truncated || !t->terminated) &&
            (!s->form.final_observation ||
             mg_h5_column_append(&own->array[D4RL_NEXT], steps, t->observations + d));
  mg_extras kept = {.item = mg_memory_take((size_t)x->count + 1, sizeof *kept.item)};
  ok = ok && kept.item && append_extras(s, t->steps, x, &kept) &&
       mg_keep_write_episode(s, t->steps, &kept);
  free(kept.item);
  return mg_sink_wrote(s, ok);
}

static bool close_columns(state *own) {
  bool ok = true;
  for (int i = 0; i < D4RL_ARRAYS; i++) ok = mg_h5_column_close(&own->array[i]) && ok;
  for (int64_t i = 0; i < own->columns; i++) ok = mg_h5_column_close(&own->column[i].column) && ok;
  return ok;
}

static mg_status finish(mg_sink *s) {
  return mg_sink_wrote(s, close_columns(s->state));
}

static void discard(mg_sink *s) {
  state *own = s->state;
  close_columns(own);
  for (int64_t i = 0; i < own->columns; i++) free(own->column[i].path);
  free(own->column);
}

const mg_layout_writer mg_d4rl_writer = {sizeof(state), create, append, finish, discard};
