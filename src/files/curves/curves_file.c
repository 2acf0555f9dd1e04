#include "files/curves/curves_file.h"

#include "base/arena.h"

#include <math.h>
#include <stdlib.h>
#include <zlib.h>

enum { CHUNK_BYTES = 8192, WIDEST = 1 << 20 };
static const char CRC[] = "crc32";
static const uint64_t OPEN = UINT64_MAX; /* no CRC-32: of a file at work */

static int rank_of(const mg_column *column) {
  return column->width > 0 ? 2 : 1;
}

static hid_t memory_type(const mg_column *column) {
  return column->integer ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
}

static void find_chunk(const mg_column *column, hsize_t chunk[2]) {
  const hsize_t width = column->width > 0 ? (hsize_t)column->width : 1,
                rows = CHUNK_BYTES / 8 / width;
  chunk[0] = rows > 0 ? rows : 1, chunk[1] = width;
}

/* HDF5 1.10 writes beyond its buffers where a damaged file tells of chunks of another size. */
static bool has_whole_chunks(hid_t data, hsize_t bytes) {
  hid_t space = H5Dget_space(data);
  hsize_t chunks = 0, at[2], size = 0;
  haddr_t address;
  unsigned mask = 0;
  bool ok = H5Dget_num_chunks(data, space, &chunks) >= 0;
  for (hsize_t k = 0; k < chunks && ok; k++)
    ok = H5Dget_chunk_info(data, space, k, at, &mask, &address, &size) >= 0 && size == bytes &&
         mask == 0;
  mg_h5_close(space);
  return ok;
}

static bool has_its_chunks(const mg_column *column) {
  hsize_t chunk[2] = {0, 0}, made[2];
  find_chunk(column, made);
  hid_t creation = H5Dget_create_plist(column->data);
  const bool same = creation >= 0 && H5Pget_layout(creation) == H5D_CHUNKED &&
                    H5Pget_chunk(creation, 2, chunk) == rank_of(column) && chunk[0] == made[0] &&
                    (column->width == 0 || chunk[1] == made[1]) && H5Pget_nfilters(creation) == 0;
  mg_h5_close(creation);
  return same && has_whole_chunks(column->data, 8 * made[0] * made[1]);
}

bool mg_column_create(mg_column *column, hid_t group, const char *name, bool integer, int width,
                      const char *unit, const char *help) {
  *column = (mg_column){.data = -1, .integer = integer, .width = width};
  hsize_t chunk[2];
  find_chunk(column, chunk);
  hsize_t dims[2] = {0, chunk[1]}, most[2] = {H5S_UNLIMITED, chunk[1]};
  int64_t no_integer = -1;
  double no_double = NAN;
  hid_t space = H5Screate_simple(rank_of(column), dims, most);
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  bool ok = H5Pset_chunk(creation, rank_of(column), chunk) >= 0 &&
            H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY) >= 0 &&
            H5Pset_fill_value(creation, memory_type(column),
                              integer ? (const void *)&no_integer : (const void *)&no_double) >= 0;
  if (ok)
    column->data = H5Dcreate2(group, name, integer ? H5T_STD_I64LE : H5T_IEEE_F64LE, space,
                              H5P_DEFAULT, creation, H5P_DEFAULT);
  mg_h5_close(creation);
  mg_h5_close(space);
  /* Once with a row: what it needs beside the chunks is in the file for good. */
  return column->data >= 0 && mg_column_cut(column, 1) && mg_column_cut(column, 0) &&
         (!unit || mg_h5_write_text(column->data, "unit", unit)) &&
         (!help || mg_h5_write_text(column->data, "help", help));
}

/* Its attributes can be read, and its checksum, if it has one, be written over: HDF5 1.10 writes beyond its
 * buffers where a damaged file tells of one of another form. */
static bool has_whole_crc(hid_t data) {
  const htri_t there = H5Aexists(data, CRC);
  if (there <= 0) return there == 0;
  hid_t attribute = H5Aopen(data, CRC, H5P_DEFAULT);
  hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  const bool ok = H5Tequal(type, H5T_STD_U64LE) > 0 &&
                  H5Sget_simple_extent_type(space) == H5S_SCALAR &&
                  H5Aget_storage_size(attribute) == sizeof(uint64_t);
  mg_h5_close(space);
  mg_h5_close(type);
  return mg_h5_close(attribute) && ok;
}

bool mg_column_open(mg_column *column, hid_t group, const char *name, bool integer, int width,
                    hsize_t *rows) {
  *column = (mg_column){.data = -1, .integer = integer, .width = width};
  column->data = mg_h5_open_hard(group, name, H5O_TYPE_DATASET, NULL);
  if (column->data < 0) return false;
  hid_t space = H5Dget_space(column->data), type = H5Dget_type(column->data);
  hsize_t dims[2] = {0, 0};
  bool ok = H5Sget_simple_extent_ndims(space) == rank_of(column) &&
            H5Sget_simple_extent_dims(space, dims, NULL) >= 0 &&
            (width == 0 || dims[1] == (hsize_t)width) &&
            H5Tequal(type, integer ? H5T_STD_I64LE : H5T_IEEE_F64LE) > 0 &&
            has_its_chunks(column) && has_whole_crc(column->data);
  mg_h5_close(type);
  mg_h5_close(space);
  *rows = dims[0];
  return ok;
}

