#include "files/exchange/protobuf.h"

#include <stdlib.h>
#include <string.h>

enum { VARINT_MAX = 10 };

/* ---- writing ---- */

static void append(mg_proto *m, const void *bytes, size_t size) {
  if (m->failed || size == 0) return;
  if (m->capacity - m->size < size) {
    const size_t capacity = 2 * (m->size + size);
    uint8_t *larger = realloc(m->bytes, capacity);
    m->failed = !larger;
    if (!larger) return;
    m->bytes = larger, m->capacity = capacity;
  }
  memcpy(m->bytes + m->size, bytes, size);
  m->size += size;
}

/* Seven bits a byte, the lowest first; the eighth says that more follow. */
static void append_varint(mg_proto *m, uint64_t value) {
  uint8_t bytes[VARINT_MAX];
  size_t n = 0;
  for (; value >= 0x80; value >>= 7) bytes[n++] = (uint8_t)(value | 0x80);
  bytes[n++] = (uint8_t)value;
  append(m, bytes, n);
}

static void append_fixed(mg_proto *m, uint64_t bits, int size) {
  uint8_t bytes[8];
  for (int i = 0; i < size; i++) bytes[i] = (uint8_t)(bits >> (8 * i));
  append(m, bytes, (size_t)size);
}

static void append_key(mg_proto *m, int field, mg_proto_kind kind) {
  append_varint(m, (uint64_t)field << 3 | (uint64_t)kind);
}

void mg_proto_whole(mg_proto *m, int field, uint64_t value) {
  append_key(m, field, MG_PROTO_WHOLE);
  append_varint(m, value);
}

void mg_proto_float(mg_proto *m, int field, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  append_key(m, field, MG_PROTO_FLOAT);
  append_fixed(m, bits, 4);
}

void mg_proto_double(mg_proto *m, int field, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  append_key(m, field, MG_PROTO_DOUBLE);
  append_fixed(m, bits, 8);
}

void mg_proto_bytes(mg_proto *m, int field, const void *bytes, size_t size) {
  append_key(m, field, MG_PROTO_BYTES);
  append_varint(m, size);
  append(m, bytes, size);
}

void mg_proto_text(mg_proto *m, int field, const char *text) {
  mg_proto_bytes(m, field, text, strlen(text));
}

void mg_proto_message(mg_proto *m, int field, mg_proto *inner) {
  mg_proto_bytes(m, field, inner->bytes, inner->size);
  m->failed = m->failed || inner->failed;
  mg_proto_free(inner);
}

void mg_proto_free(mg_proto *m) {
  free(m->bytes);
  *m = (mg_proto){0};
}

/* ---- reading ---- */

static bool take_varint(mg_proto_view *v, uint64_t *value) {
  *value = 0;
  for (int i = 0; i < VARINT_MAX && v->size > 0; i++) {
    const uint8_t byte = *v->bytes++;
    v->size--;
    *value |= (uint64_t)(byte & 0x7f) << (7 * i);
    if (byte < 0x80) return true;
  }
  return false;
}

static bool take_fixed(mg_proto_view *v, size_t size, uint64_t *bits) {
  *bits = 0;
  if (v->size < size) return false;
  for (size_t i = 0; i < size; i++) *bits |= (uint64_t)v->bytes[i] << (8 * i);
  v->bytes += size, v->size -= size;
  return true;
}

static bool take_value(mg_proto_view *v, mg_proto_field *f) {
  switch (f->kind) {
  case MG_PROTO_WHOLE:
    return take_varint(v, &f->number);
  case MG_PROTO_DOUBLE:
    return take_fixed(v, 8, &f->number);
  case MG_PROTO_FLOAT:
    return take_fixed(v, 4, &f->number);
  case MG_PROTO_BYTES:
    if (!take_varint(v, &f->number) || f->number > v->size) return false;
    f->bytes = v->bytes, f->size = (size_t)f->number;
    v->bytes += f->size, v->size -= f->size;
    return true;
  }
  return false;
}

bool mg_proto_next(mg_proto_view *v, mg_proto_field *f) {
  uint64_t key;
  *f = (mg_proto_field){0};
  if (v->size == 0 || v->damaged) return false;
  v->damaged = !take_varint(v, &key);
  f->field = (int)(key >> 3), f->kind = (mg_proto_kind)(key & 7);
  v->damaged = v->damaged || !take_value(v, f);
  return !v->damaged;
}

mg_proto_view mg_proto_inside(const mg_proto_field *f) {
  return (mg_proto_view){.bytes = f->bytes, .size = f->size};
}

void mg_proto_get_text(const mg_proto_field *f, char *text, size_t capacity) {
  const size_t n = f->size < capacity - 1 ? f->size : capacity - 1;
  if (n > 0) memcpy(text, f->bytes, n);
  text[n] = '\0';
}
