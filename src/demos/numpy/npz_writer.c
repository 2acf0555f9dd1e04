#include "demos/numpy/npz_writer.h"

#include "demos/numpy/zip_descriptor.h"
#include "files/safe_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEFLATE_LEVEL = 4, CHUNK = 512 };

typedef struct array {
  char name[128];
  mg_npy_type type;
  int columns; /* 0: rank 1 */
  uint64_t rows;
  FILE *file; /* without a name: room for the header, then the values */
  mg_zip_descriptor descriptor;
} array;

struct mg_npz_writer {
  char path[MG_PATH_MAX], temporary[MG_PATH_MAX];
  int file; /* the output */
  bool deflate;
  int count;
  array arrays[MG_NPZ_MAX_WRITTEN];
};

static mg_status create(mg_npz_writer *w, const char *path) {
  if (strlen(path) >= sizeof w->path)
    return mg_fail(MG_ERR_CREATE, "%.64s...: the name is too long", path);
  strcpy(w->path, path);
  MG_TRY(mg_safe_temporary(path, w->temporary));
  w->file = open(w->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  return w->file >= 0 ? MG_OK : mg_fail(MG_ERR_CREATE, "%s: %s", w->temporary, strerror(errno));
}

mg_status mg_npz_writer_create(const char *path, bool deflate, mg_npz_writer **writer) {
  *writer = NULL;
  mg_npz_writer *w = calloc(1, sizeof *w);
  if (!w) return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  w->file = -1;
  w->deflate = deflate;
  mg_status status = create(w, path);
  if (status == MG_OK)
    *writer = w;
  else
    mg_npz_writer_close(w, false);
  return status;
}

/* A new file that has no name any more; NULL and errno. */
static FILE *open_nameless(const char *beside) {
  char name[MG_PATH_MAX + 8];
  snprintf(name, sizeof name, "%s.XXXXXX", beside);
  int file = mkstemp(name);
  if (file < 0) return NULL;
  FILE *stream = NULL;
  if (unlink(name) == 0 && fcntl(file, F_SETFD, FD_CLOEXEC) == 0) stream = fdopen(file, "w+b");
  if (!stream) {
    int error = errno;
    close(file);
    errno = error;
  }
  return stream;
}

static mg_status write_failed(const mg_npz_writer *w, const array *a) {
  return mg_fail(MG_ERR_IO, "%s: member %s: writing failed: %s", w->path, a->name, strerror(errno));
}

mg_status mg_npz_writer_add(mg_npz_writer *w, const char *name, mg_npy_type type, int columns,
                            int *index) {
  array *a = &w->arrays[w->count];
  assert(w->count < MG_NPZ_MAX_WRITTEN && strlen(name) < sizeof a->name && columns >= 0);
  assert(type == MG_NPY_F64 || type == MG_NPY_F32 || type == MG_NPY_I64 || type == MG_NPY_U8 ||
         type == MG_NPY_BOOL);
  for (int i = 0; i < w->count; i++) assert(strcmp(name, w->arrays[i].name) != 0);
  snprintf(a->name, sizeof a->name, "%s", name);
  a->type = type;
  a->columns = columns;
  a->file = open_nameless(w->temporary);
  if (!a->file)
    return mg_fail(MG_ERR_CREATE, "%s: member %s: no temporary file: %s", w->path, name,
                   strerror(errno));
  const uint8_t room[MG_NPY_HEADER_WRITTEN] = {0};
  *index = w->count++;
  return fwrite(room, sizeof room, 1, a->file) == 1 ? MG_OK : write_failed(w, a);
}

mg_status mg_npz_writer_append(mg_npz_writer *w, int index, uint64_t rows, const double *values) {
  assert(index >= 0 && index < w->count);
  array *a = &w->arrays[index];
  const uint64_t columns = a->columns ? (uint64_t)a->columns : 1;
  const size_t size = mg_npy_type_size(a->type);
  uint8_t bytes[CHUNK * sizeof(double)];
  size_t n;
  for (uint64_t left = rows * columns; left > 0; left -= n, values += n) {
    n = left < CHUNK ? (size_t)left : CHUNK;
    size_t good = mg_npy_encode(a->type, values, n, bytes);
    if (good < n)
      return mg_fail(MG_ERR_DATA, "%s: member %s: row %" PRIu64 " has %g; expected a whole number",
                     w->path, a->name, a->rows + (rows * columns - left + good) / columns,
                     values[good]);
    if (fwrite(bytes, size, n, a->file) != n) return write_failed(w, a);
  }
  a->rows += rows;
  return MG_OK;
}

static mg_status finish_array(const mg_npz_writer *w, array *a) {
  uint8_t header[MG_NPY_HEADER_WRITTEN];
  mg_npy_header_write(a->type, a->columns ? 2 : 1, (uint64_t[]){a->rows, (uint64_t)a->columns},
                      header);
  bool ok = fflush(a->file) == 0 && fseek(a->file, 0, SEEK_SET) == 0 &&
            fwrite(header, sizeof header, 1, a->file) == 1 && fflush(a->file) == 0;
  return ok ? MG_OK : write_failed(w, a);
}

/* One member; the time is 1980-01-01, as NumPy writes it. */
static bool add_member(const mg_npz_writer *w, zip_t *zip, array *a) {
  char name[sizeof a->name + 4];
  snprintf(name, sizeof name, "%s.npy", a->name);
  zip_source_t *source = mg_zip_descriptor_source(&a->descriptor, fileno(a->file), false,
                                                  UINT64_MAX, zip_get_error(zip));
  if (!source) return false;
  zip_int64_t index = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    return false;
  }
  const zip_uint64_t i = (zip_uint64_t)index;
  return zip_set_file_compression(zip, i, w->deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
                                  w->deflate ? DEFLATE_LEVEL : 0) == 0 &&
         zip_file_set_dostime(zip, i, 0, 1 << 5 | 1, 0) == 0;
}

