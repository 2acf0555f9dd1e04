#include "algo/mgail.h"

#include "algo/acting.h"
#include "algo/expert.h"
#include "base/timer.h"
#include "math/vec.h"
#include "model/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The recipe's normalisers. */
static const double STATE_LIMIT = 10, ACTION_EPSILON = 1e-3;
/* The forward model's scale is estimated anew each iteration at first, then now and then. */
enum { SCALE_EVERY_UNTIL = 200, SCALE_EVERY_AFTER = 20 };
enum { RING_MAX = 64 };

/* The expert's pairs, normalised; their statistics become the normalisers'. */
static mg_status load_expert(mg_mgail *self, const mg_context *context, const mg_env_spec *spec) {
  mg_expert *expert = MG_NEW(context->arena, mg_expert, 1);
  MG_TRY(mg_comm_agree(context->comm, mg_arena_status(context->arena)));
  MG_TRY(mg_expert_load(context, spec, expert));
  self->base.expert = expert;
  const mg_pairs *pairs = &expert->train;

  const size_t P = (size_t)pairs->count, S = (size_t)self->S, A = (size_t)self->A;
  mg_real *x = MG_NEW(context->arena, mg_real, S), *a = MG_NEW(context->arena, mg_real, A);
  self->expert_xa = MG_NEW(context->arena, mg_real, P * (S + A));
  MG_TRY(mg_arena_status(context->arena));
  mg_normaliser_fit(&self->states, P, pairs->states);
  if (!spec->discrete) mg_normaliser_fit(&self->actions, P, pairs->actions);
  for (size_t p = 0; p < P; p++) {
    mg_normaliser_apply(&self->states, 1, pairs->states + p * S, x);
    mg_normaliser_apply(&self->actions, 1, pairs->actions + p * A, a);
    memcpy(self->expert_xa + p * (S + A), x, S * sizeof *x);
    memcpy(self->expert_xa + p * (S + A) + S, a, A * sizeof *a);
  }
  self->expert_pairs = pairs->count;
  return MG_OK;
}

static void make_networks(mg_mgail *self, const mg_context *context) {
  const mg_settings *s = context->settings;
  mg_arena *arena = context->arena;
  const int S = self->S, A = self->A;
  self->value = mg_value_make(S, s->value.hidden.count, s->value.hidden.width,
                              (mg_activation)s->value.activation);
  self->discriminator =
      mg_discriminator_make(S, A, s->discriminator.hidden.count, s->discriminator.hidden.width,
                            (mg_activation)s->discriminator.activation);
  self->forward_model = mg_forward_model_make(
      (mg_forward_kind)s->forward_model.kind, S, A, s->forward_model.hidden.count,
      s->forward_model.hidden.width, (mg_activation)s->forward_model.activation);

  const size_t policy = mg_policy_size(&self->base.policy);
  const size_t value = s->mgail.terminal_value ? mg_mlp_size(&self->value) : 0;
  const size_t discriminator = mg_mlp_size(&self->discriminator);
  const size_t forward = mg_forward_model_size(&self->forward_model);
  self->policy_slice = mg_paramset_add(&self->set, "policy", policy);
  self->value_slice = mg_paramset_add(&self->set, "value", value);
  self->discriminator_slice = mg_paramset_add(&self->set, "discriminator", discriminator);
  self->forward_slice = mg_paramset_add(&self->set, "forward_model", forward);
  mg_paramset_allocate(&self->set, arena);

  self->policy_adam = mg_adam_make(policy, arena);
  self->policy_adam.clip = s->policy.clip;
  self->value_adam = mg_adam_make(value, arena);
  self->value_adam.clip = s->value.clip;
  self->discriminator_adam = mg_adam_make(discriminator, arena);
  self->discriminator_adam.clip = s->discriminator.clip;
  self->discriminator_adam.weight_decay = s->discriminator.weight_decay;
  self->forward_adam = mg_adam_make(forward, arena);
  self->forward_adam.clip = s->forward_model.clip;
  self->value_target = MG_NEW(arena, mg_real, value);
  if (s->policy.average > 0) self->base.average = MG_NEW(arena, mg_real, policy);
}

