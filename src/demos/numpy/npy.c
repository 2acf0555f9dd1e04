#include "demos/numpy/npy.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char MAGIC[6] = {(char)0x93, 'N', 'U', 'M', 'P', 'Y'};

static const struct {
  const char *code, *name;
  size_t size;
} TYPES[] = {
#define MG_NPY_ROW(id, code, name, bytes) [id] = {code, name, bytes},
    MG_NPY_TYPE_LIST(MG_NPY_ROW)
#undef MG_NPY_ROW
};

size_t mg_npy_type_size(mg_npy_type type) {
  return TYPES[type].size;
}

bool mg_npy_refuse(mg_npy_problem *problem, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(problem->text, sizeof problem->text, format, arguments);
  va_end(arguments);
  return false;
}

/* ---- prefix ---- */

/* Bytes before the text; 0 if the version is unknown. */
static size_t prefix_size(const uint8_t *bytes) {
  if (bytes[7] != 0) return 0;
  return bytes[6] == 1 ? 10 : bytes[6] == 2 || bytes[6] == 3 ? 12 : 0;
}

size_t mg_npy_header_size(const uint8_t prefix[MG_NPY_PREFIX], mg_npy_problem *problem) {
  if (memcmp(prefix, MAGIC, sizeof MAGIC) != 0)
    return mg_npy_refuse(problem, "does not begin as a NumPy array does");
  size_t before = prefix_size(prefix);
  if (before == 0)
    return mg_npy_refuse(problem, "is of format version %d.%d; expected 1.0, 2.0 or 3.0", prefix[6],
                         prefix[7]);
  uint64_t text = prefix[8] | (uint64_t)prefix[9] << 8;
  if (before == 12) text |= (uint64_t)prefix[10] << 16 | (uint64_t)prefix[11] << 24;
  if (before + text > MG_NPY_MAX_HEADER)
    return mg_npy_refuse(problem, "has a header of %" PRIu64 " bytes; expected at most %d",
                         before + text, MG_NPY_MAX_HEADER);
  if (before + text < MG_NPY_PREFIX)
    return mg_npy_refuse(problem, "has a header of %" PRIu64 " bytes, which is none",
                         before + text);
  return before + (size_t)text;
}

/* ---- dictionary ---- */

typedef struct cursor {
  const char *begin, *at, *end;
  mg_npy_problem *problem;
} cursor;

static bool expected(const cursor *c, const char *what) {
  return mg_npy_refuse(c->problem, "has a damaged header: expected %s at its character %td", what,
                       c->at - c->begin);
}

static void skip_space(cursor *c) {
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
    c->at++;
}

/* Takes the character if it comes next, after spaces. */
static bool take(cursor *c, char character) {
  skip_space(c);
  if (c->at == c->end || *c->at != character) return false;
  c->at++;
  return true;
}

static bool take_word(cursor *c, const char *word) {
  size_t length = strlen(word);
  skip_space(c);
  if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0) return false;
  c->at += length;
  return true;
}

/* A text in either quotes, without escapes; cut to its room. */
static bool take_text(cursor *c, char *text, size_t capacity) {
  char quote = take(c, '\'') ? '\'' : take(c, '"') ? '"' : '\0';
  if (!quote) return expected(c, "a text");
  size_t n = 0;
  for (; c->at < c->end && *c->at != quote; c->at++) {
    if (*c->at == '\\' || *c->at == '\0' || *c->at == '\n') return expected(c, "a plain text");
    if (n + 1 < capacity) text[n++] = *c->at;
  }
  text[n] = '\0';
  return c->at++ < c->end || expected(c, "the end of a text");
}

/* The list that describes a structure of fields; only its end matters. */
static bool skip_list(cursor *c) {
  int depth = 0;
  do {
    char ignored[2];
    skip_space(c);
    if (c->at == c->end) return expected(c, "the end of a list");
    if (*c->at == '\'' || *c->at == '"') {
      if (!take_text(c, ignored, sizeof ignored)) return false;
      continue;
    }
    if (*c->at == '[' || *c->at == '(') depth++;
    if (*c->at == ']' || *c->at == ')') depth--;
    c->at++;
  } while (depth > 0);
  return true;
}

/* '<f8': byte order, kind, bytes. */
static bool take_type(cursor *c, mg_npy_header *header) {
  skip_space(c);
  if (c->at < c->end && *c->at == '[') return skip_list(c);
  if (!take_text(c, header->descr, sizeof header->descr)) return false;
  char order = header->descr[0];
  if (order == '\0' || !strchr("<>=|", order))
    return mg_npy_refuse(c->problem, "is of type '%s', which tells no byte order", header->descr);
  header->big_endian = order == '>';
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  header->big_endian = order == '>' || order == '=';
#endif
  const char *code = header->descr + 1;
  for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
    if (TYPES[i].size > 0 && strcmp(code, TYPES[i].code) == 0) header->type = (mg_npy_type)i;
  if (code[0] == 'O') header->type = MG_NPY_OBJECTS; /* old ones: O4, O8 */
  return true;
}

