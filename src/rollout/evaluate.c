#include "rollout/evaluate.h"

#include "rollout/contained_step.h"
#include "rollout/evaluate_impl.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static mg_status build(mg_evaluator *e, const char *env_id, const mg_env_options *env_options) {
  for (int i = 0; i < e->lanes; i++) MG_TRY(mg_env_create_with(env_id, env_options, &e->env[i]));
  e->spec = *mg_env_get_spec(e->env[0]);
  assert(e->spec.observation_size == e->normaliser->raw_size);
  assert(e->normaliser->size == e->policy->state_size);
  assert(e->spec.action_size == e->policy->action_size);
  size_t d = (size_t)e->spec.observation_size, A = (size_t)e->spec.action_size;
  size_t states = MG_WAVE * (size_t)e->policy->state_size, actions = MG_WAVE * A;
  e->tape = mg_mlp_tape_make(&e->policy->net, MG_WAVE, e->arena);
  e->observation = MG_NEW(e->arena, double, (MG_WAVE * d));
  e->next = MG_NEW(e->arena, double, d);
  e->action = MG_NEW(e->arena, double, A);
  e->x = MG_NEW(e->arena, mg_real, states);
  e->head = MG_NEW(e->arena, mg_real, actions);
  e->noise = MG_NEW(e->arena, mg_real, actions);
  e->a = MG_NEW(e->arena, mg_real, actions);
  return mg_arena_status(e->arena);
}

mg_status mg_evaluator_create(const char *env_id, const mg_env_options *env_options, int episodes,
                              uint64_t seed, mg_comm *comm, const mg_policy *policy,
                              const mg_normaliser *normaliser, mg_evaluator **evaluator) {
  assert(episodes > 0);
  *evaluator = NULL;
  mg_evaluator *e = calloc(1, sizeof *e);
  mg_arena *arena = mg_arena_create();
  bool held = e && arena;
  mg_status status =
      held ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory for an evaluator", env_id);
  /* A rank alone must not go on to run, which is collective: both failures are agreed on. */
  status = mg_comm_agree(comm, status);
  if (status != MG_OK) {
    free(e);
    mg_arena_destroy(arena);
    return status;
  }
  int wave = episodes < MG_WAVE ? episodes : MG_WAVE;
  *e = (mg_evaluator){.comm = comm,
                      .policy = policy,
                      .normaliser = normaliser,
                      .seed = seed,
                      .episodes = episodes,
                      .arena = arena,
                      .lanes = (wave + comm->size - 1) / comm->size};
  status = mg_comm_agree(comm, build(e, env_id, env_options));
  if (status != MG_OK) {
    mg_evaluator_destroy(e);
    return status;
  }
  *evaluator = e;
  return MG_OK;
}

void mg_evaluator_destroy(mg_evaluator *e) {
  if (!e) return;
  for (int i = 0; i < MG_WAVE; i++) mg_env_destroy(e->env[i]);
  mg_arena_destroy(e->arena);
  free(e);
}

static size_t lane_row(const mg_evaluator *e, int lane) {
  return (size_t)(e->episode[lane] % MG_WAVE);
}

double *mg_evaluator_observation(mg_evaluator *e, int lane) {
  return e->observation + lane_row(e, lane) * (size_t)e->spec.observation_size;
}

void mg_evaluate_reset(mg_env *env, uint64_t seed, int episode, double *observation) {
  mg_rng rng = mg_rng_at(seed, MG_RNG_EVALUATE_RESET, (uint64_t)episode, 0);
  mg_env_reset(env, &rng, observation);
}

void mg_evaluator_begin(mg_evaluator *e, int lane, int episode) {
  e->episode[lane] = episode;
  e->steps[lane] = 0;
  mg_evaluate_reset(e->env[lane], e->seed, episode, mg_evaluator_observation(e, lane));
}

void mg_evaluator_choose(mg_evaluator *e, const mg_real *theta, bool stochastic) {
  mg_normaliser_apply(e->normaliser, MG_WAVE, e->observation, e->x);
  mg_policy_forward(e->policy, MG_WAVE, theta, e->x, &e->tape, e->head);
  for (int i = 0; stochastic && i < e->lanes; i++) {
    if (e->episode[i] < 0) continue;
    mg_rng rng =
        mg_rng_at(e->seed, MG_RNG_EVALUATE_ACTION, (uint64_t)e->episode[i], (uint64_t)e->steps[i]);
    mg_policy_noise(e->policy, &rng, e->noise + lane_row(e, i) * (size_t)e->spec.action_size);
  }
  mg_policy_act(e->policy, MG_WAVE, theta, e->head, stochastic ? e->noise : NULL, e->a);
}

mg_env_outcome mg_evaluator_step(mg_evaluator *e, int lane) {
  mg_action_decode(&e->spec, e->a + lane_row(e, lane) * (size_t)e->spec.action_size, e->action);
  double *observation = mg_evaluator_observation(e, lane);
  mg_env_outcome outcome = mg_contained_step(e->env[lane], e->action, observation, e->next);
  memcpy(observation, e->next, (size_t)e->spec.observation_size * sizeof(double));
  e->steps[lane]++;
  return outcome;
}

void mg_evaluator_idle(mg_evaluator *e) {
  for (int i = 0; i < MG_WAVE; i++) e->episode[i] = -1;
}

/* This rank's episodes of first .. first + MG_WAVE - 1, side by side. dealt: the rank of episode 0. */
static void run_wave(mg_evaluator *e, int first, int dealt, const mg_evaluated *of) {
  int running = 0;
  mg_evaluator_idle(e);
  for (int episode = first; episode < first + MG_WAVE && episode < e->episodes; episode++)
    if ((dealt + episode) % e->comm->size == e->comm->rank)
      mg_evaluator_begin(e, running++, episode);
  while (running > 0) {
    mg_evaluator_choose(e, of->theta, of->stochastic);
    for (int i = 0; i < e->lanes; i++) {
      int episode = e->episode[i];
      if (episode < 0) continue;
      mg_env_outcome outcome = mg_evaluator_step(e, i);
      of->returns[episode] += outcome.reward;
      of->lengths[episode] += 1;
      if (outcome.terminated || outcome.truncated) {
        e->episode[i] = -1;
        running--;
      }
    }
  }
}

void mg_evaluator_run_all(mg_evaluator *e, int policies, const mg_evaluated *policy) {
  const size_t episodes = (size_t)e->episodes;
  for (int k = 0; k < policies; k++) {
    const int dealt = (int)((size_t)k * episodes % (size_t)e->comm->size);
    memset(policy[k].returns, 0, episodes * sizeof(double));
    memset(policy[k].lengths, 0, episodes * sizeof(double));
    for (int first = 0; first < e->episodes; first += MG_WAVE) {
      run_wave(e, first, dealt, &policy[k]);
      mg_comm_goes_on(e->comm);
    }
  }
  /* Only now, so that no rank waits for the policies of others. */
  for (int k = 0; k < policies; k++) {
    mg_comm_reduce_f64(e->comm, MG_REDUCE_SUM, policy[k].returns, episodes);
    mg_comm_reduce_f64(e->comm, MG_REDUCE_SUM, policy[k].lengths, episodes);
  }
}

void mg_evaluator_run(mg_evaluator *e, const mg_real *theta, bool stochastic, double *returns,
                      double *lengths) {
  const mg_evaluated policy = {theta, stochastic, returns, lengths};
  mg_evaluator_run_all(e, 1, &policy);
}
