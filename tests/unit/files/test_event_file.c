#include "files/exchange/event_file.h"

#include "files/exchange/protobuf.h"
#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void setup(void) {
  scratch_make();
}

TestSuite(event_file, .init = setup, .fini = scratch_remove);

/* CRC-32C of "123456789" is e3069283 (RFC 3720's polynomial); then TensorFlow's mask. */
Test(event_file, checksum_is_castagnolis_masked) {
  const uint32_t crc = 0xe3069283;
  cr_assert(mg_event_crc("123456789", 9) == (crc >> 15 | crc << 17) + 0xa282ead8);
  cr_assert(mg_event_crc("", 0) == 0xa282ead8);
}

static uint64_t get(const uint8_t *bytes, int n) {
  uint64_t value = 0;
  for (int i = 0; i < n; i++) value |= (uint64_t)bytes[i] << (8 * i);
  return value;
}

/* The message of the record at *at, which is moved behind it. */
static mg_proto_view next_record(const uint8_t *bytes, size_t size, size_t *at) {
  cr_assert(size - *at >= 16, "a record begins %zu bytes before the end", size - *at);
  const size_t length = (size_t)get(bytes + *at, 8);
  cr_assert(get(bytes + *at + 8, 4) == mg_event_crc(bytes + *at, 8), "the length's checksum");
  cr_assert(length <= size - *at - 16);
  const uint8_t *message = bytes + *at + 12;
  cr_assert(get(message + length, 4) == mg_event_crc(message, length), "the message's checksum");
  *at += 16 + length;
  return (mg_proto_view){.bytes = message, .size = length};
}

static double as_double(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static float as_float(uint64_t bits) {
  const uint32_t half = (uint32_t)bits;
  float value;
  memcpy(&value, &half, sizeof value);
  return value;
}

/* Field 1 is wall_time [double], 2 step, 3 file_version, 5 summary; a summary has fields 1, each with
 * 1 tag and 2 simple_value [float]. */
Test(event_file, holds_versions_steps_tags_and_values) {
  const char *path = scratch_path("events");
  static const char *const tag[] = {"curves/loss", "curves/gap", "evaluation/return"};
  FILE *to = fopen(path, "wb");
  cr_assert(mg_event_begin(to, 1e9));
  cr_assert(mg_event_scalars(to, 1e9 + 0.5, 300, 3, tag, (double[]){1.5, NAN, -2}));
  cr_assert(fclose(to) == 0);
  size_t size, at = 0;
  uint8_t *bytes = file_read(path, &size);
  mg_proto_view v = next_record(bytes, size, &at);
  mg_proto_field f, g, h;
  char text[32];
  cr_assert(mg_proto_next(&v, &f) && f.field == 1 && as_double(f.number) == 1e9);
  cr_assert(mg_proto_next(&v, &f) && f.field == 3);
  mg_proto_get_text(&f, text, sizeof text);
  cr_assert_str_eq(text, "brain.Event:2");
  v = next_record(bytes, size, &at);
  cr_assert(mg_proto_next(&v, &f) && f.field == 1 && as_double(f.number) == 1e9 + 0.5);
  cr_assert(mg_proto_next(&v, &f) && f.field == 2 && f.number == 300);
  cr_assert(mg_proto_next(&v, &f) && f.field == 5);
  mg_proto_view summary = mg_proto_inside(&f);
  for (int i = 0; i < 3; i += 2) { /* without the value that is none */
    cr_assert(mg_proto_next(&summary, &g) && g.field == 1);
    mg_proto_view value = mg_proto_inside(&g);
    cr_assert(mg_proto_next(&value, &h) && h.field == 1);
    mg_proto_get_text(&h, text, sizeof text);
    cr_assert_str_eq(text, tag[i]);
    cr_assert(mg_proto_next(&value, &h) && h.field == 2 && as_float(h.number) == (i ? -2 : 1.5f));
  }
  cr_assert(!mg_proto_next(&summary, &g) && !mg_proto_next(&v, &f) && at == size);
  free(bytes);
}

Test(event_file, a_stream_that_fails_is_told) {
  FILE *full = fopen("/dev/full", "wb");
  static const char *const tag[] = {"a"};
  if (!full) cr_skip_test("no /dev/full");
  setvbuf(full, NULL, _IONBF, 0);
  cr_assert(!mg_event_begin(full, 0));
  cr_assert(!mg_event_scalars(full, 0, 0, 1, tag, (double[]){1}));
  fclose(full);
}