static void make_buffers(mg_mgail *self, const mg_context *context) {
  const mg_settings *s = context->settings;
  mg_arena *arena = context->arena;
  const size_t S = (size_t)self->S, A = (size_t)self->A, ranks = (size_t)context->comm->size;
  const int rows = self->horizon * self->environments * s->mgail.segments;
  self->segment = MG_NEW(arena, mg_segment, (size_t)self->ring);
  for (int k = 0; self->segment && k < self->ring; k++) {
    self->segment[k] = mg_segment_make(self->horizon, self->environments, self->S, self->A, arena);
  }
  self->collected = MG_NEW(arena, int64_t, 1);
  self->replay = mg_replay_make(
      self->S, self->A, (s->forward_model.replay + (int64_t)ranks - 1) / (int64_t)ranks, arena);
  self->delta_scale = MG_NEW(arena, mg_real, S);
  self->delta_sd = MG_NEW(arena, double, S);

  self->batch = mg_mgail_batch_make(self->horizon, self->environments * s->mgail.segments, self->S,
                                    self->A, arena);
  self->objective = (mg_mgail_objective){
      .policy = &self->base.policy,
      .discriminator = &self->discriminator,
      .forward_model = &self->forward_model,
      .value = s->mgail.terminal_value ? &self->value : NULL,
      .reward = (mg_mgail_reward)s->mgail.reward,
      .gamma = s->mgail.gamma,
      .entropy = s->policy.entropy,
      .temperature = s->mgail.temperature,
      .action_inverse = self->base.policy.discrete ? NULL : self->actions.inverse,
      .delta_scale = self->delta_scale,
  };
  self->work = mg_mgail_work_make(&self->objective, rows, arena);

  const size_t B = (size_t)self->discriminator_batch, F = (size_t)self->forward_batch;
  self->discriminator_work =
      mg_discriminator_work_make(&self->discriminator, self->discriminator_batch, arena);
  self->pairs = MG_NEW(arena, mg_real, 2 * B * (S + A));
  self->mix = MG_NEW(arena, mg_real, B);
  self->forward_tape = mg_forward_tape_make(&self->forward_model, self->forward_batch, arena);
  self->forward_xa = MG_NEW(arena, mg_real, F * (S + A));
  self->forward_target = MG_NEW(arena, mg_real, F * S);
  self->forward_out = MG_NEW(arena, mg_real, F * S);
  self->forward_slope = MG_NEW(arena, mg_real, F * S);
  self->value_tape = mg_mlp_tape_make(&self->value, rows, arena);
  self->value_out = MG_NEW(arena, mg_real, 2 * (size_t)rows);
  self->next_value = MG_NEW(arena, mg_real, (size_t)rows);
  self->returns = MG_NEW(arena, mg_real, (size_t)rows);
}

/* The same parameters on every rank: keyed by the seed alone. */
static void initialise(mg_mgail *self) {
  mg_rng rng = mg_rng_at(self->seed, MG_RNG_INIT, (uint64_t)self->policy_slice, 0);
  mg_real *policy = mg_paramset_theta(&self->set, self->policy_slice);
  mg_policy_init(&self->base.policy, self->settings->policy.log_sigma, &rng, policy);
  rng = mg_rng_at(self->seed, MG_RNG_INIT, (uint64_t)self->discriminator_slice, 0);
  mg_discriminator_init(&self->discriminator, &rng,
                        mg_paramset_theta(&self->set, self->discriminator_slice));
  rng = mg_rng_at(self->seed, MG_RNG_INIT, (uint64_t)self->forward_slice, 0);
  mg_forward_model_init(&self->forward_model, &rng,
                        mg_paramset_theta(&self->set, self->forward_slice));
  if (self->objective.value) {
    rng = mg_rng_at(self->seed, MG_RNG_INIT, (uint64_t)self->value_slice, 0);
    mg_real *value = mg_paramset_theta(&self->set, self->value_slice);
    mg_value_init(&self->value, &rng, value);
    mg_vec_copy(mg_mlp_size(&self->value), value, self->value_target);
  }
  if (self->base.average) {
    mg_vec_copy(mg_policy_size(&self->base.policy), policy, self->base.average);
  }
  mg_vec_fill((size_t)self->S, 1, self->delta_scale);
}

