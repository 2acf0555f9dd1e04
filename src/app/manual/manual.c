#include "app/manual/manual.h"

#include "base/named.h"

#include <string.h>

#define FORM_LIST(X)                                                                               \
  X(TEXT, "text") X(MARKDOWN, "markdown") X(MAN, "man") X(COMPLETION, "completion")
typedef enum form { FORM_LIST(MG_NAMED_ENUM) } form;
static const char *const names[] = {FORM_LIST(MG_NAMED_TEXT) NULL};

static const char option[] = "--help=";

bool mg_help_asked(int argc, char **argv) {
  for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
    if (strncmp(argv[i], option, strlen(option)) == 0) return true;
  return mg_args_ask("--help", "-h", argc, argv);
}

/* The last one asked for. */
static mg_status find_form(int argc, char **argv, form *found) {
  *found = TEXT;
  for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (strncmp(argv[i], option, strlen(option)) != 0) continue;
    const char *name = argv[i] + strlen(option);
    int k = 0;
    while (names[k] && strcmp(names[k], name) != 0) k++;
    if (!names[k])
      return mg_fail(MG_ERR_USAGE, "--help=%s: expected text, markdown, man or completion", name);
    *found = (form)k;
  }
  return MG_OK;
}

mg_status mg_help_print(const mg_command *command, int argc, char **argv, FILE *to) {
  form asked;
  MG_TRY(find_form(argc, argv, &asked));
  if (command && asked == COMPLETION) {
    return mg_fail(MG_ERR_USAGE,
                   "%s: --help=completion is of the whole program: mgail --help=completion",
                   command->name);
  }
  switch (asked) {
  case TEXT:
    mg_help_print_text(command, argc, argv, to);
    break;
  case MARKDOWN:
    mg_help_print_markdown(command, to);
    break;
  case MAN:
    mg_help_print_man(command, to);
    break;
  case COMPLETION:
    mg_help_print_completion(to);
    break;
  }
  return MG_OK;
}
