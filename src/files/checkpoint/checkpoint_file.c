#include "files/checkpoint/checkpoint_file.h"

#include "base/arena.h"
#include "files/checkpoint/checkpoint_verify.h"
#include "files/h5_cause.h"
#include "files/h5_util.h"
#include "files/h5_value.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* ---- types and fields ---- */

static const struct {
  const char *name;
  size_t size;
} TYPES[] = {
    [MG_TYPE_F32] = {"float32", 4}, [MG_TYPE_F64] = {"float64", 8}, [MG_TYPE_I64] = {"int64", 8},
    [MG_TYPE_U64] = {"uint64", 8},  [MG_TYPE_U8] = {"uint8", 1},    [MG_TYPE_TEXT] = {"text", 1}};

size_t mg_type_size(int type) {
  return TYPES[type].size;
}

const char *mg_type_name(int type) {
  return TYPES[type].name;
}

/* The caller closes it. For a text of n bytes one string; HDF5 has none of length 0. */
hid_t mg_field_h5_type(const mg_field *field, bool memory) {
  switch (field->type) {
  case MG_TYPE_F32:
    return H5Tcopy(memory ? H5T_NATIVE_FLOAT : H5T_IEEE_F32LE);
  case MG_TYPE_F64:
    return H5Tcopy(memory ? H5T_NATIVE_DOUBLE : H5T_IEEE_F64LE);
  case MG_TYPE_I64:
    return H5Tcopy(memory ? H5T_NATIVE_INT64 : H5T_STD_I64LE);
  case MG_TYPE_U64:
    return H5Tcopy(memory ? H5T_NATIVE_UINT64 : H5T_STD_U64LE);
  case MG_TYPE_U8:
    return H5Tcopy(memory ? H5T_NATIVE_UINT8 : H5T_STD_U8LE);
  default:
    return mg_h5_text_type(field->n ? field->n : 1, false);
  }
}

const mg_field *mg_field_find(const mg_field_table *table, const char *name) {
  for (int i = 0; i < table->count; i++)
    if (strcmp(table->field[i].name, name) == 0) return &table->field[i];
  return NULL;
}

mg_field *mg_field_add(mg_field_table *table) {
  if (table->count == table->capacity) {
    int capacity = table->capacity ? 2 * table->capacity : 64;
    mg_field *grown = mg_memory_grow(table->field, (size_t)capacity * sizeof *grown);
    if (!grown) return NULL;
    table->field = grown, table->capacity = capacity;
  }
  mg_field *field = &table->field[table->count++];
  *field = (mg_field){0};
  return field;
}

bool mg_piece_next(mg_piece *p, uint64_t rows, uint64_t n, uint64_t most) {
  const uint64_t high = most > n ? most / n : 1, wide = most < n ? most : n;
  p->first += p->count;
  if (p->first == n) p->first = 0, p->row += p->rows;
  p->rows = rows - p->row < high ? rows - p->row : high;
  p->count = n - p->first < wide ? n - p->first : wide;
  return p->row < rows;
}

/* ---- writing ---- */

/* For what does not tell when it was made: the same state is the same file. */
static hid_t timeless(hid_t kind) {
  hid_t creation = H5Pcreate(kind);
  H5Pset_obj_track_times(creation, false);
  return creation;
}

/* The groups that lead to a field, as far as they are not there. */
static bool make_groups(hid_t file, const char *name) {
  bool ok = true;
  hid_t creation = timeless(H5P_GROUP_CREATE);
  for (const char *slash = name; ok && (slash = strchr(slash, '/')); slash++) {
    char part[MG_FIELD_NAME_MAX];
    snprintf(part, sizeof part, "%.*s", (int)(slash - name), name);
    if (H5Lexists(file, part, H5P_DEFAULT) > 0) continue;
    hid_t group = H5Gcreate2(file, part, H5P_DEFAULT, creation, H5P_DEFAULT);
    ok = mg_h5_close(group) && group >= 0;
  }
  mg_h5_close(creation);
  return ok;
}

static mg_status fail_write(const mg_checkpoint_file *f, const char *what) {
  return mg_h5_write_failed(f->opened, what);
}

/* The format of HDF5 1.10 has checksums in its own structures, the older ones have not. */
mg_status mg_checkpoint_file_create(mg_checkpoint_file *f, const char *path, int ranks) {
  *f = (mg_checkpoint_file){.path = path, .file = -1, .data = -1, .ranks = ranks};
  MG_TRY(mg_safe_temporary(path, f->opened));
  mg_h5_quiet();
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_file_locking(access, 0, 1); /* nobody else knows of it */
  H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
  hid_t creation = timeless(H5P_FILE_CREATE);
  f->file = H5Fcreate(f->opened, H5F_ACC_EXCL, creation, access);
  mg_h5_close(creation);
  mg_h5_close(access);
  if (f->file >= 0) return MG_OK;
  return mg_fail(MG_ERR_CREATE, "%s: cannot be created; expected a folder to write in", f->opened);
}

