#include "demos/layouts/layout_minari.h"

#include "demos/extras/h5_extras.h"
#include "demos/metadata.h"
#include "files/h5_column.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

mg_status mg_minari_create(mg_sink *s, const mg_extras *x) {
  state *own = s->state = calloc(1, sizeof *own);
  if (!own || (x->metadata && !(own->metadata = strdup(x->metadata))))
    return mg_fail(MG_ERR_MEMORY, "%s: no memory", s->path);
  if (!mg_h5_extras_write(s->file, x) || !mg_h5_write_marks(s->file, &s->form))
    return mg_fail(MG_ERR_IO, "%s: writing the attributes failed (disk full?)", s->path);
  return MG_OK;
}

mg_status mg_minari_append(mg_sink *s, const mg_trajectory *t, const mg_extras *x) {
  state *own = s->state;
  char name[32];
  int64_t id = s->episodes, steps;
  const mg_extra *given = mg_extras_find(x, "", "id");
  bool has_id = mg_extra_integer(given, &id) && id >= 0;
  if (!has_id) id = s->episodes;
  snprintf(name, sizeof name, "episode_%" PRIi64, id);
  hid_t group = mg_h5_create_group(s->file, name);
  bool ok =
      group >= 0 && mg_minari_write_arrays(group, &s->form, t) && mg_h5_extras_write(group, x);
  if (ok && !has_id) ok = mg_h5_write_i64(group, "id", id);
  if (ok && !(mg_extra_integer(mg_extras_find(x, "", "total_steps"), &steps) && steps == t->steps))
    ok = mg_h5_write_i64(group, "total_steps", t->steps);
  ok = mg_h5_close(group) && ok;
  if (!ok) return mg_fail(MG_ERR_IO, "%s: writing %s failed (disk full?)", s->path, name);
  for (int64_t i = 0; s->form.discrete && i < t->steps; i++)
    if (t->actions[i] > (double)own->largest) own->largest = (int64_t)t->actions[i];
  return MG_OK;
}

mg_status mg_minari_finish(mg_sink *s) {
  state *own = s->state;
  s->metadata = own->metadata, own->metadata = NULL;
  if (s->metadata) return MG_OK;
  if (s->form.discrete && s->form.choices == 0) s->form.choices = (int)own->largest + 1;
  s->metadata = mg_metadata_of_form(&s->form, s->name, s->episodes, s->steps);
  return s->metadata ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory", s->path);
}

void mg_minari_discard(mg_sink *s) {
  state *own = s->state;
  if (own) free(own->metadata);
  free(own);
  s->state = NULL;
}
