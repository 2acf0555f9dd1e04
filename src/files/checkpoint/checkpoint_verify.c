#include "files/checkpoint/checkpoint_verify.h"

#include "base/arena.h"
#include "files/h5_cause.h"
#include "files/h5_util.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MAX_INDEX = 1 << 26, PIECE = 1 << 20 };

uint64_t mg_index_checksum(int64_t version, int64_t ranks, const char *text, size_t length) {
  char head[64];
  int n = snprintf(head, sizeof head, "%" PRIi64 " %" PRIi64 "\n", version, ranks);
  uLong crc = crc32(crc32(0, NULL, 0), (const Bytef *)head, (uInt)n);
  return length ? crc32_z(crc, (const Bytef *)text, length) : crc;
}

bool mg_field_transfer(hid_t data, const mg_field *field, mg_piece piece, void *bytes, bool write) {
  hid_t type = mg_field_h5_type(field, true);
  const hsize_t start[2] = {field->rows ? piece.row : piece.first, piece.first};
  const hsize_t size[2] = {field->rows ? piece.rows : piece.count, piece.count};
  const int rank = field->rows ? 2 : 1;
  bool ok;
  if (field->type == MG_TYPE_TEXT) /* one entry */
    ok = (write ? H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes)
                : H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes)) >= 0;
  else
    ok = write ? mg_h5_write_block(data, type, rank, start, size, bytes)
               : mg_h5_read_block(data, type, rank, start, size, bytes);
  mg_h5_close(type);
  return ok;
}

static mg_status damaged(const mg_checkpoint_file *f, const char *what) {
  return mg_fail(MG_ERR_DATA, "%s: damaged: %s", f->path, what);
}

/* ---- the index ---- */

static bool parse_line(const mg_checkpoint_file *f, char *line, mg_field *field) {
  int used = 0;
  if (sscanf(line, "%8" SCNx32 " %d %" SCNu64 " %" SCNu64 " %n", &field->crc, &field->type,
             &field->rows, &field->n, &used) != 4)
    return false;
  if (used == 0 || strlen(line + used) == 0 || strlen(line + used) >= sizeof field->name)
    return false;
  strcpy(field->name, line + used);
  if (f->by_rank && field->rows > 1) return false;
  if (f->by_rank) field->rows *= (uint64_t)f->ranks;
  const uint64_t rows = field->rows ? field->rows : 1;
  return field->type >= MG_TYPE_F32 && field->type <= MG_TYPE_TEXT &&
         (field->rows == 0 || field->type != MG_TYPE_TEXT) &&
         mg_h5_product(mg_h5_product(field->n, rows), 8) < UINT64_MAX / 2;
}

static mg_status parse_index(mg_checkpoint_file *f, char *text) {
  for (char *line = text, *end; *line; line = end + 1) {
    end = strchr(line, '\n');
    if (!end) return damaged(f, "its index ends early");
    *end = 0;
    mg_field *field = mg_field_add(&f->table);
    if (!field) return mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
    if (!parse_line(f, line, field)) return damaged(f, "its index makes no sense");
  }
  return MG_OK;
}

