/* NumPy's .npy format, its header and its values.
 *
 * A header is a prefix (magic, version, length) and the text of a Python dictionary, e.g.
 *   {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
 * padded with spaces; values follow. It is parsed as exactly that, nothing of it is evaluated.
 * Source: NEP 1 and numpy.lib.format, versions 1.0, 2.0 and 3.0. */
#ifndef MG_DEMOS_NPY_H
#define MG_DEMOS_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One list: type, NumPy's code, its name, bytes. Those of 0 bytes are known, and never read. */
#define MG_NPY_TYPE_LIST(X)                                                                        \
  X(MG_NPY_OTHER, "", "another type", 0)                                                           \
  X(MG_NPY_OBJECTS, "O", "objects", 0)                                                             \
  X(MG_NPY_BOOL, "b1", "bool", 1)                                                                  \
  X(MG_NPY_I8, "i1", "int8", 1)                                                                    \
  X(MG_NPY_I16, "i2", "int16", 2)                                                                  \
  X(MG_NPY_I32, "i4", "int32", 4)                                                                  \
  X(MG_NPY_I64, "i8", "int64", 8)                                                                  \
  X(MG_NPY_U8, "u1", "uint8", 1)                                                                   \
  X(MG_NPY_U16, "u2", "uint16", 2)                                                                 \
  X(MG_NPY_U32, "u4", "uint32", 4)                                                                 \
  X(MG_NPY_U64, "u8", "uint64", 8)                                                                 \
  X(MG_NPY_F16, "f2", "float16", 2)                                                                \
  X(MG_NPY_F32, "f4", "float32", 4)                                                                \
  X(MG_NPY_F64, "f8", "float64", 8)

typedef enum mg_npy_type {
#define MG_NPY_ENUM(id, code, name, bytes) id,
  MG_NPY_TYPE_LIST(MG_NPY_ENUM)
#undef MG_NPY_ENUM
} mg_npy_type;

enum {
  MG_NPY_MAX_RANK = 8,
  MG_NPY_PREFIX = 12,         /* bytes from which a header's length is known */
  MG_NPY_MAX_HEADER = 65536,  /* bytes, with the prefix */
  MG_NPY_HEADER_WRITTEN = 128 /* bytes of a header of rank 1 or 2, of any shape */
};

typedef struct mg_npy_header {
  mg_npy_type type;
  char descr[32];  /* as in the file, cut; "" for a structure of fields */
  bool big_endian; /* the values */
  bool fortran;    /* stored by columns */
  int rank;        /* 0: a single value */
  uint64_t dims[MG_NPY_MAX_RANK];
} mg_npy_header;

/* Why a header is refused: what follows "member obs " in a sentence. */
typedef struct mg_npy_problem {
  char text[160];
} mg_npy_problem;

/* Writes why, printf style; false. */
bool mg_npy_refuse(mg_npy_problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

size_t mg_npy_type_size(mg_npy_type type);

/* Bytes of the whole header, from its first MG_NPY_PREFIX bytes (every member has as many). 0 if it
 * is none, of an unknown version or longer than MG_NPY_MAX_HEADER. */
size_t mg_npy_header_size(const uint8_t prefix[MG_NPY_PREFIX], mg_npy_problem *problem);

/* Parses a whole header of `size` bytes, as told by mg_npy_header_size. What cannot be read is
 * parsed all the same: MG_NPY_OBJECTS, MG_NPY_OTHER, Fortran order. */
bool mg_npy_header_parse(const uint8_t *bytes, size_t size, mg_npy_header *header,
                         mg_npy_problem *problem);

/* The header of a little-endian array in C order; rank 1 or 2. */
void mg_npy_header_write(mg_npy_type type, int rank, const uint64_t *dims,
                         uint8_t bytes[MG_NPY_HEADER_WRITTEN]);

/* text <- "float32 [100,3]" */
void mg_npy_header_describe(const mg_npy_header *header, char *text, size_t capacity);

/* values [n] <- bytes [n * size], which are changed if they need another byte order. Returns n, or
 * the index of the first integer beyond +-2^53, which a double would not hold exactly. */
size_t mg_npy_decode(const mg_npy_header *header, uint8_t *bytes, size_t n, double *values);

/* bytes [n * size], little-endian, <- values [n]; MG_NPY_F64, F32, I64, U8 or BOOL (not 0 is true).
 * Returns n, or the index of the first value that is not a whole number within +-2^53 (I64) or 0 to
 * 255 (U8). */
size_t mg_npy_encode(mg_npy_type type, const double *values, size_t n, uint8_t *bytes);

#endif
