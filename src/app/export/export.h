/* The formats of an export: one table. A format writes the policy, and acts by what stands in its
 * file, which is how an export is checked. */
#ifndef MG_APP_EXPORT_EXPORT_H
#define MG_APP_EXPORT_EXPORT_H

#include "app/export/portable.h"

typedef struct mg_export {
  mg_acting_file *file;
  mg_portable policy;
  const char *output; /* the name that it will have */
} mg_export;

typedef struct mg_export_format {
  const char *name;    /* of --format */
  const char *ending;  /* of its files */
  const char *second;  /* ending of a file beside it; NULL: there is none */
  const char *checked; /* what acts in the check: "the file, read again" */
  /* Creates `path`, and `second` where there is one. */
  mg_status (*write)(const mg_export *e, const char *path, const char *second);
  /* heads [n,A] and sigma [A] (portable.h) by what stands in the file. */
  mg_status (*act)(const mg_export *e, const char *path, const mg_portable_states *states,
                   double *heads, double *sigma);
} mg_export_format;

extern const mg_export_format mg_export_h5, mg_export_npz, mg_export_safetensors, mg_export_onnx,
    mg_export_c;

/* NULL-terminated. */
extern const mg_export_format *const mg_export_formats[];

/* `name` Nullable: by the ending of `output`, h5 where no other format has it. MG_ERR_USAGE. */
mg_status mg_export_format_find(const char *name, const char *output,
                                const mg_export_format **format);

enum { MG_EXPORT_STATES = 100 };

/* Writes the policy of `file` to `output` and, before it takes that name, compares what the file
 * does in MG_EXPORT_STATES states with what `mgail evaluate` does: *difference is the largest, of mean actions or
 * of the choices' values, and of sigma. MG_ERR_CREATE if the name is taken; MG_ERR_INTERNAL if the
 * difference is more than 1e-5, of the largest value where that is over 1. After a failure there is
 * no such file. Local. */
mg_status mg_export_write(const mg_export_format *format, mg_acting_file *file, const char *output,
                          double *difference);

/* ---- for formats ---- */

/* A new file with these bytes: MG_ERR_CREATE, MG_ERR_IO. */
mg_status mg_export_write_bytes(const char *path, const void *bytes, size_t size);

/* *bytes [*size + 1], to be freed, with a 0 behind. MG_ERR_NO_INPUT, MG_ERR_IO, MG_ERR_MEMORY. */
mg_status mg_export_read_bytes(const char *path, uint8_t **bytes, size_t *size);

/* *to <- a copy of what `from` tells, whose arrays have room for values of their own; memory is the
 * arena's. For readers that find the arrays by the names and shapes that are expected. */
mg_status mg_portable_room(const mg_portable *from, mg_arena *arena, mg_portable *to);

/* Little-endian bytes of an array, to be freed; NULL if memory is out. */
uint8_t *mg_portable_encode(const mg_portable_array *array, size_t *size);

/* Values from such bytes; false if their number is another. */
bool mg_portable_decode(const mg_portable_array *array, const uint8_t *bytes, size_t size);

#endif
