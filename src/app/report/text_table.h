/* A table for people: aligned for a terminal, as Markdown, as HTML. Texts are UTF-8 and may come
 * from anywhere: every writer escapes what its form would take for itself. */
#ifndef MG_APP_REPORT_TEXT_TABLE_H
#define MG_APP_REPORT_TEXT_TABLE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdio.h>

enum { MG_TABLE_COLUMNS_MAX = 10 };

typedef struct mg_text_table {
  int columns;
  unsigned left; /* bit k: column k is aligned to the left */
  const char *head[MG_TABLE_COLUMNS_MAX];
  int grouped; /* so many first columns are in HTML a row above each group, of which they are */
  const char *html_head; /* of a further column in HTML; NULL: there is none */
  int rows, capacity;
  struct mg_table_row {
    char *text[MG_TABLE_COLUMNS_MAX];
    char *html; /* Nullable: the further cell in HTML, trusted as it is */
    bool group; /* a group of rows begins */
  } * row;
  bool failed; /* memory was out; sticky */
} mg_text_table;

/* A row of empty cells. */
void mg_table_add_row(mg_text_table *table, bool group);

/* A cell of the last row, printf style. */
void mg_table_set(mg_text_table *table, int column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void mg_table_set_html(mg_text_table *table, const char *html);

void mg_table_print(const mg_text_table *table, FILE *to);
void mg_table_print_markdown(const mg_text_table *table, FILE *to);
void mg_table_print_html(const mg_text_table *table, const char *name, FILE *to);
void mg_table_free(mg_text_table *table);

/* One text: control characters become '?', then the form's own are escaped. */
void mg_text_plain(const char *text, FILE *to);
void mg_text_markdown(const char *text, FILE *to);
void mg_text_html(const char *text, FILE *to);

#endif