static mg_status write_zip(mg_npz_writer *w) {
  mg_zip_descriptor output;
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *source = mg_zip_descriptor_source(&output, w->file, true, UINT64_MAX, &error);
  zip_t *zip = source ? zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &error) : NULL;
  mg_status status = MG_OK;
  if (!zip) {
    status = mg_fail(MG_ERR_IO, "%s: %s", w->temporary, zip_error_strerror(&error));
    zip_source_free(source);
  } else {
    bool ok = true;
    for (int i = 0; i < w->count && ok; i++) ok = add_member(w, zip, &w->arrays[i]);
    if (!ok || zip_close(zip) != 0) {
      status = mg_fail(MG_ERR_IO, "%s: writing failed: %s", w->temporary, zip_strerror(zip));
      zip_discard(zip);
    }
  }
  zip_error_fini(&error);
  return status;
}

static mg_status finish(mg_npz_writer *w) {
  assert(w->count > 0);
  for (int i = 0; i < w->count; i++) MG_TRY(finish_array(w, &w->arrays[i]));
  MG_TRY(write_zip(w));
  int file = w->file;
  w->file = -1;
  if (close(file) != 0) return mg_fail(MG_ERR_IO, "%s: %s", w->temporary, strerror(errno));
  return mg_safe_commit(w->temporary, w->path, false);
}

mg_status mg_npz_writer_close(mg_npz_writer *w, bool keep) {
  if (!w) return MG_OK;
  mg_status status = keep ? finish(w) : MG_OK;
  bool created = w->file >= 0 || keep;
  if (w->file >= 0) close(w->file);
  if (created && (!keep || status != MG_OK)) unlink(w->temporary);
  for (int i = 0; i < w->count; i++) {
    fclose(w->arrays[i].file);
    zip_error_fini(&w->arrays[i].descriptor.error);
  }
  free(w);
  return status;
}
