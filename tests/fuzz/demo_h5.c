/* Models as HDF5, through the library's own interface and in memory alone. What it refuses is left
 * out: any list of items gives a file. */
#include "demo_model.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CLAIMED (UINT64_C(1) << 61)

enum { MOST_CHUNK = 1 << 16, MOST_ATTRIBUTE = 4096, FOREIGN_FILTER = 32015 };

static hid_t make_enum(const char *const *names, const int8_t *values, int n) {
  hid_t type = H5Tenum_create(H5T_STD_I8LE);
  for (int i = 0; i < n; i++) H5Tenum_insert(type, names[i], &values[i]);
  return type;
}

static hid_t make_half(void) {
  hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(type, 15, 10, 5, 0, 10);
  H5Tset_size(type, 2);
  H5Tset_ebias(type, 15);
  return type;
}

static hid_t make_thirteen_bits(void) {
  hid_t type = H5Tcopy(H5T_STD_I16LE);
  H5Tset_precision(type, 13);
  H5Tset_offset(type, 2);
  return type;
}

static hid_t make_text(size_t size) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, size);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

static hid_t make_compound(void) {
  hid_t type = H5Tcreate(H5T_COMPOUND, 16);
  H5Tinsert(type, "a", 0, H5T_IEEE_F64LE);
  H5Tinsert(type, "b", 8, H5T_STD_I64LE);
  return type;
}

/* To be closed. */
static hid_t make_type(demo_type type) {
  static const char *const names[] = {"FALSE", "TRUE", "PERHAPS", "NEVER"};
  static const int8_t boolean[] = {0, 1}, odd[] = {5, 7}, many[] = {0, 1, 2, 3};
  const hsize_t four[1] = {4};
  switch (type) {
  case DEMO_F64:
    return H5Tcopy(H5T_IEEE_F64LE);
  case DEMO_F32:
    return H5Tcopy(H5T_IEEE_F32LE);
  case DEMO_I64:
    return H5Tcopy(H5T_STD_I64LE);
  case DEMO_I32:
    return H5Tcopy(H5T_STD_I32LE);
  case DEMO_I8:
    return H5Tcopy(H5T_STD_I8LE);
  case DEMO_BOOL:
    return make_enum(names, boolean, 2);
  case DEMO_F64BE:
    return H5Tcopy(H5T_IEEE_F64BE);
  case DEMO_F32BE:
    return H5Tcopy(H5T_IEEE_F32BE);
  case DEMO_F16:
    return make_half();
  case DEMO_I16:
    return H5Tcopy(H5T_STD_I16LE);
  case DEMO_I64BE:
    return H5Tcopy(H5T_STD_I64BE);
  case DEMO_U8:
    return H5Tcopy(H5T_STD_U8LE);
  case DEMO_U64:
    return H5Tcopy(H5T_STD_U64LE);
  case DEMO_I13:
    return make_thirteen_bits();
  case DEMO_TEXT:
    return make_text(H5T_VARIABLE);
  case DEMO_FIXED_TEXT:
    return make_text(24);
  case DEMO_VLEN:
    return H5Tvlen_create(H5T_IEEE_F64LE);
  case DEMO_COMPOUND:
    return make_compound();
  case DEMO_OPAQUE:
    return H5Tcreate(H5T_OPAQUE, 8);
  case DEMO_BITFIELD:
    return H5Tcopy(H5T_STD_B16LE);
  case DEMO_ARRAY:
    return H5Tarray_create2(H5T_IEEE_F32LE, 1, four);
  case DEMO_REFERENCE:
    return H5Tcopy(H5T_STD_REF_OBJ);
  case DEMO_ENUM_ODD:
    return make_enum(names, odd, 2);
  case DEMO_ENUM_MANY:
    return make_enum(names, many, 4);
  case DEMO_TYPES:
    break;
  }
  return H5I_INVALID_HID;
}

/* ---- values ---- */

static bool is_number(demo_type type) {
  return type < DEMO_TEXT && type != DEMO_BOOL;
}

