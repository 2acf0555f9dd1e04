#include "app/options.h"

#include "app/number.h"
#include "base/nearest.h"

#include <string.h>

/* The option `word` [length] names: exact, else the only one that begins so. */
static mg_status find_option(const char *command, const mg_option *options, const char *word,
                             size_t length, const mg_option **found) {
  const mg_option *match = NULL;
  int matches = 0;
  for (const mg_option *o = options; o->name; o++) {
    if (strncmp(o->name, word, length) != 0) continue;
    match = o;
    matches++;
    if (strlen(o->name) == length) {
      matches = 1;
      break;
    }
  }
  *found = match;
  if (matches == 1) return MG_OK;
  if (matches > 1) {
    return mg_fail(MG_ERR_USAGE, "%s: --%.*s is the beginning of more than one option", command,
                   (int)length, word);
  }
  char name[64];
  snprintf(name, sizeof name, "%.*s", (int)length, word);
  const char *near = NULL;
  for (const mg_option *o = options; o->name; o++) mg_nearest_offer(name, o->name, &near);
  if (near) {
    return mg_fail(MG_ERR_USAGE, "%s: unknown option --%s; did you mean --%s?", command, name,
                   near);
  }
  return mg_fail(MG_ERR_USAGE, "%s: unknown option --%s; mgail %s --help lists them", command, name,
                 command);
}

mg_status mg_args_parse(const char *command, const mg_option *options, int files, int argc,
                        char **argv, mg_args *args) {
  *args = (mg_args){0};
  bool ended = false;
  for (int i = 0; i < argc; i++) {
    const char *word = argv[i];
    if (args->count == MG_ARGS_MAX || args->files == MG_ARGS_MAX)
      return mg_fail(MG_ERR_USAGE, "%s: more than %d arguments", command, MG_ARGS_MAX);
    if (ended || word[0] != '-' || word[1] == '\0') {
      if (args->files == files)
        return mg_fail(MG_ERR_USAGE, "%s: unexpected argument '%s'", command, word);
      args->file[args->files++] = word;
      continue;
    }
    if (word[1] != '-')
      return mg_fail(MG_ERR_USAGE, "%s: unknown option %s; options begin with --", command, word);
    if (word[2] == '\0') {
      ended = true;
      continue;
    }
    const char *name = word + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const mg_option *option;
    MG_TRY(find_option(command, options, name, length, &option));
    const char *value = equals ? equals + 1 : NULL;
    if (!option->value && value)
      return mg_fail(MG_ERR_USAGE, "%s: --%s takes no value", command, option->name);
    if (option->value && !value) {
      if (i + 1 == argc) {
        return mg_fail(MG_ERR_USAGE, "%s: --%s needs a value: --%s %s", command, option->name,
                       option->name, option->value);
      }
      value = argv[++i];
    }
    args->given[args->count].name = option->name;
    args->given[args->count++].value = value;
  }
  return MG_OK;
}

bool mg_args_ask(const char *question, const char *letter, int argc, char **argv) {
  for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
    if (strcmp(argv[i], question) == 0 || strcmp(argv[i], letter) == 0) return true;
  return false;
}

static int last_given(const mg_args *args, const char *name) {
  for (int i = args->count - 1; i >= 0; i--)
    if (strcmp(args->given[i].name, name) == 0) return i;
  return -1;
}

const char *mg_args_text(const mg_args *args, const char *name) {
  int i = last_given(args, name);
  return i < 0 ? NULL : args->given[i].value;
}

bool mg_args_has(const mg_args *args, const char *name) {
  return last_given(args, name) >= 0;
}

mg_status mg_args_number(const mg_args *args, const char *name, double min, double max,
                         double *value) {
  const char *text = mg_args_text(args, name);
  if (!text) return MG_OK;
  double number;
  if (mg_number_parse(text, &number) && number >= min && number <= max) {
    *value = number;
    return MG_OK;
  }
  char least[32], most[32];
  mg_number_format(min, least);
  mg_number_format(max, most);
  return mg_fail(MG_ERR_USAGE, "--%s %s: expected a number from %s to %s", name, text, least, most);
}

mg_status mg_args_int(const mg_args *args, const char *name, int64_t min, int64_t max,
                      int64_t *value) {
  const char *text = mg_args_text(args, name);
  if (!text) return MG_OK;
  int64_t whole;
  if (mg_number_parse_whole(text, &whole) && whole >= min && whole <= max) {
    *value = whole;
    return MG_OK;
  }
  return mg_fail(MG_ERR_USAGE, "--%s %s: expected a whole number from %lld to %lld", name, text,
                 (long long)min, (long long)max);
}

mg_status mg_args_require(const mg_args *args, const char *command, const char *name,
                          const char **value) {
  *value = mg_args_text(args, name);
  if (*value && **value) return MG_OK;
  return mg_fail(MG_ERR_USAGE, "%s: --%s is required; see mgail %s --help", command, name, command);
}

void mg_print_wrapped(int column, int indent, const char *text, FILE *to) {
  const int first = column;
  bool begins = true;
  for (const char *c = text; *c;) {
    if (*c == ' ' || *c == '\n') {
      begins = begins || *c == '\n';
      if (*c++ == '\n') column = fprintf(to, "\n%*s", indent, "") - 1;
      continue;
    }
    const int length = (int)strcspn(c, " \n");
    if (column + !begins + length > MG_HELP_WIDTH && column > indent && column > first) {
      column = fprintf(to, "\n%*s", indent, "") - 1;
      begins = true;
    }
    column += fprintf(to, "%s%.*s", begins ? "" : " ", length, c);
    begins = false;
    c += length;
  }
  putc('\n', to);
}

void mg_print_entry(int indent, const char *name, const char *help, FILE *to) {
  int column = fprintf(to, "  %s", name);
  if (column + 2 > indent) {
    putc('\n', to);
    column = 0;
  }
  fprintf(to, "%*s", indent - column, "");
  mg_print_wrapped(indent, indent, help, to);
}

void mg_options_print(const mg_option *options, FILE *to) {
  for (const mg_option *o = options; o->name; o++) {
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
    mg_print_entry(MG_OPTION_INDENT, left, o->help, to);
  }
}
