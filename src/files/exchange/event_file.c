#include "files/exchange/event_file.h"

#include "files/exchange/protobuf.h"

#include <math.h>

/* Fields of Event, of Summary, of Summary.Value. */
enum { EVENT_WALL = 1, EVENT_STEP, EVENT_VERSION, EVENT_SUMMARY = 5 };
enum { SUMMARY_VALUE = 1, VALUE_TAG = 1, VALUE_SCALAR };

/* Four bits at a time: entry i is what the polynomial 0x82f63b78 makes of i. */
uint32_t mg_event_crc(const void *bytes, size_t size) {
  static const uint32_t table[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1,
                                     0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
                                     0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                                     0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};
  const uint8_t *byte = bytes;
  uint32_t crc = UINT32_MAX;
  for (size_t i = 0; i < size; i++) {
    crc ^= byte[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  crc = ~crc;
  return (crc >> 15 | crc << 17) + UINT32_C(0xa282ead8);
}

static void put(uint8_t *bytes, int n, uint64_t value) {
  for (int i = 0; i < n; i++) bytes[i] = (uint8_t)(value >> (8 * i));
}

/* Writes the message as a record, and frees it. */
static bool write_record(FILE *to, mg_proto *message) {
  uint8_t head[12], tail[4];
  put(head, 8, message->size);
  put(head + 8, 4, mg_event_crc(head, 8));
  put(tail, 4, mg_event_crc(message->bytes, message->size));
  const bool ok = !message->failed && fwrite(head, sizeof head, 1, to) == 1 &&
                  fwrite(message->bytes, message->size, 1, to) == 1 &&
                  fwrite(tail, sizeof tail, 1, to) == 1;
  mg_proto_free(message);
  return ok;
}

bool mg_event_begin(FILE *to, double wall) {
  mg_proto event = {0};
  mg_proto_double(&event, EVENT_WALL, wall);
  mg_proto_text(&event, EVENT_VERSION, "brain.Event:2");
  return write_record(to, &event);
}

bool mg_event_scalars(FILE *to, double wall, int64_t step, int n, const char *const *tag,
                      const double *value) {
  mg_proto event = {0}, summary = {0};
  for (int i = 0; i < n; i++) {
    mg_proto scalar = {0};
    if (!isfinite(value[i])) continue;
    mg_proto_text(&scalar, VALUE_TAG, tag[i]);
    mg_proto_float(&scalar, VALUE_SCALAR, (float)value[i]);
    mg_proto_message(&summary, SUMMARY_VALUE, &scalar);
  }
  mg_proto_double(&event, EVENT_WALL, wall);
  mg_proto_whole(&event, EVENT_STEP, (uint64_t)step);
  mg_proto_message(&event, EVENT_SUMMARY, &summary);
  return write_record(to, &event);
}
