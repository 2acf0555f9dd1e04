/* The old archive of HumanCompatibleAI's imitation: obs [N+E,d] with one row more than steps an
 * episode, acts [N,m] (or whole numbers [N]), rews [N] perhaps, terminal [E], indices [E-1]: where
 * in acts the second and following episodes start. infos holds pickled objects and is never read.
 * Source: imitation 0.3, data/types.py (load_with_rewards). */
#include "demos/layouts/layout_npz.h"

#include "demos/extras/h5_extras.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool recognise(const mg_dataset_file *f) {
  return mg_npz_has(f, (const char *const[]){"obs", "acts", "indices", NULL});
}

/* starts [episodes + 1]: the first row of each in acts, and their end. */
static mg_status split(mg_dataset_file *f, uint64_t episodes, const double *starts) {
  for (uint64_t k = 0; k < episodes; k++) {
    if (starts[k] != floor(starts[k]) || !(starts[k] < starts[k + 1]))
      return mg_fail(MG_ERR_DATA,
                     "%s: member indices leads from row %.10g to row %.10g; expected whole numbers "
                     "that grow",
                     f->path, starts[k], starts[k + 1]);
    MG_TRY(mg_dataset_add_rows(f, (int64_t)starts[k], (int64_t)(starts[k + 1] - starts[k])));
  }
  return MG_OK;
}

static mg_status read_ends(mg_dataset_file *f, double *terminal) {
  MG_TRY(mg_npz_read_vector(f, "terminal", (uint64_t)f->episodes, terminal));
  for (int64_t k = 0; k < f->episodes; k++) {
    f->episode[k].terminated = terminal[k] != 0;
    f->episode[k].truncated = terminal[k] == 0;
  }
  return MG_OK;
}

static mg_status open_file(mg_dataset_file *f) {
  uint64_t rows, steps;
  MG_TRY(mg_npz_open_arrays(f, (const char *const[]){"obs", "acts", "rews"}, 1, &rows, &steps));
  const mg_npz_state *own = f->state;
  uint64_t episodes = mg_npz_find(own->npz, "indices")->rows + 1;
  if (rows != steps + episodes)
    return mg_fail(MG_ERR_DATA,
                   "%s: obs has %" PRIu64 " rows, acts %" PRIu64 " and indices %" PRIu64
                   "; expected one more observation than actions in each of %" PRIu64 " episodes",
                   f->path, rows, steps, episodes - 1, episodes);
  double *starts = calloc(episodes + 1, sizeof *starts);
  if (!starts) return mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  starts[episodes] = (double)steps;
  mg_status status =
      episodes > 1 ? mg_npz_read_vector(f, "indices", episodes - 1, starts + 1) : MG_OK;
  if (status == MG_OK) status = split(f, episodes, starts);
  if (status == MG_OK) status = mg_dataset_forward(f, read_ends(f, starts));
  free(starts);
  f->form.final_observation = !mg_npz_is_marked(f, MG_MARK_FINAL_REPEATED);
  return status;
}

/* An episode's observations are one more than its steps. */
static mg_status read_part(mg_dataset_file *f, const mg_episode *e, mg_part part, double *values) {
  if (part == MG_PART_FINAL) return MG_OK; /* came with the others */
  const bool more = part == MG_PART_OBSERVATIONS;
  return mg_npz_read_part(f, part, e->place + (more ? e->id : 0), e->steps + more, values);
}

static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  return mg_layout_load_parts(f, k, "acts", read_part, t);
}

/* ---- writing ---- */

enum { OBSERVATIONS, ACTIONS, INFOS, TERMINAL, INDICES, REWARDS, ARRAYS };

static mg_status create(mg_sink *s, const mg_extras *x) {
  (void)x;
  const mg_form *form = &s->form;
  const mg_npz_column column[ARRAYS] = {
      {"obs", mg_npz_type_of(form->observation_type), form->observation_size},
      {"acts", mg_npz_type_of(form->action_type), form->discrete ? 0 : form->action_size},
      {"infos", MG_NPY_BOOL, 0}, /* one entry a step is all that the package asks of them */
      {"terminal", MG_NPY_BOOL, 0},
      {"indices", MG_NPY_I64, 0},
      {"rews", mg_npz_type_of(form->reward_type), 0}};
  MG_TRY(mg_npz_output_create(s, form->rewards ? ARRAYS : REWARDS, column));
  return form->final_observation ? MG_OK : mg_npz_output_mark(s, MG_MARK_FINAL_REPEATED);
}

static mg_status append(mg_sink *s, const mg_trajectory *t, const mg_extras *x) {
  (void)x;
  const mg_npz_output *own = s->state;
  const double terminal = t->terminated, start = (double)s->steps;
  memset(own->scratch, 0, (size_t)t->steps * sizeof *own->scratch);
  MG_TRY(mg_npz_output_append(s, OBSERVATIONS, t->steps + 1, t->observations));
  MG_TRY(mg_npz_output_append(s, ACTIONS, t->steps, t->actions));
  MG_TRY(mg_npz_output_append(s, INFOS, t->steps, own->scratch));
  MG_TRY(mg_npz_output_append(s, TERMINAL, 1, &terminal));
  if (s->episodes > 0) MG_TRY(mg_npz_output_append(s, INDICES, 1, &start));
  return s->form.rewards ? mg_npz_output_append(s, REWARDS, t->steps, t->rewards) : MG_OK;
}

static const mg_layout_reader reader = {sizeof(mg_npz_state), recognise, open_file, load,
                                        .close = mg_npz_close_file};
static const mg_layout_writer writer = {sizeof(mg_npz_output), create, append, mg_npz_output_finish,
                                        mg_npz_output_discard};

const mg_layout mg_layout_imitation = {
    .name = "imitation",
    .ending = ".npz",
    .signs = "members obs, acts, indices",
    .read = &reader,
    .write = &writer,
};
