#include "app/manual/completion.h"

#include "algo/algorithm.h"
#include "app/export/export.h"
#include "demos/layouts/layout.h"

#include <assert.h>
#include <string.h>

static void add(mg_completion *to, const char *word) {
  const size_t used = strlen(to->words);
  assert(used + strlen(word) + 2 < sizeof to->words);
  snprintf(to->words + used, sizeof to->words - used, "%s%s", used ? "," : "", word);
}

static mg_completion algorithms(void) {
  mg_completion all = {.kind = MG_COMPLETE_WORDS};
  for (const mg_algorithm_class *const *c = mg_algorithms; *c; c++) add(&all, (*c)->name);
  return all;
}

static mg_completion formats(void) {
  mg_completion all = {.kind = MG_COMPLETE_WORDS};
  for (const mg_export_format *const *f = mg_export_formats; *f; f++) add(&all, (*f)->name);
  return all;
}

static mg_completion layouts(void) {
  mg_completion all = {.kind = MG_COMPLETE_WORDS};
  for (const mg_layout *const *l = mg_layouts; *l; l++)
    if ((*l)->write) add(&all, (*l)->name);
  return all;
}

mg_completion mg_complete_usage(const char *usage) {
  mg_completion found = {.kind = MG_COMPLETE_TEXT};
  if (!usage) return found;
  if (strstr(usage, "FILE") || strstr(usage, "RUN"))
    found.kind = MG_COMPLETE_FILE;
  else if (strstr(usage, "DIR"))
    found.kind = MG_COMPLETE_FOLDER;
  else if (strchr(usage, '|')) {
    found.kind = MG_COMPLETE_WORDS;
    snprintf(found.words, sizeof found.words, "%s", usage);
    for (char *c = found.words; *c; c++)
      if (*c == '|') *c = ',';
  }
  return found;
}

mg_completion mg_complete_option(const mg_option *option) {
  static const struct {
    const char *option, *value;
    mg_complete kind;
  } by_name[] = {
      {"config", "FILE", MG_COMPLETE_PRESET},
      {"env", "ID", MG_COMPLETE_TASK},
      {"set", "SECTION.KEY=VALUE", MG_COMPLETE_SETTING},
  };
  if (!option->value) return (mg_completion){.kind = MG_COMPLETE_FLAG};
  for (size_t i = 0; i < sizeof by_name / sizeof *by_name; i++)
    if (strcmp(by_name[i].option, option->name) == 0 &&
        strcmp(by_name[i].value, option->value) == 0)
      return (mg_completion){.kind = by_name[i].kind};
  if (strcmp(option->name, "algorithm") == 0) return algorithms();
  if (strcmp(option->name, "format") == 0) return formats();
  if (strcmp(option->name, "to") == 0) return layouts();
  return mg_complete_usage(option->value);
}

mg_completion mg_complete_setting(const mg_config_row *row) {
  mg_completion found = {.kind = MG_COMPLETE_TEXT};
  if (strcmp(row->name, "run.env") == 0) found.kind = MG_COMPLETE_TASK;
  if (strcmp(row->name, "run.algorithm") == 0) return algorithms();
  if (row->path) found.kind = MG_COMPLETE_FILE;
  if (row->type == MG_CONFIG_SWITCH) {
    found.kind = MG_COMPLETE_WORDS;
    add(&found, "on");
    add(&found, "off");
  }
  if (row->type == MG_CONFIG_CHOICE) {
    found.kind = MG_COMPLETE_WORDS;
    for (int i = 0; row->choices[i]; i++) add(&found, row->choices[i]);
  }
  return found;
}

void mg_completion_format(const mg_completion *completion, char text[sizeof(mg_completion)]) {
  static const char *const names[] = {MG_COMPLETE_LIST(MG_NAMED_TEXT)};
  if (completion->kind == MG_COMPLETE_WORDS)
    snprintf(text, sizeof(mg_completion), "=%s", completion->words);
  else
    snprintf(text, sizeof(mg_completion), "%s", names[completion->kind]);
}
