#include "demos/extras/h5_extras.h"

#include "base/arena.h"
#include "demos/layouts/layout_keep.h"
#include "demos/layouts/robomimic/layout_robomimic.h"
#include "files/h5_column.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct state {
  hid_t data;
} state;

static mg_status create(mg_sink *s, const mg_extras *x) {
  enum { GYM = 2 }; /* robomimic's EnvType */
  char args[256];
  state *own = s->state;
  snprintf(args, sizeof args,
           "{\"env_name\": \"%s\", \"env_type\": %d, \"type\": %d, \"env_kwargs\": {}}",
           s->form.env_id, GYM, GYM);
  bool ok = mg_keep_write_file(s, x) && mg_h5_write_marks(s->file, &s->form);
  own->data = ok ? mg_h5_create_group(s->file, "data") : -1;
  ok = ok && own->data >= 0 && mg_h5_write_text(own->data, "env_args", args);
  return mg_sink_wrote(s, ok);
}

static bool write_observations(hid_t demo, const char *name, const mg_form *form, hsize_t steps,
                               const double *values) {
  hid_t group = mg_h5_create_group(demo, name);
  bool ok =
      group >= 0 && mg_h5_write_array(group, "flat", 2, steps, (hsize_t)form->observation_size,
                                      form->observation_type, values);
  return mg_h5_close(group) && ok;
}

/* Whole numbers, as robomimic has them. */
static bool write_dones(hid_t demo, const mg_trajectory *t) {
  double *dones = mg_memory_take((size_t)t->steps, sizeof *dones);
  if (!dones) return false;
  dones[t->steps - 1] = t->terminated;
  bool ok = mg_h5_write_array(demo, "dones", 1, (hsize_t)t->steps, 1, MG_INT64, dones);
  free(dones);
  return ok;
}

static mg_status append(mg_sink *s, const mg_trajectory *t, const mg_extras *x) {
  const state *own = s->state;
  const mg_form *form = &s->form;
  hsize_t steps = (hsize_t)t->steps;
  char name[32];
  snprintf(name, sizeof name, "demo_%" PRIi64, s->episodes);
  hid_t demo = mg_h5_create_group(own->data, name);
  bool ok =
      demo >= 0 && mg_h5_extras_write(demo, x) &&
      write_observations(demo, "obs", form, steps, t->observations) &&
      (!form->final_observation || write_observations(demo, "next_obs", form, steps,
                                                      t->observations + form->observation_size)) &&
      mg_h5_write_array(demo, "actions", form->action_rank, steps, (hsize_t)form->action_size,
                        form->action_type, t->actions) &&
      (!form->rewards ||
       mg_h5_write_array(demo, "rewards", 1, steps, 1, form->reward_type, t->rewards)) &&
      write_dones(demo, t) && mg_h5_write_i64(demo, "num_samples", t->steps) &&
      (t->truncated == !t->terminated || mg_h5_write_i64(demo, "truncated", t->truncated));
  ok = mg_h5_close(demo) && ok;
  return mg_sink_wrote(s, ok);
}

static mg_status finish(mg_sink *s) {
  const state *own = s->state;
  return mg_sink_wrote(s, mg_h5_write_i64(own->data, "total", s->steps));
}

static void discard(mg_sink *s) {
  const state *own = s->state;
  if (own->data > 0) mg_h5_close(own->data);
}

const mg_layout_writer mg_robomimic_writer = {sizeof(state), create, append, finish, discard};
