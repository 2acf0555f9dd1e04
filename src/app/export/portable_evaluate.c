#include "app/export/portable.h"

#include "rollout/contained_step.h"
#include "rollout/evaluate.h"

typedef struct lane {
  mg_env *env;
  const mg_portable *portable;
  const mg_policy *policy;
  double *observation, *next, *head, *sigma, *action; /* [d], [d], [A] each */
  mg_real *rounded, *a;                               /* [A] */
} lane;

static mg_status run_episode(lane *l, const mg_acting_file *file, int64_t seed, int episode,
                             double *total, double *length) {
  const mg_env_spec *spec = mg_env_get_spec(l->env);
  const size_t d = (size_t)spec->observation_size;
  const mg_portable_states state = {1, spec->observation_size, l->policy->action_size,
                                    l->observation};
  mg_evaluate_reset(l->env, (uint64_t)seed, episode, l->observation);
  for (bool ended = false; !ended; *length += 1) {
    MG_TRY(mg_portable_act(l->portable, file->path, &state, l->head, l->sigma));
    for (int i = 0; i < l->policy->action_size; i++) l->rounded[i] = (mg_real)l->head[i];
    mg_policy_act(l->policy, 1, file->theta, l->rounded, NULL, l->a);
    mg_action_decode(spec, l->a, l->action);
    const mg_env_outcome outcome = mg_contained_step(l->env, l->action, l->observation, l->next);
    for (size_t i = 0; i < d; i++) l->observation[i] = l->next[i];
    *total += outcome.reward;
    ended = outcome.terminated || outcome.truncated;
  }
  return MG_OK;
}

static mg_status prepare(mg_acting_file *file, mg_portable *portable, lane *l) {
  mg_arena *arena = file->arena;
  const size_t d = (size_t)file->spec.observation_size, A = (size_t)file->spec.action_size;
  MG_TRY(mg_portable_make(file, portable));
  *l = (lane){.portable = portable, .policy = &file->acting.policy};
  l->observation = MG_NEW(arena, double, d);
  l->next = MG_NEW(arena, double, d);
  l->head = MG_NEW(arena, double, A);
  l->sigma = MG_NEW(arena, double, A);
  l->action = MG_NEW(arena, double, A);
  l->rounded = MG_NEW(arena, mg_real, A);
  l->a = MG_NEW(arena, mg_real, A);
  MG_TRY(mg_arena_status(arena));
  return mg_env_create_with(file->header.env, &file->settings.env, &l->env);
}

mg_status mg_portable_evaluate(mg_acting_file *file, mg_comm *comm, int64_t episodes, int64_t *seed,
                               double **returns, double **lengths) {
  if (*seed < 0) *seed = file->settings.run.seed;
  *returns = MG_NEW(file->arena, double, (size_t)episodes);
  *lengths = MG_NEW(file->arena, double, (size_t)episodes);
  lane l = {0};
  mg_portable portable;
  mg_status status = mg_comm_agree(comm, prepare(file, &portable, &l));
  for (int e = comm->rank; status == MG_OK && e < episodes; e += comm->size)
    status = run_episode(&l, file, *seed, e, *returns + e, *lengths + e);
  mg_env_destroy(l.env);
  MG_TRY(mg_comm_agree(comm, status));
  mg_comm_reduce_f64(comm, MG_REDUCE_SUM, *returns, (size_t)episodes);
  mg_comm_reduce_f64(comm, MG_REDUCE_SUM, *lengths, (size_t)episodes);
  return MG_OK;
}
