#include "rollout/collector.h"

#include "nn/gaussian.h"
#include "rollout/contained_step.h"

#include <assert.h>
#include <string.h>

enum { SUM_COUNT, SUM_RETURN, SUM_LENGTH, SUM_UNSTABLE, SUMS };

struct mg_collector {
  int N; /* environments of this rank */
  mg_collector_options options;
  mg_env_spec spec;
  const mg_policy *policy;
  mg_normaliser *normaliser;
  mg_mlp_tape tape; /* capacity N */
  mg_env **env;     /* [N] */
  double *action;   /* [action_size] as the environment takes it */
  double *next;     /* [N,d] observations after the step */
  /* What a checkpoint holds: */
  double *observation;    /* [N,d] now */
  int64_t *step;          /* [1] steps of each environment so far */
  int64_t *episode;       /* [N] running episode, from 0 */
  double *running_return; /* [N] of the running episode */
  double *running_length; /* [N] */
  double *state;          /* [N, state size] simulators, only while visited */
  size_t state_size;
  double sums[SUMS]; /* mg_episodes' since they were last taken */
  double *potential; /* [N] w Phi of each simulator's state, if rewards are shaped */
};

static void note_potential(mg_collector *c, int n) {
  if (c->options.shaping != 0) c->potential[n] = c->options.shaping * mg_env_potential(c->env[n]);
}

static void reset(mg_collector *c, int n) {
  uint64_t index = (uint64_t)(c->options.share.first + n);
  mg_rng rng = mg_rng_at(c->options.seed, MG_RNG_RESET, index, (uint64_t)c->episode[n]);
  mg_env_reset(c->env[n], &rng, c->observation + (size_t)n * (size_t)c->spec.observation_size);
  c->running_return[n] = 0;
  c->running_length[n] = 0;
  note_potential(c, n);
}

static void allocate(mg_collector *c, mg_arena *arena) {
  size_t N = (size_t)c->N, d = (size_t)c->spec.observation_size;
  c->state_size = mg_env_state_size(c->env[0]);
  c->tape = mg_mlp_tape_make(&c->policy->net, c->N, arena);
  c->action = MG_NEW(arena, double, (size_t)c->spec.action_size);
  c->next = MG_NEW(arena, double, (N * d));
  c->observation = MG_NEW(arena, double, (N * d));
  c->step = MG_NEW(arena, int64_t, 1);
  c->episode = MG_NEW(arena, int64_t, N);
  c->running_return = MG_NEW(arena, double, N);
  c->running_length = MG_NEW(arena, double, N);
  c->state = MG_NEW(arena, double, N * c->state_size);
  c->potential = MG_NEW(arena, double, N);
}

mg_status mg_collector_create(const mg_collector_options *options, const mg_policy *policy,
                              mg_normaliser *normaliser, mg_arena *arena,
                              mg_collector **collector) {
  *collector = NULL;
  mg_collector *c = MG_NEW(arena, mg_collector, 1);
  mg_env **env = MG_NEW(arena, mg_env *, (size_t)options->share.count);
  MG_TRY(mg_arena_status(arena));
  c->options = *options;
  c->N = (int)options->share.count;
  c->options.env_id = NULL; /* the caller's; not needed again */
  c->options.env_options = NULL;
  c->policy = policy;
  c->normaliser = normaliser;
  c->env = env;
  mg_status status = mg_env_create_many(options->env_id, options->env_options, c->N, env);
  if (status == MG_OK) {
    c->spec = *mg_env_get_spec(env[0]);
    assert(c->spec.observation_size == normaliser->raw_size);
    assert(normaliser->size == policy->state_size);
    assert(c->spec.action_size == policy->action_size && c->spec.discrete == policy->discrete);
    assert(options->shaping == 0 || c->spec.has_potential);
    allocate(c, arena);
    status = mg_arena_status(arena);
  }
  if (status != MG_OK) {
    mg_collector_destroy(c);
    return status;
  }
  for (int n = 0; n < c->N; n++) reset(c, n);
  *collector = c;
  return MG_OK;
}

void mg_collector_destroy(mg_collector *c) {
  if (!c) return;
  for (int n = 0; n < c->N; n++) mg_env_destroy(c->env[n]);
}

/* ---- one step ---- */

static void end_episode(mg_collector *c, int n) {
  c->sums[SUM_COUNT] += 1;
  c->sums[SUM_RETURN] += c->running_return[n];
  c->sums[SUM_LENGTH] += c->running_length[n];
  c->episode[n]++;
  reset(c, n);
}

/* The reward that the segment gets for environment n's step. */
static double shaped(mg_collector *c, int n, const mg_env_outcome *outcome) {
  if (c->options.shaping == 0) return outcome->reward;
  double before = c->potential[n];
  note_potential(c, n);
  double after = outcome->terminated ? 0 : c->potential[n];
  return outcome->reward + c->options.gamma * after - before;
}

