/* Pages in Markdown, as GitHub and others show it. */
#include "app/config/config_table.h"
#include "app/manual/manual.h"
#include "app/manual/page.h"

#include <string.h>

/* What Markdown would take for its own; in a table's cell a bar, too. */
static void put(const char *text, FILE *to) {
  for (const char *c = text; *c; c++) {
    if (strchr("\\*<>|[]", *c)) putc('\\', to);
    putc(*c, to);
  }
}

static void title(const char *name, const char *summary, FILE *to) {
  (void)summary; /* begins the description */
  fprintf(to, "# %s\n", name);
}

static void usage(const char *name, const char *text, FILE *to) {
  fprintf(to, "\n    %s %s\n", name, text);
}

static void paragraph(const char *text, FILE *to) {
  putc('\n', to);
  put(text, to);
  putc('\n', to);
}

static void section(const char *heading, const char *text, FILE *to) {
  if (strcmp(heading, "Description") != 0) fprintf(to, "\n## %s\n", heading);
  if (text) paragraph(text, to);
}

static void entry(const char *term, const char *value, const char *text, FILE *to) {
  fprintf(to, "- `%s%s%s`: ", term, value ? " " : "", value ? value : "");
  put(text, to);
  putc('\n', to);
}

static void setting(const mg_config_row *row, FILE *to) {
  char expected[256], fallback[MG_CONFIG_VALUE_MAX];
  mg_config_expected(row, expected, sizeof expected);
  mg_config_default(row, NULL, fallback);
  fprintf(to, "| `%s` | ", row->key);
  put(fallback, to);
  fprintf(to, "%s%s | ", *row->unit ? " " : "", row->unit);
  put(expected, to);
  fputs(" | ", to);
  put(row->help, to);
  if (row->option) fprintf(to, "; `--%s`", row->key);
  fputs(row->resumable ? "; may change on `--resume` |\n" : " |\n", to);
}

static void settings(FILE *to) {
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    if (mg_config_begins_section(row)) {
      fprintf(to, "\n### [%s]\n\n", row->section);
      put(mg_config_section_help(row->section), to);
      fputs("\n\n| key | default | values | meaning |\n|---|---|---|---|\n", to);
    }
    setting(row, to);
  }
}

void mg_help_print_markdown(const mg_command *command, FILE *to) {
  static const mg_page_form form = {title, usage, section, paragraph, entry, settings};
  mg_page_print(&form, command, to);
}
