#include "demos/numpy/npz.h"

#include "base/arena.h"
#include "demos/numpy/npz_archive.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* libzip keeps the directory in memory, at several times its size. */
enum { DIRECTORY_BYTES = 16 << 20 };

/* ---- one member: what can be said without its values ---- */

bool mg_npz_get_bytes(zip_file_t *file, void *bytes, size_t n, mg_npy_problem *problem) {
  for (char *at = bytes; n > 0;) {
    zip_int64_t got = zip_fread(file, at, n);
    if (got < 0)
      return mg_npy_refuse(problem, "is damaged or truncated: %s", zip_file_strerror(file));
    if (got == 0) return mg_npy_refuse(problem, "ends early (damaged or truncated)");
    at += got, n -= (size_t)got;
  }
  return true;
}

static bool check_storage(const zip_stat_t *info, mg_npz_entry *entry) {
  mg_npy_problem *problem = &entry->member.problem;
  const zip_uint64_t needed =
      ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if ((info->valid & needed) != needed)
    return mg_npy_refuse(problem, "has a damaged directory entry");
  if (info->encryption_method != ZIP_EM_NONE)
    return mg_npy_refuse(problem, "is encrypted; expected a plain one");
  if (info->comp_method != ZIP_CM_STORE && info->comp_method != ZIP_CM_DEFLATE)
    return mg_npy_refuse(problem, "is compressed by method %d; expected stored or deflated",
                         info->comp_method);
  entry->stored = info->comp_method == ZIP_CM_STORE;
  return true;
}

static bool read_header(zip_file_t *file, uint8_t *bytes, mg_npz_entry *entry) {
  mg_npy_problem *problem = &entry->member.problem;
  if (!mg_npz_get_bytes(file, bytes, MG_NPY_PREFIX, problem)) return false;
  entry->header_bytes = mg_npy_header_size(bytes, problem);
  return entry->header_bytes > 0 &&
         mg_npz_get_bytes(file, bytes + MG_NPY_PREFIX, entry->header_bytes - MG_NPY_PREFIX,
                          problem) &&
         mg_npy_header_parse(bytes, entry->header_bytes, &entry->member.header, problem);
}

static bool check_shape(uint64_t size, uint64_t max_bytes, mg_npz_entry *entry) {
  mg_npz_member *member = &entry->member;
  const mg_npy_header *header = &member->header;
  size_t type_size = mg_npy_type_size(header->type);
  char text[96];
  mg_npy_header_describe(header, text, sizeof text);
  if (header->type == MG_NPY_OBJECTS)
    return mg_npy_refuse(&member->problem, "holds Python objects (a pickle), which are never read");
  if (type_size == 0)
    return mg_npy_refuse(&member->problem, "is %s; expected floats, integers or bool", text);
  if (header->fortran && header->rank > 1)
    return mg_npy_refuse(
        &member->problem,
        "is stored by columns (Fortran order); expected rows (numpy.ascontiguousarray)");
  member->rows = header->rank > 0 ? header->dims[0] : 1;
  member->row_size = 1;
  /* Dimensions of 0 count as 1, so that none of the others is beyond the limit either. */
  uint64_t bound = sizeof(double), values = 1;
  bool overflow = false;
  for (int i = 0; i < header->rank; i++) {
    uint64_t n = header->dims[i];
    overflow = __builtin_mul_overflow(bound, n ? n : 1, &bound) || overflow;
    values *= n;
    if (i > 0) member->row_size *= n;
  }
  if (overflow || bound > max_bytes)
    return mg_npy_refuse(&member->problem,
                         "is %s, which needs more than the limit of %" PRIu64 " bytes", text,
                         max_bytes);
  entry->value_bytes = values * type_size;
  if (size - entry->header_bytes != entry->value_bytes)
    return mg_npy_refuse(&member->problem,
                         "is %s, which needs %" PRIu64 " bytes, but has %" PRIu64 " (damaged?)",
                         text, entry->value_bytes, size - entry->header_bytes);
  return true;
}

static void inspect(mg_npz *npz, uint64_t index, uint8_t *scratch, mg_npz_entry *entry) {
  mg_npy_problem *problem = &entry->member.problem;
  zip_stat_t info;
  if (zip_stat_index(npz->zip, index, 0, &info) != 0) {
    mg_npy_refuse(problem, "has a damaged directory entry");
    return;
  }
  if (!check_storage(&info, entry)) return;
  zip_file_t *file = zip_fopen_index(npz->zip, index, 0);
  if (!file) {
    mg_npy_refuse(problem, "cannot be opened: %s", zip_strerror(npz->zip));
    return;
  }
  if (read_header(file, scratch, entry)) check_shape(info.size, npz->max_bytes, entry);
  zip_fclose(file);
}

