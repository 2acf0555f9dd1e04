#include "files/h5_array.h"

#include "base/log.h"
#include "files/h5_cause.h"
#include "files/h5_lzf.h"
#include "files/h5_util.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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

/* IEEE's half precision, which HDF5 has no name for. */
static bool is_half(hid_t type) {
  size_t sign, exponent, exponent_bits, mantissa, mantissa_bits;
  return H5Tget_size(type) == 2 && H5Tget_precision(type) == 16 &&
         H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits) >= 0 &&
         sign == 15 && exponent == 10 && exponent_bits == 5 && mantissa == 0 &&
         mantissa_bits == 10 && H5Tget_ebias(type) == 15 && H5Tget_norm(type) == H5T_NORM_IMPLIED;
}

/* 0 for floats that are none of the known ones. */
static double find_epsilon(hid_t type) {
  if (H5Tequal(type, H5T_IEEE_F64LE) > 0 || H5Tequal(type, H5T_IEEE_F64BE) > 0) return DBL_EPSILON;
  if (H5Tequal(type, H5T_IEEE_F32LE) > 0 || H5Tequal(type, H5T_IEEE_F32BE) > 0)
    return (double)FLT_EPSILON;
  return is_half(type) ? 1.0 / 1024 : 0;
}

bool mg_array_find_type(hid_t type, mg_value_type *found) {
  H5T_class_t class = H5Tget_class(type);
  if (class == H5T_FLOAT) {
    const double epsilon = find_epsilon(type);
    *found = epsilon > DBL_EPSILON ? MG_FLOAT32 : MG_FLOAT64;
    return epsilon > 0;
  }
  if (class == H5T_INTEGER && is_plain_integer(type)) {
    static const mg_value_type by_size[2][9] = {
        {[1] = MG_UINT8, [2] = MG_UINT16, [4] = MG_UINT32, [8] = MG_UINT64},
        {[1] = MG_INT8, [2] = MG_INT16, [4] = MG_INT32, [8] = MG_INT64}};
    *found = by_size[H5Tget_sign(type) == H5T_SGN_2][H5Tget_size(type)];
    return true;
  }
  if (class != H5T_ENUM) return false;
  *found = MG_BOOLEAN; /* h5py's */
  hid_t base = H5Tget_super(type);
  bool ok =
      base >= 0 && H5Tget_size(base) == 1 && is_plain_integer(base) && H5Tget_nmembers(type) == 2;
  mg_h5_close(base);
  return ok;
}

static bool find_kind(hid_t type, mg_array *array) {
  if (!mg_array_find_type(type, &array->type)) return false;
  array->kind = array->type == MG_BOOLEAN             ? MG_ARRAY_BOOLEAN
                : mg_value_type_is_float(array->type) ? MG_ARRAY_FLOAT
                                                      : MG_ARRAY_INTEGER;
  array->epsilon = array->kind == MG_ARRAY_FLOAT ? find_epsilon(type) : 0;
  array->least = array->epsilon > (double)FLT_EPSILON ? 0x1p-24
                 : array->epsilon > DBL_EPSILON       ? (double)FLT_TRUE_MIN
                                                      : 0;
  return true;
}

static const char *refuse_filter(H5Z_filter_t filter) {
  switch (filter) {
  case H5Z_FILTER_DEFLATE:
  case H5Z_FILTER_SHUFFLE:
  case H5Z_FILTER_FLETCHER32:
  case MG_H5_FILTER_LZF:
    return NULL;
#define REFUSE(name)                                                                               \
  "packed by " name                                                                                \
  "; expected gzip, shuffle, fletcher32 or lzf: rewrite it, h5repack -f GZIP=4 FILE NEW"
  case H5Z_FILTER_SCALEOFFSET:
    return REFUSE("scale-offset");
  case H5Z_FILTER_NBIT:
    return REFUSE("n-bit");
  case H5Z_FILTER_SZIP:
    return REFUSE("szip");
  default:
    return REFUSE("a filter that HDF5 does not bring");
#undef REFUSE
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
    const char *refused =
        refuse_filter(H5Pget_filter2(creation, i, &flags, &values, NULL, 0, NULL, &config));
    if (refused) return refused;
  }
  if (layout != H5D_CHUNKED) return NULL;
  hsize_t chunk[H5S_MAX_RANK];
  int rank = H5Pget_chunk(creation, H5S_MAX_RANK, chunk);
  uint64_t bytes = type_size;
  for (int i = 0; i < rank; i++) bytes = mg_h5_product(bytes, chunk[i]);
  return rank < 1 || bytes > max_bytes ? "stored in chunks larger than the limit" : NULL;
}