/* Memory for n values of this type, in *memory as HDF5 takes them; NULL: nothing is written. */
static void *make_values(const demo_item *item, uint64_t n, hid_t type, hid_t *memory) {
  *memory = type;
  if (is_number(item->type)) {
    double *values = calloc(n + 1, sizeof *values);
    for (uint64_t i = 0; values && i < n; i++) values[i] = demo_item_value(item, i, n);
    *memory = H5T_NATIVE_DOUBLE;
    return values;
  }
  if (item->type == DEMO_TEXT) {
    const char **texts = calloc(n + 1, sizeof *texts);
    for (uint64_t i = 0; texts && i < n; i++) texts[i] = item->text;
    return texts;
  }
  if (item->type == DEMO_VLEN || item->type == DEMO_REFERENCE) return NULL;
  size_t size = H5Tget_size(type);
  unsigned char *bytes = calloc(n + 1, size);
  for (uint64_t i = 0; bytes && i < n; i++) {
    double value = demo_item_value(item, i, n);
    if (item->type == DEMO_FIXED_TEXT)
      strncpy((char *)bytes + i * size, item->text, size);
    else
      bytes[i * size] = value >= 0 && value < 128 ? (unsigned char)value : 255;
  }
  return bytes;
}

static uint64_t count(const demo_item *item, const hsize_t *dims) {
  uint64_t n = item->rank < 0 ? 0 : 1;
  for (int i = 0; i < item->rank; i++)
    if (__builtin_mul_overflow(n, dims[i], &n)) return UINT64_MAX;
  return n;
}

static bool is_chunked(const demo_item *item) {
  return item->storage == DEMO_CHUNKED || item->storage == DEMO_SPARSE ||
         item->storage == DEMO_UNSTORED || (item->storage == DEMO_CONTIGUOUS && item->filters);
}

/* Without an end where chunks may be larger than all there is. */
static hid_t make_space(const demo_item *item, const hsize_t *dims) {
  hsize_t most[DEMO_RANK];
  for (int i = 0; i < DEMO_RANK; i++)
    most[i] = i == 0 && is_chunked(item) ? H5S_UNLIMITED : dims[i];
  if (item->rank < 0) return H5Screate(H5S_NULL);
  return item->rank == 0
             ? H5Screate(H5S_SCALAR)
             : H5Screate_simple(item->rank, dims, item->kind == DEMO_DATASET ? most : NULL);
}

/* ---- datasets ---- */

static size_t refuse_filter(unsigned flags, size_t n, const unsigned values[], size_t bytes,
                            size_t *capacity, void **buffer) {
  (void)flags, (void)n, (void)values, (void)capacity, (void)buffer;
  return bytes;
}

/* Behind another filter, these two make the library write beyond its buffers. */
static void set_filters(hid_t creation, unsigned filters) {
  if (filters & DEMO_NBIT)
    H5Pset_nbit(creation);
  else if (filters & DEMO_SCALE)
    H5Pset_scaleoffset(creation, H5Z_SO_INT, 0);
  if (filters & DEMO_SHUFFLE) H5Pset_shuffle(creation);
  if (filters & DEMO_DEFLATE) H5Pset_deflate(creation, 4);
  if (filters & DEMO_FLETCHER) H5Pset_fletcher32(creation);
  if (filters & DEMO_FOREIGN) H5Pset_filter(creation, FOREIGN_FILTER, H5Z_FLAG_OPTIONAL, 0, NULL);
}

static hid_t make_creation(const demo_item *item, hid_t space, const hsize_t *dims) {
  hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  hsize_t chunk[DEMO_RANK], n = count(item, dims);
  H5Pset_obj_track_times(creation, false);
  for (int i = 0; i < item->rank; i++) chunk[i] = dims[i] > 0 && dims[i] < 4096 ? dims[i] : 1;
  if (item->rank > 0) chunk[0] = item->chunk > 0 ? item->chunk : 1;
  if (item->storage == DEMO_COMPACT) H5Pset_layout(creation, H5D_COMPACT);
  if (item->storage == DEMO_EXTERNAL_DATA)
    H5Pset_external(creation, item->text, 0, n < MOST_CHUNK ? 16 * n + 16 : H5F_UNLIMITED);
  if (item->storage == DEMO_VIRTUAL)
    H5Pset_virtual(creation, space, item->text, item->target, space);
  if (is_chunked(item) && item->rank > 0 && H5Pset_chunk(creation, item->rank, chunk) >= 0)
    set_filters(creation, item->filters);
  return creation;
}

