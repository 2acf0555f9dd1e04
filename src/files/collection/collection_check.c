#include "files/collection/collection_columns.h"

#include "base/hash.h"
#include "files/guard.h"
#include "files/h5_util.h"
#include "files/h5_value.h"
#include "files/safe_file.h"

#include <string.h>

enum { BLOCK = 4096, TEXT_MAX = 256 };
static const char CHECKSUM[] = "content_checksum";
static const char *const SAID[] = {"format", "program", "git", "created", "rule"};

/* ---- the checksum ---- */

static bool add_texts(hid_t data, hsize_t rows, uint64_t *hash) {
  hid_t type = mg_h5_text_type(0, false);
  bool ok = true;
  for (hsize_t i = 0; ok && i < rows; i++) {
    char *text = NULL;
    const hsize_t one = 1;
    ok = mg_h5_read_block(data, type, 1, &i, &one, &text);
    if (text) *hash = mg_hash_more(*hash, text, strlen(text) + 1);
    if (text) H5free_memory(text);
  }
  mg_h5_close(type);
  return ok;
}

/* Values of 8 bytes of a dataset [rows] or [rows, columns], row by row. */
static bool add_numbers(hid_t data, hid_t type, int rank, const hsize_t dims[2], uint64_t *hash) {
  char values[BLOCK][8];
  const hsize_t columns = rank == 2 ? dims[1] : 1;
  if (columns > BLOCK) return false;
  const hsize_t most = columns ? BLOCK / columns : dims[0];
  for (hsize_t row = 0, n; row < dims[0] && columns > 0; row += n) {
    n = dims[0] - row < most ? dims[0] - row : most;
    const hsize_t start[2] = {row, 0}, count[2] = {n, columns};
    if (!mg_h5_read_block(data, type, rank, start, count, values)) return false;
    *hash = mg_hash_more(*hash, values, (size_t)(n * columns) * sizeof *values);
  }
  return true;
}

static bool add_dataset(hid_t data, uint64_t *hash) {
  hid_t space = H5Dget_space(data), type = H5Dget_type(data);
  hsize_t dims[2] = {0, 0};
  const int rank = H5Sget_simple_extent_ndims(space);
  const H5T_class_t kind = H5Tget_class(type);
  bool ok = (rank == 1 || rank == 2) && H5Sget_simple_extent_dims(space, dims, NULL) >= 0;
  *hash = mg_hash_more(*hash, dims, sizeof dims);
  if (kind == H5T_STRING)
    ok = ok && rank == 1 && H5Tis_variable_str(type) > 0 && add_texts(data, dims[0], hash);
  else
    ok = ok && (kind == H5T_INTEGER || kind == H5T_FLOAT) &&
         add_numbers(data, kind == H5T_INTEGER ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE, rank, dims,
                     hash);
  mg_h5_close(type);
  mg_h5_close(space);
  return ok;
}

static herr_t visit(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  uint64_t *hash = user;
  (void)info;
  *hash = mg_hash_more(*hash, name, strlen(name) + 1);
  hid_t data = mg_h5_open_hard(group, name, H5O_TYPE_DATASET, NULL);
  hid_t inner = data < 0 ? mg_h5_open_hard(group, name, H5O_TYPE_GROUP, NULL) : -1;
  const bool ok = data >= 0 ? add_dataset(data, hash)
                            : inner >= 0 && H5Literate(inner, H5_INDEX_NAME, H5_ITER_INC, NULL,
                                                       visit, user) >= 0;
  mg_h5_close(inner);
  mg_h5_close(data);
  return ok ? 0 : -1;
}

/* Of all names and values, and of what the root says of itself. */
static bool compute(hid_t file, uint64_t *hash) {
  *hash = MG_HASH_EMPTY;
  for (size_t k = 0; k < sizeof SAID / sizeof *SAID; k++) {
    char text[TEXT_MAX] = "";
    mg_h5_read_text(file, SAID[k], text, sizeof text);
    *hash = mg_hash_more(*hash, text, strlen(text) + 1);
  }
  return H5Literate(file, H5_INDEX_NAME, H5_ITER_INC, NULL, visit, hash) >= 0;
}

bool mg_collection_seal(const char *path) {
  uint64_t checksum;
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  const bool ok =
      file >= 0 && compute(file, &checksum) && mg_h5_write_u64(file, CHECKSUM, checksum);
  return mg_h5_close(file) && ok;
}

mg_status mg_collection_compare(const char *path) {
  uint64_t said, checksum;
  MG_TRY(mg_safe_check_input(path));
  mg_h5_quiet();
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) return mg_fail(MG_ERR_DATA, "%s: not an HDF5 file, or damaged", path);
  char format[64] = "";
  mg_h5_read_text(file, "format", format, sizeof format);
  const bool ok = compute(file, &checksum);
  const bool sealed = mg_h5_read_u64(file, CHECKSUM, &said);
  mg_h5_close(file);
  if (ok && (sealed ? said == checksum : strcmp(format, MG_COLLECTION_FORMAT) != 0)) return MG_OK;
  return mg_fail(MG_ERR_DATA,
                 ok ? "%s: damaged: its content has another checksum than when it was written"
                    : "%s: damaged: not all of it can be read",
                 path);
}

/* ---- in a child ---- */

static void look(int pipe, void *user) {
  const char *path = user;
  mg_collection collection;
  mg_status status = mg_collection_compare(path);
  if (status == MG_OK) status = mg_collection_read(path, &collection);
  mg_guard_tell(pipe, status);
}

mg_status mg_collection_check(const char *path) {
  const mg_guard_limits limits = mg_guard_limits_of(path, UINT64_C(16) << 30);
  MG_TRY(mg_safe_check_input(path));
  return mg_guard_ask(path, &limits, look, (void *)(uintptr_t)path);
}
