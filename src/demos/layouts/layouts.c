#include "demos/layouts/layout.h"

#include "demos/metadata.h"
#include "files/h5_cause.h"
#include "files/h5_util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the order in which they are tried: mg_layout_<name> is a layout's only definition. */
#define LAYOUT_LIST(X)                                                                             \
  X(minari)                                                                                        \
  X(d4rl)                                                                                          \
  X(gail)                                                                                          \
  X(robomimic)                                                                                     \
  X(sb2)                                                                                           \
  X(imitation)                                                                                     \
  X(baselines)

#define DECLARE(name) extern const mg_layout mg_layout_##name;
LAYOUT_LIST(DECLARE)

#define ROW(name) &mg_layout_##name,
const mg_layout *const mg_layouts[] = {LAYOUT_LIST(ROW) NULL};

mg_status mg_layout_find(const char *name, const mg_layout **layout) {
  char names[160] = "";
  for (const mg_layout *const *l = mg_layouts; *l; l++) {
    if (!(*l)->write) continue;
    if (strcmp((*l)->name, name) == 0) return *layout = *l, MG_OK;
    size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "", (*l)->name);
  }
  return mg_fail(MG_ERR_USAGE, "no layout '%s' to write; expected one of %s", name, names);
}

const mg_layout *mg_layout_of_name(const char *path) {
  size_t length = strlen(path);
  for (const mg_layout *const *l = mg_layouts; *l; l++) {
    size_t ending = strlen((*l)->ending);
    if (length > ending && strcmp(path + length - ending, (*l)->ending) == 0) return *l;
  }
  return &mg_layout_minari;
}

/* ---- reading ---- */

bool mg_layout_find_env_id(mg_dataset_file *f) {
  mg_form *form = &f->form;
  return mg_metadata_env_id_of_file(f->file, form->env_id, sizeof form->env_id) ||
         mg_metadata_env_id(f->path, form->env_id, sizeof form->env_id);
}

void mg_layout_guess_ends(mg_dataset_file *f, int64_t longest) {
  int64_t limit = f->access.max_steps > 0 ? f->access.max_steps : longest;
  for (int64_t k = 0; k < f->episodes; k++) {
    f->episode[k].truncated = f->episode[k].steps >= limit;
    f->episode[k].terminated = !f->episode[k].truncated;
  }
  mg_dataset_remark(f, "how episodes ended is not stored; taken from their lengths");
}

mg_status mg_layout_load_parts(mg_dataset_file *f, int64_t k, const char *actions,
                               mg_part_reader read, mg_trajectory *t) {
  const mg_episode *e = &f->episode[k];
  double *last = t->observations + (size_t)e->steps * (size_t)f->form.observation_size;
  MG_TRY(read(f, e, MG_PART_OBSERVATIONS, t->observations));
  MG_TRY(read(f, e, MG_PART_ACTIONS, t->actions));
  MG_TRY(mg_dataset_check_choices(f, e, actions, t->actions));
  if (f->form.final_observation) MG_TRY(read(f, e, MG_PART_FINAL, last));
  if (f->form.rewards) MG_TRY(read(f, e, MG_PART_REWARDS, t->rewards));
  t->terminated = e->terminated, t->truncated = e->truncated;
  return MG_OK;
}

/* ---- writing ---- */

mg_status mg_sink_wrote(const mg_sink *s, bool ok) {
  return ok ? MG_OK : mg_h5_write_failed(s->path, "");
}

mg_status mg_sink_create(mg_sink *s, const mg_extras *extras) {
  s->file = -1;
  if (s->layout->hdf5) {
    mg_h5_quiet();
    MG_TRY(mg_h5_create_file(s->path, &s->file));
  }
  s->state = calloc(1, s->layout->write->state);
  if (!s->state) return mg_fail(MG_ERR_MEMORY, "%s: no memory", s->path);
  return s->layout->write->create(s, extras);
}

mg_status mg_sink_append(mg_sink *s, const mg_trajectory *t, const mg_extras *extras) {
  MG_TRY(s->layout->write->append(s, t, extras));
  mg_content_add(&s->content, &s->form, t);
  s->episodes++;
  s->steps += t->steps;
  return MG_OK;
}

static mg_status finish(mg_sink *s) {
  if (s->layout->write->finish) MG_TRY(s->layout->write->finish(s));
  return mg_sink_wrote(s, s->file < 0 || (mg_content_write(&s->content, s->file) &&
                                          H5Fflush(s->file, H5F_SCOPE_GLOBAL) >= 0));
}

mg_status mg_sink_close(mg_sink *s, bool keep) {
  mg_failure failure = {0};
  if (keep) mg_failure_note(&failure, finish(s));
  if (s->state && s->layout->write->discard) s->layout->write->discard(s);
  free(s->state);
  bool closed = mg_h5_close(s->file);
  s->state = NULL, s->file = -1;
  mg_failure_note(&failure, mg_sink_wrote(s, closed || !keep));
  return mg_failure_again(&failure);
}