mg_status mg_checkpoint_file_begin(mg_checkpoint_file *f, const char *name, int type, uint64_t rows,
                                   uint64_t n) {
  assert(strlen(name) < MG_FIELD_NAME_MAX && !strchr(name, '\n') && strcmp(name, "index") != 0);
  mg_field *field = mg_field_add(&f->table);
  if (!field) return mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  *field = (mg_field){.type = type, .rows = rows, .n = n, .crc = (uint32_t)crc32(0, NULL, 0)};
  strcpy(field->name, name);

  hsize_t dims[2] = {rows ? rows : n, n};
  hid_t space =
      type == MG_TYPE_TEXT ? H5Screate(H5S_SCALAR) : H5Screate_simple(rows ? 2 : 1, dims, NULL);
  hid_t h5_type = mg_field_h5_type(field, false), creation = timeless(H5P_DATASET_CREATE);
  if (rows > 0) { /* its place is known at once, for whoever writes there beside HDF5 */
    H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
  }
  if (make_groups(f->file, name))
    f->data = H5Dcreate2(f->file, name, h5_type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  mg_h5_close(creation);
  mg_h5_close(h5_type);
  mg_h5_close(space);
  return f->data >= 0 ? MG_OK : fail_write(f, name);
}

mg_status mg_checkpoint_file_write(mg_checkpoint_file *f, mg_piece piece, const void *bytes) {
  mg_field *field = &f->table.field[f->table.count - 1];
  const size_t size = (size_t)(piece.rows * piece.count) * mg_type_size(field->type);
  if (size == 0) return MG_OK;
  field->crc = (uint32_t)crc32_z(field->crc, bytes, size);
  bool ok = mg_field_transfer(f->data, field, piece, (void *)(size_t)bytes, true);
  return ok ? MG_OK : fail_write(f, field->name);
}

uint64_t mg_checkpoint_file_offset(const mg_checkpoint_file *f) {
  const haddr_t at = f->data < 0 ? HADDR_UNDEF : H5Dget_offset(f->data);
  return at == HADDR_UNDEF ? UINT64_MAX : (uint64_t)at;
}

mg_status mg_checkpoint_file_end(mg_checkpoint_file *f) {
  bool ok = mg_h5_close(f->data); /* a full disk shows itself here */
  f->data = -1;
  return ok ? MG_OK : fail_write(f, f->table.field[f->table.count - 1].name);
}

static bool write_index(const mg_checkpoint_file *f, const char *text, size_t length) {
  hsize_t dims[1] = {length};
  hid_t space = H5Screate_simple(1, dims, NULL);
  hid_t creation = timeless(H5P_DATASET_CREATE);
  hid_t data =
      H5Dcreate2(f->file, "index", H5T_STD_U8LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  mg_h5_close(creation);
  bool ok = data >= 0 && (length == 0 || H5Dwrite(data, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL,
                                                  H5P_DEFAULT, text) >= 0);
  ok = mg_h5_close(data) && ok;
  ok = mg_h5_close(space) && ok;
  return ok && mg_h5_write_fixed_text(f->file, "format", MG_CHECKPOINT_FORMAT) &&
         mg_h5_write_i64(f->file, "format_version", MG_CHECKPOINT_VERSION) &&
         mg_h5_write_i64(f->file, "ranks", f->ranks) &&
         mg_h5_write_u64(f->file, "checksum",
                         mg_index_checksum(MG_CHECKPOINT_VERSION, f->ranks, text, length));
}

static mg_status write_end(mg_checkpoint_file *f) {
  size_t capacity = (size_t)f->table.count * (MG_FIELD_NAME_MAX + 80) + 1, length = 0;
  char *text = mg_memory_take(1, capacity);
  if (!text) return mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  for (int i = 0; i < f->table.count; i++) {
    const mg_field *field = &f->table.field[i];
    length += (size_t)snprintf(text + length, capacity - length,
                               "%08" PRIx32 " %d %" PRIu64 " %" PRIu64 " %s\n", field->crc,
                               field->type, field->rows, field->n, field->name);
  }
  bool ok = write_index(f, text, length) && H5Fflush(f->file, H5F_SCOPE_GLOBAL) >= 0;
  ok = mg_h5_close(f->file) && ok;
  f->file = -1;
  free(text);
  return ok ? MG_OK : fail_write(f, "the index");
}

static mg_status verify(const char *path, bool rows) {
  mg_checkpoint_file f;
  mg_status status = mg_checkpoint_file_check(&f, path, rows);
  mg_checkpoint_file_close(&f);
  return status;
}

mg_status mg_checkpoint_file_finish(mg_checkpoint_file *f) {
  MG_TRY(write_end(f));
  if (verify(f->opened, !f->rows_aside) == MG_OK) return MG_OK;
  return mg_fail(MG_ERR_IO, "%s: what was written does not read back: %s", f->path,
                 mg_status_message());
}

/* The last one that this process wrote and saw to be good. */
static struct stat committed;

static bool is_committed(const char *path) {
  struct stat now;
  return stat(path, &now) == 0 && now.st_dev == committed.st_dev &&
         now.st_ino == committed.st_ino && now.st_size == committed.st_size &&
         now.st_mtim.tv_sec == committed.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == committed.st_mtim.tv_nsec;
}

mg_status mg_checkpoint_file_commit(mg_checkpoint_file *f) {
  /* What is damaged must not take the place of the good one before it. */
  const bool keep = is_committed(f->path) || verify(f->path, true) == MG_OK;
  mg_status status = mg_safe_commit(f->opened, f->path, keep);
  f->opened[0] = 0; /* renamed or removed */
  if (status != MG_OK || stat(f->path, &committed) != 0) committed = (struct stat){0};
  return status;
}

void mg_checkpoint_file_close(mg_checkpoint_file *f) {
  mg_h5_close(f->data);
  mg_h5_close(f->file);
  if (f->opened[0]) unlink(f->opened);
  free(f->table.field);
  *f = (mg_checkpoint_file){.file = -1, .data = -1};
}
