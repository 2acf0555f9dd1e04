/* Where an episode ends: at a terminal or a timeout; without timeouts also where the next
 * observation is not the one that follows; without either, at the task's time limit. The last row
 * ends the last episode, truncated if nothing else is said. */
#include "demos/layouts/layout_d4rl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_ROWS = 16384, BLOCK_VALUES = 1 << 18 };

typedef struct block {
  int64_t most;                 /* rows */
  double *terminals, *timeouts; /* [most] */
  double *observations;         /* [most + 1, d], and the next two: only if breaks are looked for */
  double *next;                 /* [most, d] */
  bool *breaks;                 /* [most]: the row's next observation is not the following row's */
} block;

static mg_status read_flags(mg_dataset_file *f, int which, int64_t first, int64_t rows,
                            double *flags) {
  const mg_d4rl *own = f->state;
  const mg_array *a = &own->array[which];
  memset(flags, 0, (size_t)rows * sizeof *flags);
  if (a->id < 0) return MG_OK;
  const hsize_t start[2] = {(hsize_t)first, 0}, count[2] = {(hsize_t)rows, 1};
  MG_TRY(mg_arrays_read(f, a, start, count, flags));
  for (int64_t i = 0; i < rows; i++)
    if (flags[i] != 0 && flags[i] != 1)
      return mg_dataset_wrong(f, "%s[%" PRIi64 "] is %g; expected 0 or 1", a->name, first + i,
                              flags[i]);
  return MG_OK;
}

/* Values that are not finite are left to the loading of the episode. */
static void find_breaks(mg_dataset_file *f, int64_t first, int64_t rows, block *b) {
  const mg_d4rl *own = f->state;
  const mg_array *o = &own->array[D4RL_OBSERVATIONS], *next = &own->array[D4RL_NEXT];
  size_t d = (size_t)f->form.observation_size;
  int64_t after = first + rows < (int64_t)own->rows ? 1 : 0;
  const hsize_t start[2] = {(hsize_t)first, 0};
  memset(b->breaks, 0, (size_t)rows * sizeof *b->breaks);
  if (mg_array_read_part(o, start, (hsize_t[]){(hsize_t)(rows + after), d}, b->observations) !=
          MG_OK ||
      mg_array_read_part(next, start, (hsize_t[]){(hsize_t)rows, d}, b->next) != MG_OK)
    return;
  for (int64_t i = 0; i + 1 < rows + after; i++)
    b->breaks[i] = memcmp(b->next + (size_t)i * d, b->observations + (size_t)(i + 1) * d,
                          d * sizeof(double)) != 0;
}

static mg_status end_episode(mg_dataset_file *f, int64_t first, int64_t end, bool terminated,
                             bool truncated) {
  MG_TRY(mg_dataset_add_rows(f, first, end - first));
  mg_episode *e = &f->episode[f->episodes - 1];
  e->terminated = terminated, e->truncated = truncated;
  return MG_OK;
}

static mg_status split(mg_dataset_file *f, block *b) {
  const mg_d4rl *own = f->state;
  const int64_t rows = (int64_t)own->rows;
  const bool timeouts = own->array[D4RL_TIMEOUTS].id >= 0;
  const bool next = !timeouts && own->array[D4RL_NEXT].id >= 0;
  const int64_t limit = timeouts || next ? 0 : f->access.max_steps;
  int64_t first = 0;
  for (int64_t at = 0; at < rows; at += b->most) {
    int64_t n = rows - at < b->most ? rows - at : b->most;
    MG_TRY(read_flags(f, D4RL_TERMINALS, at, n, b->terminals));
    MG_TRY(read_flags(f, D4RL_TIMEOUTS, at, n, b->timeouts));
    if (next) find_breaks(f, at, n, b);
    for (int64_t i = 0; i < n; i++) {
      bool terminated = b->terminals[i] != 0, truncated = b->timeouts[i] != 0;
      bool ends = terminated || truncated || at + i + 1 == rows || (next && b->breaks[i]) ||
                  (limit > 0 && at + i + 1 - first == limit);
      if (!ends) continue;
      MG_TRY(end_episode(f, first, at + i + 1, terminated, truncated || !terminated));
      first = at + i + 1;
    }
  }
  if (!timeouts && !next && limit == 0)
    mg_dataset_remark(f, "neither timeouts nor next_observations, and the task's time limit is not "
                         "known: episodes end at terminals alone");
  return MG_OK;
}

mg_status mg_d4rl_split(mg_dataset_file *f) {
  const mg_d4rl *own = f->state;
  int64_t d = f->form.observation_size;
  bool next = own->array[D4RL_TIMEOUTS].id < 0 && own->array[D4RL_NEXT].id >= 0;
  block b = {.most = BLOCK_ROWS};
  if (next && b.most > BLOCK_VALUES / d) b.most = BLOCK_VALUES / d > 0 ? BLOCK_VALUES / d : 1;
  size_t most = (size_t)b.most, wide = next ? (most + 1) * (size_t)d : 1;
  b.terminals = calloc(most, sizeof(double)), b.timeouts = calloc(most, sizeof(double));
  b.observations = calloc(wide, sizeof(double)), b.next = calloc(wide, sizeof(double));
  b.breaks = calloc(most, sizeof(bool));
  mg_status status = b.terminals && b.timeouts && b.observations && b.next && b.breaks
                         ? split(f, &b)
                         : mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  free(b.terminals), free(b.timeouts), free(b.observations), free(b.next), free(b.breaks);
  return status;
}
