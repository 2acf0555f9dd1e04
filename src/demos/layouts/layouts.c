#include "demos/layouts/layout.h"

#include "files/h5_util.h"

#include <stdio.h>
#include <string.h>

const mg_layout *const mg_layouts[] = {
    &mg_layout_minari,
    &mg_layout_d4rl,
    &mg_layout_gail,
    &mg_layout_robomimic,
    &mg_layout_sb2,
    &mg_layout_imitation,
    NULL,
};

mg_status mg_layout_find(const char *name, const mg_layout **layout) {
  char names[160] = "";
  for (const mg_layout *const *l = mg_layouts; *l; l++) {
    if (strcmp((*l)->name, name) == 0) return *layout = *l, MG_OK;
    size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "", (*l)->name);
  }
  return mg_fail(MG_ERR_USAGE, "unknown layout '%s'; expected one of %s", name, names);
}

const mg_layout *mg_layout_of_name(const char *path) {
  size_t length = strlen(path);
  for (const mg_layout *const *l = mg_layouts; *l; l++) {
    size_t ending = strlen((*l)->ending);
    if (length > ending && strcmp(path + length - ending, (*l)->ending) == 0) return *l;
  }
  return &mg_layout_minari;
}

/* ---- writing ---- */

mg_status mg_sink_create(mg_sink *s, const mg_extras *extras) {
  s->file = -1;
  if (s->layout->hdf5) {
    mg_h5_quiet();
    s->file = H5Fcreate(s->path, H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
    if (s->file < 0) return mg_fail(MG_ERR_CREATE, "%s: cannot be created", s->path);
  }
  return s->layout->create(s, extras);
}

mg_status mg_sink_append(mg_sink *s, const mg_trajectory *t, const mg_extras *extras) {
  MG_TRY(s->layout->append(s, t, extras));
  s->episodes++;
  s->steps += t->steps;
  return MG_OK;
}

static mg_status finish(mg_sink *s) {
  if (s->layout->finish) MG_TRY(s->layout->finish(s));
  if (s->file >= 0 && H5Fflush(s->file, H5F_SCOPE_GLOBAL) < 0)
    return mg_fail(MG_ERR_IO, "%s: write failed (disk full?)", s->path);
  return MG_OK;
}

mg_status mg_sink_close(mg_sink *s, bool keep) {
  mg_status status = keep ? finish(s) : MG_OK;
  if (s->layout->discard) s->layout->discard(s);
  bool closed = mg_h5_close(s->file);
  s->file = -1;
  if (keep && status == MG_OK && !closed)
    return mg_fail(MG_ERR_IO, "%s: write failed (disk full?)", s->path);
  return status;
}
