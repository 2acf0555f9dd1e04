#include "app/methods.h"

#include <stddef.h>
#include <string.h>

const mg_method mg_methods[] = {
    {.name = "bc", .algorithm = "bc", .paper = "bc", .colour = "#009e73", .imitates = true},
    {.name = "gail",
     .algorithm = "gail",
     .paper = "gail",
     .colour = "#d55e00",
     .imitates = true,
     .takes_steps = true,
     .controlled = true},
    {.name = "mgail",
     .algorithm = "mgail",
     .paper = "mgail",
     .colour = "#0072b2",
     .imitates = true,
     .takes_steps = true,
     .controlled = true},
    {.name = "mgail-paper",
     .algorithm = "mgail",
     .setting = {"mgail.terminal_value=off", "mgail.reward=log_d"},
     .paper = "mgail",
     .colour = "#cc79a7",
     .imitates = true,
     .takes_steps = true},
    {.name = "none",
     .setting = {"discriminator.updates=0"},
     .colour = "#7f7f7f",
     .imitates = true,
     .takes_steps = true,
     .control = true},
    {.name = "ppo", .algorithm = "ppo", .colour = "#e69f00", .takes_steps = true},
    {.name = "", .colour = "#56b4e9", .imitates = true, .takes_steps = true},
};

const mg_method *mg_method_named(const char *name) {
  const mg_method *m = mg_methods;
  while (*m->name && strcmp(m->name, name) != 0) m++;
  return m;
}

static bool has_line(const char *text, const char *line) {
  const size_t length = strlen(line);
  for (const char *at = text; (at = strstr(at, line)); at += length) {
    if ((at == text || at[-1] == '\n') && at[length] == '\n') return true;
  }
  return false;
}

static bool is_of(const mg_method *m, const char *algorithm, const char *settings) {
  if (m->algorithm && strcmp(m->algorithm, algorithm) != 0) return false;
  if (!m->algorithm && !mg_method_named(algorithm)->controlled) return false;
  for (size_t k = 0; k < sizeof m->setting / sizeof *m->setting && m->setting[k]; k++) {
    if (!has_line(settings, m->setting[k])) return false;
  }
  return true;
}

const mg_method *mg_method_of_run(const char *algorithm, const char *settings) {
  const mg_method *found = mg_method_named("");
  for (const mg_method *m = mg_methods; *m->name; m++) {
    if (is_of(m, algorithm, settings)) found = m;
  }
  return found;
}