static mg_status check_settings(const mg_settings *s, int ranks) {
  if (s->run.environments % ranks != 0) {
    return mg_fail(MG_ERR_CONFIG, "run.environments = %d is not a multiple of the %d ranks",
                   s->run.environments, ranks);
  }
  if (s->discriminator.segments > RING_MAX || s->mgail.segments > RING_MAX) {
    return mg_fail(MG_ERR_CONFIG,
                   "discriminator.segments = %d, mgail.segments = %d; at most %d are kept",
                   s->discriminator.segments, s->mgail.segments, RING_MAX);
  }
  return MG_OK;
}

static int share_of(int total, int ranks) {
  return total / ranks > 0 ? total / ranks : 1;
}

static mg_status build(mg_mgail *self, const mg_context *context, const mg_env_spec *spec) {
  const mg_settings *s = context->settings;
  const int ranks = context->comm->size;
  self->settings = s;
  self->comm = context->comm;
  self->sync = (mg_sync){.comm = context->comm, .mode = (mg_sync_mode)s->run.sync};
  self->seed = (uint64_t)s->run.seed;
  self->S = spec->observation_size;
  self->A = spec->action_size;
  self->horizon = s->mgail.horizon;
  self->environments = s->run.environments / ranks;
  self->discriminator_batch = share_of(s->discriminator.batch, ranks);
  self->forward_batch = share_of(s->forward_model.batch, ranks);
  self->ring =
      s->discriminator.segments > s->mgail.segments ? s->discriminator.segments : s->mgail.segments;
  self->states = mg_normaliser_make(self->S, s->data.state_epsilon, STATE_LIMIT, context->arena);
  self->actions =
      mg_normaliser_make(self->A, spec->discrete ? 0 : ACTION_EPSILON, 0, context->arena);
  double *action_sd = MG_NEW(context->arena, double, (size_t)self->A);
  MG_TRY(mg_comm_agree(context->comm, mg_arena_status(context->arena)));
  self->base.policy = mg_policy_make(self->S, self->A, spec->discrete, s->policy.hidden.count,
                                     s->policy.hidden.width, (mg_activation)s->policy.activation,
                                     self->actions.mean, action_sd);
  MG_TRY(load_expert(self, context, spec));
  for (int i = 0; i < self->A; i++) {
    action_sd[i] = 1 / self->actions.inverse[i] - self->actions.epsilon;
  }
  make_networks(self, context);
  make_buffers(self, context);
  MG_TRY(mg_arena_status(context->arena));
  initialise(self);
  self->base.normaliser = &self->states;
  self->base.set = &self->set;
  const mg_collector_options options = {
      .env_id = s->run.env,
      .env_options = &s->env,
      .environments = self->environments,
      .first_index = (int64_t)context->comm->rank * self->environments,
      .seed = self->seed,
  };
  return mg_collector_create(&options, &self->base.policy, &self->states, context->arena,
                             &self->collector);
}

static mg_status create(const mg_context *context, mg_algorithm **algorithm) {
  *algorithm = NULL;
  MG_TRY(check_settings(context->settings, context->comm->size));
  mg_mgail *self = MG_NEW(context->arena, mg_mgail, 1);
  /* An environment for its specification; held until the collector has its own, so that the model
   * is compiled once. What may fail on one rank alone is agreed on before the collective reading of
   * the expert's data. */
  mg_env *env = NULL;
  mg_status status = mg_arena_status(context->arena);
  if (status == MG_OK)
    status = mg_env_create_with(context->settings->run.env, &context->settings->env, &env);
  status = mg_comm_agree(context->comm, status);
  if (status == MG_OK) {
    self->base.class_ = &mg_mgail_class;
    status = build(self, context, mg_env_get_spec(env));
  }
  mg_env_destroy(env);
  if (status != MG_OK) {
    if (self) mg_collector_destroy(self->collector);
    return status;
  }
  *algorithm = &self->base;
  return MG_OK;
}

