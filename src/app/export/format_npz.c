/* npz: NumPy's archive. Beside the arrays `metadata` [bytes] uint8, the texts as a JSON object:
 *   json.loads(bytes(numpy.load(FILE)["metadata"])) */
#include "app/export/export.h"
#include "demos/numpy/npz.h"
#include "demos/numpy/npz_writer.h"
#include "files/safe_file.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static mg_status write_metadata(const mg_portable *p, mg_npz_writer *writer) {
  cJSON *json = cJSON_CreateObject();
  for (int i = 0; i < p->facts; i++) cJSON_AddStringToObject(json, p->fact[i].key, p->fact[i].text);
  char *text = json ? cJSON_PrintUnformatted(json) : NULL;
  cJSON_Delete(json);
  const size_t n = text ? strlen(text) : 0;
  double *values = malloc((n + 1) * sizeof *values);
  mg_status status = text && values ? MG_OK : mg_fail(MG_ERR_MEMORY, "no memory for metadata");
  for (size_t i = 0; i < n && values; i++) values[i] = (unsigned char)text[i];
  int index;
  if (status == MG_OK) status = mg_npz_writer_add(writer, "metadata", MG_NPY_U8, 0, &index);
  if (status == MG_OK) status = mg_npz_writer_append(writer, index, n, values);
  free(values);
  cJSON_free(text);
  return status;
}

static mg_status write_arrays(const mg_portable *p, mg_npz_writer *writer) {
  MG_TRY(write_metadata(p, writer));
  for (int i = 0; i < p->arrays; i++) {
    const mg_portable_array *a = &p->array[i];
    int index;
    MG_TRY(mg_npz_writer_add(writer, a->name, a->type, a->rank == 2 ? (int)a->dims[1] : 0, &index));
    MG_TRY(mg_npz_writer_append(writer, index, a->dims[0], a->values));
  }
  return MG_OK;
}

static mg_status write_file(const mg_export *e, const char *path, const char *second) {
  (void)second;
  mg_npz_writer *writer;
  MG_TRY(mg_npz_writer_create(path, false, &writer));
  mg_failure failure = {0};
  mg_failure_note(&failure, write_arrays(&e->policy, writer));
  mg_failure_note(&failure, mg_npz_writer_close(writer, failure.status == MG_OK));
  return mg_failure_again(&failure);
}

static mg_status read_array(mg_npz *npz, mg_portable_array *a, const char *path) {
  mg_npz_stream *stream;
  MG_TRY(mg_npz_stream_open(npz, a->name, &stream));
  const mg_npy_header *h = &mg_npz_stream_member(stream)->header;
  mg_status status = MG_OK;
  if (h->type != a->type || h->rank != a->rank || h->dims[0] != a->dims[0] ||
      (a->rank == 2 && h->dims[1] != a->dims[1]))
    status = mg_fail(MG_ERR_DATA, "%s: member %s has another shape or type", path, a->name);
  if (status == MG_OK) status = mg_npz_stream_read(stream, 0, a->dims[0], a->values);
  mg_npz_stream_close(stream);
  return status;
}

static mg_status act(const mg_export *e, const char *path, const mg_portable_states *states,
                     double *heads, double *sigma) {
  mg_portable again;
  mg_npz *npz;
  int file;
  MG_TRY(mg_portable_room(&e->policy, e->file->arena, &again));
  MG_TRY(mg_safe_open_input(path, &file));
  mg_status status = mg_npz_open(file, path, UINT64_C(1) << 40, &npz);
  for (int i = 0; status == MG_OK && i < again.arrays; i++)
    status = read_array(npz, &again.array[i], path);
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  mg_npz_close(npz);
  close(file);
  MG_TRY(mg_failure_again(&failure));
  return mg_portable_act(&again, path, states, heads, sigma);
}

const mg_export_format mg_export_npz = {.name = "npz",
                                        .ending = ".npz",
                                        .checked = "the arrays of the file, read again",
                                        .write = write_file,
                                        .act = act};