bool mg_column_cut(const mg_column *column, hsize_t rows) {
  hsize_t dims[2] = {rows, (hsize_t)column->width};
  return H5Dset_extent(column->data, dims) >= 0;
}

static size_t row_bytes(const mg_column *column) {
  return 8 * (size_t)(column->width > 0 ? column->width : 1);
}

hsize_t mg_column_new_bytes(const mg_column *column, hsize_t first, hsize_t count) {
  hsize_t chunk[2];
  find_chunk(column, chunk);
  const hsize_t old = (first + chunk[0] - 1) / chunk[0],
                now = (first + count + chunk[0] - 1) / chunk[0];
  return 8 * (now - old) * chunk[0] * chunk[1];
}

static void add_to_crc(mg_column *column, hsize_t first, hsize_t count, const void *values) {
  if (first > column->summed || first + count <= column->summed) return;
  const size_t known = (size_t)(column->summed - first) * row_bytes(column);
  column->crc = crc32_z((uLong)column->crc, (const Bytef *)values + known,
                        (size_t)count * row_bytes(column) - known);
  column->summed = first + count;
}

bool mg_column_write(mg_column *column, hsize_t first, hsize_t count, const void *values) {
  const hsize_t start[2] = {first, 0}, size[2] = {count, (hsize_t)column->width};
  add_to_crc(column, first, count, values);
  return mg_column_cut(column, first + count) &&
         mg_h5_write_block(column->data, memory_type(column), rank_of(column), start, size, values);
}

bool mg_column_read(const mg_column *column, hsize_t first, hsize_t count, void *values) {
  const hsize_t start[2] = {first, 0}, size[2] = {count, (hsize_t)column->width};
  return count == 0 ||
         mg_h5_read_block(column->data, memory_type(column), rank_of(column), start, size, values);
}

bool mg_column_find_end(const mg_column *column, int64_t last, hsize_t *rows) {
  enum { BLOCK = 1024 };
  int64_t values[BLOCK];
  for (hsize_t first = 0, n; first < *rows; first += n) {
    n = *rows - first < BLOCK ? *rows - first : BLOCK;
    if (!mg_column_read(column, first, n, values)) return false;
    for (hsize_t i = 0; i < n && first + i < *rows; i++)
      if (values[i] < 0 || values[i] > last) *rows = first + i;
  }
  return true;
}

bool mg_column_sum(mg_column *column, hsize_t rows) {
  enum { PIECE = 1 << 16 };
  const hsize_t most = row_bytes(column) < PIECE ? PIECE / row_bytes(column) : 1;
  void *values = mg_memory_take((size_t)most, row_bytes(column));
  bool ok = values != NULL;
  column->crc = column->summed = 0;
  for (hsize_t first = 0, count; ok && first < rows; first += count) {
    count = rows - first < most ? rows - first : most;
    ok = mg_column_read(column, first, count, values);
    if (ok) add_to_crc(column, first, count, values);
  }
  free(values);
  return ok;
}

/* In its place, if it has one: another could lie beyond the end of the file that its superblock knows. */
static bool write_crc(hid_t data, uint64_t crc) {
  if (H5Aexists(data, CRC) <= 0) return mg_h5_write_u64(data, CRC, crc);
  hid_t attribute = H5Aopen(data, CRC, H5P_DEFAULT);
  const bool ok = attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_UINT64, &crc) >= 0;
  return mg_h5_close(attribute) && ok;
}

bool mg_column_seal(const mg_column *column) {
  return write_crc(column->data, column->crc);
}

bool mg_column_unseal(const mg_column *column) {
  return write_crc(column->data, OPEN);
}

/* As it says itself. */
static bool find_form(hid_t data, mg_column *column, hsize_t *rows) {
  hsize_t dims[2] = {0, 0};
  hid_t space = H5Dget_space(data), type = H5Dget_type(data);
  const int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
  const bool ok = (rank == 1 || rank == 2) && H5Sget_simple_extent_dims(space, dims, NULL) >= 0 &&
                  dims[1] <= WIDEST;
  *column = (mg_column){.data = data,
                        .integer = H5Tget_class(type) == H5T_INTEGER,
                        .width = ok && rank == 2 ? (int)dims[1] : 0};
  *rows = dims[0];
  mg_h5_close(type);
  mg_h5_close(space);
  return ok;
}

bool mg_column_is_sound(hid_t data) {
  mg_column column;
  hsize_t rows;
  uint64_t crc;
  if (!find_form(data, &column, &rows) || H5Aexists(data, CRC) < 0 || !mg_column_sum(&column, rows))
    return false;
  return !mg_h5_read_u64(data, CRC, &crc) || crc == OPEN || crc == column.crc;
}

bool mg_column_close(mg_column *column) {
  bool ok = mg_h5_close(column->data);
  column->data = -1;
  return ok;
}
