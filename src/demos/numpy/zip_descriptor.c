#include "demos/numpy/zip_descriptor.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static zip_int64_t failed(mg_zip_descriptor *d, int code, int system) {
  zip_error_set(&d->error, code, system);
  return -1;
}

static zip_int64_t read_bytes(mg_zip_descriptor *d, void *data, uint64_t n) {
  if (n > d->budget) {
    d->over_budget = true;
    return failed(d, ZIP_ER_INCONS, 0);
  }
  ssize_t got;
  do got = pread(d->file, data, (size_t)n, (off_t)d->read_at);
  while (got < 0 && errno == EINTR);
  if (got < 0) return failed(d, ZIP_ER_READ, errno);
  d->read_at += (uint64_t)got;
  d->budget -= (uint64_t)got;
  return got;
}

static zip_int64_t write_bytes(mg_zip_descriptor *d, const char *data, uint64_t n) {
  for (uint64_t left = n; left > 0;) {
    ssize_t put = pwrite(d->file, data, (size_t)left, (off_t)d->write_at);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return failed(d, ZIP_ER_WRITE, put < 0 ? errno : ENOSPC);
    data += put, left -= (uint64_t)put, d->write_at += (uint64_t)put;
  }
  if (d->write_at > d->size) d->size = d->write_at;
  return (zip_int64_t)n;
}

static zip_int64_t seek(mg_zip_descriptor *d, uint64_t *position, void *data, uint64_t n) {
  zip_int64_t offset = zip_source_seek_compute_offset(*position, d->size, data, n, &d->error);
  if (offset < 0) return -1;
  *position = (uint64_t)offset;
  return 0;
}

static zip_int64_t describe(const mg_zip_descriptor *d, zip_stat_t *info) {
  zip_stat_init(info);
  info->size = d->size;
  info->valid = ZIP_STAT_SIZE;
  return sizeof *info;
}

static zip_int64_t supported(bool writable) {
  return writable ? ZIP_SOURCE_SUPPORTS_WRITABLE : ZIP_SOURCE_SUPPORTS_SEEKABLE;
}

static zip_int64_t answer(void *user, void *data, zip_uint64_t n, zip_source_cmd_t command) {
  mg_zip_descriptor *d = user;
  switch (command) {
  case ZIP_SOURCE_SUPPORTS:
    return supported(d->writable);
  case ZIP_SOURCE_OPEN:
    d->read_at = 0;
    return 0;
  case ZIP_SOURCE_READ:
    return read_bytes(d, data, n);
  case ZIP_SOURCE_SEEK:
    return seek(d, &d->read_at, data, n);
  case ZIP_SOURCE_TELL:
    return (zip_int64_t)d->read_at;
  case ZIP_SOURCE_STAT:
    return describe(d, data);
  case ZIP_SOURCE_ERROR:
    return zip_error_to_data(&d->error, data, n);
  case ZIP_SOURCE_BEGIN_WRITE:
    d->write_at = 0;
    return 0;
  case ZIP_SOURCE_WRITE:
    return write_bytes(d, data, n);
  case ZIP_SOURCE_SEEK_WRITE:
    return seek(d, &d->write_at, data, n);
  case ZIP_SOURCE_TELL_WRITE:
    return (zip_int64_t)d->write_at;
  case ZIP_SOURCE_CLOSE:
  case ZIP_SOURCE_FREE:
  case ZIP_SOURCE_COMMIT_WRITE: /* flushing, keeping and removing the file are the caller's */
  case ZIP_SOURCE_ROLLBACK_WRITE:
  case ZIP_SOURCE_REMOVE:
    return 0;
  default:
    return failed(d, ZIP_ER_OPNOTSUPP, 0);
  }
}

zip_source_t *mg_zip_descriptor_source(mg_zip_descriptor *descriptor, int file, bool writable,
                                       uint64_t budget, zip_error_t *error) {
  *descriptor = (mg_zip_descriptor){.file = file, .writable = writable, .budget = budget};
  zip_error_init(&descriptor->error);
  struct stat info;
  if (fstat(file, &info) != 0) {
    zip_error_set(error, ZIP_ER_READ, errno);
    return NULL;
  }
  descriptor->size = (uint64_t)info.st_size;
  return zip_source_function_create(answer, descriptor, error);
}
