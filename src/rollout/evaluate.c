#include "rollout/evaluate.h"

#include "rollout/contained_step.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Episodes go in waves of WAVE. The policy goes forward over WAVE rows whatever is in them, and
 * episode e has row e mod WAVE: a matrix product's last bits depend on its number of rows and on
 * where a row stands, and the returns would otherwise depend on how many episodes a rank has. */
enum { WAVE = 32 };

struct mg_evaluator {
  mg_comm *comm;
  const mg_policy *policy;
  const mg_normaliser *normaliser;
  uint64_t seed;
  int episodes;
  mg_env_spec spec;
  mg_arena *arena;
  int lanes;         /* environments here, 1..WAVE */
  mg_env *env[WAVE]; /* [lanes] */
  int episode[WAVE]; /* running in this lane; -1: none */
  int steps[WAVE];   /* of it so far */
  mg_mlp_tape tape;
  double *observation;       /* [WAVE,d] */
  double *next;              /* [d] */
  double *action;            /* [action_size] */
  mg_real *x;                /* [WAVE,S] */
  mg_real *head, *noise, *a; /* [WAVE,A] */
};

static mg_status build(mg_evaluator *e, const char *env_id, const mg_env_options *env_options) {
  for (int i = 0; i < e->lanes; i++) MG_TRY(mg_env_create_with(env_id, env_options, &e->env[i]));
  e->spec = *mg_env_get_spec(e->env[0]);
  assert(e->spec.observation_size == e->normaliser->raw_size);
  assert(e->normaliser->size == e->policy->state_size);
  assert(e->spec.action_size == e->policy->action_size);
  size_t d = (size_t)e->spec.observation_size, A = (size_t)e->spec.action_size;
  size_t states = WAVE * (size_t)e->policy->state_size, actions = WAVE * A;
  e->tape = mg_mlp_tape_make(&e->policy->net, WAVE, e->arena);
  e->observation = MG_NEW(e->arena, double, WAVE *d);
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
  int wave = episodes < WAVE ? episodes : WAVE;
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
  for (int i = 0; i < WAVE; i++) mg_env_destroy(e->env[i]);
  mg_arena_destroy(e->arena);
  free(e);
}

static size_t lane_row(const mg_evaluator *e, int lane) {
  return (size_t)(e->episode[lane] % WAVE);
}

static double *lane_observation(mg_evaluator *e, int lane) {
  return e->observation + lane_row(e, lane) * (size_t)e->spec.observation_size;
}

static void begin_episode(mg_evaluator *e, int lane, int episode) {
  e->episode[lane] = episode;
  e->steps[lane] = 0;
  mg_rng rng = mg_rng_at(e->seed, MG_RNG_EVALUATE_RESET, (uint64_t)episode, 0);
  mg_env_reset(e->env[lane], &rng, lane_observation(e, lane));
}

/* Actions of all lanes, into a. */
static void choose_actions(mg_evaluator *e, const mg_real *theta, bool stochastic) {
  mg_normaliser_apply(e->normaliser, WAVE, e->observation, e->x);
  mg_policy_forward(e->policy, WAVE, theta, e->x, &e->tape, e->head);
  for (int i = 0; stochastic && i < e->lanes; i++) {
    if (e->episode[i] < 0) continue;
    mg_rng rng =
        mg_rng_at(e->seed, MG_RNG_EVALUATE_ACTION, (uint64_t)e->episode[i], (uint64_t)e->steps[i]);
    mg_policy_noise(e->policy, &rng, e->noise + lane_row(e, i) * (size_t)e->spec.action_size);
  }
  mg_policy_act(e->policy, WAVE, theta, e->head, stochastic ? e->noise : NULL, e->a);
}

/* One step of a lane; the observation after it replaces the one before. */
static mg_env_outcome step_lane(mg_evaluator *e, int lane) {
  mg_action_decode(&e->spec, e->a + lane_row(e, lane) * (size_t)e->spec.action_size, e->action);
  double *observation = lane_observation(e, lane);
  mg_env_outcome outcome = mg_contained_step(e->env[lane], e->action, observation, e->next);
  memcpy(observation, e->next, (size_t)e->spec.observation_size * sizeof(double));
  e->steps[lane]++;
  return outcome;
}

static void idle(mg_evaluator *e) {
  for (int i = 0; i < WAVE; i++) e->episode[i] = -1;
}

/* This rank's episodes of first .. first + WAVE - 1, side by side. */
static void run_wave(mg_evaluator *e, int first, const mg_real *theta, bool stochastic,
                     double *returns, double *lengths) {
  int running = 0;
  idle(e);
  for (int episode = first; episode < first + WAVE && episode < e->episodes; episode++)
    if (episode % e->comm->size == e->comm->rank) begin_episode(e, running++, episode);
  while (running > 0) {
    choose_actions(e, theta, stochastic);
    for (int i = 0; i < e->lanes; i++) {
      int episode = e->episode[i];
      if (episode < 0) continue;
      mg_env_outcome outcome = step_lane(e, i);
      returns[episode] += outcome.reward;
      lengths[episode] += 1;
      if (outcome.terminated || outcome.truncated) {
        e->episode[i] = -1;
        running--;
      }
    }
  }
}