static char *read_index(const mg_checkpoint_file *f, size_t *length) {
  hid_t data = mg_h5_open_hard(f->file, "index", H5O_TYPE_DATASET, NULL);
  if (data < 0) return NULL;
  hid_t space = H5Dget_space(data);
  hssize_t n = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
  char *text = n >= 0 && n <= MAX_INDEX ? mg_memory_take((size_t)n + 1, 1) : NULL;
  bool ok =
      text && (n == 0 || H5Dread(data, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0);
  mg_h5_close(space);
  mg_h5_close(data);
  *length = ok ? (size_t)n : 0;
  if (ok) return text;
  free(text);
  return NULL;
}

static mg_status load_index(mg_checkpoint_file *f) {
  int64_t version = 0, ranks = 0;
  uint64_t checksum = 0;
  if (!mg_h5_has_label(f->file, "format", MG_CHECKPOINT_FORMAT) ||
      !mg_h5_read_i64(f->file, "format_version", &version))
    return mg_fail(MG_ERR_DATA, "%s: not a checkpoint of this program, or damaged", f->path);
  if (version < MG_CHECKPOINT_BY_RANK || version > MG_CHECKPOINT_VERSION)
    return mg_fail(MG_ERR_DATA, "%s: format version %" PRIi64 "; expected at most %d", f->path,
                   version, MG_CHECKPOINT_VERSION);
  f->by_rank = version == MG_CHECKPOINT_BY_RANK;
  if (!mg_h5_read_i64(f->file, "ranks", &ranks) || ranks < 1 || ranks > INT_MAX ||
      !mg_h5_read_u64(f->file, "checksum", &checksum))
    return damaged(f, "its attributes ranks or checksum cannot be read");
  f->ranks = (int)ranks;
  size_t length;
  char *text = read_index(f, &length);
  if (!text) return damaged(f, "its index cannot be read");
  mg_status status =
      mg_index_checksum(version, ranks, text, length) == checksum && strlen(text) == length
          ? parse_index(f, text)
          : damaged(f, "the checksum of its index is wrong");
  free(text);
  return status;
}

/* ---- the fields ---- */

static bool path_is_hard(hid_t file, const char *name) {
  char part[MG_FIELD_NAME_MAX];
  for (const char *slash = name; (slash = strchr(slash, '/')); slash++) {
    snprintf(part, sizeof part, "%.*s", (int)(slash - name), name);
    if (part[0] && !mg_h5_is_hard(file, part, H5O_TYPE_GROUP, NULL)) return false;
  }
  return mg_h5_is_hard(file, name, H5O_TYPE_DATASET, NULL);
}

static bool shape_agrees(hid_t data, const mg_field *field) {
  hid_t space = H5Dget_space(data), type = H5Dget_type(data);
  hid_t expected = mg_field_h5_type(field, false);
  hsize_t dims[2] = {0, 0};
  bool text = field->type == MG_TYPE_TEXT;
  int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
  bool ok = rank == (text ? 0 : field->rows ? 2 : 1) && H5Tequal(type, expected) > 0;
  if (ok && rank > 0) H5Sget_simple_extent_dims(space, dims, NULL);
  if (rank == 1) ok = ok && dims[0] == field->n;
  if (rank == 2) ok = ok && dims[0] == field->rows && dims[1] == field->n;
  mg_h5_close(expected);
  mg_h5_close(type);
  mg_h5_close(space);
  return ok;
}

/* Reads it piece by piece. A text is read whole, for it is one entry. */
static bool add_up(hid_t data, const mg_field *field, unsigned char *bytes, uLong *crc) {
  const size_t size = mg_type_size(field->type);
  const uint64_t rows = field->rows ? field->rows : 1;
  for (mg_piece p = {0}; field->n > 0 && mg_piece_next(&p, rows, field->n, PIECE / size);) {
    if (!mg_field_transfer(data, field, p, bytes, false)) return false;
    *crc = crc32_z(*crc, bytes, (size_t)(p.rows * p.count) * size);
  }
  return true;
}

static mg_status verify_field(const mg_checkpoint_file *f, const mg_field *field, bool sum,
                              unsigned char *piece) {
  char what[MG_FIELD_NAME_MAX + 64];
  hid_t data = path_is_hard(f->file, field->name) ? H5Dopen2(f->file, field->name, H5P_DEFAULT)
                                                  : H5I_INVALID_HID;
  bool ok = data >= 0 && shape_agrees(data, field);
  if (field->type == MG_TYPE_TEXT && field->n > PIECE) ok = false;
  uLong crc = sum ? crc32(0, NULL, 0) : field->crc;
  ok = ok && (!sum || add_up(data, field, piece, &crc));
  mg_h5_close(data);
  if (ok && crc == field->crc) return MG_OK;
  snprintf(what, sizeof what, ok ? "the checksum of %s is wrong" : "%s cannot be read",
           field->name);
  return damaged(f, what);
}

mg_status mg_checkpoint_file_check(mg_checkpoint_file *f, const char *path, bool rows) {
  *f = (mg_checkpoint_file){.path = path, .file = -1, .data = -1};
  MG_TRY(mg_safe_check_input(path));
  mg_h5_quiet();
  hid_t unlocked = H5Pcreate(H5P_FILE_ACCESS); /* a file under this name is never written to */
  H5Pset_file_locking(unlocked, 0, 1);
  f->file = H5Fopen(path, H5F_ACC_RDONLY, unlocked);
  mg_h5_close(unlocked);
  if (f->file < 0 && mg_h5_last_cause() == MG_H5_SYSTEM) return mg_h5_open_failed(path);
  if (f->file < 0) return mg_fail(MG_ERR_DATA, "%s: truncated, damaged or not a checkpoint", path);
  MG_TRY(load_index(f));
  unsigned char *piece = mg_memory_take(1, PIECE);
  if (!piece) return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  mg_status status = MG_OK;
  for (int i = 0; i < f->table.count && status == MG_OK; i++)
    status = verify_field(f, &f->table.field[i], rows || f->table.field[i].rows == 0, piece);
  free(piece);
  return status;
}

mg_status mg_checkpoint_file_open(mg_checkpoint_file *f, const char *path) {
  return mg_checkpoint_file_check(f, path, true);
}

mg_status mg_checkpoint_file_read(mg_checkpoint_file *f, const mg_field *field, mg_piece piece,
                                  void *bytes) {
  if (field->n == 0) return MG_OK;
  hid_t data = H5Dopen2(f->file, field->name, H5P_DEFAULT);
  bool ok = data >= 0 && mg_field_transfer(data, field, piece, bytes, false);
  mg_h5_close(data);
  return ok ? MG_OK : damaged(f, field->name);
}
