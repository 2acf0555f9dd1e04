/* Minari's HDF5: episode_K/{observations [T+1,d], actions [T,m] or whole numbers [T], rewards [T],
 * terminations [T], truncations [T]} with attributes id, total_steps and perhaps seed and others;
 * infos/..., any; metadata.json beside the file. Source: minari 0.5, HDF5Storage. */
#include "demos/layouts/layout_minari.h"

#include "demos/extras/h5_extras.h"
#include "demos/layouts/layout_arrays.h"
#include "demos/layouts/layout_groups.h"
#include "demos/metadata.h"
#include "files/h5_cause.h"
#include "files/h5_column.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char PREFIX[] = "episode_";

enum { OBSERVATIONS, ACTIONS, REWARDS, TERMINATIONS, TRUNCATIONS, ARRAYS };
static const char *const NAMES[ARRAYS + 1] = {"observations", "actions", "rewards", "terminations",
                                              "truncations"};
static const mg_array_use *const USES[ARRAYS] = {&mg_use_matrix, &mg_use_matrix, &mg_use_vector,
                                                 &mg_use_flags, &mg_use_flags};

static bool recognise(const mg_dataset_file *f) {
  return mg_groups_found(f->file, PREFIX);
}

/* ---- the headers of one episode ---- */

static void close_arrays(mg_array a[ARRAYS]) {
  for (int i = 0; i < ARRAYS; i++) mg_array_close(&a[i]);
}

/* Those that cannot be opened have an id below 0, if problems are collected. */
static mg_status open_arrays(mg_dataset_file *f, const mg_episode *e, hid_t group,
                             mg_array a[ARRAYS]) {
  mg_status status = MG_OK;
  for (int i = 0; i < ARRAYS; i++) a[i].id = -1;
  for (int i = 0; i < ARRAYS && status == MG_OK; i++)
    status =
        mg_dataset_forward(f, mg_layout_open_array(f, group, e->name, NAMES[i], USES[i], &a[i]));
  return status;
}

static mg_status check_rows(mg_dataset_file *f, const mg_episode *e, int which, const mg_array *a) {
  if (a->id < 0 || a->dims[0] == (hsize_t)e->steps) return MG_OK;
  return mg_dataset_wrong(f,
                          "%s/%s has %" PRIu64 " rows, actions has %" PRIi64 "; expected as many",
                          e->name, NAMES[which], (uint64_t)a->dims[0], e->steps);
}

/* What all episodes must share, taken from the first. */
static mg_status check_sizes(mg_dataset_file *f, mg_episode *e, const mg_array a[ARRAYS]) {
  const mg_array *o = &a[OBSERVATIONS], *u = &a[ACTIONS];
  if (o->id < 0 || u->id < 0) return MG_OK; /* said already */
  if (!mg_array_is_observations(o))
    return mg_dataset_wrong(f, "%s/observations is not [rows, size] of float32 or float64",
                            e->name);
  bool discrete = mg_array_is_choices(u);
  if (!mg_array_has_size(u))
    return mg_dataset_wrong(f, "%s/actions is neither [steps, size] nor [steps]", e->name);
  int observation_size = (int)o->dims[1], action_size = (int)u->dims[1];
  if (f->form.observation_size == 0) mg_array_take_form(o, u, &a[REWARDS], &f->form);
  if (observation_size != f->form.observation_size)
    return mg_dataset_wrong(f, "%s/observations has %d columns; expected %d as in %s", e->name,
                            observation_size, f->form.observation_size, f->episode[0].name);
  if (action_size != f->form.action_size || discrete != f->form.discrete)
    return mg_dataset_wrong(f, "%s/actions has %d %s columns; expected %d %s as in %s", e->name,
                            action_size, discrete ? "integer" : "float", f->form.action_size,
                            f->form.discrete ? "integer" : "float", f->episode[0].name);
  e->broken = false;
  return MG_OK;
}

static mg_status check_headers(mg_dataset_file *f, mg_episode *e, const mg_array a[ARRAYS]) {
  MG_TRY(check_sizes(f, e, a));
  if (a[ACTIONS].id >= 0) e->steps = (int64_t)a[ACTIONS].dims[0];
  if (e->broken) return MG_OK;
  if (e->steps >= 1) {
    if (a[OBSERVATIONS].dims[0] != (hsize_t)e->steps + 1)
      MG_TRY(mg_dataset_wrong(f,
                              "%s/observations has %" PRIu64 " rows and actions %" PRIi64
                              "; expected one more observation than actions",
                              e->name, (uint64_t)a[OBSERVATIONS].dims[0], e->steps));
    for (int i = REWARDS; i < ARRAYS; i++) MG_TRY(check_rows(f, e, i, &a[i]));
  }
  return mg_dataset_count_episode(f, e);
}

