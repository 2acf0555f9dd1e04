/* GNU long options from a table: --name value, --name=value, unique beginnings, "--" ends them.
 *
 * One table a command gives the parser, the help text and the check for mistakes. What was given is
 * kept in order, so that a command can give later options precedence. */
#ifndef MG_APP_OPTIONS_H
#define MG_APP_OPTIONS_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct mg_option {
  const char *name;  /* without dashes; NULL ends the table */
  const char *value; /* what the value is called in the help, NULL: a flag */
  const char *help;
} mg_option;

enum { MG_ARGS_MAX = 4096 };

typedef struct mg_args {
  int count;
  struct {
    const char *name, *value; /* of the table; value NULL for a flag */
  } given[MG_ARGS_MAX];
  int files;
  const char *file[MG_ARGS_MAX]; /* what is not an option */
} mg_args;

/* argv [argc] without program and command; strings are kept, not copied. At most `files` words that
 * are not options. MG_ERR_USAGE naming the command, the word and the nearest option. */
mg_status mg_args_parse(const char *command, const mg_option *options, int files, int argc,
                        char **argv, mg_args *args);

/* True if a question, "--help", or its letter, "-h", stands among the words before "--". */
bool mg_args_ask(const char *question, const char *letter, int argc, char **argv);

/* Of an option: the last value, NULL if it was not given; whether it was given. */
const char *mg_args_text(const mg_args *args, const char *name);
bool mg_args_has(const mg_args *args, const char *name);

/* The last value as a whole number within min..max, or as a number; *value stays if the option was
 * not given. MG_ERR_USAGE. */
mg_status mg_args_int(const mg_args *args, const char *name, int64_t min, int64_t max,
                      int64_t *value);
mg_status mg_args_number(const mg_args *args, const char *name, double min, double max,
                         double *value);

/* MG_ERR_USAGE if the option is missing; *value is the last one. */
mg_status mg_args_require(const mg_args *args, const char *command, const char *name,
                          const char **value);

/* Texts of the help are as wide as a terminal is everywhere. */
enum { MG_HELP_WIDTH = 80, MG_OPTION_INDENT = 28 };

/* text and a line's end from column `column` on, where the cursor is; further lines begin in column
 * `indent`. Breaks at blanks, and at every line's end in text. */
void mg_print_wrapped(int column, int indent, const char *text, FILE *to);

/* "  name  help" with the help from column `indent` on; a longer name has a line of its own. */
void mg_print_entry(int indent, const char *name, const char *help, FILE *to);

/* Two aligned columns, one option a line. */
void mg_options_print(const mg_option *options, FILE *to);

#endif
