/* Pages for man: macros of man(7), clean by groff's warnings and mandoc's lint. */
#include "app/config/config_table.h"
#include "app/manual/manual.h"
#include "app/manual/page.h"
#include "mgail_version.h"

#include <ctype.h>
#include <string.h>

enum { ESCAPED_MAX = 4096 };

/* Every minus is one that can be typed, and no word is a request. */
static const char *escape(const char *text, char to[ESCAPED_MAX]) {
  size_t n = 0;
  for (const char *c = text; *c && n + 4 < ESCAPED_MAX; c++) {
    const bool begins = c == text || c[-1] == ' ' || c[-1] == '\n';
    if (begins && (*c == '.' || *c == '\'')) n += (size_t)sprintf(to + n, "\\&");
    if (*c == '-')
      n += (size_t)sprintf(to + n, "\\-");
    else if (*c == '\\')
      n += (size_t)sprintf(to + n, "\\e");
    else
      to[n++] = *c;
  }
  to[n] = '\0';
  return to;
}

static void paragraph(const char *text, FILE *to) {
  char escaped[ESCAPED_MAX];
  fputs(".PP\n", to);
  mg_print_wrapped(0, 0, escape(text, escaped), to);
}

static void section(const char *heading, const char *text, FILE *to) {
  char escaped[ESCAPED_MAX];
  fputs(".SH ", to);
  for (const char *c = heading; *c; c++) putc(toupper((unsigned char)*c), to);
  putc('\n', to);
  if (text) mg_print_wrapped(0, 0, escape(text, escaped), to);
}

/* "mgail train" as a page's name: mgail-train */
static void title(const char *name, const char *summary, FILE *to) {
  char page[64], escaped[ESCAPED_MAX];
  snprintf(page, sizeof page, "%s", name);
  for (char *c = page; *c; c++)
    if (*c == ' ') *c = '-';
  fputs(".TH ", to);
  for (const char *c = page; *c; c++) putc(toupper((unsigned char)*c), to);
  fprintf(to, " 1 \"\" \"mgail %s\" \"User Commands\"\n", MGAIL_VERSION);
  section("Name", NULL, to);
  fprintf(to, "%s \\- ", escape(page, escaped));
  putc(tolower((unsigned char)*summary), to);
  fprintf(to, "%s\n", escape(summary + 1, escaped));
}

static void usage(const char *name, const char *text, FILE *to) {
  char escaped[ESCAPED_MAX];
  section("Synopsis", NULL, to);
  fprintf(to, ".B %s\n", name);
  mg_print_wrapped(0, 0, escape(text, escaped), to);
}

static void entry(const char *term, const char *value, const char *text, FILE *to) {
  char escaped[ESCAPED_MAX];
  fprintf(to, ".TP\n.BI %s", escape(term, escaped));
  if (value) fprintf(to, " \" %s\"", escape(value, escaped));
  putc('\n', to);
  mg_print_wrapped(0, 0, escape(text, escaped), to);
}

static void settings(FILE *to) {
  char escaped[ESCAPED_MAX], text[1024];
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    if (mg_config_begins_section(row)) {
      fprintf(to, ".SS [%s]\n", row->section);
      mg_print_wrapped(0, 0, escape(mg_config_section_help(row->section), escaped), to);
    }
    mg_config_describe(row, NULL, text, sizeof text);
    entry(row->name, NULL, row->help, to);
    fputs(".br\n", to);
    mg_print_wrapped(0, 0, escape(text, escaped), to);
  }
}

void mg_help_print_man(const mg_command *command, FILE *to) {
  static const mg_page_form form = {title, usage, section, paragraph, entry, settings};
  mg_page_print(&form, command, to);
  section("See also", NULL, to);
  if (command) {
    fputs(".BR mgail (1)\n", to);
    return;
  }
  for (const mg_command *const *c = mg_commands; *c; c++)
    fprintf(to, ".BR mgail\\-%s (1)%s\n", (*c)->name, c[1] ? "," : "");
}
