#include "app/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool mg_number_parse(const char *text, double *value) {
  if (!*text || text[strspn(text, "+-.0123456789eE")] != '\0') return false;
  char *end;
  double number = strtod(text, &end);
  if (*end != '\0' || !isfinite(number)) return false;
  *value = number;
  return true;
}

bool mg_number_parse_whole(const char *text, int64_t *value) {
  double rounded;
  if (!mg_number_parse(text, &rounded)) return false;
  const long double number = strtold(text, NULL); /* 2^53 + 1 is no double */
  if (number != floorl(number) || fabsl(number) > 9007199254740992.0L) return false;
  *value = (int64_t)number;
  return true;
}

void mg_number_format(double value, char text[32]) {
  if (value == floor(value) && fabs(value) <= 9007199254740992.0) {
    snprintf(text, 32, "%.0f", value == 0 ? 0 : value);
    return;
  }
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, 32, "%.*g", digits, value);
    if (strtod(text, NULL) == value) return;
  }
}