static void step(mg_collector *c, const mg_real *theta, mg_segment *segment, size_t t) {
  int N = c->N;
  size_t d = (size_t)c->spec.observation_size, A = (size_t)c->spec.action_size;
  size_t S = (size_t)c->policy->state_size, row = t * (size_t)N;
  mg_real *x = segment->x + row * S, *head = segment->head + row * A;
  mg_real *noise = segment->noise + row * A, *a = segment->a + row * A;

  mg_normaliser_apply(c->normaliser, N, c->observation, x);
  mg_policy_forward(c->policy, N, theta, x, &c->tape, head);
  for (int n = 0; n < N; n++) {
    uint64_t index = (uint64_t)(c->options.share.first + n);
    mg_rng rng = mg_rng_at(c->options.seed, MG_RNG_ACTION, index, (uint64_t)*c->step);
    mg_policy_noise(c->policy, &rng, noise + (size_t)n * A);
  }
  mg_policy_act(c->policy, N, theta, head, noise, a);
  if (!c->policy->discrete)
    mg_gaussian_log_probability(N, c->spec.action_size, head,
                                theta + mg_policy_log_sigma_offset(c->policy), a,
                                segment->log_probability + row);

  bool any_ended = false;
  for (int n = 0; n < N; n++) {
    size_t i = (size_t)n;
    double *observation = c->observation + i * d;
    if (c->options.observe) mg_normaliser_observe(c->normaliser, observation);
    mg_action_decode(&c->spec, a + i * A, c->action);
    mg_env_outcome outcome = mg_contained_step(c->env[n], c->action, observation, c->next + i * d);
    segment->reward[row + i] = (mg_real)shaped(c, n, &outcome);
    segment->terminated[row + i] = outcome.terminated;
    segment->truncated[row + i] = outcome.truncated;
    c->running_return[n] += outcome.reward;
    c->running_length[n] += 1;
    c->sums[SUM_UNSTABLE] += outcome.unstable;
    any_ended |= outcome.terminated | outcome.truncated;
    if (c->options.comm) mg_comm_poll(c->options.comm);
  }
  mg_normaliser_apply(c->normaliser, N, c->next, segment->next_x + row * S);
  memcpy(c->observation, c->next, (size_t)N * d * sizeof(double));
  for (int n = 0; any_ended && n < N; n++)
    if (segment->terminated[row + (size_t)n] || segment->truncated[row + (size_t)n])
      end_episode(c, n);
  *c->step += 1;
}

void mg_collector_run(mg_collector *c, const mg_real *theta, mg_segment *segment) {
  assert(segment->environments == c->N);
  assert(segment->state_size == c->policy->state_size);
  assert(segment->action_size == c->spec.action_size);
  for (int t = 0; t < segment->steps; t++) step(c, theta, segment, (size_t)t);
}

/* ---- what is reported and kept ---- */

mg_episodes mg_collector_take_episodes(mg_collector *c) {
  mg_episodes episodes = {
      .count = c->sums[SUM_COUNT],
      .total_return = c->sums[SUM_RETURN],
      .total_length = c->sums[SUM_LENGTH],
      .unstable = c->sums[SUM_UNSTABLE],
  };
  memset(c->sums, 0, sizeof c->sums);
  return episodes;
}

void mg_collector_visit(mg_collector *c, mg_archive *archive) {
  size_t N = (size_t)c->N, d = (size_t)c->spec.observation_size;
  if (!mg_archive_is_loading(archive))
    for (size_t n = 0; n < N; n++) mg_env_get_state(c->env[n], c->state + n * c->state_size);
  const mg_share *share = &c->options.share;
#define DIVIDED(name, type, data, entries)                                                         \
  mg_archive_divided(archive, "collector/" name, type, data, share, 1, entries)
  DIVIDED("state", MG_TYPE_F64, c->state, c->state_size);
  DIVIDED("observation", MG_TYPE_F64, c->observation, d);
  DIVIDED("episode", MG_TYPE_I64, c->episode, 1);
  DIVIDED("running_return", MG_TYPE_F64, c->running_return, 1);
  DIVIDED("running_length", MG_TYPE_F64, c->running_length, 1);
#undef DIVIDED
  mg_archive_shared(archive, "collector/step", MG_TYPE_I64, c->step, 1);
  /* After a failed load the arrays may be half written; nobody goes on with them. */
  if (mg_archive_is_loading(archive) && mg_archive_status(archive) == MG_OK)
    for (size_t n = 0; n < N; n++) {
      mg_env_set_state(c->env[n], c->state + n * c->state_size, NULL);
      note_potential(c, (int)n);
    }
}