/* All of a small dataset, or of any the first element, so that it has storage. */
static void write_values(const demo_item *item, hid_t data, hid_t type, hid_t space,
                         const hsize_t *dims, uint64_t most) {
  uint64_t n = count(item, dims);
  hid_t memory = H5S_ALL, file = H5S_ALL;
  if (n > MOST_CLAIMED) return; /* beyond it the library crashes */
  if (item->storage == DEMO_UNSTORED || n == 0) return;
  if (item->storage == DEMO_EXTERNAL_DATA || item->storage == DEMO_VIRTUAL) return;
  if (item->chunk > MOST_CHUNK && item->rank > 0) return;
  if (item->storage == DEMO_SPARSE || n > most) {
    hsize_t start[DEMO_RANK] = {0}, one[DEMO_RANK] = {1, 1, 1, 1, 1, 1}, single[1] = {1};
    if (item->storage != DEMO_SPARSE || item->rank < 1) return;
    file = H5Scopy(space), memory = H5Screate_simple(1, single, NULL);
    H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, one, NULL);
    n = 1;
  }
  hid_t memory_type;
  void *values = make_values(item, n, type, &memory_type);
  if (values) H5Dwrite(data, memory_type, memory, file, H5P_DEFAULT, values);
  free(values);
  if (memory != H5S_ALL) H5Sclose(memory), H5Sclose(file);
}

static hid_t intermediate(void) {
  hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  return links;
}

/* Without times, so that the same model gives the same bytes. */
static void write_group(hid_t file, hid_t links, const demo_item *item) {
  hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
  H5Pset_obj_track_times(creation, false);
  hid_t group = H5Gcreate2(file, item->path, links, creation, H5P_DEFAULT);
  if (group >= 0) H5Gclose(group);
  H5Pclose(creation);
}

static void write_dataset(hid_t file, hid_t links, const demo_item *item, uint64_t most) {
  hsize_t dims[DEMO_RANK];
  for (int i = 0; i < DEMO_RANK; i++) dims[i] = item->dims[i];
  hid_t type = make_type(item->type), space = make_space(item, dims);
  if (type >= 0 && space >= 0) {
    hid_t creation = make_creation(item, space, dims);
    hid_t data = H5Dcreate2(file, item->path, type, space, links, creation, H5P_DEFAULT);
    if (data >= 0) {
      write_values(item, data, type, space, dims, most);
      H5Dclose(data);
    }
    H5Pclose(creation);
  }
  if (type >= 0) H5Tclose(type);
  if (space >= 0) H5Sclose(space);
}

