/* NumPy's header: what is understood, what is refused, and values of every type. */
#include "demos/numpy/npy.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* bytes <- a header of version `major` around the text; its size. */
static size_t make(int major, const char *text, uint8_t *bytes) {
  size_t before = major == 1 ? 10 : 12, n = strlen(text);
  memcpy(bytes, "\x93NUMPY", 6);
  memcpy(bytes + 6, (uint8_t[]){(uint8_t)major, 0, (uint8_t)n, (uint8_t)(n >> 8), 0, 0}, 6);
  memcpy(bytes + before, text, n);
  return before + n;
}

#define HEADER(descr, order, shape)                                                                \
  "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape ", }   \n"

static void parse(const char *text, mg_npy_header *header) {
  for (int major = 1; major <= 3; major++) {
    uint8_t bytes[1024];
    mg_npy_problem problem = {""};
    size_t size = make(major, text, bytes);
    cr_assert_eq(mg_npy_header_size(bytes, &problem), size, "%s", problem.text);
    cr_assert(mg_npy_header_parse(bytes, size, header, &problem), "%s: %s", text, problem.text);
  }
}

Test(npy, headers) {
  mg_npy_header h;
  char text[64];
  parse(HEADER("'<f8'", "False", "(3, 4)"), &h);
  cr_assert(h.type == MG_NPY_F64 && !h.big_endian && !h.fortran && h.rank == 2);
  cr_assert(h.dims[0] == 3 && h.dims[1] == 4);
  mg_npy_header_describe(&h, text, sizeof text);
  cr_assert_str_eq(text, "float64 [3,4]");
  parse("{\"shape\":(18446744073709551615L,),\"fortran_order\":True,\"descr\":\">i2\"}", &h);
  cr_assert(h.type == MG_NPY_I16 && h.big_endian && h.fortran && h.rank == 1);
  cr_assert(h.dims[0] == UINT64_MAX);
  parse(HEADER("'=f4'", "False", "()"), &h);
  cr_assert(h.type == MG_NPY_F32 && !h.big_endian && h.rank == 0);
  parse(HEADER("'|b1'", "False", "(0,1,2,3,4,5,6,7,)"), &h);
  cr_assert(h.type == MG_NPY_BOOL && h.rank == 8 && h.dims[7] == 7);
  parse(HEADER("'|O'", "False", "(2,)"), &h);
  cr_assert_eq(h.type, MG_NPY_OBJECTS);
  parse(HEADER("'<U11'", "False", "()"), &h);
  cr_assert(h.type == MG_NPY_OTHER && strcmp(h.descr, "<U11") == 0);
  parse(HEADER("[('x', '<f8', (2,)), (\"]\", [('z', '|O')])]", "False", "(2,)"), &h);
  cr_assert(h.type == MG_NPY_OTHER && h.rank == 1);
}

