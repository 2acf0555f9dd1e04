#include "demo_zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MOST_WRITTEN = 1 << 13, MEBIBYTE = 1 << 20, OBSERVATION = 4 };

/* ---- good archives ---- */

static demo_member *add(demo_archive *a, const char *name, demo_type type, uint64_t rows,
                        uint64_t columns, demo_values values, double constant) {
  demo_member *m = &a->member[a->members++];
  *m = (demo_member){.version = 1, .deflate = a->members % 2 == 0};
  snprintf(m->name, sizeof m->name, "%s.npy", name);
  m->array = (demo_item){.type = type,
                         .rank = columns ? 2 : 1,
                         .dims = {rows, columns},
                         .values = values,
                         .constant = constant,
                         .at = -1};
  return m;
}

void demo_archive_sb2(int episodes, uint64_t steps, demo_archive *a) {
  uint64_t rows = (uint64_t)episodes * steps;
  *a = (demo_archive){.most_written = MOST_WRITTEN};
  add(a, "actions", DEMO_I64, rows, 1, DEMO_RAMP, 2);
  add(a, "episode_returns", DEMO_F64, (uint64_t)episodes, 0, DEMO_CONSTANT, (double)steps);
  add(a, "rewards", DEMO_F64, rows, 0, DEMO_CONSTANT, 1);
  add(a, "obs", DEMO_F32, rows, OBSERVATION, DEMO_RAMP, 8);
  add(a, "episode_starts", DEMO_BOOL, rows, 0, DEMO_FIRSTS, (double)steps);
}

void demo_archive_imitation(int episodes, uint64_t steps, demo_archive *a) {
  uint64_t rows = (uint64_t)episodes * steps;
  *a = (demo_archive){.most_written = MOST_WRITTEN};
  add(a, "obs", DEMO_F64, rows + (uint64_t)episodes, OBSERVATION, DEMO_RAMP, 8);
  add(a, "acts", DEMO_I64, rows, 0, DEMO_RAMP, 2);
  add(a, "rews", DEMO_F32, rows, 0, DEMO_CONSTANT, 1);
  add(a, "terminal", DEMO_BOOL, (uint64_t)episodes, 0, DEMO_CONSTANT, 1);
  add(a, "infos", DEMO_BOOL, rows, 0, DEMO_CONSTANT, 0)->pickle = true;
  add(a, "indices", DEMO_I64, (uint64_t)episodes - 1, 0, DEMO_STARTS, (double)steps);
}

void demo_archive_baselines(int episodes, uint64_t steps, demo_archive *a) {
  uint64_t e = (uint64_t)episodes;
  *a = (demo_archive){.most_written = MOST_WRITTEN};
  add(a, "ep_rets", DEMO_F64, e, 0, DEMO_CONSTANT, (double)steps);
  demo_item *o = &add(a, "obs", DEMO_F64, e, steps, DEMO_RAMP, 8)->array;
  o->rank = 3, o->dims[2] = OBSERVATION;
  add(a, "acs", DEMO_I64, e, steps, DEMO_RAMP, 2);
  add(a, "rews", DEMO_F32, e, steps, DEMO_CONSTANT, 1);
}

demo_member *demo_archive_find(demo_archive *a, const char *name) {
  size_t length = strlen(name);
  for (int i = 0; i < a->members; i++)
    if (strncmp(a->member[i].name, name, length) == 0 && a->member[i].name[length] == '.')
      return &a->member[i];
  return NULL;
}

/* ---- bytes ---- */

typedef struct bytes {
  unsigned char *at;
  size_t size, capacity;
} bytes;

static void put(bytes *b, const void *from, size_t n) {
  if (b->size + n > b->capacity) {
    b->capacity = 2 * (b->size + n) + 256;
    b->at = realloc(b->at, b->capacity);
    if (!b->at) abort();
  }
  if (n) memcpy(b->at + b->size, from, n);
  b->size += n;
}