static void write_attribute(hid_t file, const demo_item *item) {
  hsize_t dims[DEMO_RANK];
  for (int i = 0; i < DEMO_RANK; i++) dims[i] = item->dims[i];
  hid_t object = H5Oopen(file, item->path, H5P_DEFAULT);
  if (object < 0) return;
  hid_t type = make_type(item->type), space = make_space(item, dims), memory;
  uint64_t n = count(item, dims);
  if (type >= 0 && space >= 0 && n < MOST_ATTRIBUTE) {
    hid_t attribute = H5Acreate2(object, item->name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    void *values = attribute >= 0 ? make_values(item, n, type, &memory) : NULL;
    if (values) H5Awrite(attribute, memory, values);
    free(values);
    if (attribute >= 0) H5Aclose(attribute);
  }
  if (type >= 0) H5Tclose(type);
  if (space >= 0) H5Sclose(space);
  H5Oclose(object);
}

static void write_named_type(hid_t file, hid_t links, const demo_item *item) {
  hid_t type = make_type(item->type);
  if (type < 0) return;
  H5Tcommit2(file, item->path, type, links, H5P_DEFAULT, H5P_DEFAULT);
  H5Tclose(type);
}

static void write_item(hid_t file, hid_t links, const demo_item *item, uint64_t most) {
  switch (item->kind) {
  case DEMO_DATASET:
    write_dataset(file, links, item, most);
    break;
  case DEMO_ATTRIBUTE:
    write_attribute(file, item);
    break;
  case DEMO_GROUP:
    write_group(file, links, item);
    break;
  case DEMO_NAMED_TYPE:
    write_named_type(file, links, item);
    break;
  case DEMO_SOFT:
    H5Lcreate_soft(item->target, file, item->path, links, H5P_DEFAULT);
    break;
  case DEMO_HARD:
    H5Lcreate_hard(file, item->target, file, item->path, links, H5P_DEFAULT);
    break;
  case DEMO_EXTERNAL:
    H5Lcreate_external(item->text, item->target, file, item->path, links, H5P_DEFAULT);
    break;
  case DEMO_ABSENT:
  case DEMO_KINDS:
    break;
  }
}

/* ---- more episodes ---- */

static void copy_attribute(hid_t from, hid_t to, const char *name, bool is_id, int k) {
  hid_t attribute = H5Aopen(from, name, H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
  hid_t shape = H5Aget_space(attribute);
  int64_t value = 0;
  if (H5Sget_simple_extent_npoints(shape) == 1) H5Aread(attribute, H5T_NATIVE_INT64, &value);
  H5Sclose(shape);
  if (is_id) value = k;
  hid_t copy = H5Acreate2(to, name, H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(copy, H5T_NATIVE_INT64, &value);
  H5Aclose(copy);
  H5Sclose(space);
  H5Aclose(attribute);
}

static herr_t link_member(hid_t from, const char *name, const H5L_info_t *info, void *user) {
  (void)info;
  H5Lcreate_hard(from, name, *(hid_t *)user, name, H5P_DEFAULT, H5P_DEFAULT);
  return 0;
}

static void add_copies(hid_t file, const demo_model *m) {
  const demo_item *first = NULL;
  int there = 0;
  for (int i = m->items - 1; i >= 0; i--)
    if (m->item[i].role == DEMO_EPISODE) first = &m->item[i], there++;
  hid_t from = m->copies > 0 && first ? H5Gopen2(file, first->path, H5P_DEFAULT) : -1;
  if (from < 0 || !strchr(first->path, '_')) return;
  for (int k = there; k < there + m->copies; k++) {
    static const char *const names[] = {"id", "total_steps", "num_samples"};
    char path[DEMO_PATH + 16];
    int stem = (int)(strrchr(first->path, '_') - first->path);
    snprintf(path, sizeof path, "%.*s_%d", stem, first->path, k);
    hid_t to = H5Gcreate2(file, path, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    for (int i = 0; i < 3; i++)
      if (H5Aexists(from, names[i]) > 0) copy_attribute(from, to, names[i], i == 0, k);
    H5Literate(from, H5_INDEX_NAME, H5_ITER_INC, NULL, link_member, &to);
    H5Gclose(to);
  }
  H5Gclose(from);
}

static void *take_image(hid_t file, size_t *size) {
  H5Fflush(file, H5F_SCOPE_GLOBAL);
  ssize_t length = H5Fget_file_image(file, NULL, 0);
  void *bytes = length > 0 ? malloc((size_t)length) : NULL;
  if (bytes && H5Fget_file_image(file, bytes, (size_t)length) == length)
    return *size = (size_t)length, bytes;
  free(bytes);
  return NULL;
}

void *demo_model_write(const demo_model *m, size_t *size) {
  static const H5Z_class2_t foreign = {H5Z_CLASS_T_VERS, FOREIGN_FILTER, 1,    1,
                                       "foreign",        NULL,           NULL, refuse_filter};
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5Zregister(&foreign);
  hid_t access = H5Pcreate(H5P_FILE_ACCESS), links = intermediate();
  H5Pset_fapl_core(access, 1 << 14, false);
  H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
  hid_t file = H5Fcreate("model", H5F_ACC_TRUNC, H5P_DEFAULT, access);
  void *bytes = NULL;
  if (file >= 0) {
    for (int i = 0; i < m->items; i++) write_item(file, links, &m->item[i], m->most_written);
    add_copies(file, m);
    bytes = take_image(file, size);
    H5Fclose(file);
  }
  H5Pclose(access);
  H5Pclose(links);
  return bytes;
}
