#include "data/dataset.h"

#include "data/dataset_metadata.h"
#include "data/h5_util.h"
#include "data/safe_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct mg_dataset_writer {
  char path[MG_PATH_MAX], temporary[MG_PATH_MAX], metadata[MG_PATH_MAX];
  char texts[4][256]; /* env_id, program, simulator, policy */
  char env_kwargs[1024];
  mg_dataset_provenance provenance;
  hid_t file, boolean;
  int64_t episodes, steps;
};

enum { CHUNK_ROWS = 1024, GZIP_LEVEL = 4 };

/* h5py's boolean. */
static hid_t make_boolean(void) {
  hid_t type = H5Tenum_create(H5T_STD_I8LE);
  int8_t no = 0, yes = 1;
  H5Tenum_insert(type, "FALSE", &no);
  H5Tenum_insert(type, "TRUE", &yes);
  return type;
}

static bool write_root(const mg_dataset_writer *w) {
  const mg_dataset_provenance *p = &w->provenance;
  return mg_h5_write_text(w->file, "env_id", p->env_id) &&
         mg_h5_write_text(w->file, "env_kwargs", p->env_kwargs) &&
         mg_h5_write_text(w->file, "program", p->program) &&
         mg_h5_write_text(w->file, "simulator", p->simulator) &&
         mg_h5_write_text(w->file, "policy", p->policy) &&
         mg_h5_write_u64(w->file, "policy_checksum", p->policy_checksum) &&
         mg_h5_write_u64(w->file, "seed", p->seed);
}

static const char *keep_text(mg_dataset_writer *w, int i, const char *text) {
  snprintf(w->texts[i], sizeof w->texts[i], "%s", text ? text : "");
  return w->texts[i];
}

