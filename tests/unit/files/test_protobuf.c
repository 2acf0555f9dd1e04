#include "files/exchange/protobuf.h"

#include <criterion/criterion.h>
#include <string.h>

static mg_proto message_of_all(void) {
  mg_proto inner = {0}, m = {0};
  mg_proto_whole(&m, 1, 150);
  mg_proto_text(&inner, 1, "testing");
  mg_proto_message(&m, 3, &inner);
  mg_proto_float(&m, 4, -1.5f);
  mg_proto_double(&m, 5, 1e300);
  mg_proto_whole(&m, 200, UINT64_MAX);
  return m;
}

/* The examples of the published encoding: 08 96 01, and 1a 09 0a 07 "testing" in a message. */
Test(protobuf, writes_the_published_bytes) {
  static const uint8_t expected[] = {0x08, 0x96, 0x01, 0x1a, 0x09, 0x0a, 0x07, 't',  'e',  's',
                                     't',  'i',  'n',  'g',  0x25, 0x00, 0x00, 0xc0, 0xbf, 0x29};
  mg_proto m = message_of_all();
  cr_assert(!m.failed && m.size > sizeof expected);
  cr_assert(memcmp(m.bytes, expected, sizeof expected) == 0);
  mg_proto_free(&m);
}

Test(protobuf, reads_what_was_written) {
  mg_proto m = message_of_all();
  mg_proto_view v = {.bytes = m.bytes, .size = m.size};
  mg_proto_field f, g;
  char text[4];
  cr_assert(mg_proto_next(&v, &f) && f.field == 1 && f.kind == MG_PROTO_WHOLE && f.number == 150);
  cr_assert(mg_proto_next(&v, &f) && f.field == 3 && f.kind == MG_PROTO_BYTES && f.size == 9);
  mg_proto_view inside = mg_proto_inside(&f);
  cr_assert(mg_proto_next(&inside, &g) && g.field == 1 && g.size == 7);
  mg_proto_get_text(&g, text, sizeof text);
  cr_assert_str_eq(text, "tes", "a text is cut");
  cr_assert(!mg_proto_next(&inside, &g) && !inside.damaged);
  cr_assert(mg_proto_next(&v, &f) && f.field == 4 && f.kind == MG_PROTO_FLOAT &&
            f.number == 0xbfc00000);
  double number;
  cr_assert(mg_proto_next(&v, &f) && f.field == 5 && f.kind == MG_PROTO_DOUBLE);
  memcpy(&number, &f.number, sizeof number);
  cr_assert(number == 1e300);
  cr_assert(mg_proto_next(&v, &f) && f.field == 200 && f.number == UINT64_MAX);
  cr_assert(!mg_proto_next(&v, &f) && !v.damaged);
  mg_proto_free(&m);
}

/* Cut anywhere but between fields, or of a kind that there is not: said, and nothing beyond is read. */
Test(protobuf, a_damaged_message_ends) {
  mg_proto m = message_of_all();
  int whole = 0;
  for (size_t size = 0; size < m.size; size++) {
    uint8_t *cut = malloc(size + 1); /* so that a sanitizer sees a read beyond */
    memcpy(cut, m.bytes, size);
    mg_proto_view v = {.bytes = cut, .size = size};
    mg_proto_field f;
    while (mg_proto_next(&v, &f))
      cr_assert(f.size <= size && v.size <= size, "a field of %zu of %zu bytes", f.size, size);
    whole += !v.damaged;
    free(cut);
  }
  cr_assert(whole == 5, "%d of the cuts lie between fields; expected 5", whole);
  static const uint8_t group[] = {0x0b, 0x01},
                       endless[] = {0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                    0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
  mg_proto_field f;
  mg_proto_view v = {.bytes = group, .size = sizeof group};
  cr_assert(!mg_proto_next(&v, &f) && v.damaged);
  v = (mg_proto_view){.bytes = endless, .size = sizeof endless};
  cr_assert(!mg_proto_next(&v, &f) && v.damaged);
  mg_proto_free(&m);
}
