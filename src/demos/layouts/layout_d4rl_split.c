/* What D4RL's arrays tell of the ends of episodes; layout_split.c weighs it. */
#include "demos/layouts/layout_d4rl.h"
#include "demos/layouts/layout_split.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { BLOCK_VALUES = 1 << 18 };

static mg_status take_flags(mg_dataset_file *f, int which, uint8_t mark, double *flags,
                            uint8_t *clue) {
  const mg_d4rl *own = f->state;
  const mg_array *a = &own->array[which];
  for (hsize_t at = 0; a->id >= 0 && at < own->rows; at += BLOCK_VALUES) {
    hsize_t n = own->rows - at < BLOCK_VALUES ? own->rows - at : BLOCK_VALUES;
    MG_TRY(mg_arrays_read(f, a, (const hsize_t[]){at, 0}, (const hsize_t[]){n, 1}, flags));
    for (hsize_t i = 0; i < n; i++) {
      if (flags[i] != 0 && flags[i] != 1)
        return mg_dataset_wrong(f, "%s[%" PRIu64 "] is %g; expected 0 or 1", a->name,
                                (uint64_t)(at + i), flags[i]);
      if (flags[i] != 0) clue[at + i] |= mark;
    }
  }
  return MG_OK;
}

/* Equal as far as the coarser of the two arrays can tell, near 0 too. What is not finite tells
 * nothing: it is left to the loading of the episode. */
static bool is_same(size_t d, const double *a, const double *b, double epsilon, double least) {
  for (size_t i = 0; i < d; i++)
    if (fabs(a[i] - b[i]) > 4 * (epsilon * fmax(fabs(a[i]), fabs(b[i])) + least)) return false;
  return true;
}

/* A block of rows; observations [rows + 1, d], next [rows, d]. */
static mg_status compare(mg_dataset_file *f, hsize_t at, hsize_t n, double *observations,
                         double *next, uint8_t *clue) {
  const mg_d4rl *own = f->state;
  const mg_array *o = &own->array[D4RL_OBSERVATIONS], *following = &own->array[D4RL_NEXT];
  const double epsilon = fmax(o->epsilon, following->epsilon);
  const double least = fmax(o->least, following->least);
  const size_t d = (size_t)f->form.observation_size;
  const hsize_t start[] = {at, 0};
  MG_TRY(mg_array_read_any(o, start, (const hsize_t[]){n + 1, d}, observations));
  MG_TRY(mg_array_read_any(following, start, (const hsize_t[]){n, d}, next));
  for (size_t i = 0; i < n; i++)
    if (!is_same(d, next + i * d, observations + (i + 1) * d, epsilon, least))
      clue[at + i] |= MG_CLUE_BREAK;
  return MG_OK;
}

static mg_status find_breaks(mg_dataset_file *f, uint8_t *clue) {
  const mg_d4rl *own = f->state;
  const hsize_t d = (hsize_t)f->form.observation_size, last = own->rows - 1;
  const hsize_t most = BLOCK_VALUES / d > 0 ? BLOCK_VALUES / d : 1;
  double *observations = calloc((most + 1) * d, sizeof *observations);
  double *next = calloc(most * d, sizeof *next);
  mg_status status =
      observations && next ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  for (hsize_t at = 0; at < last && status == MG_OK; at += most)
    status = compare(f, at, last - at < most ? last - at : most, observations, next, clue);
  free(observations), free(next);
  return mg_dataset_forward(f, status);
}

mg_status mg_d4rl_split(mg_dataset_file *f) {
  const mg_d4rl *own = f->state;
  uint8_t *clue = calloc((size_t)own->rows, sizeof *clue);
  double *flags = calloc(BLOCK_VALUES, sizeof *flags);
  mg_status status = clue && flags ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  if (status == MG_OK) status = take_flags(f, D4RL_TERMINALS, MG_CLUE_TERMINAL, flags, clue);
  if (status == MG_OK) status = take_flags(f, D4RL_TIMEOUTS, MG_CLUE_TIMEOUT, flags, clue);
  free(flags);
  if (status == MG_OK)
    status = mg_layout_split(f, (int64_t)own->rows, clue,
                             own->array[D4RL_NEXT].id >= 0 ? find_breaks : NULL);
  free(clue);
  return status;
}
