#include "files/h5_util.h"

#include "files/h5_cause.h"
#include "files/h5_lzf.h"
#include "files/h5_value.h"

#include <string.h>

/* Not at exit: there the library would try once more to write what a full disk has refused, and
 * crash. Everything here is closed by hand. */
void mg_h5_quiet(void) {
  H5dont_atexit();
  H5open();
  mg_h5_listen();
  H5PLset_loading_state(0);
  mg_h5_lzf_register();
}

bool mg_h5_close(hid_t id) {
  if (id < 0) return true;
  switch (H5Iget_type(id)) {
  case H5I_FILE:
    return H5Fclose(id) >= 0;
  case H5I_GROUP:
    return H5Gclose(id) >= 0;
  case H5I_DATATYPE:
    return H5Tclose(id) >= 0;
  case H5I_DATASPACE:
    return H5Sclose(id) >= 0;
  case H5I_DATASET:
    return H5Dclose(id) >= 0;
  case H5I_ATTR:
    return H5Aclose(id) >= 0;
  case H5I_GENPROP_LST:
    return H5Pclose(id) >= 0;
  default:
    return H5Oclose(id) >= 0;
  }
}

static bool write_scalar(hid_t object, const char *name, hid_t file_type, hid_t memory_type,
                         const void *value) {
  hid_t space = H5Screate(H5S_SCALAR);
  if (H5Aexists(object, name) > 0) H5Adelete(object, name);
  hid_t attribute = H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
  bool ok = attribute >= 0 && H5Awrite(attribute, memory_type, value) >= 0;
  ok = mg_h5_close(attribute) && ok;
  return mg_h5_close(space) && ok;
}

/* Of variable length, which h5py hands out as str. */
bool mg_h5_write_text(hid_t object, const char *name, const char *text) {
  hid_t type = mg_h5_text_type(0, false);
  bool ok = write_scalar(object, name, type, type, &text);
  return mg_h5_close(type) && ok;
}

bool mg_h5_write_fixed_text(hid_t object, const char *name, const char *text) {
  hid_t type = mg_h5_text_type(strlen(text) + 1, false);
  bool ok = write_scalar(object, name, type, type, text);
  return mg_h5_close(type) && ok;
}

