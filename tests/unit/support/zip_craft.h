/* Archives with members of any bytes, as a stranger could have made them. */
#ifndef MG_TESTS_ZIP_CRAFT_H
#define MG_TESTS_ZIP_CRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct craft_member {
  const char *name; /* with its ending */
  const char *descr, *shape;
  bool fortran;
  size_t bytes; /* of values: 0, 1, 2, ... modulo 128 */
} craft_member;

/* An archive of the members at `path`. */
void craft_zip(const char *path, const craft_member *members, int count, bool deflate);

/* The same, stored, with values [count] given. */
void craft_zip_values(const char *path, const craft_member *members, const void *const *values,
                      int count);

/* One member of just these bytes; `password` for encryption, Nullable. */
void craft_zip_bytes(const char *path, const char *name, const void *bytes, size_t size,
                     const char *password);

/* A file's last (or, else, every) occurrence of n bytes is replaced by as many others; returns how
 * many there were. */
int craft_replace(const char *path, const char *old, const char *new, size_t n, bool last);

#endif
