/* The archive of stable-baselines 2: obs [N,d], actions [N,m] (or whole numbers [N,1]), rewards
 * [N], episode_starts [N], episode_returns [E]. s_T is unknown, and how an episode ended too: one
 * as long as the task's time limit, or, where that is unknown, as the longest, counts as truncated,
 * a shorter one as terminated. Source: stable-baselines 2.10, gail/dataset/record_expert.py. */
#include "demos/layouts/layout_npz.h"
#include "demos/layouts/layout_split.h"

#include "demos/extras/h5_extras.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char STARTS[] = "episode_starts", RETURNS[] = "episode_returns";

static bool recognise(const mg_dataset_file *f) {
  return mg_npz_has(f, (const char *const[]){"obs", "actions", STARTS, NULL});
}

enum { BLOCK = 16384 }; /* rows */

/* An episode ends before the row where the next one starts. starts [BLOCK] */
static mg_status take_starts(mg_dataset_file *f, mg_npz_stream *stream, uint64_t rows,
                             double *starts, uint8_t *clue) {
  for (uint64_t at = 0; at < rows; at += BLOCK) {
    uint64_t n = rows - at < BLOCK ? rows - at : BLOCK;
    MG_TRY(mg_npz_stream_read(stream, at, n, starts));
    if (at == 0 && starts[0] == 0)
      MG_TRY(mg_dataset_wrong(f, "%s[0] is not set; expected an episode to start there", STARTS));
    for (uint64_t i = at == 0; i < n; i++)
      if (starts[i] != 0) clue[at + i - 1] = MG_CLUE_END;
  }
  clue[rows - 1] = MG_CLUE_END;
  return MG_OK;
}

static mg_status split(mg_dataset_file *f, uint64_t rows) {
  mg_npz_stream *stream;
  MG_TRY(mg_npz_open_vector(f, STARTS, rows, &stream));
  double *starts = calloc(BLOCK, sizeof *starts);
  uint8_t *clue = calloc((size_t)rows, sizeof *clue);
  mg_status status = starts && clue ? take_starts(f, stream, rows, starts, clue)
                                    : mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  mg_npz_stream_close(stream);
  free(starts);
  if (status == MG_OK) status = mg_layout_split(f, (int64_t)rows, clue, NULL);
  free(clue);
  if (status == MG_OK) mg_layout_guess_ends(f, f->longest);
  return status;
}

static mg_status open_file(mg_dataset_file *f) {
  uint64_t rows, steps;
  MG_TRY(
      mg_npz_open_arrays(f, (const char *const[]){"obs", "actions", "rewards"}, 1, &rows, &steps));
  if (rows != steps)
    return mg_fail(MG_ERR_DATA,
                   "%s: obs has %" PRIu64 " rows, actions has %" PRIu64 "; expected as many",
                   f->path, rows, steps);
  return split(f, rows);
}

static mg_status read_part(mg_dataset_file *f, const mg_episode *e, mg_part part, double *values) {
  return mg_npz_read_part(f, part, e->place, e->steps, values);
}

static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  return mg_layout_load_parts(f, k, "actions", read_part, t);
}

/* ---- writing ---- */

enum { OBSERVATIONS, ACTIONS, REWARDS, EPISODE_RETURNS, EPISODE_STARTS, ARRAYS };

static mg_status create(mg_sink *s, const mg_extras *x) {
  (void)x;
  const mg_form *form = &s->form;
  const mg_npz_column column[ARRAYS] = {
      {"obs", mg_npz_type_of(form->observation_type), form->observation_size},
      {"actions", mg_npz_type_of(form->action_type), form->action_size},
      {"rewards", mg_npz_type_of(form->reward_type), 0},
      {RETURNS, MG_NPY_F64, 0},
      {STARTS, MG_NPY_BOOL, 0}};
  MG_TRY(mg_npz_output_create(s, ARRAYS, column));
  return form->rewards ? MG_OK : mg_npz_output_mark(s, MG_MARK_NO_REWARDS);
}

static mg_status append(mg_sink *s, const mg_trajectory *t, const mg_extras *x) {
  (void)x;
  const mg_npz_output *own = s->state;
  memset(own->scratch, 0, (size_t)t->steps * sizeof *own->scratch);
  own->scratch[0] = 1;
  MG_TRY(mg_npz_output_append(s, OBSERVATIONS, t->steps, t->observations));
  MG_TRY(mg_npz_output_append(s, ACTIONS, t->steps, t->actions));
  MG_TRY(mg_npz_output_append(s, REWARDS, t->steps, t->rewards));
  MG_TRY(mg_npz_output_append(s, EPISODE_RETURNS, 1, &t->total_reward));
  return mg_npz_output_append(s, EPISODE_STARTS, t->steps, own->scratch);
}

static const mg_layout_reader reader = {sizeof(mg_npz_state), recognise, open_file, load,
                                        .close = mg_npz_close_file};
static const mg_layout_writer writer = {sizeof(mg_npz_output), create, append, mg_npz_output_finish,
                                        mg_npz_output_discard};

const mg_layout mg_layout_sb2 = {
    .name = "sb2",
    .ending = ".npz",
    .signs = "members obs, actions, episode_starts",
    .read = &reader,
    .write = &writer,
};