/* The same for what was asked of a dataset, either of which may have failed. */
static const char *refuse_known_storage(hid_t type, hid_t creation, uint64_t max_bytes) {
  if (type < 0 || creation < 0) return mg_h5_reason();
  const char *problem = refuse_storage(creation, H5Tget_size(type), max_bytes);
  if (problem) mg_h5_met_storage();
  return problem;
}

const char *mg_array_refuse_storage(hid_t dataset, uint64_t max_bytes) {
  hid_t type = H5Dget_type(dataset), creation = H5Dget_create_plist(dataset);
  const char *problem = refuse_known_storage(type, creation, max_bytes);
  mg_h5_close(type);
  mg_h5_close(creation);
  return problem;
}

/* Which of the stored dimensions are left: those of size 1 go until there are no more than wanted,
 * the last first, the one of the rows only where nothing else can. False: too many. */
static bool squeeze(mg_array *a, int most_rank) {
  bool left[MG_ARRAY_MAX_RANK];
  int rank = a->stored_rank;
  for (int i = 0; i < rank; i++) left[i] = true;
  for (int i = a->stored_rank - 1; i >= 0 && rank > most_rank; i--)
    if (a->stored_dims[i] == 1) left[i] = false, rank--;
  if (rank > most_rank) return false;
  a->rank = 0;
  for (int i = 0; i < a->stored_rank; i++)
    if (left[i]) a->axis[a->rank] = i, a->dims[a->rank++] = a->stored_dims[i];
  return true;
}

static mg_status check_shape(mg_array *a, int most_rank) {
  static const char *const expected[] = {"", "1", "1 or 2", "1 to 3"};
  hid_t space = H5Dget_space(a->id);
  int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
  bool ok = rank >= 1 && rank <= MG_ARRAY_MAX_RANK;
  for (int i = 0; i < 3; i++) a->dims[i] = 1;
  a->stored_rank = rank;
  if (ok) H5Sget_simple_extent_dims(space, a->stored_dims, NULL);
  mg_h5_close(space);
  if (ok && squeeze(a, most_rank)) {
    a->bytes = sizeof(double);
    for (int i = 0; i < 3; i++) a->bytes = mg_h5_product(a->bytes, a->dims[i]);
    return MG_OK;
  }
  mg_h5_met_storage();
  return mg_fail(MG_ERR_DATA, "%s: %s/%s has %d dimensions; expected %s", a->path, a->where,
                 a->name, rank, expected[most_rank]);
}

static mg_status check_size(const mg_array *a, uint64_t max_bytes) {
  if (a->bytes > max_bytes)
    return mg_fail(MG_ERR_DATA,
                   "%s: %s/%s is [%" PRIu64 ",%" PRIu64 "], which needs more than the limit of "
                   "%" PRIu64 " bytes",
                   a->path, a->where, a->name, (uint64_t)a->dims[0], (uint64_t)a->dims[1],
                   max_bytes);
  return MG_OK;
}

/* What was never stored of its chunks would be read as the fill value. *all <- how many there are to be. */
static hsize_t count_missing_chunks(const mg_array *a, hsize_t *all) {
  hsize_t stored = 0;
  *all = 1;
  if (!a->chunked) return 0;
  hid_t space = H5Dget_space(a->id);
  const bool counted = H5Dget_num_chunks(a->id, space, &stored) >= 0;
  mg_h5_close(space);
  for (int i = 0; i < a->stored_rank; i++)
    *all = mg_h5_product(*all, (a->stored_dims[i] + a->chunk[i] - 1) / a->chunk[i]);
  return counted && stored < *all ? *all - stored : 0;
}

