#include "app/report/text_table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

static int printable(int c) {
  return (unsigned char)c < 0x20 || c == 0x7f ? '?' : c;
}

void mg_text_plain(const char *text, FILE *to) {
  for (; *text; text++) putc(printable(*text), to);
}

void mg_text_markdown(const char *text, FILE *to) {
  for (; *text; text++) {
    if (strchr("\\`*_[]<>|&#~", *text)) putc('\\', to);
    putc(printable(*text), to);
  }
}

void mg_text_html(const char *text, FILE *to) {
  static const char special[] = "&<>\"'";
  static const char *const escaped[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  for (; *text; text++) {
    const char *at = strchr(special, *text);
    if (at)
      fputs(escaped[at - special], to);
    else
      putc(printable(*text), to);
  }
}

/* Characters of a UTF-8 text: all bytes but continuations. */
static int width_of(const char *text) {
  int width = 0;
  for (; *text; text++) width += ((unsigned char)*text & 0xc0) != 0x80;
  return width;
}

/* ---- filling ---- */

void mg_table_add_row(mg_text_table *table, bool group) {
  if (table->failed) return;
  if (table->rows == table->capacity) {
    int capacity = table->capacity ? 2 * table->capacity : 32;
    void *larger = realloc(table->row, (size_t)capacity * sizeof *table->row);
    if (!larger) {
      table->failed = true;
      return;
    }
    table->row = larger, table->capacity = capacity;
  }
  table->row[table->rows++] = (struct mg_table_row){.group = group};
}

static void set(mg_text_table *table, char **cell, const char *text) {
  free(*cell);
  *cell = strdup(text);
  if (!*cell) table->failed = true;
}

void mg_table_set(mg_text_table *table, int column, const char *format, ...) {
  if (table->failed) return;
  char text[2048];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  set(table, &table->row[table->rows - 1].text[column], text);
}

void mg_table_set_html(mg_text_table *table, const char *html) {
  if (!table->failed) set(table, &table->row[table->rows - 1].html, html);
}

void mg_table_free(mg_text_table *table) {
  for (int r = 0; r < table->rows; r++) {
    for (int k = 0; k < MG_TABLE_COLUMNS_MAX; k++) free(table->row[r].text[k]);
    free(table->row[r].html);
  }
  free(table->row);
  table->row = NULL;
  table->rows = table->capacity = 0;
}

/* ---- printing ---- */

static const char *text_of(const mg_text_table *table, int r, int k) {
  const char *text = table->row[r].text[k];
  return text ? text : "";
}

static void print_cell(const char *text, int width, bool left, FILE *to) {
  int pad = width - width_of(text);
  if (!left) fprintf(to, "%*s", pad, "");
  mg_text_plain(text, to);
  if (left) fprintf(to, "%*s", pad, "");
}

void mg_table_print(const mg_text_table *table, FILE *to) {
  int width[MG_TABLE_COLUMNS_MAX];
  for (int k = 0; k < table->columns; k++) {
    width[k] = width_of(table->head[k]);
    for (int r = 0; r < table->rows; r++) {
      int w = width_of(text_of(table, r, k));
      if (w > width[k]) width[k] = w;
    }
  }
  for (int r = -1; r < table->rows; r++) {
    if (r > 0 && table->row[r].group) putc('\n', to);
    for (int k = 0; k < table->columns; k++) {
      if (k) fputs("  ", to);
      print_cell(r < 0 ? table->head[k] : text_of(table, r, k), width[k], table->left >> k & 1, to);
    }
    putc('\n', to);
    if (r >= 0) continue;
    for (int k = 0; k < table->columns; k++) {
      if (k) fputs("  ", to);
      for (int i = 0; i < width[k]; i++) putc('-', to);
    }
    putc('\n', to);
  }
}

void mg_table_print_markdown(const mg_text_table *table, FILE *to) {
  for (int k = 0; k < table->columns; k++) fprintf(to, "| %s ", table->head[k]);
  fputs("|\n", to);
  for (int k = 0; k < table->columns; k++) fputs(table->left >> k & 1 ? "|---" : "|---:", to);
  fputs("|\n", to);
  for (int r = 0; r < table->rows; r++) {
    for (int k = 0; k < table->columns; k++) {
      fputs("| ", to);
      mg_text_markdown(text_of(table, r, k), to);
      putc(' ', to);
    }
    fputs("|\n", to);
  }
}

static void print_html_cell(const char *tag, bool left, const char *text, FILE *to) {
  fprintf(to, "<%s%s>", tag, left ? " class=\"l\"" : "");
  mg_text_html(text, to);
  fprintf(to, "</%.2s>", tag);
}

static void print_html_head(const mg_text_table *table, FILE *to) {
  fputs("<thead><tr>", to);
  for (int k = table->grouped; k < table->columns; k++)
    print_html_cell("th scope=\"col\"", table->left >> k & 1, table->head[k], to);
  if (table->html_head) print_html_cell("th scope=\"col\"", true, table->html_head, to);
  fputs("</tr></thead>\n<tbody>\n", to);
}

/* "Hopper-v4, trajectories: 4" over the whole width. */
static void print_html_group(const mg_text_table *table, int r, FILE *to) {
  fprintf(to, "<tr class=\"g\"><th scope=\"rowgroup\" colspan=\"%d\"><span>",
          table->columns - table->grouped + (table->html_head != NULL));
  for (int k = 0; k < table->grouped; k++) {
    if (k && strcmp(text_of(table, r, k), "–") == 0) continue;
    if (k) fprintf(to, ", %s: ", table->head[k]);
    mg_text_html(text_of(table, r, k), to);
  }
  fputs("</span></th></tr>\n", to);
}

/* The box can be scrolled by keys, too; a reader's program calls it by its name. */
void mg_table_print_html(const mg_text_table *table, const char *name, FILE *to) {
  fputs("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"", to);
  mg_text_html(name, to);
  fputs("\"><table>\n", to);
  print_html_head(table, to);
  for (int r = 0; r < table->rows; r++) {
    const bool begins = r == 0 || table->row[r].group;
    if (begins && table->grouped) print_html_group(table, r, to);
    fputs(begins && r > 0 && !table->grouped ? "<tr class=\"g\">" : "<tr>", to);
    for (int k = table->grouped; k < table->columns; k++)
      print_html_cell(k > table->grouped ? "td" : "th scope=\"row\"", table->left >> k & 1,
                      text_of(table, r, k), to);
    if (table->html_head)
      fprintf(to, "<td class=\"l\">%s</td>", table->row[r].html ? table->row[r].html : "");
    fputs("</tr>\n", to);
  }
  fputs("</tbody></table></div>\n", to);
}