bool mg_h5_write_i64(hid_t object, const char *name, int64_t value) {
  return write_scalar(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

bool mg_h5_write_u64(hid_t object, const char *name, uint64_t value) {
  return write_scalar(object, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
}

bool mg_h5_write_f64(hid_t object, const char *name, double value) {
  return write_scalar(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

/* Opens an attribute that holds exactly one entry of this class; < 0 otherwise. */
static hid_t open_scalar(hid_t object, const char *name, H5T_class_t class) {
  if (H5Aexists(object, name) <= 0) return -1;
  hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
  if (attribute < 0) return -1;
  hid_t space = H5Aget_space(attribute), type = H5Aget_type(attribute);
  bool ok = space >= 0 && type >= 0 && H5Sget_simple_extent_npoints(space) == 1 &&
            H5Tget_class(type) == class;
  mg_h5_close(space);
  mg_h5_close(type);
  if (ok) return attribute;
  mg_h5_close(attribute);
  return -1;
}

/* One number of 8 bytes. */
static bool read_scalar(hid_t object, const char *name, H5T_class_t class, hid_t memory_type,
                        void *value) {
  hid_t attribute = open_scalar(object, name, class);
  if (attribute < 0) return false;
  uint64_t bits;
  bool ok = H5Aread(attribute, memory_type, &bits) >= 0;
  if (ok) memcpy(value, &bits, sizeof bits);
  mg_h5_close(attribute);
  return ok;
}

bool mg_h5_read_i64(hid_t object, const char *name, int64_t *value) {
  return read_scalar(object, name, H5T_INTEGER, H5T_NATIVE_INT64, value);
}

bool mg_h5_read_u64(hid_t object, const char *name, uint64_t *value) {
  return read_scalar(object, name, H5T_INTEGER, H5T_NATIVE_UINT64, value);
}

bool mg_h5_read_f64(hid_t object, const char *name, double *value) {
  return read_scalar(object, name, H5T_FLOAT, H5T_NATIVE_DOUBLE, value);
}

bool mg_h5_read_text(hid_t object, const char *name, char *text, size_t capacity) {
  hid_t attribute = open_scalar(object, name, H5T_STRING);
  if (attribute < 0) return false;
  hid_t type = H5Aget_type(attribute), memory = H5Tcopy(H5T_C_S1);
  H5Tset_cset(memory, H5Tget_cset(type));
  bool ok;
  if (H5Tis_variable_str(type) > 0) {
    char *value = NULL;
    H5Tset_size(memory, H5T_VARIABLE);
    ok = H5Aread(attribute, memory, &value) >= 0 && value;
    if (ok) {
      size_t length = strnlen(value, capacity - 1);
      memcpy(text, value, length);
      text[length] = 0;
    }
    if (value) H5free_memory(value);
  } else {
    /* HDF5 cuts and terminates to the memory type's size. */
    ok = H5Tset_size(memory, capacity) >= 0 && H5Aread(attribute, memory, text) >= 0;
    text[capacity - 1] = 0;
  }
  mg_h5_close(memory);
  mg_h5_close(type);
  mg_h5_close(attribute);
  return ok;
}

bool mg_h5_has_label(hid_t object, const char *name, const char *text) {
  char found[64] = "";
  hid_t attribute = open_scalar(object, name, H5T_STRING);
  if (attribute < 0) return false;
  hid_t type = H5Aget_type(attribute);
  const htri_t variable = H5Tis_variable_str(type);
  mg_h5_close(type);
  mg_h5_close(attribute);
  return variable > 0 || (variable == 0 && mg_h5_read_text(object, name, found, sizeof found) &&
                          strcmp(found, text) == 0);
}

bool mg_h5_is_hard(hid_t group, const char *name, H5O_type_t type, const char **why) {
  const char *unused;
  if (!why) why = &unused;
  H5L_info_t link;
  H5O_info_t object;
  *why = "missing";
  htri_t exists = H5Lexists(group, name, H5P_DEFAULT);
  if (exists <= 0) return false;
  if (H5Lget_info(group, name, &link, H5P_DEFAULT) < 0) {
    *why = mg_h5_reason();
    return false;
  }
  *why = link.type == H5L_TYPE_SOFT ? "a soft link" : "an external link";
  if (link.type != H5L_TYPE_HARD) return false;
  if (H5Oget_info_by_name2(group, name, &object, H5O_INFO_BASIC, H5P_DEFAULT) < 0) {
    *why = mg_h5_reason();
    return false;
  }
  *why = object.type == H5O_TYPE_GROUP     ? "a group"
         : object.type == H5O_TYPE_DATASET ? "a dataset"
                                           : "a named type";
  return object.type == type;
}

hid_t mg_h5_open_hard(hid_t group, const char *name, H5O_type_t type, const char **why) {
  const char *unused;
  if (!why) why = &unused;
  H5L_info_t link;
  if (H5Lget_info(group, name, &link, H5P_DEFAULT) < 0) {
    *why = mg_h5_reason();
    if (H5Lexists(group, name, H5P_DEFAULT) <= 0) *why = "missing";
    return H5I_INVALID_HID;
  }
  *why = link.type == H5L_TYPE_SOFT ? "a soft link" : "an external link";
  if (link.type != H5L_TYPE_HARD) return H5I_INVALID_HID;
  hid_t object = H5Oopen(group, name, H5P_DEFAULT);
  if (object < 0) {
    *why = mg_h5_reason();
    return object;
  }
  H5I_type_t found = H5Iget_type(object);
  *why = found == H5I_GROUP ? "a group" : found == H5I_DATASET ? "a dataset" : "a named type";
  if (found == (type == H5O_TYPE_GROUP ? H5I_GROUP : H5I_DATASET)) return object;
  mg_h5_close(object);
  return H5I_INVALID_HID;
}

hid_t mg_h5_create_group(hid_t parent, const char *path) {
  hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  hid_t group = H5Gcreate2(parent, path, links, H5P_DEFAULT, H5P_DEFAULT);
  mg_h5_close(links);
  return group;
}

/* The part of the dataset's space; with `memory` its twin there. To be closed, both. */
static hid_t select_block(hid_t data, int rank, const hsize_t *start, const hsize_t *count,
                          hid_t *memory) {
  hid_t file = H5Dget_space(data);
  *memory = H5Screate_simple(rank, count, NULL);
  if (file >= 0 && *memory >= 0 && H5Sget_simple_extent_ndims(file) == rank &&
      H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
      H5Sselect_valid(file) > 0)
    return file;
  mg_h5_close(file);
  mg_h5_close(*memory);
  return H5I_INVALID_HID;
}

/* Where types differ the library clears a buffer of 1 MB, however little is read; of a small block that is nearly all
 * of its time. To be closed. */
static hid_t transfer_of(int rank, const hsize_t *count) {
  enum { MOST = 1 << 20, LEAST = 4096, ENTRY = 16 };
  uint64_t bytes = ENTRY;
  for (int i = 0; i < rank; i++) bytes = mg_h5_product(bytes, count[i]);
  if (bytes >= MOST) return H5P_DEFAULT;
  hid_t transfer = H5Pcreate(H5P_DATASET_XFER);
  if (transfer < 0) return H5P_DEFAULT;
  H5Pset_buffer(transfer, bytes < LEAST ? LEAST : (size_t)bytes, NULL, NULL);
  return transfer;
}

bool mg_h5_read_block(hid_t data, hid_t memory_type, int rank, const hsize_t *start,
                      const hsize_t *count, void *values) {
  hid_t memory, file = select_block(data, rank, start, count, &memory);
  if (file < 0) return false;
  hid_t transfer = transfer_of(rank, count);
  bool ok = H5Dread(data, memory_type, memory, file, transfer, values) >= 0;
  if (transfer != H5P_DEFAULT) mg_h5_close(transfer);
  mg_h5_close(memory);
  mg_h5_close(file);
  return ok;
}

bool mg_h5_write_block(hid_t data, hid_t memory_type, int rank, const hsize_t *start,
                       const hsize_t *count, const void *values) {
  hid_t memory, file = select_block(data, rank, start, count, &memory);
  if (file < 0) return false;
  bool ok = H5Dwrite(data, memory_type, memory, file, H5P_DEFAULT, values) >= 0;
  mg_h5_close(memory);
  mg_h5_close(file);
  return ok;
}

uint64_t mg_h5_product(uint64_t a, uint64_t b) {
  uint64_t product;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}
