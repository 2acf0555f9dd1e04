#include "app/config/config_table.h"

#include <assert.h>
#include <string.h>

/* True where a section begins in the table. */
static bool begins_section(const mg_config_row *row) {
  return row == mg_config_table || strcmp(row->section, row[-1].section) != 0;
}

size_t mg_config_to_text(const mg_settings *settings, char text[MG_CONFIG_TEXT_MAX]) {
  size_t used = 0;
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    char value[MG_CONFIG_VALUE_MAX];
    mg_config_format(row, settings, value);
    if (begins_section(row)) {
      used += (size_t)snprintf(text + used, MG_CONFIG_TEXT_MAX - used, "%s[%s]\n", used ? "\n" : "",
                               row->section);
    }
    used += (size_t)snprintf(text + used, MG_CONFIG_TEXT_MAX - used, "%s = %s\n", row->key, value);
    assert(used < MG_CONFIG_TEXT_MAX);
  }
  return used;
}

void mg_config_print_help(FILE *to) {
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    char expected[256];
    mg_config_expected(row, expected, sizeof expected);
    if (begins_section(row))
      fprintf(to, "\n[%s] %s\n", row->section, mg_config_section_help(row->section));
    fprintf(to, "  %-22s %s\n", row->key, row->help);
    fprintf(to, "  %-22s   default %s%s%s; %s%s%s%s\n", "",
            *row->fallback ? row->fallback : "(empty)", *row->unit ? " " : "", row->unit, expected,
            row->option ? "; --" : "", row->option ? row->key : "",
            row->resumable ? "; may change on --resume" : "");
  }
}

void mg_config_print_markdown(FILE *to) {
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    char expected[256];
    mg_config_expected(row, expected, sizeof expected);
    if (begins_section(row)) {
      fprintf(
          to,
          "%s## [%s] %s\n\n| key | default | unit | values | meaning |\n|---|---|---|---|---|\n",
          row == mg_config_table ? "" : "\n", row->section, mg_config_section_help(row->section));
    }
    /* A bar would end the cell. */
    for (char *c = expected; *c; c++)
      if (*c == '|') *c = '/';
    const char *tick = *row->fallback ? "`" : "";
    fprintf(to, "| `%s` | %s%s%s | %s | %s | %s%s%s%s%s |\n", row->key, tick, row->fallback, tick,
            row->unit, expected, row->help, row->option ? "; `--" : "", row->option ? row->key : "",
            row->option ? "`" : "", row->resumable ? "; may change on `--resume`" : "");
  }
}
