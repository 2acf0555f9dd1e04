#include "support/task_policy.h"

#include <criterion/criterion.h>

void task_policy_make(task_policy *t, const char *env_id, int hidden_layers, const int *hidden) {
  mg_env *env = NULL;
  cr_assert(mg_env_create(env_id, &env) == MG_OK, "%s", mg_status_message());
  *t = (task_policy){.arena = mg_arena_create(), .spec = *mg_env_get_spec(env)};
  mg_env_destroy(env);
  for (int k = 0; k < 8; k++) t->sd[k] = 1;
  t->policy = mg_policy_make(t->spec.observation_size, t->spec.action_size, t->spec.discrete,
                             hidden_layers, hidden, MG_TANH, t->mean, t->sd);
  t->normaliser = mg_normaliser_make(t->spec.observation_size, 1e-8, 10, t->arena);
  t->theta = MG_NEW(t->arena, mg_real, mg_policy_size(&t->policy));
  cr_assert(mg_arena_status(t->arena) == MG_OK);
}
