/* The archive of stable-baselines 2: obs [N,d], actions [N,m] (or whole numbers [N,1]), rewards
 * [N], episode_starts [N], episode_returns [E]. s_T is unknown, and how an episode ended too: one
 * as long as the task's time limit, or, where that is unknown, as the longest, counts as truncated,
 * a shorter one as terminated. Source: stable-baselines 2.10, gail/dataset/record_expert.py. */
#include "demos/layouts/layout_npz.h"

#include "demos/extras/h5_extras.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char STARTS[] = "episode_starts", RETURNS[] = "episode_returns";

static bool recognise(const mg_dataset_file *f) {
  return mg_npz_has(f, (const char *const[]){"obs", "actions", STARTS, NULL});
}

enum { BLOCK = 16384 }; /* rows */

/* Where episodes start, a block of rows at a time, so that memory does not grow with them.
 * starts [BLOCK] */
static mg_status split(mg_dataset_file *f, mg_npz_stream *stream, uint64_t rows, double *starts) {
  uint64_t first = 0;
  for (uint64_t at = 0; at < rows; at += BLOCK) {
    uint64_t n = rows - at < BLOCK ? rows - at : BLOCK;
    MG_TRY(mg_npz_stream_read(stream, at, n, starts));
    if (at == 0 && starts[0] == 0)
      MG_TRY(mg_dataset_wrong(f, "%s[0] is not set; expected an episode to start there", STARTS));
    for (uint64_t i = at == 0; i < n; i++) {
      if (starts[i] == 0) continue;
      MG_TRY(mg_npz_add_episode(f, (int64_t)first, (int64_t)(at + i - first)));
      first = at + i;
    }
  }
  return mg_npz_add_episode(f, (int64_t)first, (int64_t)(rows - first));
}

static void guess_ends(mg_dataset_file *f) {
  int64_t limit = f->access.max_steps > 0 ? f->access.max_steps : f->longest;
  for (int64_t k = 0; k < f->episodes; k++) {
    f->episode[k].truncated = f->episode[k].steps >= limit;
    f->episode[k].terminated = !f->episode[k].truncated;
  }
  mg_dataset_remark(f, "how episodes ended is not stored; taken from their lengths");
}

static mg_status open_file(mg_dataset_file *f) {
  uint64_t rows, steps;
  mg_npz_stream *stream;
  MG_TRY(mg_npz_open_arrays(f, (const char *const[]){"obs", "actions", "rewards"}, &rows, &steps));
  if (rows != steps)
    return mg_fail(MG_ERR_DATA,
                   "%s: obs has %" PRIu64 " rows, actions has %" PRIu64 "; expected as many",
                   f->path, rows, steps);
  MG_TRY(mg_npz_open_vector(f, STARTS, rows, &stream));
  double *starts = calloc(BLOCK, sizeof *starts);
  mg_status status =
      starts ? split(f, stream, rows, starts) : mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  free(starts);
  mg_npz_stream_close(stream);
  if (status == MG_OK) guess_ends(f);
  return status;
}

static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  const mg_episode *e = &f->episode[k];
  return mg_npz_load(f, k, (uint64_t)e->place, (uint64_t)e->steps, t);
}

/* ---- writing ---- */

enum { OBSERVATIONS, ACTIONS, REWARDS, EPISODE_RETURNS, EPISODE_STARTS };

static mg_status create(mg_sink *s, const mg_extras *x) {
  (void)x;
  const mg_form *form = &s->form;
  MG_TRY(mg_npz_output_create(s));
  mg_npz_output *own = s->state;
  mg_npz_writer *w = own->writer;
  MG_TRY(mg_npz_writer_add(w, "obs", mg_npz_type_of(form->observation_type), form->observation_size,
                           &own->array[OBSERVATIONS]));
  MG_TRY(mg_npz_writer_add(w, "actions", mg_npz_type_of(form->action_type), form->action_size,
                           &own->array[ACTIONS]));
  MG_TRY(
      mg_npz_writer_add(w, "rewards", mg_npz_type_of(form->reward_type), 0, &own->array[REWARDS]));
  MG_TRY(mg_npz_writer_add(w, RETURNS, MG_NPY_F64, 0, &own->array[EPISODE_RETURNS]));
  MG_TRY(mg_npz_writer_add(w, STARTS, MG_NPY_BOOL, 0, &own->array[EPISODE_STARTS]));
  return form->rewards ? MG_OK : mg_npz_output_mark(s, MG_MARK_NO_REWARDS);
}

static mg_status append(mg_sink *s, const mg_trajectory *t, const mg_extras *x) {
  (void)x;
  mg_npz_output *own = s->state;
  uint64_t steps = (uint64_t)t->steps;
  memset(own->scratch, 0, (size_t)steps * sizeof *own->scratch);
  own->scratch[0] = 1;
  MG_TRY(mg_npz_writer_append(own->writer, own->array[OBSERVATIONS], steps, t->observations));
  MG_TRY(mg_npz_writer_append(own->writer, own->array[ACTIONS], steps, t->actions));
  MG_TRY(mg_npz_writer_append(own->writer, own->array[REWARDS], steps, t->rewards));
  MG_TRY(mg_npz_writer_append(own->writer, own->array[EPISODE_RETURNS], 1, &t->total_reward));
  return mg_npz_writer_append(own->writer, own->array[EPISODE_STARTS], steps, own->scratch);
}

const mg_layout mg_layout_sb2 = {
    .name = "sb2",
    .ending = ".npz",
    .signs = "members obs, actions, episode_starts",
    .recognise = recognise,
    .open = open_file,
    .load = load,
    .close = mg_npz_close_file,
    .create = create,
    .append = append,
    .finish = mg_npz_output_finish,
    .discard = mg_npz_output_discard,
};
