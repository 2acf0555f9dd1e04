#include "app/manual/page.h"

#include "app/manual/manual.h"
#include "envs/env.h"

#include <string.h>

static void print_tasks(const mg_page_form *form, FILE *to) {
  char text[1024] = "For --env:";
  for (const char *const *id = mg_env_ids(); *id; id++) {
    const size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "%s %s", id == mg_env_ids() ? "" : ",", *id);
  }
  form->section("Tasks", text, to);
}

static void print_command(const mg_page_form *form, const mg_command *command, FILE *to) {
  char name[64], text[256];
  mg_option options[MG_COMMAND_OPTIONS_MAX];
  mg_command_options(command, options);
  snprintf(name, sizeof name, "mgail %s", command->name);
  form->title(name, command->summary, to);
  form->usage(name, command->usage, to);
  snprintf(text, sizeof text, "%s.", command->summary);
  form->section("Description", text, to);
  form->paragraph(command->description, to);
  form->section("Options", NULL, to);
  for (const mg_option *o = options; o->name; o++) {
    snprintf(text, sizeof text, "--%s", o->name);
    form->entry(text, o->value, o->help, to);
  }
  form->entry("--help[=FORM]", NULL, "this as text, markdown or man", to);
  if (!command->lists_settings) return;
  print_tasks(form, to);
  form->section("Settings",
                "As SECTION.KEY=VALUE for --set, and as KEY = VALUE under [SECTION] in a file.",
                to);
  form->settings(to);
}

static void print_program(const mg_page_form *form, FILE *to) {
  form->title("mgail", "Model-based generative adversarial imitation learning", to);
  form->usage("mgail", "COMMAND [OPTION...]", to);
  form->section("Description",
                "Trains policies from expert demonstrations by back-propagation through a learned "
                "forward model, or from a task's own reward; evaluates, films, records and exports "
                "them. Alone, or over many ranks under mpirun and srun.",
                to);
  form->section("Commands", NULL, to);
  for (const mg_command *const *c = mg_commands; *c; c++)
    form->entry((*c)->name, NULL, (*c)->summary, to);
  form->paragraph(
      "mgail COMMAND --help describes the options of each, man mgail-COMMAND too; mgail "
      "--version names this build.",
      to);
  for (const mg_manual_topic *t = mg_manual_topics; t->heading; t++) {
    const bool begins = t == mg_manual_topics || strcmp(t->heading, t[-1].heading) != 0;
    if (begins) form->section(t->heading, t->term ? NULL : t->text, to);
    if (t->term)
      form->entry(t->term, NULL, t->text, to);
    else if (!begins)
      form->paragraph(t->text, to);
  }
  form->section("Exit status", NULL, to);
#define PRINT_CODE(name, code, text) form->entry(#code, NULL, text, to);
  MG_STATUS_LIST(PRINT_CODE)
#undef PRINT_CODE
  form->entry("1", NULL, "a difference over the tolerance (verify), runs that failed (sweep)", to);
}

void mg_page_print(const mg_page_form *form, const mg_command *command, FILE *to) {
  if (command)
    print_command(form, command, to);
  else
    print_program(form, to);
}
