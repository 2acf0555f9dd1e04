#include "app/sweep/sweep_values.h"

#include "app/number.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 100000 };

mg_status mg_sweep_values_add(mg_sweep_values *values, const char *value) {
  if (strlen(value) >= MG_SWEEP_VALUE_MAX)
    return mg_fail(MG_ERR_CONFIG, "a value of %zu bytes; expected at most %d", strlen(value),
                   MG_SWEEP_VALUE_MAX - 1);
  if (values->count == values->capacity) {
    const int capacity = values->capacity ? 2 * values->capacity : 16;
    void *larger = realloc(values->value, (size_t)capacity * sizeof *values->value);
    if (!larger) return mg_fail(MG_ERR_MEMORY, "out of memory for %d values", capacity);
    values->value = larger, values->capacity = capacity;
  }
  strcpy(values->value[values->count++], value);
  return MG_OK;
}

bool mg_sweep_values_have(const mg_sweep_values *values, const char *value) {
  for (int i = 0; i < values->count; i++)
    if (strcmp(values->value[i], value) == 0) return true;
  return false;
}

void mg_sweep_values_free(mg_sweep_values *values) {
  free(values->value);
  *values = (mg_sweep_values){0};
}

/* ---- lists and ranges ---- */

/* "FIRST..LAST" or "FIRST..LAST:STEP" with a number in front of the dots; what has none is a text,
 * such as a path. */
static mg_status add_range(const char *word, bool *is_range, mg_sweep_values *values) {
  const char *dots = strstr(word, "..");
  char part[MG_SWEEP_VALUE_MAX];
  double first, last, step = 1;
  snprintf(part, sizeof part, "%.*s", dots ? (int)(dots - word) : 0, word);
  *is_range = dots && mg_number_parse(part, &first);
  if (!*is_range) return MG_OK;
  const char *colon = strchr(dots, ':');
  snprintf(part, sizeof part, "%.*s", (int)strcspn(dots + 2, ":"), dots + 2);
  if (!mg_number_parse(part, &last) || (colon && (!mg_number_parse(colon + 1, &step) || step <= 0)))
    return mg_fail(MG_ERR_CONFIG, "expected FIRST..LAST or FIRST..LAST:STEP, a step above 0");
  if (last < first) return mg_fail(MG_ERR_CONFIG, "an empty range; expected FIRST not above LAST");
  const double count = floor((last - first) / step + 1e-9) + 1;
  if (count > VALUES_MAX)
    return mg_fail(MG_ERR_CONFIG, "a range of %.0f values; expected at most %d", count, VALUES_MAX);
  for (int i = 0; i < (int)count; i++) {
    char text[32];
    /* 0.1 + 2 * 0.1 is to be 0.3: what a person would write has fewer digits. */
    snprintf(text, sizeof text, "%.12g", first + i * step);
    double value = 0;
    mg_number_parse(text, &value);
    mg_number_format(value, text);
    MG_TRY(mg_sweep_values_add(values, text));
  }
  return MG_OK;
}

/* The next of a list: word [MG_SWEEP_VALUE_MAX] without blanks around it, *text behind its comma. */
static mg_status next_word(const char **text, char *word, bool *quoted) {
  const char *c = *text + strspn(*text, " \t");
  *quoted = *c == '"';
  const char *end = *quoted ? strchr(c + 1, '"') : c + strcspn(c, ",");
  if (!end) return mg_fail(MG_ERR_CONFIG, "a quotation mark without its other one");
  const char *start = c + *quoted, *next = end + *quoted;
  next += strspn(next, " \t");
  if (*next && *next != ',') return mg_fail(MG_ERR_CONFIG, "expected a comma behind \"...\"");
  while (!*quoted && end > start && isspace((unsigned char)end[-1])) end--;
  if (end - start >= MG_SWEEP_VALUE_MAX)
    return mg_fail(MG_ERR_CONFIG, "a value of %d bytes; expected at most %d", (int)(end - start),
                   MG_SWEEP_VALUE_MAX - 1);
  snprintf(word, MG_SWEEP_VALUE_MAX, "%.*s", (int)(end - start), start);
  if (!*word && !*quoted) return mg_fail(MG_ERR_CONFIG, "expected a value on each side of a comma");
  *text = next;
  return MG_OK;
}