/* The values that it claims to have are stored, or can be in the bytes that it has. */
static mg_status check_storage(const mg_array *a, bool padded) {
  enum { DEFLATE_RATIO = 1040 }; /* the most it packs, rounded up */
  hsize_t stored = H5Dget_storage_size(a->id);
  if (a->bytes > 0 && stored == 0)
    return mg_fail(MG_ERR_DATA, "%s: %s/%s was never written", a->path, a->where, a->name);
  if (a->bytes / sizeof(double) > mg_h5_product(stored, DEFLATE_RATIO))
    return mg_fail(
        MG_ERR_DATA,
        "%s: %s/%s claims %" PRIu64 " values, more than its %" PRIu64 " stored bytes can hold",
        a->path, a->where, a->name, a->bytes / (uint64_t)sizeof(double), (uint64_t)stored);
  hsize_t all;
  const hsize_t missing = padded ? 0 : count_missing_chunks(a, &all);
  if (missing == 0) return MG_OK;
  return mg_fail(MG_ERR_DATA,
                 "%s: %s/%s was written in part: %" PRIu64 " of its %" PRIu64 " chunks %s never "
                 "stored",
                 a->path, a->where, a->name, (uint64_t)missing, (uint64_t)all,
                 mg_plural((int64_t)missing, "was", "were"));
}

static mg_status check(mg_array *a, const mg_array_use *use) {
  char buffer[96];
  hid_t type = H5Dget_type(a->id), creation = H5Dget_create_plist(a->id);
  const char *problem = refuse_known_storage(type, creation, use->max_bytes);
  if (!problem && !find_kind(type, a)) {
    snprintf(buffer, sizeof buffer, "%s; expected float16, 32 or 64 (or whole numbers, booleans)",
             class_name(type));
    problem = buffer;
    mg_h5_met_storage();
  }
  a->chunked = !problem && H5Pget_layout(creation) == H5D_CHUNKED;
  if (a->chunked) H5Pget_chunk(creation, MG_ARRAY_MAX_RANK, a->chunk);
  mg_h5_close(type);
  mg_h5_close(creation);
  if (problem) return mg_fail(MG_ERR_DATA, "%s: %s/%s is %s", a->path, a->where, a->name, problem);
  MG_TRY(check_shape(a, use->most_rank));
  if (!use->parts) MG_TRY(check_size(a, use->max_bytes));
  return use->sparse ? MG_OK : check_storage(a, use->padded);
}

void mg_array_close(mg_array *a) {
  mg_h5_close(a->id);
  a->id = H5I_INVALID_HID;
}

/* Bytes of the chunks that rows of one chunk's height touch; 0: not chunked. */
static uint64_t chunk_row_bytes(const mg_array *array) {
  if (!array->chunked) return 0;
  const hsize_t *chunk = array->chunk;
  uint64_t bytes = mg_h5_product(mg_value_type_size(array->type), chunk[0]);
  for (int i = 1; i < array->stored_rank; i++)
    bytes = mg_h5_product(bytes, (array->stored_dims[i] + chunk[i] - 1) / chunk[i] * chunk[i]);
  return bytes;
}

/* Open anew with a cache that suits reading rows in order; where that fails, it stays as it is:
 * slower, but as right. */
static void widen_cache(hid_t group, uint64_t max_bytes, mg_array *array) {
  enum { DEFAULT_CACHE = 1 << 20, SLOTS = 12421 };
  uint64_t bytes = chunk_row_bytes(array);
  if (bytes <= DEFAULT_CACHE / 2) return;
  if (bytes > max_bytes / 8) bytes = max_bytes / 8;
  hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
  H5Pset_chunk_cache(access, SLOTS, (size_t)(2 * bytes + DEFAULT_CACHE), 1.0);
  hid_t again = H5Dopen2(group, array->name, access);
  mg_h5_close(access);
  if (again < 0) return;
  mg_h5_close(array->id);
  array->id = again;
}

mg_status mg_array_open(const char *path, hid_t group, const char *where, const char *name,
                        const mg_array_use *use, mg_array *a) {
  const char *why;
  *a = (mg_array){.path = path, .where = where, .name = name};
  a->id = mg_h5_open_hard(group, name, H5O_TYPE_DATASET, &why);
  if (a->id < 0)
    return mg_fail(MG_ERR_DATA, "%s: %s/%s is %s; expected a dataset of this file", path, where,
                   name, why);
  mg_status status = check(a, use);
  if (status != MG_OK) mg_array_close(a);
  if (status == MG_OK && use->parts) widen_cache(group, use->max_bytes, a);
  return status;
}

