#include "app/config/config_table.h"
#include "app/number.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

static void *field_of(const mg_config_row *row, mg_settings *settings) {
  return (char *)settings + row->offset;
}
static const void *const_field_of(const mg_config_row *row, const mg_settings *settings) {
  return (const char *)settings + row->offset;
}

void mg_config_expected(const mg_config_row *row, char *text, size_t capacity) {
  char min[32], max[32];
  mg_number_format(row->min, min);
  mg_number_format(row->max, max);
  switch (row->type) {
  case MG_CONFIG_INT:
  case MG_CONFIG_INT64:
    snprintf(text, capacity, "a whole number, %s to %s", min, max);
    break;
  case MG_CONFIG_NUMBER:
    snprintf(text, capacity, "a number, %s to %s", min, max);
    break;
  case MG_CONFIG_SWITCH:
    snprintf(text, capacity, "on or off");
    break;
  case MG_CONFIG_CHOICE: {
    size_t used = 0;
    for (int i = 0; row->choices[i] && used < capacity; i++)
      used += (size_t)snprintf(text + used, capacity - used, "%s%s", i ? "|" : "", row->choices[i]);
    break;
  }
  case MG_CONFIG_TEXT:
    snprintf(text, capacity, "text");
    break;
  case MG_CONFIG_ARGUMENT:
    snprintf(text, capacity, "%s, or empty", mg_env_option_expected(row->key));
    break;
  case MG_CONFIG_LAYERS:
    snprintf(text, capacity, "up to %d widths, %s to %s, or none", MG_HIDDEN_MAX, min, max);
    break;
  }
}

static bool parse_switch(const char *value, bool *on) {
  static const char *const words[][2] = {{"off", "on"}, {"false", "true"}, {"no", "yes"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    for (int k = 0; k < 2; k++)
      if (strcmp(value, words[i][k]) == 0) return *on = k, true;
  }
  return false;
}

static bool parse_layers(const mg_config_row *row, const char *value, mg_layers *layers) {
  mg_layers parsed = {0};
  if (strcmp(value, "none") == 0) return *layers = parsed, true;
  const char *c = value;
  for (;;) {
    size_t length = strcspn(c, ",");
    char word[32];
    int64_t width;
    if (length >= sizeof word || parsed.count == MG_HIDDEN_MAX) return false;
    while (length && isspace((unsigned char)*c)) c++, length--;
    size_t kept = length;
    while (kept && isspace((unsigned char)c[kept - 1])) kept--;
    memcpy(word, c, kept);
    word[kept] = '\0';
    if (!mg_number_parse_whole(word, &width)) return false;
    if ((double)width < row->min || (double)width > row->max) return false;
    parsed.width[parsed.count++] = (int)width;
    if (c[length] == '\0') return *layers = parsed, true;
    c += length + 1;
  }
}

/* A text must read back from an INI file as it is: no control characters, no blanks at the ends, no
 * comment in it, and short enough for libinih's lines. */
static bool parse_text(const mg_config_row *row, const char *value, char *text) {
  size_t length = strlen(value);
  if (length >= (size_t)row->max || length >= MG_CONFIG_VALUE_MAX) return false;
  for (size_t i = 0; i < length; i++) {
    if (iscntrl((unsigned char)value[i])) return false;
    if (value[i] == ';' && (i == 0 || isspace((unsigned char)value[i - 1]))) return false;
  }
  if (length && (isspace((unsigned char)value[0]) || isspace((unsigned char)value[length - 1])))
    return false;
  memcpy(text, value, length + 1);
  return true;
}

static mg_status refuse(const mg_config_row *row, const char *value) {
  char expected[256];
  if (row->type == MG_CONFIG_TEXT) {
    size_t longest = row->max <= MG_CONFIG_VALUE_MAX ? (size_t)row->max : MG_CONFIG_VALUE_MAX;
    return mg_fail(MG_ERR_CONFIG,
                   "%s = '%.200s': expected a text of at most %zu bytes without control "
                   "characters, ' ;' or blanks at its ends",
                   row->name, value, longest - 1);
  }
  mg_config_expected(row, expected, sizeof expected);
  return mg_fail(MG_ERR_CONFIG, "%s = '%.200s': expected %s", row->name, value, expected);
}

mg_status mg_config_set_row(const mg_config_row *row, const char *value, mg_settings *settings) {
  void *field = field_of(row, settings);
  int64_t whole;
  double number;
  switch (row->type) {
  case MG_CONFIG_INT:
  case MG_CONFIG_INT64:
    if (!mg_number_parse_whole(value, &whole) || (double)whole < row->min ||
        (double)whole > row->max)
      return refuse(row, value);
    if (row->type == MG_CONFIG_INT64)
      *(int64_t *)field = whole;
    else
      *(int *)field = (int)whole;
    return MG_OK;
  case MG_CONFIG_NUMBER:
    if (!mg_number_parse(value, &number) || number < row->min || number > row->max)
      return refuse(row, value);
    *(double *)field = number;
    return MG_OK;
  case MG_CONFIG_SWITCH:
    return parse_switch(value, field) ? MG_OK : refuse(row, value);
  case MG_CONFIG_CHOICE:
    for (int i = 0; row->choices[i]; i++)
      if (strcmp(row->choices[i], value) == 0) return *(int *)field = i, MG_OK;
    return refuse(row, value);
  case MG_CONFIG_TEXT:
    return parse_text(row, value, field) ? MG_OK : refuse(row, value);
  case MG_CONFIG_ARGUMENT:
    if (!mg_env_option_valid(row->key, value)) return refuse(row, value);
    strcpy(field, value);
    return MG_OK;
  case MG_CONFIG_LAYERS:
    return parse_layers(row, value, field) ? MG_OK : refuse(row, value);
  }
  return refuse(row, value);
}

static void format_layers(const mg_layers *layers, char *text, size_t capacity) {
  size_t used = (size_t)snprintf(text, capacity, "%s", layers->count ? "" : "none");
  for (int i = 0; i < layers->count; i++)
    used += (size_t)snprintf(text + used, capacity - used, "%s%d", i ? "," : "", layers->width[i]);
}

void mg_config_format(const mg_config_row *row, const mg_settings *settings,
                      char text[MG_CONFIG_VALUE_MAX]) {
  const void *field = const_field_of(row, settings);
  switch (row->type) {
  case MG_CONFIG_INT:
    snprintf(text, MG_CONFIG_VALUE_MAX, "%d", *(const int *)field);
    break;
  case MG_CONFIG_INT64:
    snprintf(text, MG_CONFIG_VALUE_MAX, "%lld", (long long)*(const int64_t *)field);
    break;
  case MG_CONFIG_NUMBER:
    mg_number_format(*(const double *)field, text);
    break;
  case MG_CONFIG_SWITCH:
    snprintf(text, MG_CONFIG_VALUE_MAX, "%s", *(const bool *)field ? "on" : "off");
    break;
  case MG_CONFIG_CHOICE:
    snprintf(text, MG_CONFIG_VALUE_MAX, "%s", row->choices[*(const int *)field]);
    break;
  case MG_CONFIG_TEXT:
  case MG_CONFIG_ARGUMENT:
    snprintf(text, MG_CONFIG_VALUE_MAX, "%s", (const char *)field);
    break;
  case MG_CONFIG_LAYERS:
    format_layers(field, text, MG_CONFIG_VALUE_MAX);
    break;
  }
}
