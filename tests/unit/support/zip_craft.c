#include "zip_craft.h"

#include "scratch_folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

/* libzip frees the bytes. */
static zip_uint64_t add(zip_t *zip, const char *name, void *bytes, size_t size, bool deflate) {
  zip_source_t *source = zip_source_buffer(zip, bytes, size, 1);
  zip_int64_t i = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);
  cr_assert(i >= 0, "%s", zip_strerror(zip));
  zip_set_file_compression(zip, (zip_uint64_t)i, deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  return (zip_uint64_t)i;
}

static zip_t *create(const char *path) {
  int error;
  zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &error);
  cr_assert_not_null(zip);
  return zip;
}

static void craft(const char *path, const craft_member *members, const void *const *values,
                  int count, bool deflate) {
  zip_t *zip = create(path);
  for (int i = 0; i < count; i++) {
    const craft_member *m = &members[i];
    unsigned char *bytes = malloc(256 + m->bytes);
    int n = snprintf((char *)bytes + 10, 246, "{'descr': %s, 'fortran_order': %s, 'shape': %s, }\n",
                     m->descr, m->fortran ? "True" : "False", m->shape);
    memcpy(bytes, "\x93NUMPY\1\0", 8);
    bytes[8] = (unsigned char)n, bytes[9] = 0;
    for (size_t k = 0; k < m->bytes; k++)
      bytes[10 + (size_t)n + k] = values ? ((const unsigned char *)values[i])[k] : k % 128;
    add(zip, m->name, bytes, 10 + (size_t)n + m->bytes, deflate);
  }
  cr_assert_eq(zip_close(zip), 0, "%s", zip_strerror(zip));
}

void craft_zip(const char *path, const craft_member *members, int count, bool deflate) {
  craft(path, members, NULL, count, deflate);
}

void craft_zip_values(const char *path, const craft_member *members, const void *const *values,
                      int count) {
  craft(path, members, values, count, false);
}

void craft_zip_bytes(const char *path, const char *name, const void *bytes, size_t size,
                     const char *password) {
  zip_t *zip = create(path);
  void *copy = size ? malloc(size) : NULL; /* of nothing libzip does not take charge */
  if (size) memcpy(copy, bytes, size);
  zip_uint64_t i = add(zip, name, copy, size, false);
  if (password) cr_assert_eq(zip_file_set_encryption(zip, i, ZIP_EM_TRAD_PKWARE, password), 0);
  cr_assert_eq(zip_close(zip), 0, "%s", zip_strerror(zip));
}

int craft_replace(const char *path, const char *old, const char *new, size_t n, bool last) {
  size_t size;
  int count = 0;
  unsigned char *bytes = file_read(path, &size);
  cr_assert_not_null(bytes);
  for (size_t i = size - n + 1; i-- > 0;) {
    if (memcmp(bytes + i, old, n) != 0) continue;
    memcpy(bytes + i, new, n);
    count++;
    if (last) break;
  }
  cr_assert(file_write(path, bytes, size));
  free(bytes);
  return count;
}