static bool take_size(cursor *c, uint64_t *size) {
  const char *first = c->at;
  *size = 0;
  for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
    uint64_t digit = (uint64_t)(*c->at - '0');
    if (*size > (UINT64_MAX - digit) / 10)
      return mg_npy_refuse(c->problem, "has a dimension that is beyond all limits");
    *size = 10 * *size + digit;
  }
  if (c->at == first || (*first == '0' && c->at != first + 1)) {
    c->at = first;
    return expected(c, "a whole number");
  }
  if (c->at < c->end && *c->at == 'L') c->at++; /* Python 2's long */
  return true;
}

/* (), (3,), (3, 4) or (3, 4,) */
static bool take_shape(cursor *c, mg_npy_header *header) {
  if (!take(c, '(')) return expected(c, "'('");
  bool comma = true;
  while (!take(c, ')')) {
    if (!comma) return expected(c, "',' or ')'");
    if (header->rank == MG_NPY_MAX_RANK)
      return mg_npy_refuse(c->problem, "has more than %d dimensions", MG_NPY_MAX_RANK);
    if (!take_size(c, &header->dims[header->rank++])) return false;
    comma = take(c, ',');
  }
  return header->rank != 1 || comma || expected(c, "',' before it: (n,)");
}

static bool take_order(cursor *c, mg_npy_header *header) {
  header->fortran = take_word(c, "True");
  return header->fortran || take_word(c, "False") || expected(c, "True or False");
}

static bool take_dictionary(cursor *c, mg_npy_header *header) {
  static const struct {
    const char *key;
    bool (*take)(cursor *, mg_npy_header *);
  } ENTRIES[] = {{"descr", take_type}, {"fortran_order", take_order}, {"shape", take_shape}};
  bool seen[3] = {false};
  if (!take(c, '{')) return expected(c, "'{'");
  bool comma = true;
  while (!take(c, '}')) {
    char key[24];
    if (!comma) return expected(c, "',' or '}'");
    if (!take_text(c, key, sizeof key)) return false;
    int i = 0;
    while (i < 3 && strcmp(key, ENTRIES[i].key) != 0) i++;
    if (i == 3) return mg_npy_refuse(c->problem, "has an unknown key '%s' in its header", key);
    if (seen[i]) return mg_npy_refuse(c->problem, "has the key '%s' twice in its header", key);
    seen[i] = true;
    if (!take(c, ':')) return expected(c, "':'");
    if (!ENTRIES[i].take(c, header)) return false;
    comma = take(c, ',');
  }
  for (int i = 0; i < 3; i++)
    if (!seen[i]) return mg_npy_refuse(c->problem, "has no key '%s' in its header", ENTRIES[i].key);
  skip_space(c);
  return c->at == c->end || expected(c, "nothing but spaces");
}

bool mg_npy_header_parse(const uint8_t *bytes, size_t size, mg_npy_header *header,
                         mg_npy_problem *problem) {
  *header = (mg_npy_header){.type = MG_NPY_OTHER};
  if (size < MG_NPY_PREFIX || mg_npy_header_size(bytes, problem) != size)
    return mg_npy_refuse(problem, "has a damaged header");
  const char *text = (const char *)bytes + prefix_size(bytes);
  cursor c = {text, text, (const char *)bytes + size, problem};
  return take_dictionary(&c, header);
}

void mg_npy_header_write(mg_npy_type type, int rank, const uint64_t *dims,
                         uint8_t bytes[MG_NPY_HEADER_WRITTEN]) {
  char text[MG_NPY_HEADER_WRITTEN], shape[64];
  assert((rank == 1 || rank == 2) && TYPES[type].size > 0);
  if (rank == 1)
    snprintf(shape, sizeof shape, "(%" PRIu64 ",)", dims[0]);
  else
    snprintf(shape, sizeof shape, "(%" PRIu64 ", %" PRIu64 ")", dims[0], dims[1]);
  int n = snprintf(text, sizeof text, "{'descr': '%c%s', 'fortran_order': False, 'shape': %s, }",
                   TYPES[type].size == 1 ? '|' : '<', TYPES[type].code, shape);
  const int room = MG_NPY_HEADER_WRITTEN - 10;
  assert(n > 0 && n < room);
  memset(bytes, ' ', MG_NPY_HEADER_WRITTEN);
  memcpy(bytes, MAGIC, sizeof MAGIC);
  memcpy(bytes + 6, (const uint8_t[]){1, 0, room, 0}, 4);
  memcpy(bytes + 10, text, (size_t)n);
  bytes[MG_NPY_HEADER_WRITTEN - 1] = '\n';
}

