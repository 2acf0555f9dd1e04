/* Types of stored values, as files have them. One list gives name, size in memory and HDF5's types.
 * Booleans are bytes 0 and 1 in memory, texts are pointers. */
#ifndef MG_FILES_VALUE_TYPE_H
#define MG_FILES_VALUE_TYPE_H

#include <stdbool.h>
#include <stddef.h>

#define MG_VALUE_TYPE_LIST(X)                                                                      \
  X(MG_FLOAT32, "float32", 4, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT)                                    \
  X(MG_FLOAT64, "float64", 8, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE)                                   \
  X(MG_INT8, "int8", 1, H5T_STD_I8LE, H5T_NATIVE_INT8)                                             \
  X(MG_INT16, "int16", 2, H5T_STD_I16LE, H5T_NATIVE_INT16)                                         \
  X(MG_INT32, "int32", 4, H5T_STD_I32LE, H5T_NATIVE_INT32)                                         \
  X(MG_INT64, "int64", 8, H5T_STD_I64LE, H5T_NATIVE_INT64)                                         \
  X(MG_UINT8, "uint8", 1, H5T_STD_U8LE, H5T_NATIVE_UINT8)                                          \
  X(MG_UINT16, "uint16", 2, H5T_STD_U16LE, H5T_NATIVE_UINT16)                                      \
  X(MG_UINT32, "uint32", 4, H5T_STD_U32LE, H5T_NATIVE_UINT32)                                      \
  X(MG_UINT64, "uint64", 8, H5T_STD_U64LE, H5T_NATIVE_UINT64)

typedef enum mg_value_type {
#define MG_VALUE_TYPE_ENUM(name, text, size, file, memory) name,
  MG_VALUE_TYPE_LIST(MG_VALUE_TYPE_ENUM)
#undef MG_VALUE_TYPE_ENUM
      MG_BOOLEAN,
  MG_TEXT
} mg_value_type;

static inline const char *mg_value_type_name(mg_value_type type) {
  switch (type) {
#define MG_VALUE_TYPE_NAME(name, text, size, file, memory)                                         \
  case name:                                                                                       \
    return text;
    MG_VALUE_TYPE_LIST(MG_VALUE_TYPE_NAME)
#undef MG_VALUE_TYPE_NAME
  case MG_BOOLEAN:
    return "bool";
  case MG_TEXT:
    break;
  }
  return "text";
}

/* Bytes of one value in memory. */
static inline size_t mg_value_type_size(mg_value_type type) {
  switch (type) {
#define MG_VALUE_TYPE_SIZE(name, text, size, file, memory)                                         \
  case name:                                                                                       \
    return size;
    MG_VALUE_TYPE_LIST(MG_VALUE_TYPE_SIZE)
#undef MG_VALUE_TYPE_SIZE
  case MG_BOOLEAN:
    return 1;
  case MG_TEXT:
    break;
  }
  return sizeof(char *);
}

static inline bool mg_value_type_is_float(mg_value_type type) {
  return type == MG_FLOAT32 || type == MG_FLOAT64;
}

#endif
