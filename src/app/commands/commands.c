#include "app/commands/command.h"
#include "app/config/settings_args.h"
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
