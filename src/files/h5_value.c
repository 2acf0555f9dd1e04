#include "files/h5_value.h"

static hid_t make_boolean(void) {
  hid_t type = H5Tenum_create(H5T_STD_I8LE);
  int8_t no = 0, yes = 1;
  H5Tenum_insert(type, "FALSE", &no);
  H5Tenum_insert(type, "TRUE", &yes);
  return type;
}

hid_t mg_h5_file_type(mg_value_type type) {
  switch (type) {
#define FILE_TYPE(name, text, size, file, memory)                                                  \
  case name:                                                                                       \
    return H5Tcopy(file);
    MG_VALUE_TYPE_LIST(FILE_TYPE)
#undef FILE_TYPE
  case MG_BOOLEAN:
  case MG_TEXT:
    break;
  }
  return make_boolean();
}

hid_t mg_h5_memory_type(mg_value_type type) {
  switch (type) {
#define MEMORY_TYPE(name, text, size, file, memory)                                                \
  case name:                                                                                       \
    return H5Tcopy(memory);
    MG_VALUE_TYPE_LIST(MEMORY_TYPE)
#undef MEMORY_TYPE
  case MG_BOOLEAN: /* HDF5 converts an enumeration to integers when reading */
  case MG_TEXT:
    break;
  }
  return H5Tcopy(H5T_NATIVE_INT8);
}

hid_t mg_h5_text_type(uint64_t size, bool ascii) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, size ? (size_t)size : H5T_VARIABLE);
  H5Tset_cset(type, ascii ? H5T_CSET_ASCII : H5T_CSET_UTF8);
  if (size) H5Tset_strpad(type, H5T_STR_NULLPAD);
  return type;
}
