/* Numbers as people write them, and back. */
#include "app/number.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

enum { COUNT_MAX = 32 };

Test(number, accepted) {
  static const struct {
    const char *text;
    double value;
  } rows[] = {{"0", 0},      {"-0.5", -0.5}, {"+3", 3},      {".5", 0.5},
              {"5.", 5},     {"1e6", 1e6},   {"2E-3", 2e-3}, {"007", 7},
              {"1e-400", 0}, {"1e+2", 100},  {"0.1", 0.1},   {"1e308", 1e308}};
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    double value = NAN;
    cr_assert(mg_number_parse(rows[k].text, &value), "%s", rows[k].text);
    cr_assert(value == rows[k].value, "%s: %.17g", rows[k].text, value);
  }
}

Test(number, refused) {
  static const char *const texts[] = {"",     " 1",    "1 ",     "1x",       "0x10", "inf", "nan",
                                      "-inf", "1e400", "-1e400", "1,5",      "1e",   "e5",  "--1",
                                      ".",    "1.2.3", "1_000",  "infinity", "1d3"};
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
    double value = 7;
    int64_t whole = 7;
    cr_assert(!mg_number_parse(texts[k], &value) && value == 7, "'%s'", texts[k]);
    cr_assert(!mg_number_parse_whole(texts[k], &whole) && whole == 7, "'%s'", texts[k]);
  }
}

Test(number, whole) {
  int64_t n = 0;
  cr_assert(mg_number_parse_whole("1e6", &n) && n == 1000000);
  cr_assert(mg_number_parse_whole("-12.0", &n) && n == -12);
  cr_assert(mg_number_parse_whole("2.5e1", &n) && n == 25);
  cr_assert(mg_number_parse_whole("9007199254740992", &n) && n == INT64_C(9007199254740992));
  cr_assert(mg_number_parse_whole("-9007199254740992", &n) && n == -INT64_C(9007199254740992));
  n = 7;
  cr_assert(!mg_number_parse_whole("0.5", &n) && !mg_number_parse_whole("1e-3", &n));
  /* Here doubles skip every other integer: what was written may not be what is read. */
  cr_assert(!mg_number_parse_whole("9007199254740993", &n));
  cr_assert(!mg_number_parse_whole("-9007199254740993", &n));
  cr_assert(!mg_number_parse_whole("9.007199254740993e15", &n));
  cr_assert(!mg_number_parse_whole("9007199254740992.5", &n));
  cr_assert(!mg_number_parse_whole("9007199254740994", &n));
  cr_assert(!mg_number_parse_whole("-9007199254740994", &n));
  cr_assert(!mg_number_parse_whole("1e18", &n) && !mg_number_parse_whole("1e300", &n));
  cr_assert(n == 7);
}

/* The shortest text, and one that reads back to the same bits. */
Test(number, format) {
  static const struct {
    double value;
    const char *text;
  } rows[] = {{0.1, "0.1"},   {3e-4, "0.0003"},   {1e9, "1000000000"},
              {-2.5, "-2.5"}, {1e-300, "1e-300"}, {1 / 3., "0.3333333333333333"},
              {0, "0"},       {1e300, "1e+300"},  {1e15, "1000000000000000"}};
  char text[COUNT_MAX];
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    mg_number_format(rows[k].value, text);
    cr_assert_str_eq(text, rows[k].text);
  }
  double value = 1;
  for (int k = 0; k < 1000; k++) {
    value = fmod(value * 1.618033988749895 + 1e-3 * k, 1e3) * (k % 2 ? -1 : 1);
    double back;
    mg_number_format(value, text);
    cr_assert(mg_number_parse(text, &back) && back == value, "%.17g became %s", value, text);
  }
}
