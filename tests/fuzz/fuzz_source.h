/* A fuzzer's bytes as choices. Once they are used up every choice is 0, which is always the
 * plainest: no bytes at all leave what a generator makes a good file. */
#ifndef MG_TESTS_FUZZ_SOURCE_H
#define MG_TESTS_FUZZ_SOURCE_H

#include <stddef.h>
#include <stdint.h>

typedef struct fuzz_source {
  const uint8_t *at;
  size_t left;
} fuzz_source;

uint8_t fuzz_byte(fuzz_source *source);

/* 0 .. n-1, n <= 256 */
unsigned fuzz_below(fuzz_source *source, unsigned n);

/* Mostly small, sometimes beyond all bounds. */
uint64_t fuzz_size(fuzz_source *source);

/* A plain value, one at an edge, NaN, an infinity, or any eight bytes. */
double fuzz_number(fuzz_source *source);

/* One of the words, NULL-terminated, or any bytes. */
void fuzz_text(fuzz_source *source, const char *const *words, char *text, size_t capacity);

/* Overwrites one to four bytes of a file at a place within its first 64 KiB, again and again, until
 * no bytes are left. */
void fuzz_overwrite(fuzz_source *source, uint8_t *file, size_t size);

#endif
