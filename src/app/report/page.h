/* A report as a page: the forms that it is written in. Private to it. */
#ifndef MG_APP_REPORT_PAGE_H
#define MG_APP_REPORT_PAGE_H

#include "app/report/figure.h"

typedef struct mg_form {
  const char *file; /* in the report's folder */
  void (*begin)(const mg_report *report, FILE *to);
  const char *end;
  void (*text)(const char *text, FILE *to); /* escapes */
  void (*table)(const mg_text_table *table, const char *name, FILE *to);
  void (*figure)(const mg_report *report, mg_figure *figure, FILE *to);
  void (*film)(const mg_report *report, mg_report_one_film *film, FILE *to);
  void (*title)(const char *title, const char *id, FILE *to);   /* of a section */
  void (*content)(const char *title, const char *id, FILE *to); /* of the table of contents */
  /* What stands before and after each. */
  const char *contents[2], *section[2], *paragraph[2], *explanation[2], *remark[2], *list[2],
      *item[2], *strong[2], *figures[2], *films[2];
} mg_form;

extern const mg_form mg_form_html; /* report_html.c */

#endif
