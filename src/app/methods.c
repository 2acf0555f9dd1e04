#include "app/methods.h"

#include <stddef.h>
#include <string.h>

enum { IMITATES = MG_METHOD_IMITATES, STEPS = MG_METHOD_STEPS, CONTROLLED = MG_METHOD_CONTROLLED };

#define ALL   " env evaluate data policy "
#define GAIL  ALL "run clone value discriminator gail ppo "
#define MGAIL ALL "run clone value discriminator forward_model mgail "
#define PPO   ALL "run value ppo "

/* clang-format off */
const mg_method mg_methods[] = {
  {"bc",          "bc",    {NULL},                      "bc",    ALL "bc ",  "#009e73", IMITATES},
  {"gail",        "gail",  {NULL},                      "gail",  GAIL,       "#d55e00", IMITATES | STEPS | CONTROLLED},
  {"mgail",       "mgail", {NULL},                      "mgail", MGAIL,      "#0072b2", IMITATES | STEPS | CONTROLLED},
  {"mgail-paper", "mgail", {"mgail.terminal_value=off",
                            "mgail.reward=log_d"},      "mgail", MGAIL,      "#cc79a7", IMITATES | STEPS},
  {"none",        NULL,    {"discriminator.updates=0"}, NULL,    NULL,       "#7f7f7f", IMITATES | STEPS | MG_METHOD_CONTROL},
  {"ppo",         "ppo",   {NULL},                      NULL,    PPO,        "#e69f00", STEPS},
  {"",            "",      {NULL},                      NULL,    NULL,       "#56b4e9", IMITATES | STEPS},
};
/* clang-format on */

const mg_method *mg_method_named(const char *name) {
  const mg_method *m = mg_methods;
  while (*m->name && strcmp(m->name, name) != 0) m++;
  return m;
}

bool mg_method_is(const char *name, int what) {
  return (mg_method_named(name)->is & what) == what;
}

static bool has_line(const char *text, const char *line) {
  const size_t length = strlen(line);
  for (const char *at = text; (at = strstr(at, line)); at += length)
    if ((at == text || at[-1] == '\n') && at[length] == '\n') return true;
  return false;
}

static bool is_of(const mg_method *m, const char *algorithm, const char *settings) {
  if (m->algorithm && strcmp(m->algorithm, algorithm) != 0) return false;
  if (!m->algorithm && !mg_method_is(algorithm, CONTROLLED)) return false;
  for (size_t k = 0; k < sizeof m->setting / sizeof *m->setting && m->setting[k]; k++)
    if (!has_line(settings, m->setting[k])) return false;
  return true;
}

const mg_method *mg_method_of_run(const char *algorithm, const char *settings) {
  const mg_method *found = mg_method_named("");
  for (const mg_method *m = mg_methods; *m->name; m++)
    if (is_of(m, algorithm, settings)) found = m;
  return found;
}
