#include "base/status.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Per thread, as errno is; the only mutable state outside of objects. */
static _Thread_local char message[sizeof((mg_failure *)0)->sentence];

void mg_make_printable(char *text) {
  for (unsigned char *c = (unsigned char *)text; *c; c++)
    if (*c < ' ' || *c == 127) *c = '?';
}

int mg_status_exit_code(mg_status status) {
  switch (status) {
#define EXIT_CASE(name, code, text)                                                                \
  case name:                                                                                       \
    return code;
    MG_STATUS_LIST(EXIT_CASE)
#undef EXIT_CASE
  }
  return mg_status_exit_code(MG_ERR_INTERNAL);
}

/* What fails after memory was refused fails for that: of the sentence its subject stays. */
static mg_status blame_memory(char *text, size_t capacity) {
  const char *end = strstr(text, ": ");
  const int subject = end ? (int)(end - text) : 0;
  snprintf(text + subject, capacity - (size_t)subject, "%sno memory", subject ? ": " : "");
  return MG_ERR_MEMORY;
}

mg_status mg_fail(mg_status status, const char *format, ...) {
  /* Formatted aside first: the old sentence may be an argument of the new one. */
  char text[sizeof message];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (length < 0) text[0] = '\0';
  const bool blames_file = status == MG_ERR_DATA || status == MG_ERR_IO || status == MG_ERR_CREATE;
  if (blames_file && mg_memory_refused()) status = blame_memory(text, sizeof text);
  mg_make_printable(text);
  memcpy(message, text, strlen(text) + 1); /* what is behind it may go through a pipe */
  return status;
}

const char *mg_status_message(void) {
  return message;
}

void mg_failure_note(mg_failure *failure, mg_status status) {
  if (status == MG_OK || failure->status != MG_OK) return;
  failure->status = status;
  memcpy(failure->sentence, message, sizeof failure->sentence);
}

mg_status mg_failure_again(const mg_failure *failure) {
  if (failure->status != MG_OK) memcpy(message, failure->sentence, sizeof message);
  return failure->status;
}