/* 1. One segment with the policy fixed; its transitions go to the replay. */
static void collect(mg_mgail *self, mg_report *report) {
  mg_segment *segment = &self->segment[*self->collected % self->ring];
  mg_collector_run(self->collector, mg_paramset_theta(&self->set, self->policy_slice), segment);
  ++*self->collected;
  const size_t S = (size_t)self->S, A = (size_t)self->A;
  mg_real *xa = self->forward_xa; /* scratch of at least one row */
  for (size_t r = 0; r < (size_t)segment->steps * (size_t)segment->environments; r++) {
    mg_mgail_pair(self, segment->x + r * S, segment->a + r * A, xa);
    mg_replay_add(&self->replay, xa, xa + S, segment->next_x + r * S);
  }
  const mg_episodes episodes = mg_collector_take_episodes(self->collector);
  report->value[MG_MGAIL_EPISODE_RETURN] = episodes.total_return / fmax(1, episodes.count);
  report->weight[MG_MGAIL_EPISODE_RETURN] = episodes.count;
  report->value[MG_MGAIL_EPISODE_LENGTH] = episodes.total_length / fmax(1, episodes.count);
  report->weight[MG_MGAIL_EPISODE_LENGTH] = episodes.count;
  mg_report_add(report, MG_MGAIL_EPISODES, episodes.count);
  mg_report_add(report, MG_MGAIL_UNSTABLE, episodes.unstable);
}

/* 5. One vector for all networks on all ranks; then what follows the parameters. */
static void synchronise(mg_mgail *self) {
  const double begin = mg_timer_now();
  mg_sync_parameters(&self->sync, self->set.theta, self->set.size);
  self->sync_seconds += mg_timer_now() - begin;
  const mg_settings *s = self->settings;
  if (self->objective.value) {
    mg_value_track(mg_mlp_size(&self->value), s->value.tau,
                   mg_paramset_theta(&self->set, self->value_slice), self->value_target);
  }
  if (self->base.average) {
    mg_value_track(mg_policy_size(&self->base.policy), 1 - s->policy.average,
                   mg_paramset_theta(&self->set, self->policy_slice), self->base.average);
  }
}

static mg_status iterate(mg_algorithm *algorithm, mg_report *report) {
  mg_mgail *self = (mg_mgail *)algorithm;
  const mg_settings *s = self->settings;
  const int64_t iteration = self->base.iteration, steps = self->base.steps;
  const uint64_t rank = (uint64_t)self->comm->rank, at = (uint64_t)iteration;
  const double begin = mg_timer_now();
  memset(report, 0, sizeof *report);
  self->sync_seconds = 0;

  collect(self, report);
  const double collected = mg_timer_now();

  mg_rng rng = mg_rng_at(self->seed, MG_RNG_DISCRIMINATOR, rank, at);
  double rate = mg_schedule(s->discriminator.learning_rate, s->discriminator.final_learning_rate,
                            steps, s->run.steps);
  for (int k = 0; k < s->discriminator.updates; k++) {
    mg_mgail_update_discriminator(self, rate, &rng, report);
  }

  if (iteration < SCALE_EVERY_UNTIL || iteration % SCALE_EVERY_AFTER == 0) {
    mg_mgail_update_delta_scale(self);
  }
  rng = mg_rng_at(self->seed, MG_RNG_FORWARD_MODEL, rank, at);
  rate = mg_schedule(s->forward_model.learning_rate, s->forward_model.final_learning_rate, steps,
                     s->run.steps);
  for (int k = 0; k < s->forward_model.updates; k++) {
    mg_mgail_update_forward_model(self, rate, &rng, report);
  }

  rng = mg_rng_at(self->seed, MG_RNG_POLICY, rank, at);
  rate = mg_schedule(s->policy.learning_rate, s->policy.final_learning_rate, steps, s->run.steps);
  mg_report_add(report, MG_MGAIL_POLICY_RATE, rate);
  mg_mgail_update_policy(self, rate, iteration < s->mgail.warmup, &rng, report);

  if (self->objective.value) {
    rate = mg_schedule(s->value.learning_rate, s->value.final_learning_rate, steps, s->run.steps);
    mg_mgail_update_value(self, rate, report);
  }

  synchronise(self);
  self->base.iteration++;
  self->base.steps += (int64_t)s->run.environments * self->horizon;
  mg_report_add(report, MG_MGAIL_SECONDS_ROLLOUT, collected - begin);
  mg_report_add(report, MG_MGAIL_SECONDS_SYNC, self->sync_seconds);
  mg_report_add(report, MG_MGAIL_SECONDS_UPDATE, mg_timer_now() - collected - self->sync_seconds);
  return MG_OK;
}