static void put_number(bytes *b, uint64_t value, int n) {
  for (int i = 0; i < n; i++)
    put(b, &(unsigned char){i < 8 ? (unsigned char)(value >> 8 * i) : 0}, 1);
}

/* ---- arrays ---- */

static const struct {
  const char *descr;
  size_t size;
} TYPES[DEMO_TYPES] = {
    [DEMO_F64] = {"<f8", 8},   [DEMO_F32] = {"<f4", 4}, [DEMO_I64] = {"<i8", 8},
    [DEMO_I32] = {"<i4", 4},   [DEMO_I8] = {"|i1", 1},  [DEMO_BOOL] = {"|b1", 1},
    [DEMO_F64BE] = {">f8", 8}, [DEMO_F16] = {"<f2", 2}, [DEMO_I16] = {"<i2", 2},
    [DEMO_I64BE] = {">i8", 8}, [DEMO_U8] = {"|u1", 1},  [DEMO_U64] = {"<u8", 8},
};

static const char *descr_of(const demo_member *m) {
  if (m->pickle) return "|O";
  if (*m->descr) return m->descr;
  return TYPES[m->array.type].size ? TYPES[m->array.type].descr : "<U8";
}

static void put_value(bytes *b, demo_type type, double value) {
  unsigned char out[8] = {0};
  size_t size = TYPES[type].size ? TYPES[type].size : 8;
  bool big = type == DEMO_F64BE || type == DEMO_I64BE;
  if (type == DEMO_F32)
    memcpy(out, &(float){(float)value}, 4);
  else if (type == DEMO_F64 || type == DEMO_F64BE)
    memcpy(out, &value, 8);
  else if (value > -9e18 && value < 9e18)
    memcpy(out, &(int64_t){(int64_t)value}, 8);
  for (size_t i = 0; big && i < 4; i++) {
    unsigned char swap = out[i];
    out[i] = out[7 - i], out[7 - i] = swap;
  }
  put(b, out, size);
}

static void put_header(bytes *b, const demo_member *m) {
  char shape[128] = "", text[512];
  const demo_item *a = &m->array;
  for (int i = 0; i < a->rank; i++)
    snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%llu, ",
             (unsigned long long)a->dims[i]);
  bool quoted = !*m->descr || *m->descr != '[';
  snprintf(text, sizeof text, "{'descr': %s%s%s, 'fortran_order': %s, 'shape': (%s), }\n",
           quoted ? "'" : "", descr_of(m), quoted ? "'" : "", *m->order ? m->order : "False",
           *m->shape ? m->shape : shape);
  put(b, "\x93NUMPY", 6);
  put_number(b, m->version, 2);
  put_number(b, strlen(text), m->version == 1 ? 2 : 4);
  put(b, text, strlen(text));
}

/* What unpickling this would do: os.system("touch pickle-was-run"). */
static const char PICKLE[] = "\x80\x02"
                             "cos\nsystem\nX\x14\0\0\0touch pickle-was-runq\0\x85q\1Rq\2.";

static void put_array(bytes *b, const demo_member *m, uint64_t most) {
  const demo_item *a = &m->array;
  uint64_t n = 1;
  put_header(b, m);
  if (m->pickle) {
    put(b, PICKLE, sizeof PICKLE - 1);
    return;
  }
  for (int i = 0; i < a->rank; i++)
    if (__builtin_mul_overflow(n, a->dims[i], &n)) n = 0;
  if (m->zeros || n > most) n = 0;
  size_t before = b->size;
  for (uint64_t i = 0; i < n; i++) put_value(b, a->type, demo_item_value(a, i, n));
  if (m->missing > 0) {
    size_t all = b->size - before;
    b->size -= (size_t)m->missing < all ? (size_t)m->missing : all;
  }
}

/* ---- deflating ---- */

