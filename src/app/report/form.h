/* A form that a report is written in. Private to it. */
#ifndef MG_APP_REPORT_FORM_H
#define MG_APP_REPORT_FORM_H

#include "app/report/report.h"

typedef struct mg_form {
  const char *file; /* in the report's folder */
  void (*begin)(const mg_report *report, FILE *to);
  const char *end;
  void (*text)(const char *text, FILE *to); /* escapes */
  void (*table)(const mg_text_table *table, FILE *to);
  void (*figure)(const mg_report *report, const mg_figure *figure, FILE *to);
  /* What stands before and after each. */
  const char *title[2], *paragraph[2], *remark[2], *list[2], *item[2], *figures[2];
} mg_form;

extern const mg_form mg_form_markdown, mg_form_html; /* report_page.c, report_html.c */

#endif
