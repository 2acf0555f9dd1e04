#include "app/commands/command.h"
#include "app/config/settings_args.h"
#include "app/run/provenance.h"
#include "base/nearest.h"

#include <assert.h>
#include <string.h>

/* clang-format off */
const mg_command *const mg_commands[] = {
    &mg_command_train,
    &mg_command_sweep,
    &mg_command_evaluate,
    &mg_command_record,
    &mg_command_render,
    &mg_command_export,
    &mg_command_convert,
    &mg_command_verify,
    &mg_command_info,
    &mg_command_watch,
    &mg_command_collect,
    &mg_command_report,
    &mg_command_bench,
    NULL,
};
/* clang-format on */

mg_status mg_command_find(const char *name, const mg_command **command) {
  const char *near = NULL;
  for (const mg_command *const *c = mg_commands; *c; c++) {
    if (strcmp((*c)->name, name) == 0) return *command = *c, MG_OK;
    mg_nearest_offer(name, (*c)->name, &near);
  }
  if (near) return mg_fail(MG_ERR_USAGE, "unknown command '%s'; did you mean '%s'?", name, near);
  return mg_fail(MG_ERR_USAGE, "unknown command '%s'; mgail --help lists them", name);
}

void mg_command_options(const mg_command *command, mg_option options[MG_COMMAND_OPTIONS_MAX]) {
  int n = 0;
  for (const mg_option *o = command->options; o->name; o++) {
    assert(n + 1 < MG_COMMAND_OPTIONS_MAX);
    options[n++] = *o;
  }
  options[n] = (mg_option){0};
  if (command->settings) mg_settings_options(options + n, MG_COMMAND_OPTIONS_MAX - n);
}

void mg_command_print_help(const mg_command *command, int argc, char **argv, FILE *to) {
  mg_option options[MG_COMMAND_OPTIONS_MAX];
  mg_command_options(command, options);
  const int column = fprintf(to, "usage: mgail %s ", command->name);
  mg_print_wrapped(column, column, command->usage, to);
  fprintf(to, "\n%s.\n", command->summary);
  mg_print_wrapped(0, 0, command->description, to);
  fputs("\noptions:\n", to);
  mg_options_print(options, to);
  mg_print_entry(MG_OPTION_INDENT, "-h, --help", "this text", to);
  if (command->more_help) command->more_help(argc, argv, to);
}

void mg_commands_print_help(FILE *to) {
  fputs("usage: mgail COMMAND [OPTION...]\n\n"
        "Model-based generative adversarial imitation learning, alone or under mpirun and\n"
        "srun.\n\n"
        "commands:\n",
        to);
  for (const mg_command *const *c = mg_commands; *c; c++)
    mg_print_entry(13, (*c)->name, (*c)->summary, to);
  fputs("\nmgail help COMMAND, or mgail COMMAND --help, describes a command; mgail\n"
        "--version names this build. -h and -V are the same for short.\n\n"
        "exit codes:\n",
        to);
#define PRINT_CODE(name, code, text) fprintf(to, "  %3d  %s\n", code, text);
  MG_STATUS_LIST(PRINT_CODE)
#undef PRINT_CODE
}