/* Where there is none, it is the number in the name. */
static mg_status find_id(mg_dataset_file *f, mg_episode *e, hid_t group) {
  if (mg_groups_read_whole(group, "id", &e->id)) return MG_OK;
  if (H5Aexists(group, "id") > 0)
    return mg_dataset_wrong(f, "%s has an attribute id that is not one whole number", e->name);
  if (!f->unnamed)
    mg_dataset_remark(f, "%s has no attribute id; it and others alike go by their names", e->name);
  f->unnamed = true;
  return MG_OK;
}

static mg_status check_episode(mg_dataset_file *f, mg_episode *e, hid_t group, void *user) {
  (void)user;
  MG_TRY(find_id(f, e, group));
  mg_array arrays[ARRAYS];
  mg_status status = open_arrays(f, e, group, arrays);
  if (status == MG_OK) status = check_headers(f, e, arrays);
  close_arrays(arrays);
  if (status == MG_OK && !e->broken) status = mg_groups_check_steps(f, e, group, "total_steps");
  return status;
}

/* Dictionary spaces are groups; all episodes have them or none. */
static mg_status refuse_dictionaries(mg_dataset_file *f, mg_episode *e, hid_t group, void *user) {
  (void)user;
  for (int i = OBSERVATIONS; i <= ACTIONS; i++)
    if (mg_h5_is_hard(group, NAMES[i], H5O_TYPE_GROUP, NULL))
      return mg_fail(MG_ERR_DATA,
                     "%s: %s/%s is a dictionary of arrays; expected one array: flatten them before "
                     "recording (gymnasium.wrappers.FlattenObservation), or join them in Python",
                     f->path, e->name, NAMES[i]);
  return MG_OK;
}

static mg_status open_file(mg_dataset_file *f) {
  MG_TRY(mg_groups_collect(f, f->file, "its root group", PREFIX));
  if (f->episodes > 0 && mg_h5_is_hard(f->file, f->episode[0].name, H5O_TYPE_GROUP, NULL))
    MG_TRY(mg_groups_visit(f, f->file, 0, refuse_dictionaries, NULL));
  mg_h5_read_marks(f);
  MG_TRY(mg_groups_check(f, f->file, check_episode));
  if (!mg_metadata_env_id(f->path, f->form.env_id, sizeof f->form.env_id))
    mg_metadata_env_id_of_file(f->file, f->form.env_id, sizeof f->form.env_id);
  return MG_OK;
}

/* ---- values ---- */

/* The flags pass through `scratch`. */
static mg_status load_flags(mg_dataset_file *f, const mg_episode *e, hid_t group, int which,
                            double *scratch, bool *last) {
  int64_t inside = 0, first = 0;
  bool got;
  MG_TRY(mg_groups_read(f, e, group, NAMES[which], USES[which], e->steps, 1, scratch, &got));
  if (!got) return MG_OK;
  for (int64_t t = 0; t < e->steps; t++)
    if (scratch[t] != 0 && scratch[t] != 1)
      return mg_dataset_wrong(f, "%s/%s[%" PRIi64 "] is %g; expected 0 or 1", e->name, NAMES[which],
                              t, scratch[t]);
  for (int64_t t = e->steps - 1; t-- > 0;)
    if (scratch[t] != 0) inside++, first = t;
  *last = scratch[e->steps - 1] != 0;
  if (inside == 0) return MG_OK;
  if (!f->access.strict) {
    if (!f->ended_inside)
      mg_dataset_remark(f, "%s/%s[%" PRIi64 "] is set before the episode's end, and passed over",
                        e->name, NAMES[which], first);
    f->ended_inside = true;
    return MG_OK;
  }
  return mg_dataset_wrong(f,
                          "%s/%s[%" PRIi64 "] is set before the episode's end (%" PRIi64 " %s so)",
                          e->name, NAMES[which], first, inside, inside == 1 ? "is" : "are");
}

static mg_status load_arrays(mg_dataset_file *f, mg_episode *e, hid_t group, void *user) {
  mg_trajectory *t = user;
  const mg_form *form = &f->form;
  bool got;
  MG_TRY(mg_groups_read(f, e, group, NAMES[OBSERVATIONS], USES[OBSERVATIONS], e->steps + 1,
                        form->observation_size, t->observations, &got));
  MG_TRY(mg_groups_read(f, e, group, NAMES[ACTIONS], USES[ACTIONS], e->steps, form->action_size,
                        t->actions, &got));
  if (got) MG_TRY(mg_dataset_check_choices(f, e, NAMES[ACTIONS], t->actions));
  MG_TRY(load_flags(f, e, group, TERMINATIONS, t->rewards, &t->terminated));
  MG_TRY(load_flags(f, e, group, TRUNCATIONS, t->rewards, &t->truncated));
  return mg_groups_read(f, e, group, NAMES[REWARDS], USES[REWARDS], e->steps, 1, t->rewards, &got);
}

