/* Help as terminals show it, 80 columns wide. */
#include "app/config/config_table.h"
#include "app/manual/manual.h"
#include "envs/env.h"

#include <string.h>

/* The task that the words name, for whose arguments the help is; else the default. */
static const char *task_asked_for(int argc, char **argv) {
  static const char option[] = "--env";
  const char *task = mg_config_find("run", "env")->fallback;
  for (int i = 0; i < argc; i++) {
    if (strncmp(argv[i], option, strlen(option)) != 0) continue;
    if (argv[i][strlen(option)] == '=') task = argv[i] + strlen(option) + 1;
    if (argv[i][strlen(option)] == '\0' && i + 1 < argc) task = argv[i + 1];
  }
  return task;
}

static void print_settings(int argc, char **argv, FILE *to) {
  fputs("\ntasks, for --env:\n ", to);
  int column = 1;
  for (const char *const *id = mg_env_ids(); *id; id++) {
    if (column + 1 + (int)strlen(*id) > MG_HELP_WIDTH) column = fprintf(to, "\n ") - 1;
    column += fprintf(to, " %s", *id);
  }
  fputs("\n\nsettings, as SECTION.KEY for --set and as KEY under [SECTION] in a file:\n", to);
  mg_config_print_help(task_asked_for(argc, argv), to);
}

static void print_command(const mg_command *command, int argc, char **argv, FILE *to) {
  mg_option options[MG_COMMAND_OPTIONS_MAX];
  mg_command_options(command, options);
  const int column = fprintf(to, "usage: mgail %s ", command->name);
  mg_print_wrapped(column, column, command->usage, to);
  fprintf(to, "\n%s.\n", command->summary);
  mg_print_wrapped(0, 0, command->description, to);
  fputs("\noptions:\n", to);
  mg_options_print(options, to);
  mg_print_entry(MG_OPTION_INDENT, "-h, --help[=FORM]", "this text, or as markdown or man", to);
  if (command->lists_settings) print_settings(argc, argv, to);
}

static void print_program(FILE *to) {
  fputs("usage: mgail COMMAND [OPTION...]\n\n"
        "Model-based generative adversarial imitation learning, alone or under mpirun and\n"
        "srun.\n\n"
        "commands:\n",
        to);
  for (const mg_command *const *c = mg_commands; *c; c++)
    mg_print_entry(13, (*c)->name, (*c)->summary, to);
  fputs("\nmgail help COMMAND, or mgail COMMAND --help, describes a command; mgail\n"
        "--version names this build. -h and -V are the same for short. --help=man and\n"
        "--help=markdown print the same as a page.\n\n"
        "exit codes:\n",
        to);
#define PRINT_CODE(name, code, text) fprintf(to, "  %3d  %s\n", code, text);
  MG_STATUS_LIST(PRINT_CODE)
#undef PRINT_CODE
}

void mg_help_print_text(const mg_command *command, int argc, char **argv, FILE *to) {
  if (command)
    print_command(command, argc, argv, to);
  else
    print_program(to);
}
