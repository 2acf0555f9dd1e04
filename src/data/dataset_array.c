#include "data/dataset_array.h"

#include "data/h5_util.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>

static const char *class_name(hid_t type) {
  switch (H5Tget_class(type)) {
  case H5T_INTEGER:
    return "an integer";
  case H5T_FLOAT:
    return "a float of another size";
  case H5T_STRING:
    return "text";
  case H5T_COMPOUND:
    return "compound";
  case H5T_VLEN:
    return "of variable length";
  case H5T_ENUM:
    return "an enumeration";
  default:
    return "of another class";
  }
}

static bool is_plain_integer(hid_t type) {
  size_t size = H5Tget_size(type);
  return (size == 1 || size == 2 || size == 4 || size == 8) && H5Tget_offset(type) == 0 &&
         H5Tget_precision(type) == 8 * size;
}

static bool find_kind(hid_t type, mg_array_kind *kind) {
  switch (H5Tget_class(type)) {
  case H5T_FLOAT:
    *kind = MG_ARRAY_FLOAT;
    return H5Tequal(type, H5T_IEEE_F32LE) > 0 || H5Tequal(type, H5T_IEEE_F64LE) > 0 ||
           H5Tequal(type, H5T_IEEE_F32BE) > 0 || H5Tequal(type, H5T_IEEE_F64BE) > 0;
  case H5T_INTEGER:
    *kind = MG_ARRAY_INTEGER;
    return is_plain_integer(type);
  case H5T_ENUM: { /* h5py's booleans */
    *kind = MG_ARRAY_BOOLEAN;
    hid_t base = H5Tget_super(type);
    bool ok =
        base >= 0 && H5Tget_size(base) == 1 && is_plain_integer(base) && H5Tget_nmembers(type) == 2;
    mg_h5_close(base);
    return ok;
  }
  default:
    return false;
  }
}

/* NULL if layout and filters are allowed, else what they are. */
static const char *refuse_storage(hid_t creation, size_t type_size, uint64_t max_bytes) {
  H5D_layout_t layout = H5Pget_layout(creation);
  if (layout == H5D_VIRTUAL) return "virtual; external data are not allowed";
  if (layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED)
    return "of an unknown layout";
  if (H5Pget_external_count(creation) != 0)
    return "stored in another file; external data are not allowed";
  int filters = H5Pget_nfilters(creation);
  if (filters < 0 || filters > 8) return "filtered in an unknown way";
  for (unsigned i = 0; i < (unsigned)filters; i++) {
    unsigned flags, config;
    size_t values = 0;
    H5Z_filter_t filter = H5Pget_filter2(creation, i, &flags, &values, NULL, 0, NULL, &config);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
        filter != H5Z_FILTER_FLETCHER32)
      return "filtered by other than gzip, shuffle or fletcher32";
  }
  if (layout != H5D_CHUNKED) return NULL;
  hsize_t chunk[H5S_MAX_RANK];
  int rank = H5Pget_chunk(creation, H5S_MAX_RANK, chunk);
  uint64_t bytes = type_size;
  for (int i = 0; i < rank; i++) bytes = mg_h5_product(bytes, chunk[i]);
  return rank < 1 || bytes > max_bytes ? "stored in chunks larger than the limit" : NULL;
}

static mg_status check_shape(const char *path, const char *episode, const char *name,
                             uint64_t max_bytes, mg_array *array) {
  hid_t space = H5Dget_space(array->id);
  int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
  bool ok = rank == 1 || rank == 2;
  if (ok) H5Sget_simple_extent_dims(space, array->dims, NULL);
  mg_h5_close(space);
  if (!ok)
    return mg_fail(MG_ERR_DATA, "%s: %s/%s has %d dimensions; expected 1 or 2", path, episode, name,
                   rank);
  array->rank = rank;
  if (rank == 1) array->dims[1] = 1;
  array->bytes = mg_h5_product(mg_h5_product(array->dims[0], array->dims[1]), sizeof(double));
  if (array->bytes > max_bytes)
    return mg_fail(MG_ERR_DATA,
                   "%s: %s/%s is [%" PRIu64 ",%" PRIu64 "], which needs more than the limit of "
                   "%" PRIu64 " bytes",
                   path, episode, name, (uint64_t)array->dims[0], (uint64_t)array->dims[1],
                   max_bytes);
  if (array->bytes > 0 && H5Dget_storage_size(array->id) == 0)
    return mg_fail(MG_ERR_DATA, "%s: %s/%s was never written", path, episode, name);
  return MG_OK;
}

/* Storage is judged before the dataspace is asked for: for virtual data that alone would open other
 * files. */
static mg_status check(const char *path, const char *episode, const char *name, uint64_t max_bytes,
                       mg_array *array) {
  hid_t type = H5Dget_type(array->id), creation = H5Dget_create_plist(array->id);
  const char *problem = "damaged";
  char buffer[96];
  if (type >= 0 && creation >= 0) problem = refuse_storage(creation, H5Tget_size(type), max_bytes);
  if (!problem && !find_kind(type, &array->kind)) {
    snprintf(buffer, sizeof buffer, "%s; expected float32 or float64 (or whole numbers, booleans)",
             class_name(type));
    problem = buffer;
  }
  mg_h5_close(type);
  mg_h5_close(creation);
  if (problem) return mg_fail(MG_ERR_DATA, "%s: %s/%s is %s", path, episode, name, problem);
  return check_shape(path, episode, name, max_bytes, array);
}

mg_status mg_array_open(const char *path, hid_t group, const char *episode, const char *name,
                        uint64_t max_bytes, mg_array *array) {
  const char *why;
  *array = (mg_array){.id = -1};
  if (!mg_h5_is_hard(group, name, H5O_TYPE_DATASET, &why))
    return mg_fail(MG_ERR_DATA, "%s: %s/%s is %s; expected a dataset of this file", path, episode,
                   name, why);
  array->id = H5Dopen2(group, name, H5P_DEFAULT);
  if (array->id < 0)
    return mg_fail(MG_ERR_DATA, "%s: %s/%s cannot be opened (damaged?)", path, episode, name);
  mg_status status = check(path, episode, name, max_bytes, array);
  if (status != MG_OK) mg_h5_close(array->id);
  return status;
}

mg_status mg_array_read(const mg_array *array, const char *path, const char *episode,
                        const char *name, double *values) {
  herr_t result;
  size_t n = (size_t)(array->dims[0] * array->dims[1]);
  if (array->kind == MG_ARRAY_BOOLEAN) { /* HDF5 converts enumerations to integers only */
    int8_t *bytes = (int8_t *)values;
    result = H5Dread(array->id, H5T_NATIVE_INT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes);
    for (size_t i = n; i-- > 0 && result >= 0;) values[i] = bytes[i];
  } else {
    result = H5Dread(array->id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  }
  if (result < 0)
    return mg_fail(MG_ERR_DATA, "%s: %s/%s cannot be read (damaged, or needs too much memory)",
                   path, episode, name);
  for (size_t i = 0; i < n; i++) {
    if (isfinite(values[i])) continue;
    size_t row = i / (size_t)array->dims[1], column = i % (size_t)array->dims[1];
    char index[48];
    if (array->rank == 1)
      snprintf(index, sizeof index, "%zu", row);
    else
      snprintf(index, sizeof index, "%zu,%zu", row, column);
    return mg_fail(MG_ERR_DATA, "%s: %s/%s[%s] is %s; expected a finite number", path, episode,
                   name, index, isnan(values[i]) ? "not a number" : "infinite");
  }
  return MG_OK;
}