void mg_evaluator_run(mg_evaluator *e, const mg_real *theta, bool stochastic, double *returns,
                      double *lengths) {
  memset(returns, 0, (size_t)e->episodes * sizeof(double));
  memset(lengths, 0, (size_t)e->episodes * sizeof(double));
  for (int first = 0; first < e->episodes; first += WAVE)
    run_wave(e, first, theta, stochastic, returns, lengths);
  mg_comm_reduce_f64(e->comm, MG_REDUCE_SUM, returns, (size_t)e->episodes);
  mg_comm_reduce_f64(e->comm, MG_REDUCE_SUM, lengths, (size_t)e->episodes);
}

/* ---- recording ---- */

typedef struct recorder {
  mg_evaluator *evaluator;
  mg_trajectory own, other; /* this rank's; on rank 0 another's */
  uint64_t *tell;           /* [1 + size] what ranks tell each other in a round */
  size_t d, m;
} recorder;

static mg_trajectory make_trajectory(const recorder *r) {
  mg_arena *arena = r->evaluator->arena;
  const size_t T = (size_t)r->evaluator->spec.max_episode_steps;
  return (mg_trajectory){.observations = MG_NEW(arena, double, (T + 1) * r->d),
                         .actions = MG_NEW(arena, double, r->m *T),
                         .rewards = MG_NEW(arena, double, T)};
}

static void run_episode(recorder *r, int episode, const mg_real *theta, bool stochastic) {
  mg_evaluator *e = r->evaluator;
  mg_trajectory *trajectory = &r->own;
  const size_t d = r->d, m = r->m;
  size_t t = 0;
  mg_env_outcome outcome = {0};
  begin_episode(e, 0, episode);
  memcpy(trajectory->observations, lane_observation(e, 0), d * sizeof(double));
  while (!outcome.terminated && !outcome.truncated) {
    assert(t < (size_t)e->spec.max_episode_steps);
    choose_actions(e, theta, stochastic);
    outcome = step_lane(e, 0);
    memcpy(trajectory->actions + t * m, e->action, m * sizeof(double));
    trajectory->rewards[t] = outcome.reward;
    t++;
    memcpy(trajectory->observations + t * d, lane_observation(e, 0), d * sizeof(double));
  }
  trajectory->steps = (int64_t)t;
  trajectory->terminated = outcome.terminated;
  trajectory->truncated = outcome.truncated;
}

/* The episode of rank `from`, whose steps and ends all ranks have been told, as rank 0 has it. */
static mg_trajectory *hand_over(recorder *r, int from, int episode) {
  mg_comm *comm = r->evaluator->comm;
  const uint64_t told = r->tell[1 + from];
  const size_t steps = (size_t)(told >> 2), value = sizeof(double);
  mg_trajectory *own = &r->own, *to = from == 0 ? own : &r->other;
  if (from != 0) {
    mg_comm_gather(comm, own->observations, (steps + 1) * r->d * value, from, to->observations);
    mg_comm_gather(comm, own->actions, steps * r->m * value, from, to->actions);
    mg_comm_gather(comm, own->rewards, steps * value, from, to->rewards);
  }
  to->id = episode;
  to->steps = (int64_t)steps;
  to->terminated = told & 1;
  to->truncated = told & 2;
  to->total_reward = 0;
  for (size_t t = 0; comm->rank == 0 && t < steps; t++) to->total_reward += to->rewards[t];
  return to;
}

/* Rounds of one episode a rank. Rank 0's verdict on a round travels with the next one, so that the
 * others simulate while it writes. */
static mg_status record_rounds(recorder *r, const mg_real *theta, bool stochastic,
                               mg_trajectory_sink sink, void *self) {
  mg_evaluator *e = r->evaluator;
  mg_comm *comm = e->comm;
  mg_status status = MG_OK;
  bool enough = false;
  for (int first = 0; first < e->episodes; first += comm->size) {
    const int mine = first + comm->rank;
    const bool over = status != MG_OK || enough; /* known to rank 0 alone */
    memset(r->tell, 0, (1 + (size_t)comm->size) * sizeof *r->tell);
    r->tell[0] = over;
    if (mine < e->episodes && !over) {
      run_episode(r, mine, theta, stochastic);
      r->tell[1 + comm->rank] = (uint64_t)r->own.steps << 2 | (uint64_t)r->own.truncated << 1 |
                                (uint64_t)r->own.terminated;
    }
    mg_comm_reduce_u64(comm, MG_REDUCE_SUM, r->tell, 1 + (size_t)comm->size);
    if (r->tell[0]) break;
    for (int from = 0; from < comm->size && first + from < e->episodes; from++) {
      const mg_trajectory *trajectory = hand_over(r, from, first + from);
      if (comm->rank == 0 && status == MG_OK && !enough) status = sink(self, trajectory, &enough);
    }
  }
  return mg_comm_agree(comm, status);
}

mg_status mg_evaluator_record(mg_evaluator *e, const mg_real *theta, bool stochastic,
                              mg_trajectory_sink sink, void *self) {
  mg_arena_mark mark = mg_arena_get_mark(e->arena);
  recorder r = {.evaluator = e,
                .d = (size_t)e->spec.observation_size,
                .m = e->spec.discrete ? 1 : (size_t)e->spec.action_size};
  r.own = make_trajectory(&r);
  if (e->comm->rank == 0 && e->comm->size > 1) r.other = make_trajectory(&r);
  r.tell = MG_NEW(e->arena, uint64_t, 1 + (size_t)e->comm->size);
  mg_status status = mg_comm_agree(e->comm, mg_arena_status(e->arena));
  if (status == MG_OK) {
    idle(e);
    status = record_rounds(&r, theta, stochastic, sink, self);
  }
  mg_arena_release(e->arena, mark);
  return status;
}
