#include "demos/numpy/npz_archive.h"

#include "base/arena.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A multiple of every type's size, so that no value is cut. */
enum { BUFFER_BYTES = 1 << 16 };

struct mg_npz_stream {
  mg_npz *npz;
  const mg_npz_entry *entry;
  zip_file_t *file;  /* NULL: to be opened, before the first read or after a failure */
  uint64_t fetched;  /* bytes of values that were taken out of the member */
  size_t begin, end; /* of these, the last ones that are still in the buffer */
  uint8_t buffer[BUFFER_BYTES];
};

static mg_status missing(const mg_npz *npz, const char *name) {
  char names[256] = "";
  size_t n = 0;
  for (int i = 0; i < npz->count && n < sizeof names; i++)
    n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", i ? ", " : "",
                          npz->entry[i].member.name);
  return mg_fail(MG_ERR_DATA, "%s: no member %s; found %s%s", npz->path, name, names,
                 n < sizeof names ? "" : "...");
}

mg_status mg_npz_stream_open(mg_npz *npz, const char *name, mg_npz_stream **stream) {
  *stream = NULL;
  const mg_npz_member *member = mg_npz_find(npz, name);
  if (!member) return missing(npz, name);
  if (member->problem.text[0])
    return mg_fail(MG_ERR_DATA, "%s: member %s: %s", npz->path, name, member->problem.text);
  mg_npz_stream *made = mg_memory_take(1, sizeof *made);
  if (!made) return mg_fail(MG_ERR_MEMORY, "%s: no memory", npz->path);
  made->npz = npz;
  made->entry = (const mg_npz_entry *)member; /* its first field */
  made->file = NULL;
  made->fetched = 0;
  made->begin = made->end = 0;
  npz->streams++;
  *stream = made;
  return MG_OK;
}

const mg_npz_member *mg_npz_stream_member(const mg_npz_stream *stream) {
  return &stream->entry->member;
}

static void close_file(mg_npz_stream *s) {
  if (s->file) zip_fclose(s->file);
  s->file = NULL;
}

void mg_npz_stream_close(mg_npz_stream *stream) {
  if (!stream) return;
  close_file(stream);
  stream->npz->streams--;
  free(stream);
}

static mg_status failed(mg_npz_stream *s, const char *problem) {
  mg_status status =
      mg_fail(MG_ERR_DATA, "%s: member %s: %s", s->npz->path, s->entry->member.name, problem);
  close_file(s);
  return status;
}

static uint64_t at(const mg_npz_stream *s) {
  return s->fetched - (s->end - s->begin);
}

/* Past the last value libzip compares the checksum. */
static mg_status check_end(mg_npz_stream *s) {
  char extra;
  zip_int64_t got = zip_fread(s->file, &extra, 1);
  if (got < 0) return failed(s, zip_file_strerror(s->file));
  return got == 0 ? MG_OK : failed(s, "holds more values than its shape (damaged)");
}

/* The next values into the empty buffer. */
static mg_status fetch(mg_npz_stream *s) {
  uint64_t left = s->entry->value_bytes - s->fetched;
  size_t n = left < BUFFER_BYTES ? (size_t)left : BUFFER_BYTES;
  mg_npy_problem problem;
  s->begin = s->end = 0;
  if (!mg_npz_get_bytes(s->file, s->buffer, n, &problem)) return failed(s, problem.text);
  s->end = n;
  s->fetched += n;
  return n == left ? check_end(s) : MG_OK;
}

static mg_status restart(mg_npz_stream *s) {
  close_file(s);
  s->fetched = 0;
  s->begin = s->end = 0;
  s->file = zip_fopen_index(s->npz->zip, (zip_uint64_t)(s->entry - s->npz->entry), 0);
  if (!s->file) return failed(s, zip_strerror(s->npz->zip));
  mg_npy_problem problem;
  _Static_assert((int)MG_NPY_MAX_HEADER <= (int)BUFFER_BYTES, "a header fits into the buffer");
  return mg_npz_get_bytes(s->file, s->buffer, s->entry->header_bytes, &problem)
             ? MG_OK
             : failed(s, problem.text);
}

/* Makes byte `target` of the values the next one. */
static mg_status move_to(mg_npz_stream *s, uint64_t target) {
  if (!s->file || (target < at(s) && !s->entry->stored)) MG_TRY(restart(s));
  if (s->entry->stored && (target < at(s) || target > s->fetched)) {
    if (zip_fseek(s->file, (zip_int64_t)(s->entry->header_bytes + target), SEEK_SET) != 0)
      return failed(s, zip_file_strerror(s->file));
    s->fetched = target;
    s->begin = s->end = 0;
  }
  while (at(s) < target) {
    if (s->begin == s->end) MG_TRY(fetch(s));
    uint64_t skip = target - at(s);
    s->begin += skip < s->end - s->begin ? (size_t)skip : s->end - s->begin;
  }
  return MG_OK;
}

mg_status mg_npz_stream_read(mg_npz_stream *s, uint64_t first, uint64_t n, double *values) {
  const mg_npz_member *member = &s->entry->member;
  if (first > member->rows || n > member->rows - first)
    return mg_fail(MG_ERR_DATA,
                   "%s: member %s: has %" PRIu64 " rows; expected %" PRIu64
                   " more from row %" PRIu64,
                   s->npz->path, member->name, member->rows, n, first);
  const size_t size = mg_npy_type_size(member->header.type);
  uint64_t left = n * member->row_size;
  if (left == 0) return MG_OK;
  MG_TRY(move_to(s, first * member->row_size * size));
  while (left > 0) {
    if (s->begin == s->end) MG_TRY(fetch(s));
    size_t ready = (s->end - s->begin) / size, count = left < ready ? (size_t)left : ready;
    size_t good = mg_npy_decode(&member->header, s->buffer + s->begin, count, values);
    if (good < count) {
      char problem[96];
      snprintf(problem, sizeof problem, "row %" PRIu64 " has an integer beyond +-2^53",
               (at(s) / size + good) / member->row_size);
      return failed(s, problem);
    }
    values += count, left -= count;
    s->begin += count * size;
  }
  return MG_OK;
}
