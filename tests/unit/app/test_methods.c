/* Which method a run is of, and what is known of methods. */
#include "algo/algorithm.h"
#include "app/methods.h"

#include <criterion/criterion.h>

/* What makes a run's method: its algorithm, and certain settings of it. */
Test(methods, of_runs) {
  static const struct {
    const char *algorithm, *settings, *method;
  } rows[] = {
      {"mgail", "mgail.reward=log_d\nmgail.terminal_value=on\n", "mgail"},
      {"mgail", "mgail.reward=log_d\nmgail.terminal_value=off\n", "mgail-paper"},
      {"mgail", "mgail.reward=softplus\nmgail.terminal_value=off\n", "mgail"},
      {"gail", "mgail.reward=log_d\nmgail.terminal_value=off\n", "gail"},
      {"mgail", "mgail.reward=log_d\nmgail.terminal_value=off\ndiscriminator.updates=0\n", "none"},
      {"gail", "discriminator.updates=0\n", "none"},
      {"gail", "x.discriminator.updates=0\ndiscriminator.updates=01\n", "gail"},
      {"bc", "discriminator.updates=0\n", "bc"},
      {"ppo", "discriminator.updates=0\n", "ppo"},
      {"sac", "discriminator.updates=0\n", ""},
      {"none", "discriminator.updates=0\n", ""},
  };
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
    cr_assert_str_eq(mg_method_of_run(rows[k].algorithm, rows[k].settings)->name, rows[k].method);
}

/* Every algorithm has its own row; one that is not in the table may imitate, and takes steps. */
Test(methods, rows) {
  for (const mg_algorithm_class *const *c = mg_algorithms; *c; c++)
    cr_assert_str_eq(mg_method_of_run((*c)->name, "")->name, (*c)->name);
  cr_assert(mg_method_is("sac", MG_METHOD_IMITATES | MG_METHOD_STEPS));
  cr_assert(!mg_method_is("ppo", MG_METHOD_IMITATES) && !mg_method_is("bc", MG_METHOD_STEPS));
}