Test(npy, damaged_headers) {
  static const struct {
    const char *text, *words;
  } REFUSED[] = {
      {"", "expected '{'"},
      {"[]", "expected '{'"},
      {"{}", "no key 'descr'"},
      {"{'descr': '<f8', 'fortran_order': False, }", "no key 'shape'"},
      {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': ()}", "twice"},
      {"{'descr': '<f8', 'order': False, 'shape': ()}", "unknown key 'order'"},
      {"{'descr': '<f8' 'fortran_order': False, 'shape': ()}", "',' or '}'"},
      {"{'descr' '<f8', 'fortran_order': False, 'shape': ()}", "expected ':'"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': ()", "',' or '}'"},
      {HEADER("'<f8'", "False", "()") "x", "nothing but spaces"},
      {HEADER("'<f8'", "0", "()"), "True or False"},
      {HEADER("'<f8'", "False", "[3]"), "'('"},
      {HEADER("'<f8'", "False", "(3)"), "(n,)"},
      {HEADER("'<f8'", "False", "(,)"), "whole number"},
      {HEADER("'<f8'", "False", "(-3,)"), "whole number"},
      {HEADER("'<f8'", "False", "(1e3,)"), "',' or ')'"},
      {HEADER("'<f8'", "False", "(03,)"), "whole number"},
      {HEADER("'<f8'", "False", "(3 4)"), "',' or ')'"},
      {HEADER("'<f8'", "False", "(18446744073709551616,)"), "beyond all limits"},
      {HEADER("'<f8'", "False", "(1,1,1,1,1,1,1,1,1)"), "more than 8 dimensions"},
      {HEADER("'f8'", "False", "()"), "no byte order"},
      {HEADER("''", "False", "()"), "no byte order"},
      {HEADER("'<f8", "False", "()"), "damaged header"},
      {HEADER("'<f\\x38'", "False", "()"), "plain text"},
      {HEADER("<f8", "False", "()"), "a text"},
      {HEADER("[('x', '<f8'", "False", "()"), "damaged header"},
      {HEADER("__import__('os')", "False", "()"), "a text"},
  };
  for (size_t i = 0; i < sizeof REFUSED / sizeof *REFUSED; i++) {
    uint8_t bytes[512];
    mg_npy_header header;
    mg_npy_problem problem = {""};
    size_t size = make(2, REFUSED[i].text, bytes);
    cr_expect(!mg_npy_header_parse(bytes, size, &header, &problem), "accepted: %s",
              REFUSED[i].text);
    cr_expect(strstr(problem.text, REFUSED[i].words), "%s: '%s' lacks '%s'", REFUSED[i].text,
              problem.text, REFUSED[i].words);
  }
}

/* Every beginning of a good header, and every byte of it changed: refused or not, but survived. */
Test(npy, every_damage_is_survived) {
  const char *text = HEADER("[('x', '<f8', (2,)), ('y', '|O')]", "False", "(20, 3)");
  uint8_t bytes[512], good[512];
  mg_npy_header header;
  mg_npy_problem problem;
  size_t size = make(1, text, good);
  for (size_t n = 0; n < strlen(text) - 4; n++) { /* without the spaces at the end */
    char cut[256];
    snprintf(cut, sizeof cut, "%.*s", (int)n, text);
    cr_assert(!mg_npy_header_parse(bytes, make(1, cut, bytes), &header, &problem));
  }
  for (size_t i = 10; i < size; i++) {
    for (int byte = 0; byte < 256; byte++) {
      memcpy(bytes, good, size);
      bytes[i] = (uint8_t)byte;
      mg_npy_header_parse(bytes, size, &header, &problem);
      cr_assert_leq(header.rank, MG_NPY_MAX_RANK);
    }
  }
}

static void refuse_prefix(const char *bytes, const char *words) {
  mg_npy_problem problem = {""};
  cr_expect_eq(mg_npy_header_size((const uint8_t *)bytes, &problem), 0);
  cr_expect(strstr(problem.text, words), "'%s' lacks '%s'", problem.text, words);
}

Test(npy, prefixes) {
  refuse_prefix("\x92NUMPY\1\0\x76\0{'", "does not begin");
  refuse_prefix("\x93NUMPY\0\0\x76\0{'", "version 0.0");
  refuse_prefix("\x93NUMPY\4\0\x76\0{'", "version 4.0");
  refuse_prefix("\x93NUMPY\1\1\x76\0{'", "version 1.1");
  refuse_prefix("\x93NUMPY\1\0\1\0{'", "11 bytes, which is none");
  refuse_prefix("\x93NUMPY\2\0\xf5\xff\0\0", "65537 bytes; expected at most 65536");
  refuse_prefix("\x93NUMPY\3\0\xff\xff\xff\xff", "4294967307 bytes");
  mg_npy_problem problem;
  cr_assert_eq(mg_npy_header_size((const uint8_t *)"\x93NUMPY\2\0\xf4\xff\0\0", &problem), 65536);
}

static void decode(mg_npy_type type, bool big_endian, const char *bytes, double expected) {
  mg_npy_header header = {.type = type, .big_endian = big_endian};
  uint8_t copy[16] = {0};
  size_t size = mg_npy_type_size(type);
  memcpy(copy + size, bytes, size); /* the second of two */
  double values[3] = {-7, -7, -7};
  cr_assert_eq(mg_npy_decode(&header, copy, 2, values), 2);
  cr_expect(values[0] == 0 && values[2] == -7);
  cr_expect(values[1] == expected, "type %d: %.17g, not %.17g", (int)type, values[1], expected);
}

Test(npy, decode) {
  decode(MG_NPY_BOOL, false, "\1", 1);
  decode(MG_NPY_BOOL, false, "\2", 1);
  decode(MG_NPY_I8, false, "\xfe", -2);
  decode(MG_NPY_U8, false, "\xfe", 254);
  decode(MG_NPY_I16, false, "\xfe\xff", -2);
  decode(MG_NPY_I16, true, "\xff\xfe", -2);
  decode(MG_NPY_U16, false, "\1\2", 513);
  decode(MG_NPY_I32, true, "\xff\xff\xff\xfd", -3);
  decode(MG_NPY_U32, false, "\0\0\0\x80", 2147483648.0);
  decode(MG_NPY_I64, false, "\xfd\xff\xff\xff\xff\xff\xff\xff", -3);
  decode(MG_NPY_I64, true, "\0\x20\0\0\0\0\0\0", 9007199254740992.0);
  decode(MG_NPY_U64, false, "\1\0\0\0\1\0\0\0", 4294967297.0);
  decode(MG_NPY_F32, false, "\0\0\xc0\x3f", 1.5);
  decode(MG_NPY_F64, true, "\xbf\xf8\0\0\0\0\0\0", -1.5);
  decode(MG_NPY_F16, false, "\0\x3e", 1.5);
  decode(MG_NPY_F16, false, "\xff\xfb", -65504);
  decode(MG_NPY_F16, false, "\1\0", 0x1p-24);
  decode(MG_NPY_F16, false, "\xff\3", 0x1.ff8p-15);
  decode(MG_NPY_F16, true, "\x7c\0", (double)INFINITY);
  double nan;
  mg_npy_decode(&(mg_npy_header){.type = MG_NPY_F16}, (uint8_t[]){0, 0x7e}, 1, &nan);
  cr_expect(isnan(nan));
}

Test(npy, integers_beyond_a_double) {
  double values[2];
  uint8_t bytes[16] = {0};
  mg_npy_header header = {.type = MG_NPY_I64};
  memcpy(bytes + 8, "\1\0\0\0\0\0\x20\0", 8); /* 2^53 + 1 */
  cr_expect_eq(mg_npy_decode(&header, bytes, 2, values), 1);
  memset(bytes + 8, 0, 8);
  bytes[15] = 0x80; /* -2^63; as unsigned 2^63 */
  cr_expect_eq(mg_npy_decode(&header, bytes, 2, values), 1);
  header.type = MG_NPY_U64;
  cr_expect_eq(mg_npy_decode(&header, bytes, 2, values), 1);
}

Test(npy, encode) {
  const double values[] = {1.5, -2, 0, 0x1p53};
  uint8_t bytes[32];
  cr_expect_eq(mg_npy_encode(MG_NPY_I64, values, 4, bytes), 0);
  cr_expect_eq(mg_npy_encode(MG_NPY_I64, values + 1, 3, bytes), 3);
  cr_expect_arr_eq(bytes, "\xfe\xff\xff\xff\xff\xff\xff\xff", 8);
  cr_expect_eq(mg_npy_encode(MG_NPY_I64, (double[]){(double)NAN}, 1, bytes), 0);
  cr_expect_eq(mg_npy_encode(MG_NPY_I64, (double[]){-(double)INFINITY}, 1, bytes), 0);
  cr_expect_eq(mg_npy_encode(MG_NPY_I64, (double[]){0x1p53 + 2}, 1, bytes), 0);
  cr_expect_eq(mg_npy_encode(MG_NPY_F32, values, 2, bytes), 2);
  cr_expect_arr_eq(bytes, "\0\0\xc0\x3f\0\0\0\xc0", 8);
  cr_expect_eq(mg_npy_encode(MG_NPY_BOOL, values, 3, bytes), 3);
  cr_expect_arr_eq(bytes, "\1\1\0", 3);
}

Test(npy, written_headers_are_read) {
  const uint64_t dims[][2] = {{0, 0}, {7, 3}, {UINT64_MAX, UINT64_MAX}};
  for (int rank = 1; rank <= 2; rank++) {
    for (int i = 0; i < 3; i++) {
      uint8_t bytes[MG_NPY_HEADER_WRITTEN];
      mg_npy_header h;
      mg_npy_problem problem;
      mg_npy_header_write(MG_NPY_BOOL, rank, dims[i], bytes);
      cr_assert_eq(mg_npy_header_size(bytes, &problem), sizeof bytes);
      cr_assert(mg_npy_header_parse(bytes, sizeof bytes, &h, &problem), "%s", problem.text);
      cr_assert(h.type == MG_NPY_BOOL && h.rank == rank && h.dims[0] == dims[i][0]);
      cr_assert(rank == 1 || h.dims[1] == dims[i][1]);
      cr_assert_eq(bytes[sizeof bytes - 1], '\n');
    }
  }
}
