/* A page of the manual: what stands on it and in which order (page.c) is one; a form says how it is
 * written down. Texts are plain: a form escapes what would mean something in it. */
#ifndef MG_APP_MANUAL_PAGE_H
#define MG_APP_MANUAL_PAGE_H

#include "app/commands/command.h"

typedef struct mg_page_form {
  void (*title)(const char *name, const char *summary, FILE *to); /* name: "mgail", "mgail train" */
  void (*usage)(const char *name, const char *usage, FILE *to);
  void (*section)(const char *heading, const char *text, FILE *to); /* text: Nullable */
  void (*paragraph)(const char *text, FILE *to);
  /* What is typed, what follows it (Nullable), what it does. */
  void (*entry)(const char *term, const char *value, const char *text, FILE *to);
  void (*settings)(FILE *to); /* all of them */
} mg_page_form;

/* Of a command; Nullable: of the program. */
void mg_page_print(const mg_page_form *form, const mg_command *command, FILE *to);

#endif
