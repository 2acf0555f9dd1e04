#include "app/config/config_table.h"
#include "app/options.h"
#include "envs/env.h"

#include <assert.h>
#include <string.h>

bool mg_config_begins_section(const mg_config_row *row) {
  return row == mg_config_table || strcmp(row->section, row[-1].section) != 0;
}

size_t mg_config_to_text(const mg_settings *settings, char text[MG_CONFIG_TEXT_MAX]) {
  size_t used = 0;
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    char value[MG_CONFIG_VALUE_MAX];
    mg_config_format(row, settings, value);
    if (mg_config_begins_section(row)) {
      used += (size_t)snprintf(text + used, MG_CONFIG_TEXT_MAX - used, "%s[%s]\n", used ? "\n" : "",
                               row->section);
    }
    used += (size_t)snprintf(text + used, MG_CONFIG_TEXT_MAX - used, "%s = %s\n", row->key, value);
    assert(used < MG_CONFIG_TEXT_MAX);
  }
  return used;
}

enum { KEY_INDENT = 25 };

static void print_section(const mg_config_row *row, const mg_env *env, FILE *to) {
  char of_task[160] = "";
  if (row->type == MG_CONFIG_ARGUMENT && env)
    snprintf(of_task, sizeof of_task,
             "\nThose of %s; --env ID --help shows another task's. Empty stands for the default.",
             mg_env_get_spec(env)->id);
  fprintf(to, "\n[%s] ", row->section);
  mg_print_wrapped((int)strlen(row->section) + 3, 0, mg_config_section_help(row->section), to);
  if (*of_task) mg_print_wrapped(0, 0, of_task + 1, to);
}

bool mg_config_default(const mg_config_row *row, const mg_env *env,
                       char text[MG_CONFIG_VALUE_MAX]) {
  if (row->type == MG_CONFIG_ARGUMENT && env) return mg_env_get_argument(env, row->key, text);
  const char *fallback = row->type == MG_CONFIG_ARGUMENT ? "the task's" : row->fallback;
  snprintf(text, MG_CONFIG_VALUE_MAX, "%s", *fallback ? fallback : "(empty)");
  if (row->type == MG_CONFIG_INT || row->type == MG_CONFIG_INT64) {
    const mg_settings defaults = mg_config_defaults();
    mg_config_format(row, &defaults, text); /* "5e5" is written out */
  }
  return true;
}

bool mg_config_describe(const mg_config_row *row, const mg_env *env, char *text, size_t capacity) {
  char expected[256], fallback[MG_CONFIG_VALUE_MAX];
  if (!mg_config_default(row, env, fallback)) return false;
  mg_config_expected(row, expected, sizeof expected);
  snprintf(text, capacity, "default %s%s%s; %s%s%s%s", fallback, *row->unit ? " " : "", row->unit,
           expected, row->option ? "; --" : "", row->option ? row->key : "",
           row->resumable ? "; may change on --resume" : "");
  return true;
}

/* env: of the task whose arguments are shown. Nullable: all arguments, without defaults. */
static void print_row(const mg_config_row *row, const mg_env *env, FILE *to) {
  char line[512];
  if (!mg_config_describe(row, env, line, sizeof line)) return;
  mg_print_entry(KEY_INDENT, row->key, row->help, to);
  fprintf(to, "%*s", KEY_INDENT + 2, "");
  mg_print_wrapped(KEY_INDENT + 2, KEY_INDENT + 2, line, to);
}

void mg_config_print_help(const char *task, FILE *to) {
  mg_env *env = NULL;
  if (mg_env_create(task, &env) != MG_OK) env = NULL;
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    if (mg_config_begins_section(row)) print_section(row, env, to);
    print_row(row, env, to);
  }
  mg_env_destroy(env);
}