/* ---- values ---- */

/* Names the first that is not finite, and counts them all. */
static mg_status check_finite(const mg_array *a, const hsize_t *start, const hsize_t *count,
                              const double *values, size_t n) {
  size_t bad = 0, first = 0;
  for (size_t i = n; i-- > 0;)
    if (!isfinite(values[i])) bad++, first = i;
  if (bad == 0) return MG_OK;
  char index[96] = "", more[48] = "";
  size_t rest = first;
  hsize_t place[3] = {0, 0, 0};
  for (int k = a->rank - 1; k >= 0; k--)
    place[k] = start[k] + rest % count[k], rest /= (size_t)count[k];
  for (int k = 0; k < a->rank; k++)
    snprintf(index + strlen(index), sizeof index - strlen(index), "%s%" PRIu64, k ? "," : "",
             (uint64_t)place[k]);
  if (bad > 1) snprintf(more, sizeof more, " (the first of %zu)", bad);
  return mg_fail(MG_ERR_DATA, "%s: %s/%s[%s] is %s; expected a finite number%s", a->path, a->where,
                 a->name, index, isnan(values[first]) ? "not a number" : "infinite", more);
}

/* A block in the dimensions of the file; how many values it has. */
static size_t place_block(const mg_array *a, const hsize_t *start, const hsize_t *count,
                          hsize_t from[MG_ARRAY_MAX_RANK], hsize_t many[MG_ARRAY_MAX_RANK]) {
  size_t n = 1;
  for (int i = 0; i < a->stored_rank; i++) from[i] = 0, many[i] = 1;
  for (int i = 0; i < a->rank; i++) {
    from[a->axis[i]] = start[i], many[a->axis[i]] = count[i];
    n *= (size_t)count[i];
  }
  return n;
}

bool mg_array_is_stored(const mg_array *a, const hsize_t *start, const hsize_t *count) {
  hsize_t from[MG_ARRAY_MAX_RANK], many[MG_ARRAY_MAX_RANK], at[MG_ARRAY_MAX_RANK], size;
  haddr_t address;
  unsigned filters;
  if (place_block(a, start, count, from, many) == 0 || !a->chunked) return true;
  for (int i = 0; i < a->stored_rank; i++) {
    many[i] += from[i]; /* the end */
    at[i] = from[i] -= from[i] % a->chunk[i];
  }
  for (int i = 0; i >= 0;) { /* the chunks of the block, the last dimension first */
    const bool known = H5Dget_chunk_info_by_coord(a->id, at, &filters, &address, &size) >= 0;
    if (known && address == HADDR_UNDEF) return false;
    for (i = a->stored_rank - 1; i >= 0; at[i] = from[i], i--)
      if ((at[i] += a->chunk[i]) < many[i]) break;
  }
  return true;
}

mg_status mg_array_read_any(const mg_array *a, const hsize_t *start, const hsize_t *count,
                            double *values) {
  hsize_t from[MG_ARRAY_MAX_RANK], many[MG_ARRAY_MAX_RANK];
  const size_t n = place_block(a, start, count, from, many);
  if (n == 0) return MG_OK;
  const bool boolean = a->kind == MG_ARRAY_BOOLEAN;
  int8_t *bytes = (int8_t *)values; /* HDF5 converts enumerations to integers only */
  if (!mg_h5_read_block(a->id, boolean ? H5T_NATIVE_INT8 : H5T_NATIVE_DOUBLE, a->stored_rank, from,
                        many, values))
    return mg_fail(MG_ERR_DATA, "%s: %s/%s cannot be read: it is %s", a->path, a->where, a->name,
                   mg_h5_reason());
  for (size_t i = n; boolean && i-- > 0;) values[i] = bytes[i];
  return MG_OK;
}

mg_status mg_array_read_part(const mg_array *a, const hsize_t *start, const hsize_t *count,
                             double *values) {
  size_t n = 1;
  for (int i = 0; i < a->rank; i++) n *= (size_t)count[i];
  MG_TRY(mg_array_read_any(a, start, count, values));
  return n == 0 ? MG_OK : check_finite(a, start, count, values, n);
}

mg_status mg_array_read(const mg_array *a, double *values) {
  return mg_array_read_part(a, (const hsize_t[3]){0}, a->dims, values);
}
