#include "files/h5_column.h"

#include "base/arena.h"
#include "files/h5_util.h"
#include "files/h5_value.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_ROWS = 1024, CHUNK_BYTES = 1 << 18, GZIP_LEVEL = 4, COMPACT_BYTES = 1024 };

/* Without times of creation: two recordings of the same have the same bytes. */
static hid_t timeless(void) {
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_obj_track_times(creation, false);
  return creation;
}

static bool pack(hid_t creation, int rank, const hsize_t *chunk) {
  return H5Pset_chunk(creation, rank, chunk) >= 0 && H5Pset_shuffle(creation) >= 0 &&
         H5Pset_deflate(creation, GZIP_LEVEL) >= 0;
}

/* Small arrays stand in the object's header: a hundred thousand short episodes would else be mostly
 * indices of chunks. `file_type` and `memory_type` are closed here. */
static bool write_packed(hid_t group, const char *name, int rank, const hsize_t *dims,
                         hid_t file_type, hid_t memory_type, const void *values) {
  hsize_t chunk[2] = {dims[0] < CHUNK_ROWS ? dims[0] : CHUNK_ROWS, rank == 2 ? dims[1] : 1};
  hid_t space = H5Screate_simple(rank, dims, NULL), creation = timeless();
  uint64_t bytes =
      mg_h5_product(mg_h5_product(dims[0], rank == 2 ? dims[1] : 1), H5Tget_size(file_type));
  bool ok = bytes <= COMPACT_BYTES ? H5Pset_layout(creation, H5D_COMPACT) >= 0
                                   : pack(creation, rank, chunk);
  hid_t data = ok ? H5Dcreate2(group, name, file_type, space, H5P_DEFAULT, creation, H5P_DEFAULT)
                  : H5I_INVALID_HID;
  ok = data >= 0 && H5Dwrite(data, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
  ok = mg_h5_close(data) && ok; /* a full disk shows itself here */
  ok = mg_h5_close(creation) && ok;
  mg_h5_close(file_type);
  mg_h5_close(memory_type);
  return mg_h5_close(space) && ok;
}

bool mg_h5_write_array(hid_t group, const char *name, int rank, hsize_t rows, hsize_t columns,
                       mg_value_type type, const double *values) {
  hsize_t dims[2] = {rows, columns};
  if (type != MG_BOOLEAN)
    return write_packed(group, name, rank, dims, mg_h5_file_type(type), H5Tcopy(H5T_NATIVE_DOUBLE),
                        values);
  size_t n = (size_t)rows * (size_t)columns;
  int8_t *bytes = mg_memory_take(n, 1);
  for (size_t i = 0; bytes && i < n; i++) bytes[i] = values[i] != 0;
  hid_t boolean = mg_h5_file_type(MG_BOOLEAN);
  bool ok = bytes && write_packed(group, name, rank, dims, boolean, H5Tcopy(boolean), bytes);
  free(bytes);
  return ok;
}

bool mg_h5_write_last(hid_t group, const char *name, int64_t steps, bool last) {
  int8_t *bytes = mg_memory_take((size_t)steps, 1);
  if (!bytes) return false;
  bytes[steps - 1] = last;
  hid_t boolean = mg_h5_file_type(MG_BOOLEAN);
  hsize_t dims[2] = {(hsize_t)steps, 1};
  bool ok = write_packed(group, name, 1, dims, boolean, H5Tcopy(boolean), bytes);
  free(bytes);
  return ok;
}

bool mg_h5_column_create(hid_t group, const char *path, mg_value_type type, int rank,
                         const hsize_t *row_dims, mg_h5_column *c) {
  *c = (mg_h5_column){.data = -1, .rank = rank, .type = type};
  hsize_t most[8] = {H5S_UNLIMITED}, chunk[8];
  uint64_t row = mg_value_type_size(type);
  for (int i = 1; i < rank; i++) {
    c->dims[i] = most[i] = chunk[i] = row_dims[i - 1];
    row = mg_h5_product(row, row_dims[i - 1]);
    if (chunk[i] == 0) chunk[i] = 1;
  }
  chunk[0] = row == 0 || row > CHUNK_BYTES ? 1 : CHUNK_BYTES / row;
  if (chunk[0] > 8 * CHUNK_ROWS) chunk[0] = 8 * CHUNK_ROWS;
  hid_t space = H5Screate_simple(rank, c->dims, most), creation = timeless();
  hid_t links = H5Pcreate(H5P_LINK_CREATE), file_type = mg_h5_file_type(type);
  H5Pset_create_intermediate_group(links, 1);
  if (pack(creation, rank, chunk))
    c->data = H5Dcreate2(group, path, file_type, space, links, creation, H5P_DEFAULT);
  mg_h5_close(file_type);
  mg_h5_close(links);
  mg_h5_close(creation);
  mg_h5_close(space);
  return c->data >= 0;
}

static bool append(mg_h5_column *c, hsize_t rows, hid_t memory_type, const void *values) {
  hsize_t start[8] = {c->dims[0]}, count[8] = {rows};
  for (int i = 1; i < c->rank; i++) count[i] = c->dims[i];
  c->dims[0] += rows;
  bool ok = H5Dset_extent(c->data, c->dims) >= 0;
  if (ok && values && rows > 0)
    ok = mg_h5_write_block(c->data, memory_type, c->rank, start, count, values);
  mg_h5_close(memory_type);
  return ok;
}

bool mg_h5_column_append(mg_h5_column *c, hsize_t rows, const double *values) {
  return append(c, rows, H5Tcopy(H5T_NATIVE_DOUBLE), values);
}

bool mg_h5_column_append_native(mg_h5_column *c, hsize_t rows, const void *values) {
  /* Booleans as they are stored: HDF5 converts no integers to enumerations. */
  return append(c, rows,
                c->type == MG_BOOLEAN ? mg_h5_file_type(MG_BOOLEAN) : mg_h5_memory_type(c->type),
                values);
}

bool mg_h5_column_close(mg_h5_column *c) {
  bool ok = c->data < 0 || mg_h5_close(c->data);
  c->data = -1;
  return ok;
}
