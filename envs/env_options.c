#include "envs/env_options.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum value_kind { NUMBER, COUNT, INDEX, SWITCH, RANGE } value_kind;

typedef struct argument {
  const char *name;
  value_kind kind;
  size_t option;   /* offset in mg_env_options */
  size_t argument; /* offset in mg_env_arguments */
} argument;

static const argument rows[] = {
#define ROW(kind, name, help)                                                                      \
  {#name, kind, offsetof(mg_env_options, name), offsetof(mg_env_arguments, name)},
    MG_ENV_ARGUMENT_LIST(ROW)
#undef ROW
};
enum { ROWS = sizeof rows / sizeof *rows };

static const char *const expected[] = {
    [NUMBER] = "a number",
    [COUNT] = "a whole number from 1 to 1e9",
    [INDEX] = "a whole number from 0 to 1e9",
    [SWITCH] = "on or off",
    [RANGE] = "two numbers, low, high",
};

/* ---- values ---- */

typedef union any_value {
  double number, range[2];
  int whole;
  bool on;
} any_value;

/* Reads one number and moves the cursor behind it and the blanks that follow. */
static bool take_number(const char **cursor, double *value) {
  char *end;
  *value = strtod(*cursor, &end);
  if (end == *cursor || isnan(*value)) return false;
  while (isspace((unsigned char)*end)) end++;
  *cursor = end;
  return true;
}

static bool parse_range(const char *text, double range[2]) {
  double low, high;
  char close = *text == '[' ? ']' : *text == '(' ? ')' : '\0';
  if (close) text++;
  if (!take_number(&text, &low) || *text++ != ',' || !take_number(&text, &high)) return false;
  if (close && *text++ != close) return false;
  if (*text || !(low <= high)) return false;
  range[0] = low;
  range[1] = high;
  return true;
}

static bool parse_switch(const char *text, bool *on) {
  static const char *const words[] = {"off", "on", "false", "true", "False", "True", "no", "yes"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(text, words[i]) == 0) return *on = i % 2, true;
  return false;
}

static bool parse_whole(const char *text, int least, int *whole) {
  double value;
  if (!take_number(&text, &value) || *text || value != floor(value)) return false;
  if (value < least || value > 1e9) return false;
  *whole = (int)value;
  return true;
}

static bool parse(value_kind kind, const char *text, void *value) {
  switch (kind) {
  case NUMBER: {
    double number;
    if (!take_number(&text, &number) || *text || !isfinite(number)) return false;
    *(double *)value = number;
    return true;
  }
  case COUNT:
    return parse_whole(text, 1, value);
  case INDEX:
    return parse_whole(text, 0, value);
  case SWITCH:
    return parse_switch(text, value);
  case RANGE:
    return parse_range(text, value);
  }
  return false;
}

static const argument *find(const char *name, size_t length) {
  for (int i = 0; i < ROWS; i++)
    if (strlen(rows[i].name) == length && strncmp(rows[i].name, name, length) == 0) return &rows[i];
  return NULL;
}

const char *mg_env_option_expected(const char *name) {
  const argument *found = find(name, strlen(name));
  return found ? expected[found->kind] : NULL;
}

bool mg_env_option_valid(const char *name, const char *text) {
  const argument *found = find(name, strlen(name));
  any_value value;
  return !*text || (found && strlen(text) < MG_ENV_OPTION_MAX && parse(found->kind, text, &value));
}

/* ---- applying them ---- */

static bool has_word(const char *words, const char *word) {
  size_t n = strlen(word);
  for (const char *c = words; (c = strstr(c, word)); c += n)
    if ((c == words || c[-1] == ' ') && (c[n] == ' ' || c[n] == '\0')) return true;
  return false;
}

mg_status mg_env_options_apply(const char *id, const char *takes, const mg_env_options *options,
                               mg_env_arguments *arguments) {
  for (int i = 0; options && i < ROWS; i++) {
    const char *text = (const char *)options + rows[i].option;
    if (!*text) continue;
    if (!has_word(takes, rows[i].name))
      return mg_fail(MG_ERR_CONFIG, "env.%s: %s has no such argument; it has: %s", rows[i].name, id,
                     takes);
    if (!parse(rows[i].kind, text, (char *)arguments + rows[i].argument))
      return mg_fail(MG_ERR_CONFIG, "env.%s = '%s': expected %s", rows[i].name, text,
                     expected[rows[i].kind]);
  }
  return MG_OK;
}

/* ---- JSON ---- */

static const char *skip_blanks(const char *c) {
  while (isspace((unsigned char)*c)) c++;
  return c;
}

/* The end of a value that is one word or a list of words in brackets; NULL if it is neither. */
static const char *value_end(const char *c) {
  size_t n = *c == '[' ? strcspn(c, "]{}\"") : strcspn(c, ",}{[\" ");
  if (*c != '[') return n ? c + n : NULL;
  return c[n] == ']' ? c + n + 1 : NULL;
}

static mg_status not_understood(const char *json, const char *at) {
  return mg_fail(MG_ERR_CONFIG,
                 "arguments of an environment: '%.200s' is not understood at '%.20s'", json, at);
}

mg_status mg_env_options_from_json(const char *json, mg_env_options *options) {
  memset(options, 0, sizeof *options);
  const char *c = skip_blanks(json);
  if (*c != '{') return not_understood(json, c);
  c = skip_blanks(c + 1);
  while (*c != '}') {
    if (*c != '"') return not_understood(json, c);
    size_t length = strcspn(c + 1, "\"");
    const argument *found = find(c + 1, length);
    if (!found)
      return mg_fail(MG_ERR_CONFIG, "no environment has an argument '%.*s'",
                     length < 60 ? (int)length : 60, c + 1);
    c = skip_blanks(c + 1 + length + (c[1 + length] == '"'));
    if (*c != ':') return not_understood(json, c);
    c = skip_blanks(c + 1);
    const char *end = value_end(c);
    if (!end || end - c >= MG_ENV_OPTION_MAX) return not_understood(json, c);
    char *value = (char *)options + found->option;
    memcpy(value, c, (size_t)(end - c));
    value[end - c] = '\0';
    c = skip_blanks(end);
    if (*c == ',')
      c = skip_blanks(c + 1);
    else if (*c != '}')
      return not_understood(json, c);
  }
  c = skip_blanks(c + 1);
  return *c ? not_understood(json, c) : MG_OK;
}

/* A number that reads back to the same double, in JSON as Python writes and reads it. */
static void format_number(double value, char text[32]) {
  if (isinf(value))
    snprintf(text, 32, value > 0 ? "Infinity" : "-Infinity");
  else
    for (int digits = 15; digits <= 17; digits++) {
      snprintf(text, 32, "%.*g", digits, value);
      if (strtod(text, NULL) == value) break;
    }
}

static void format(value_kind kind, const void *value, char text[96]) {
  char low[32], high[32];
  switch (kind) {
  case NUMBER:
    format_number(*(const double *)value, text);
    break;
  case COUNT:
  case INDEX:
    snprintf(text, 96, "%d", *(const int *)value);
    break;
  case SWITCH:
    snprintf(text, 96, "%s", *(const bool *)value ? "true" : "false");
    break;
  case RANGE:
    format_number(((const double *)value)[0], low);
    format_number(((const double *)value)[1], high);
    snprintf(text, 96, "[%s, %s]", low, high);
    break;
  }
}

bool mg_env_option_show(const char *takes, const mg_env_arguments *arguments, const char *name,
                        char text[MG_ENV_OPTION_MAX]) {
  const argument *found = find(name, strlen(name));
  if (!found || !has_word(takes, name)) return false;
  const void *value = (const char *)arguments + found->argument;
  char written[96];
  format(found->kind, value, written);
  if (found->kind == SWITCH)
    snprintf(text, MG_ENV_OPTION_MAX, "%s", *(const bool *)value ? "on" : "off");
  else if (found->kind == RANGE)
    snprintf(text, MG_ENV_OPTION_MAX, "%g, %g", ((const double *)value)[0],
             ((const double *)value)[1]);
  else
    snprintf(text, MG_ENV_OPTION_MAX, "%.63s", written);
  return true;
}

mg_status mg_env_options_to_json(const mg_env_options *options, size_t capacity, char *json) {
  size_t used = (size_t)snprintf(json, capacity, "{");
  for (int i = 0; i < ROWS; i++) {
    const char *text = (const char *)options + rows[i].option;
    any_value value;
    char written[96];
    if (!*text) continue;
    if (!parse(rows[i].kind, text, &value))
      return mg_fail(MG_ERR_CONFIG, "env.%s = '%s': expected %s", rows[i].name, text,
                     expected[rows[i].kind]);
    format(rows[i].kind, &value, written);
    if (used < capacity)
      used += (size_t)snprintf(json + used, capacity - used, "%s\"%s\": %s", used > 1 ? ", " : "",
                               rows[i].name, written);
  }
  if (used + 2 > capacity)
    return mg_fail(MG_ERR_CONFIG, "the arguments of [env] do not fit in %zu bytes", capacity);
  memcpy(json + used, "}", 2);
  return MG_OK;
}