static void deflate_onto(bytes *out, const void *from, size_t n, int flush) {
  z_stream z = {0};
  if (deflateInit2(&z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) abort();
  unsigned char *buffer = malloc(deflateBound(&z, (uLong)n) + 64);
  if (!buffer) abort();
  z.next_in = (Bytef *)(uintptr_t)from, z.avail_in = (uInt)n;
  z.next_out = buffer, z.avail_out = (uInt)(deflateBound(&z, (uLong)n) + 64);
  deflate(&z, flush);
  put(out, buffer, z.total_out);
  deflateEnd(&z);
  free(buffer);
}

/* The header and then many zeros: one packed block of them, repeated. Returns the checksum. */
static uLong deflate_zeros(bytes *out, const bytes *header, uint64_t mebibytes) {
  unsigned char *zeros = calloc(1, MEBIBYTE);
  bytes block = {0};
  if (!zeros) abort();
  deflate_onto(out, header->at, header->size, Z_FULL_FLUSH);
  deflate_onto(&block, zeros, MEBIBYTE, Z_FULL_FLUSH);
  uLong sum = crc32(0, header->at, (uInt)header->size), one = crc32(0, zeros, MEBIBYTE);
  for (uint64_t i = 0; i < mebibytes; i++) {
    put(out, block.at, block.size);
    sum = crc32_combine(sum, one, MEBIBYTE);
  }
  deflate_onto(out, zeros, 0, Z_FINISH);
  free(block.at);
  free(zeros);
  return sum;
}

/* ---- the archive ---- */

typedef struct place {
  uint64_t offset, packed, inflated;
  uLong sum;
} place;

static void put_entry(bytes *b, const demo_member *m, const place *p, bool central) {
  bool deflated = m->deflate || m->zeros;
  put_number(b, central ? 0x02014b50 : 0x04034b50, 4);
  if (central) put_number(b, 20, 2);
  put_number(b, 20, 2);
  put_number(b, m->flags, 2);
  put_number(b, (deflated ? 8 : 0) + m->method, 2);
  put_number(b, 0, 2);
  put_number(b, 0x21, 2); /* the first of January 1980 */
  put_number(b, p->sum ^ m->wrong_checksum, 4);
  put_number(b, p->packed, 4);
  put_number(b, m->claimed ? m->claimed : p->inflated, 4);
  put_number(b, strlen(m->name), 2);
  put_number(b, 0, 2);
  if (central) {
    put_number(b, 0, 10);
    put_number(b, p->offset, 4);
  }
  put(b, m->name, strlen(m->name));
}

static void put_member(bytes *b, const demo_member *m, uint64_t most, place *p) {
  bytes plain = {0}, packed = {0};
  put_array(&plain, m, most);
  p->offset = b->size;
  p->inflated = plain.size + m->zeros * MEBIBYTE;
  p->sum = crc32(0, plain.at, (uInt)plain.size);
  if (m->zeros)
    p->sum = deflate_zeros(&packed, &plain, m->zeros);
  else if (m->deflate)
    deflate_onto(&packed, plain.at, plain.size, Z_FINISH);
  else
    put(&packed, plain.at, plain.size);
  p->packed = packed.size;
  put_entry(b, m, p, false);
  put(b, packed.at, packed.size);
  free(plain.at);
  free(packed.at);
}

void *demo_archive_write(const demo_archive *a, size_t *size) {
  bytes b = {0};
  place places[DEMO_MEMBERS];
  for (int i = 0; i < a->members; i++) put_member(&b, &a->member[i], a->most_written, &places[i]);
  size_t start = b.size;
  for (int i = 0; i < a->members; i++) put_entry(&b, &a->member[i], &places[i], true);
  size_t length = b.size - start;
  put_number(&b, 0x06054b50, 4);
  put_number(&b, 0, 4);
  put_number(&b, (uint64_t)a->members, 2);
  put_number(&b, (uint64_t)a->members, 2);
  put_number(&b, length, 4);
  put_number(&b, start, 4);
  put_number(&b, 0, 2);
  *size = b.size;
  return b.at;
}