void mg_npy_header_describe(const mg_npy_header *header, char *text, size_t capacity) {
  bool named = header->type != MG_NPY_OTHER || !header->descr[0];
  size_t n =
      (size_t)snprintf(text, capacity, "%s [", named ? TYPES[header->type].name : header->descr);
  for (int i = 0; i < header->rank && n < capacity; i++)
    n += (size_t)snprintf(text + n, capacity - n, "%s%" PRIu64, i ? "," : "", header->dims[i]);
  if (n < capacity) snprintf(text + n, capacity - n, "]");
}

/* ---- values ---- */

static const int64_t EXACT = (int64_t)1 << 53;

static void swap_bytes(uint8_t *bytes, size_t n, size_t size) {
  for (; n > 0; n--, bytes += size) {
    for (size_t i = 0; i < size / 2; i++) {
      uint8_t byte = bytes[i];
      bytes[i] = bytes[size - 1 - i];
      bytes[size - 1 - i] = byte;
    }
  }
}

static void to_host_order(bool big_endian, uint8_t *bytes, size_t n, size_t size) {
  if (big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)) swap_bytes(bytes, n, size);
}

/* IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
static double from_half(uint16_t half) {
  int exponent = half >> 10 & 31, fraction = half & 1023;
  double size = exponent == 31  ? (fraction ? (double)NAN : (double)INFINITY)
                : exponent == 0 ? ldexp(fraction, -24)
                                : ldexp(1024 + fraction, exponent - 25);
  return half & 0x8000 ? -size : size;
}

#define DECODE(type, good, convert)                                                                \
  for (size_t i = 0; i < n; i++) {                                                                 \
    type v;                                                                                        \
    memcpy(&v, bytes + i * sizeof v, sizeof v);                                                    \
    if (!(good)) return i;                                                                         \
    values[i] = (double)(convert);                                                                 \
  }                                                                                                \
  return n

size_t mg_npy_decode(const mg_npy_header *header, uint8_t *bytes, size_t n, double *values) {
  to_host_order(header->big_endian, bytes, n, TYPES[header->type].size);
  switch (header->type) {
  case MG_NPY_BOOL:
    DECODE(uint8_t, true, v != 0);
  case MG_NPY_I8:
    DECODE(int8_t, true, v);
  case MG_NPY_I16:
    DECODE(int16_t, true, v);
  case MG_NPY_I32:
    DECODE(int32_t, true, v);
  case MG_NPY_I64:
    DECODE(int64_t, v <= EXACT && v >= -EXACT, v);
  case MG_NPY_U8:
    DECODE(uint8_t, true, v);
  case MG_NPY_U16:
    DECODE(uint16_t, true, v);
  case MG_NPY_U32:
    DECODE(uint32_t, true, v);
  case MG_NPY_U64:
    DECODE(uint64_t, v <= (uint64_t)EXACT, v);
  case MG_NPY_F16:
    DECODE(uint16_t, true, from_half(v));
  case MG_NPY_F32:
    DECODE(float, true, v);
  case MG_NPY_F64:
    DECODE(double, true, v);
  case MG_NPY_OTHER:
  case MG_NPY_OBJECTS:
    break;
  }
  assert(!"a type that can be read");
  return 0;
}

#define ENCODE(type, good, convert)                                                                \
  for (size_t i = 0; i < n; i++) {                                                                 \
    double v = values[i];                                                                          \
    if (!(good)) return i;                                                                         \
    type stored = (type)(convert);                                                                 \
    memcpy(bytes + i * sizeof stored, &stored, sizeof stored);                                     \
  }                                                                                                \
  break

size_t mg_npy_encode(mg_npy_type type, const double *values, size_t n, uint8_t *bytes) {
  switch (type) {
  case MG_NPY_BOOL:
    ENCODE(uint8_t, true, v != 0);
  case MG_NPY_U8:
    ENCODE(uint8_t, v >= 0 && v <= 255 && v == trunc(v), v);
  case MG_NPY_I64:
    ENCODE(int64_t, fabs(v) <= (double)EXACT && v == trunc(v), v);
  case MG_NPY_F32:
    ENCODE(float, true, v);
  case MG_NPY_F64:
    ENCODE(double, true, v);
  default:
    assert(!"a type that is written");
  }
  to_host_order(false, bytes, n, TYPES[type].size);
  return n;
}
