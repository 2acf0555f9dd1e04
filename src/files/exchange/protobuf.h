/* The wire format of Protocol Buffers, as far as files of others need it: ONNX, TensorBoard.
 *
 * A message is a sequence of fields, each a key (number and kind) and a value; a message inside is
 * a field of bytes. Source: protobuf.dev/programming-guides/encoding. Local. */
#ifndef MG_FILES_PROTOBUF_H
#define MG_FILES_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- writing ---- */

/* {0}: empty. */
typedef struct mg_proto {
  uint8_t *bytes;
  size_t size, capacity;
  bool failed; /* memory was out; sticky */
} mg_proto;

void mg_proto_whole(mg_proto *message, int field, uint64_t value);
void mg_proto_float(mg_proto *message, int field, float value);
void mg_proto_double(mg_proto *message, int field, double value);
void mg_proto_bytes(mg_proto *message, int field, const void *bytes, size_t size);
void mg_proto_text(mg_proto *message, int field, const char *text);

/* `inner` as a field of the message; frees it. */
void mg_proto_message(mg_proto *message, int field, mg_proto *inner);

void mg_proto_free(mg_proto *message);

/* ---- reading ---- */

typedef enum mg_proto_kind {
  MG_PROTO_WHOLE = 0,  /* number */
  MG_PROTO_DOUBLE = 1, /* number: its bits */
  MG_PROTO_BYTES = 2,  /* bytes [size], inside of the message */
  MG_PROTO_FLOAT = 5   /* number: its bits */
} mg_proto_kind;

typedef struct mg_proto_field {
  int field;
  mg_proto_kind kind;
  uint64_t number;
  const uint8_t *bytes;
  size_t size;
} mg_proto_field;

/* What is left of a message. */
typedef struct mg_proto_view {
  const uint8_t *bytes;
  size_t size;
  bool damaged; /* set by next */
} mg_proto_view;

/* The next field; false at the message's end, and where no field can be read. */
bool mg_proto_next(mg_proto_view *view, mg_proto_field *field);

/* The message that a field of bytes is. */
mg_proto_view mg_proto_inside(const mg_proto_field *field);

/* text <- the field's bytes, cut at capacity - 1. */
void mg_proto_get_text(const mg_proto_field *field, char *text, size_t capacity);

#endif