static mg_status create(mg_dataset_writer *w, const char *path, const mg_dataset_provenance *p) {
  w->provenance = *p;
  w->provenance.env_id = keep_text(w, 0, p->env_id);
  snprintf(w->env_kwargs, sizeof w->env_kwargs, "%s", p->env_kwargs ? p->env_kwargs : "{}");
  w->provenance.env_kwargs = w->env_kwargs;
  w->provenance.program = keep_text(w, 1, p->program);
  w->provenance.simulator = keep_text(w, 2, p->simulator);
  w->provenance.policy = keep_text(w, 3, p->policy);
  if (strlen(path) >= sizeof w->path)
    return mg_fail(MG_ERR_CREATE, "%.64s...: the name is too long", path);
  strcpy(w->path, path);
  MG_TRY(mg_metadata_path(path, w->metadata, sizeof w->metadata));
  MG_TRY(mg_safe_temporary(path, w->temporary));
  mg_h5_quiet();
  w->file = H5Fcreate(w->temporary, H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
  if (w->file < 0) return mg_fail(MG_ERR_CREATE, "%s: cannot be created", w->temporary);
  w->boolean = make_boolean();
  if (w->boolean < 0 || !write_root(w)) return mg_fail(MG_ERR_IO, "%s: write failed", w->temporary);
  return MG_OK;
}

mg_status mg_dataset_writer_create(const char *path, const mg_dataset_provenance *provenance,
                                   mg_dataset_writer **writer) {
  mg_dataset_writer *w = calloc(1, sizeof *w);
  *writer = NULL;
  if (!w) return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  w->file = w->boolean = -1;
  mg_status status = create(w, path, provenance);
  if (status == MG_OK)
    *writer = w;
  else
    mg_dataset_writer_close(w, false);
  return status;
}

/* rank 1: [rows], 2: [rows, columns]. */
static bool write_array(hid_t group, const char *name, int rank, hsize_t rows, hsize_t columns,
                        hid_t file_type, hid_t memory_type, const void *values) {
  hsize_t dims[2] = {rows, columns}, chunk[2] = {rows < CHUNK_ROWS ? rows : CHUNK_ROWS, columns};
  hid_t space = H5Screate_simple(rank, dims, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
  bool ok = H5Pset_chunk(creation, rank, chunk) >= 0 && H5Pset_shuffle(creation) >= 0 &&
            H5Pset_deflate(creation, GZIP_LEVEL) >= 0;
  hid_t data = ok ? H5Dcreate2(group, name, file_type, space, H5P_DEFAULT, creation, H5P_DEFAULT)
                  : H5I_INVALID_HID;
  ok = data >= 0 && H5Dwrite(data, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
  ok = mg_h5_close(data) && ok; /* a full disk shows itself here */
  ok = mg_h5_close(creation) && ok;
  return mg_h5_close(space) && ok;
}

/* All false but the last. */
static bool write_flags(const mg_dataset_writer *w, hid_t group, const char *name, int64_t steps,
                        bool last, int8_t *scratch) {
  memset(scratch, 0, (size_t)steps);
  scratch[steps - 1] = last;
  return write_array(group, name, 1, (hsize_t)steps, 1, w->boolean, w->boolean, scratch);
}

static bool write_episode(const mg_dataset_writer *w, hid_t group, const mg_trajectory *t,
                          int8_t *scratch) {
  const mg_dataset_provenance *p = &w->provenance;
  hsize_t steps = (hsize_t)t->steps;
  return write_array(group, "observations", 2, steps + 1, (hsize_t)p->observation_size,
                     H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, t->observations) &&
         (p->discrete ? write_array(group, "actions", 1, steps, 1, H5T_STD_I64LE, H5T_NATIVE_DOUBLE,
                                    t->actions)
                      : write_array(group, "actions", 2, steps, (hsize_t)p->action_size,
                                    H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, t->actions)) &&
         write_array(group, "rewards", 1, steps, 1, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                     t->rewards) &&
         write_flags(w, group, "terminations", t->steps, t->terminated, scratch) &&
         write_flags(w, group, "truncations", t->steps, t->truncated, scratch) &&
         mg_h5_write_i64(group, "id", w->episodes) &&
         mg_h5_write_i64(group, "total_steps", t->steps) && mg_h5_write_u64(group, "seed", p->seed);
}

mg_status mg_dataset_writer_append(mg_dataset_writer *w, const mg_trajectory *t) {
  char name[32];
  int8_t *scratch = malloc((size_t)t->steps);
  if (!scratch) return mg_fail(MG_ERR_MEMORY, "%s: no memory", w->path);
  snprintf(name, sizeof name, "episode_%" PRIi64, w->episodes);
  hid_t group = H5Gcreate2(w->file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  bool ok = group >= 0 && write_episode(w, group, t, scratch);
  ok = mg_h5_close(group) && ok;
  free(scratch);
  if (!ok) return mg_fail(MG_ERR_IO, "%s: writing %s failed (disk full?)", w->temporary, name);
  w->episodes++;
  w->steps += t->steps;
  return MG_OK;
}

/* "recorded/hopper-v4/<file name>-v0": what Minari's own ids look like. */
static mg_status write_metadata(const mg_dataset_writer *w) {
  char id[192], task[64];
  const char *slash = strrchr(w->path, '/'), *name = slash ? slash + 1 : w->path;
  snprintf(task, sizeof task, "%s", w->provenance.env_id);
  for (char *c = task; *c; c++)
    if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
  int n = snprintf(id, sizeof id - 4, "recorded/%s/%.*s", task, (int)strcspn(name, "."), name);
  if (n > (int)sizeof id - 5) n = (int)sizeof id - 5;
  for (char *c = id; *c; c++)
    if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-/", *c)) *c = '_';
  strcpy(id + n, "-v0");
  char *text = mg_metadata_text(&w->provenance, id, w->episodes, w->steps);
  if (!text) return mg_fail(MG_ERR_MEMORY, "%s: no memory", w->metadata);
  mg_status status = mg_safe_write_text(w->metadata, text);
  free(text);
  return status;
}

static mg_status finish(mg_dataset_writer *w) {
  bool ok = mg_h5_write_i64(w->file, "total_episodes", w->episodes) &&
            mg_h5_write_i64(w->file, "total_steps", w->steps) &&
            H5Fflush(w->file, H5F_SCOPE_GLOBAL) >= 0;
  ok = mg_h5_close(w->file) && ok;
  w->file = -1;
  if (!ok) return mg_fail(MG_ERR_IO, "%s: write failed (disk full?)", w->temporary);
  if (w->episodes == 0)
    return mg_fail(MG_ERR_DATA, "%s: no episodes were recorded; expected 1 or more", w->path);
  MG_TRY(write_metadata(w));
  return mg_safe_commit(w->temporary, w->path, false);
}

mg_status mg_dataset_writer_close(mg_dataset_writer *w, bool keep) {
  if (!w) return MG_OK;
  mg_status status = keep ? finish(w) : MG_OK;
  mg_h5_close(w->boolean);
  mg_h5_close(w->file);
  if ((!keep || status != MG_OK) && w->temporary[0]) unlink(w->temporary);
  free(w);
  return status;
}