static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  return mg_groups_visit(f, f->file, k, load_arrays, t);
}

/* ---- what stands beside ---- */

static bool skip_in_root(const void *user, const char *name) {
  (void)user;
  return mg_groups_is_name(PREFIX, name) || mg_h5_is_mark(name);
}

static mg_status read_extras(mg_dataset_file *f, mg_extras *x) {
  MG_TRY(mg_h5_extras_read(f, f->file, "", "", true, skip_in_root, NULL, x));
  x->metadata = mg_metadata_beside(f->path);
  x->generated = x->metadata && mg_metadata_is_generated(x->metadata);
  return MG_OK;
}

static mg_status read_episode_extras(mg_dataset_file *f, int64_t k, mg_extras *x) {
  return mg_groups_extras(f, f->file, k, NAMES, x);
}

/* ---- writing ---- */

bool mg_minari_write_arrays(hid_t group, const mg_form *form, const mg_trajectory *t) {
  hsize_t steps = (hsize_t)t->steps;
  return mg_h5_write_array(group, "observations", 2, steps + 1, (hsize_t)form->observation_size,
                           form->observation_type, t->observations) &&
         mg_h5_write_array(group, "actions", form->action_rank, steps, (hsize_t)form->action_size,
                           form->action_type, t->actions) &&
         mg_h5_write_array(group, "rewards", 1, steps, 1, form->reward_type, t->rewards) &&
         mg_h5_write_last(group, "terminations", t->steps, t->terminated) &&
         mg_h5_write_last(group, "truncations", t->steps, t->truncated);
}

/* The metadata that came along, and the largest choice seen. */
typedef struct state {
  char *metadata;
  int64_t largest;
} state;

static mg_status create(mg_sink *s, const mg_extras *x) {
  state *own = s->state;
  if (x->metadata && !(own->metadata = strdup(x->metadata)))
    return mg_fail(MG_ERR_MEMORY, "%s: no memory", s->path);
  if (!mg_h5_extras_write(s->file, x) || !mg_h5_write_marks(s->file, &s->form))
    return mg_h5_write_failed(s->path, "the attributes");
  return MG_OK;
}

static mg_status append(mg_sink *s, const mg_trajectory *t, const mg_extras *x) {
  state *own = s->state;
  char name[32];
  int64_t id = s->episodes, steps;
  const mg_extra *given = mg_extras_find(x, "", "id");
  bool has_id = mg_extra_whole(given, &id) && id >= 0;
  if (!has_id) id = s->episodes;
  snprintf(name, sizeof name, "episode_%" PRIi64, id);
  hid_t group = mg_h5_create_group(s->file, name);
  bool ok =
      group >= 0 && mg_minari_write_arrays(group, &s->form, t) && mg_h5_extras_write(group, x);
  if (ok && !has_id) ok = mg_h5_write_i64(group, "id", id);
  if (ok && !(mg_extra_whole(mg_extras_find(x, "", "total_steps"), &steps) && steps == t->steps))
    ok = mg_h5_write_i64(group, "total_steps", t->steps);
  ok = mg_h5_close(group) && ok;
  if (!ok) return mg_h5_write_failed(s->path, name);
  for (int64_t i = 0; s->form.discrete && i < t->steps; i++)
    if (t->actions[i] > (double)own->largest) own->largest = (int64_t)t->actions[i];
  return MG_OK;
}

static mg_status finish(mg_sink *s) {
  state *own = s->state;
  s->metadata = own->metadata, own->metadata = NULL;
  if (s->metadata) return MG_OK;
  if (s->form.discrete && s->form.choices == 0) s->form.choices = (int)own->largest + 1;
  s->metadata = mg_metadata_of_form(&s->form, s->name, s->episodes, s->steps);
  return s->metadata ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory", s->path);
}

static void discard(mg_sink *s) {
  state *own = s->state;
  free(own->metadata);
}

static const mg_layout_reader reader = {0,    recognise,   open_file,
                                        load, read_extras, .episode_extras = read_episode_extras};
static const mg_layout_writer writer = {sizeof(state), create, append, finish, discard};

const mg_layout mg_layout_minari = {
    .name = "minari",
    .ending = ".h5",
    .signs = "groups episode_0, episode_1, ...",
    .hdf5 = true,
    .metadata = true,
    .read = &reader,
    .write = &writer,
};