/* ---- the archive ---- */

static mg_status take_name(mg_npz *npz, uint64_t index, mg_npz_member *member) {
  const char *name = zip_get_name(npz->zip, index, ZIP_FL_ENC_RAW);
  size_t length = name ? strlen(name) : 0;
  if (!name || length <= 4 || strcmp(name + length - 4, ".npy") != 0)
    return mg_fail(MG_ERR_DATA, "%s: member '%.64s': expected a name that ends in .npy", npz->path,
                   name ? name : "");
  if (length - 4 >= sizeof member->name)
    return mg_fail(MG_ERR_DATA, "%s: member '%.32s...': the name has %zu bytes; expected below %zu",
                   npz->path, name, length - 4, sizeof member->name);
  memcpy(member->name, name, length - 4);
  if (mg_npz_find(npz, member->name))
    return mg_fail(MG_ERR_DATA, "%s: member %s: occurs twice", npz->path, member->name);
  return MG_OK;
}

static mg_status list(mg_npz *npz) {
  zip_int64_t count = zip_get_num_entries(npz->zip, 0);
  if (count < 1 || count > MG_NPZ_MAX_MEMBERS)
    return mg_fail(MG_ERR_DATA, "%s: an archive of %" PRId64 " arrays; expected 1 to %d", npz->path,
                   (int64_t)count, MG_NPZ_MAX_MEMBERS);
  uint8_t *scratch = mg_memory_take(1, MG_NPY_MAX_HEADER);
  npz->entry = mg_memory_take((size_t)count, sizeof *npz->entry);
  if (!scratch || !npz->entry) {
    free(scratch);
    return mg_fail(MG_ERR_MEMORY, "%s: no memory", npz->path);
  }
  mg_status status = MG_OK;
  for (zip_int64_t i = 0; i < count && status == MG_OK; i++) {
    mg_npz_entry *entry = &npz->entry[i];
    status = take_name(npz, (uint64_t)i, &entry->member);
    if (status != MG_OK) break;
    npz->count++;
    inspect(npz, (uint64_t)i, scratch, entry);
  }
  free(scratch);
  return status;
}

static mg_status open_zip(mg_npz *npz) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *source =
      mg_zip_descriptor_source(&npz->descriptor, npz->file, false, DIRECTORY_BYTES, &error);
  if (source) npz->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
  mg_status status = MG_OK;
  if (!npz->zip) {
    zip_source_free(source); /* NULL is a no-op */
    status = mg_fail(MG_ERR_DATA, "%s: no NumPy archive (.npz), or truncated: %s", npz->path,
                     npz->descriptor.over_budget ? "its directory is too large"
                                                 : zip_error_strerror(&error));
  }
  zip_error_fini(&error);
  npz->descriptor.budget = UINT64_MAX;
  return status;
}

static mg_status open_archive(mg_npz *npz, int file) {
  struct stat info;
  if (!npz->path) return mg_fail(MG_ERR_MEMORY, "no memory for an archive");
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
    return mg_fail(MG_ERR_NO_INPUT, "%s: not a regular file", npz->path);
  if (info.st_size == 0)
    return mg_fail(MG_ERR_DATA, "%s: is empty; expected a NumPy archive (.npz)", npz->path);
  npz->file = fcntl(file, F_DUPFD_CLOEXEC, 0);
  if (npz->file < 0) return mg_fail(MG_ERR_NO_INPUT, "%s: %s", npz->path, strerror(errno));
  MG_TRY(open_zip(npz));
  return list(npz);
}

mg_status mg_npz_open(int file, const char *path, uint64_t max_bytes, mg_npz **npz) {
  *npz = NULL;
  mg_npz *made = mg_memory_take(1, sizeof *made);
  if (!made) return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  *made = (mg_npz){.path = mg_memory_copy(path), .file = -1, .max_bytes = max_bytes};
  mg_status status = open_archive(made, file);
  if (status == MG_OK)
    *npz = made;
  else
    mg_npz_close(made);
  return status;
}

void mg_npz_close(mg_npz *npz) {
  if (!npz) return;
  assert(npz->streams == 0);
  if (npz->zip) zip_discard(npz->zip);
  zip_error_fini(&npz->descriptor.error);
  if (npz->file >= 0) close(npz->file);
  free(npz->entry);
  free(npz->path);
  free(npz);
}

const mg_npz_member *mg_npz_find(const mg_npz *npz, const char *name) {
  for (int i = 0; i < npz->count; i++)
    if (strcmp(npz->entry[i].member.name, name) == 0) return &npz->entry[i].member;
  return NULL;
}
