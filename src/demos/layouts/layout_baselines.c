/* The archive of OpenAI's baselines: obs [E,T,d], acs [E,T,m] (or [E,T]), rews [E,T], ep_rets [E];
 * E episodes of T steps. Some pad shorter ones with zeros: rows at the end in which all is 0 are
 * none. s_T is unknown, and how an episode ended too: one as long as the task's time limit, or,
 * where that is unknown, as T, counts as truncated, a shorter one as terminated. Read only: for
 * other lengths than one the package takes Python objects. Source: github openai/baselines,
 * gail/dataset/mujoco_dset.py. */
#include "base/log.h"
#include "demos/layouts/layout_npz.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool recognise(const mg_dataset_file *f) {
  return mg_npz_has(f, (const char *const[]){"obs", "acs", NULL});
}

/* Objects are what np.savez makes of a list of arrays of several lengths. */
static mg_status refuse_objects(const mg_dataset_file *f) {
  mg_npz *npz;
  MG_TRY(mg_npz_open(f->descriptor, f->path, f->max_bytes, &npz));
  const bool objects = mg_npz_find(npz, "obs")->header.type == MG_NPY_OBJECTS ||
                       mg_npz_find(npz, "acs")->header.type == MG_NPY_OBJECTS;
  mg_npz_close(npz);
  if (!objects) return MG_OK;
  return mg_fail(MG_ERR_DATA,
                 "%s: obs and acs hold Python objects (a pickle), which are never read; expected "
                 "[episodes, steps, size]: pad shorter episodes with zeros, or write obs, actions, "
                 "rewards and episode_starts one episode after the other, as stable-baselines does",
                 f->path);
}

typedef struct baselines {
  mg_npz_state npz; /* first: what archives share looks for it there */
  int64_t steps;    /* T */
  double *scratch;  /* one episode of the widest array */
} baselines;

/* scratch <- episode e of an array; *width: values a step. */
static mg_status read_episode(mg_dataset_file *f, mg_part part, int64_t e, size_t *width) {
  const baselines *own = f->state;
  mg_npz_stream *stream = own->npz.stream[part];
  *width = (size_t)mg_npz_stream_member(stream)->row_size / (size_t)own->steps;
  return mg_npz_stream_read(stream, (uint64_t)e, 1, own->scratch);
}

/* *steps: the last one at which any array is not 0, of at least one. */
static mg_status find_steps(mg_dataset_file *f, int64_t e, int64_t *steps) {
  const baselines *own = f->state;
  size_t width;
  *steps = 1;
  for (int part = 0; part < NPZ_ARRAYS && *steps < own->steps; part++) {
    if (!own->npz.stream[part]) continue;
    MG_TRY(read_episode(f, (mg_part)part, e, &width));
    size_t used = (size_t)own->steps * width;
    while (used > (size_t)*steps * width && own->scratch[used - 1] == 0) used--;
    *steps = (int64_t)((used + width - 1) / width);
  }
  return MG_OK;
}

static mg_status find_episodes(mg_dataset_file *f, int64_t episodes) {
  const baselines *own = f->state;
  int64_t padded = 0, steps;
  for (int64_t e = 0; e < episodes; e++) {
    MG_TRY(find_steps(f, e, &steps));
    padded += steps < own->steps;
    MG_TRY(mg_dataset_add_rows(f, e, steps));
    snprintf(f->episode[e].name, sizeof f->episode[e].name, "episode %" PRIi64, e);
  }
  if (padded > 0)
    mg_dataset_remark(f,
                      "%" PRIi64 " of %" PRIi64 " episodes %s shorter than %" PRIi64
                      " steps: rows of zeros at the end are taken for padding",
                      padded, episodes, mg_plural(padded, "is", "are"), own->steps);
  mg_layout_guess_ends(f, own->steps);
  return MG_OK;
}

static mg_status open_file(mg_dataset_file *f) {
  baselines *own = f->state;
  uint64_t rows, episodes;
  MG_TRY(refuse_objects(f));
  MG_TRY(mg_npz_open_arrays(f, (const char *const[]){"obs", "acs", "rews"}, 2, &rows, &episodes));
  const mg_npz_member *o = mg_npz_stream_member(own->npz.stream[MG_PART_OBSERVATIONS]);
  const mg_npz_member *u = mg_npz_stream_member(own->npz.stream[MG_PART_ACTIONS]);
  if (rows != episodes || o->header.dims[1] != u->header.dims[1] || o->header.dims[1] < 1)
    return mg_fail(MG_ERR_DATA,
                   "%s: obs has %" PRIu64 " episodes of %" PRIu64 " steps, acs %" PRIu64
                   " of %" PRIu64 "; expected as many, of one step or more",
                   f->path, rows, o->header.dims[1], episodes, u->header.dims[1]);
  own->steps = (int64_t)o->header.dims[1];
  const uint64_t widest = o->row_size > u->row_size ? o->row_size : u->row_size;
  own->scratch = calloc((size_t)widest, sizeof *own->scratch);
  if (!own->scratch) return mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  return find_episodes(f, (int64_t)episodes);
}

static void close_file(mg_dataset_file *f) {
  const baselines *own = f->state;
  free(own->scratch);
  mg_npz_close_file(f);
}

static mg_status read_part(mg_dataset_file *f, const mg_episode *e, mg_part part, double *values) {
  const baselines *own = f->state;
  size_t width;
  char name[MG_NPZ_MAX_NAME + 32];
  MG_TRY(read_episode(f, part, e->place, &width));
  const size_t n = (size_t)e->steps * width;
  memcpy(values, own->scratch, n * sizeof *values);
  snprintf(name, sizeof name, "%s[%" PRIi64 "]", mg_npz_stream_member(own->npz.stream[part])->name,
           e->place);
  return mg_dataset_forward(f, mg_npz_check_finite(f, name, 0, width, n, values));
}

static mg_status load(mg_dataset_file *f, int64_t k, mg_trajectory *t) {
  return mg_layout_load_parts(f, k, "acs", read_part, t);
}

static const mg_layout_reader reader = {sizeof(baselines), recognise, open_file, load,
                                        .close = close_file};

const mg_layout mg_layout_baselines = {
    .name = "baselines",
    .ending = ".npz",
    .signs = "members obs, acs",
    .read = &reader,
};
