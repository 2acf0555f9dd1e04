/* Bytes of files and of arrays, for the formats. */
#include "app/export/export.h"
#include "files/safe_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

mg_status mg_export_write_bytes(const char *path, const void *bytes, size_t size) {
  const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (file < 0) return mg_fail(MG_ERR_CREATE, "%s: %s", path, strerror(errno));
  int error = 0;
  for (const uint8_t *from = bytes; size > 0 && !error;) {
    const ssize_t put = write(file, from, size);
    if (put > 0)
      from += put, size -= (size_t)put;
    else if (put < 0 && errno != EINTR)
      error = errno;
  }
  if (close(file) != 0 && !error) error = errno;
  return error ? mg_fail(MG_ERR_IO, "%s: %s", path, strerror(error)) : MG_OK;
}

mg_status mg_export_read_bytes(const char *path, uint8_t **bytes, size_t *size) {
  int file;
  struct stat info;
  *bytes = NULL;
  *size = 0;
  MG_TRY(mg_safe_open_input(path, &file));
  bool ok = fstat(file, &info) == 0;
  const size_t wanted = ok ? (size_t)info.st_size : 0;
  uint8_t *all = calloc(1, wanted + 1);
  for (ssize_t got = 1; ok && all && *size < wanted && got > 0; *size += (size_t)got) {
    got = read(file, all + *size, wanted - *size);
    if (got < 0) got = 0, ok = false;
  }
  close(file);
  *bytes = all;
  if (ok && all && *size == wanted) return MG_OK;
  free(all);
  *bytes = NULL;
  return all ? mg_fail(MG_ERR_IO, "%s: cannot be read", path)
             : mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
}

mg_status mg_portable_room(const mg_portable *from, mg_arena *arena, mg_portable *to) {
  *to = *from;
  for (int i = 0; i < to->arrays; i++)
    to->array[i].values = MG_NEW(arena, double, (size_t)mg_portable_values(&to->array[i]));
  return mg_arena_status(arena);
}

uint8_t *mg_portable_encode(const mg_portable_array *a, size_t *size) {
  const size_t n = (size_t)mg_portable_values(a);
  *size = n * mg_npy_type_size(a->type);
  uint8_t *bytes = malloc(*size + 1);
  if (bytes) mg_npy_encode(a->type, a->values, n, bytes);
  return bytes;
}

bool mg_portable_decode(const mg_portable_array *a, const uint8_t *bytes, size_t size) {
  const size_t n = (size_t)mg_portable_values(a);
  const mg_npy_header header = {.type = a->type};
  if (size != n * mg_npy_type_size(a->type)) return false;
  uint8_t *copy = malloc(size + 1); /* which decoding may change */
  if (!copy) return false;
  memcpy(copy, bytes, size);
  const bool whole = mg_npy_decode(&header, copy, n, a->values) == n;
  free(copy);
  return whole;
}