static mg_status parse(const char *text, mg_sweep_values *values) {
  if (text[strspn(text, " \t")] == '\0')
    return mg_fail(MG_ERR_CONFIG, "no value; expected some by comma, or a range such as 1..5");
  for (;;) {
    char word[MG_SWEEP_VALUE_MAX];
    bool quoted, is_range = false;
    MG_TRY(next_word(&text, word, &quoted));
    if (!quoted) MG_TRY(add_range(word, &is_range, values));
    if (!is_range) MG_TRY(mg_sweep_values_add(values, word));
    if (*text == '\0') return MG_OK;
    text++;
  }
}

mg_status mg_sweep_values_parse(const char *name, const char *text, mg_sweep_values *values) {
  const mg_status status = parse(text, values);
  if (status == MG_OK) return MG_OK;
  return mg_fail(status, "%s = %.200s: %.400s", name, text, mg_status_message());
}

/* ---- conditions ---- */

const char *mg_sweep_point_value(const mg_sweep_point *point, const char *axis) {
  for (int i = 0; i < point->axes; i++)
    if (strcmp(point->axis[i].name, axis) == 0) return point->axis[i].value;
  return NULL;
}

mg_status mg_sweep_condition_next(const char **condition, char axis[MG_SWEEP_AXIS_MAX],
                                  mg_sweep_values *values, bool *found) {
  const char *word = *condition + strspn(*condition, " \t");
  const size_t length = strcspn(word, " \t");
  const char *equals = memchr(word, '=', length);
  *found = length > 0;
  *condition = word + length;
  if (!*found) return MG_OK;
  char text[1024];
  if (!equals || equals == word || (size_t)(equals - word) >= MG_SWEEP_AXIS_MAX ||
      length >= sizeof text)
    return mg_fail(MG_ERR_CONFIG, "condition '%.*s': expected AXIS=VALUES",
                   (int)(length < 200 ? length : 200), word);
  snprintf(axis, MG_SWEEP_AXIS_MAX, "%.*s", (int)(equals - word), word);
  snprintf(text, sizeof text, "%.*s", (int)(word + length - equals - 1), equals + 1);
  return mg_sweep_values_parse(axis, text, values);
}

mg_status mg_sweep_condition_holds(const char *condition, const mg_sweep_point *point,
                                   bool *holds) {
  char axis[MG_SWEEP_AXIS_MAX];
  *holds = true;
  for (bool found = true; *holds;) {
    mg_sweep_values values = {0};
    const mg_status status = mg_sweep_condition_next(&condition, axis, &values, &found);
    const char *value = found && status == MG_OK ? mg_sweep_point_value(point, axis) : NULL;
    if (found) *holds = value && mg_sweep_values_have(&values, value);
    mg_sweep_values_free(&values);
    MG_TRY(status);
    if (!found) break;
  }
  return MG_OK;
}

/* ---- names in braces ---- */

mg_status mg_sweep_fill(const char *name, const char *text, const mg_sweep_point *point,
                        size_t capacity, char *out) {
  size_t used = 0;
  while (*text) {
    const char *put = text, *end = *text == '{' ? strchr(text, '}') : NULL;
    size_t length = *text == '{' ? 1 : strcspn(text, "{");
    char axis[MG_SWEEP_AXIS_MAX];
    text += length;
    if (end) {
      snprintf(axis, sizeof axis, "%.*s", (int)(end - put - 1), put + 1);
      put = mg_sweep_point_value(point, axis);
      if (!put) return mg_fail(MG_ERR_CONFIG, "%s: {%s}: expected the name of an axis", name, axis);
      length = strlen(put);
      text = end + 1;
    }
    if (used + length >= capacity)
      return mg_fail(MG_ERR_CONFIG, "%s: a text of more than %zu bytes", name, capacity - 1);
    memcpy(out + used, put, length);
    used += length;
  }
  out[used] = '\0';
  return MG_OK;
}

bool mg_sweep_mentions(const char *text, const char *axis) {
  const size_t length = strlen(axis);
  for (const char *at = text; (at = strchr(at, '{')); at++)
    if (strncmp(at + 1, axis, length) == 0 && at[1 + length] == '}') return true;
  return false;
}
