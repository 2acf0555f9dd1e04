#include "fuzz_source.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

uint8_t fuzz_byte(fuzz_source *s) {
  if (s->left == 0) return 0;
  s->left--;
  return *s->at++;
}

unsigned fuzz_below(fuzz_source *s, unsigned n) {
  return fuzz_byte(s) % n;
}

static uint64_t eight_bytes(fuzz_source *s) {
  uint64_t value = 0;
  for (int i = 0; i < 8; i++) value = value << 8 | fuzz_byte(s);
  return value;
}

uint64_t fuzz_size(fuzz_source *s) {
  uint8_t kind = fuzz_byte(s);
  if (kind < 160) return kind % 20;
  if (kind < 192) return (uint64_t)fuzz_byte(s) << (kind % 8);
  if (kind < 255) return (UINT64_C(1) << (kind % 64)) - fuzz_below(s, 2);
  return eight_bytes(s);
}

double fuzz_number(fuzz_source *s) {
  static const double edges[] = {0,      1,      -1,       2,          0.5,    1e308,
                                 -1e308, NAN,    INFINITY, -INFINITY,  -0.0,   5e-324,
                                 0x1p31, 0x1p32, 0x1p53,   0x1p53 + 2, 0x1p63, 0x1p64};
  enum { EDGES = sizeof edges / sizeof *edges };
  unsigned kind = fuzz_below(s, EDGES + 2);
  if (kind < EDGES) return edges[kind];
  if (kind == EDGES) return fuzz_byte(s);
  uint64_t bits = eight_bytes(s);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

void fuzz_text(fuzz_source *s, const char *const *words, char *text, size_t capacity) {
  unsigned count = 0;
  while (words[count]) count++;
  unsigned pick = fuzz_below(s, count + 1);
  if (pick < count) {
    snprintf(text, capacity, "%s", words[pick]);
    return;
  }
  size_t length = fuzz_below(s, capacity < 256 ? (unsigned)capacity : 256);
  for (size_t i = 0; i < length; i++) text[i] = (char)fuzz_byte(s);
  text[length] = 0;
}

void fuzz_overwrite(fuzz_source *s, uint8_t *file, size_t size) {
  while (s->left > 0) {
    size_t place = (fuzz_byte(s) + 256u * fuzz_byte(s)) % size;
    for (unsigned n = 1 + fuzz_below(s, 4); n > 0; n--) file[place++ % size] = fuzz_byte(s);
  }
}
