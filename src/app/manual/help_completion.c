#include "app/manual/completion.h"
#include "app/manual/manual.h"
#include "base/installed.h"
#include "envs/env.h"

static void print_word(const char *role, const mg_command *command, const char *usage, FILE *to) {
  const mg_completion completion = mg_complete_usage(usage);
  char kind[sizeof completion];
  if (!usage) return;
  mg_completion_format(&completion, kind);
  fprintf(to, "%s\t%s\t%s\n", role, command->name, kind);
}

static void print_command(const mg_command *command, FILE *to) {
  mg_option options[MG_COMMAND_OPTIONS_MAX];
  mg_command_options(command, options);
  fprintf(to, "command\t%s\t%s\n", command->name, command->summary);
  for (const mg_option *o = options; o->name; o++) {
    const mg_completion completion = mg_complete_option(o);
    char kind[sizeof completion];
    mg_completion_format(&completion, kind);
    fprintf(to, "option\t%s\t--%s\t%s\t%s\n", command->name, o->name, kind, o->help);
  }
  fprintf(to, "option\t%s\t--help\tflag\tthis command's options\n", command->name);
  print_word("verb", command, command->verbs, to);
  print_word("word", command, command->words, to);
}

void mg_help_print_completion(FILE *to) {
  for (const mg_command *const *c = mg_commands; *c; c++) print_command(*c, to);
  for (const mg_config_row *row = mg_config_table; row->section; row++) {
    const mg_completion completion = mg_complete_setting(row);
    char kind[sizeof completion];
    mg_completion_format(&completion, kind);
    fprintf(to, "setting\t%s\t%s\t%s\n", row->name, kind, row->help);
  }
  for (const char *const *id = mg_env_ids(); *id; id++) fprintf(to, "task\t%s\n", *id);
  char presets[4096];
  if (mg_installed_path("presets", sizeof presets, presets)) fprintf(to, "presets\t%s\n", presets);
}