/* The moments: the same on all ranks when gradients are averaged, else each rank's own. */
static void visit_adam(mg_mgail *self, mg_archive *archive, const char *name, mg_adam *adam) {
  char field[64];
  const char *part[2] = {"m", "v"};
  mg_real *moments[2] = {adam->m, adam->v};
  for (int k = 0; k < 2; k++) {
    snprintf(field, sizeof field, "adam/%s/%s", name, part[k]);
    if (self->sync.mode == MG_SYNC_GRADIENTS) {
      mg_archive_shared(archive, field, MG_TYPE_REAL, moments[k], adam->n);
    } else {
      mg_archive_local(archive, field, MG_TYPE_REAL, moments[k], adam->n);
    }
  }
  snprintf(field, sizeof field, "adam/%s/steps", name);
  mg_archive_local(archive, field, MG_TYPE_I64, &adam->steps, 1);
}

static void visit_segment(mg_archive *archive, int k, mg_segment *s) {
  const size_t R = (size_t)s->steps * (size_t)s->environments, S = (size_t)s->state_size,
               A = (size_t)s->action_size;
  const struct {
    const char *name;
    mg_type type;
    void *data;
    size_t n;
  } field[] = {
      {"x", MG_TYPE_REAL, s->x, R * S},
      {"next_x", MG_TYPE_REAL, s->next_x, R * S},
      {"a", MG_TYPE_REAL, s->a, R * A},
      {"noise", MG_TYPE_REAL, s->noise, R * A},
      {"terminated", MG_TYPE_U8, s->terminated, R},
      {"truncated", MG_TYPE_U8, s->truncated, R},
  };
  for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
    char name[64];
    snprintf(name, sizeof name, "segment/%02d/%s", k, field[i].name);
    mg_archive_local(archive, name, field[i].type, field[i].data, field[i].n);
  }
}

static void visit(mg_algorithm *algorithm, mg_archive *archive) {
  mg_mgail *self = (mg_mgail *)algorithm;
  mg_acting_visit(algorithm, archive);
  mg_archive_shared(archive, "iteration", MG_TYPE_I64, &self->base.iteration, 1);
  mg_archive_shared(archive, "steps", MG_TYPE_I64, &self->base.steps, 1);
  mg_archive_shared(archive, "theta", MG_TYPE_REAL, self->set.theta, self->set.size);
  mg_archive_shared(archive, "value_target", MG_TYPE_REAL, self->value_target,
                    self->set.slice[self->value_slice].size);
  visit_adam(self, archive, "policy", &self->policy_adam);
  visit_adam(self, archive, "value", &self->value_adam);
  visit_adam(self, archive, "discriminator", &self->discriminator_adam);
  visit_adam(self, archive, "forward_model", &self->forward_adam);
  mg_archive_shared(archive, "actions/shift", MG_TYPE_F64, self->actions.shift, (size_t)self->A);
  mg_archive_shared(archive, "actions/inverse", MG_TYPE_F64, self->actions.inverse,
                    (size_t)self->A);
  mg_archive_shared(archive, "delta_scale", MG_TYPE_REAL, self->delta_scale, (size_t)self->S);
  mg_archive_local(archive, "replay/added", MG_TYPE_I64, self->replay.added, 1);
  mg_archive_local(archive, "replay/rows", MG_TYPE_REAL, self->replay.rows,
                   (size_t)self->replay.capacity * (size_t)self->replay.width);
  mg_archive_local(archive, "collected", MG_TYPE_I64, self->collected, 1);
  for (int k = 0; k < self->ring; k++) visit_segment(archive, k, &self->segment[k]);
  mg_collector_visit(self->collector, archive);
}

static void destroy(mg_algorithm *algorithm) {
  if (algorithm) mg_collector_destroy(((mg_mgail *)algorithm)->collector);
}

static const mg_metric METRICS[] = {
#define MG_MGAIL_METRIC_ROW(name, text, unit, help) {text, unit, help},
    MG_MGAIL_METRICS(MG_MGAIL_METRIC_ROW)
#undef MG_MGAIL_METRIC_ROW
};

const mg_algorithm_class mg_mgail_class = {
    .name = "mgail",
    .metrics = MG_MGAIL_METRIC_COUNT,
    .metric = METRICS,
    .create = create,
    .iterate = iterate,
    .visit = visit,
    .destroy = destroy,
};
