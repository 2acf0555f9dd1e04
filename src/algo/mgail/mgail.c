#include "algo/mgail/mgail.h"

#include "algo/acting.h"
#include "base/timer.h"
#include "math/vec.h"
#include "model/value.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The forward model's scale is estimated anew each iteration at first, then now and then. */
enum { SCALE_EVERY_UNTIL = 200, SCALE_EVERY_AFTER = 20 };

static void make_networks(mg_mgail *self, const mg_context *context) {
  const mg_settings *s = context->settings;
  mg_arena *arena = context->arena;
  const int S = self->S, A = self->A;
  self->value = mg_value_make(S, s->value.hidden.count, s->value.hidden.width,
                              (mg_activation)s->value.activation);
  self->forward_model = mg_forward_model_make(
      (mg_forward_kind)s->forward_model.kind, S, A, s->forward_model.hidden.count,
      s->forward_model.hidden.width, (mg_activation)s->forward_model.activation);

  const size_t policy = mg_policy_size(&self->base.policy);
  const size_t value = s->mgail.terminal_value ? mg_mlp_size(&self->value) : 0;
  const size_t discriminator = mg_mlp_size(&self->adversary.discriminator);
  const size_t forward = mg_forward_model_size(&self->forward_model);
  self->policy_slice = mg_paramset_add(&self->set, "policy", policy);
  self->value_slice = mg_paramset_add(&self->set, "value", value);
  self->discriminator_slice = mg_paramset_add(&self->set, "discriminator", discriminator);
  self->forward_slice = mg_paramset_add(&self->set, "forward_model", forward);
  self->target_slice = mg_paramset_add(&self->set, "value_target", value);
  self->average_slice =
      mg_paramset_add(&self->set, "policy_average", s->policy.average_steps > 0 ? policy : 0);
  mg_paramset_allocate(&self->set, arena);

  self->policy_adam = mg_adam_make(policy, arena);
  self->policy_adam.clip = s->policy.clip;
  self->value_adam = mg_adam_make(value, arena);
  self->value_adam.clip = s->value.clip;
  self->forward_adam = mg_adam_make(forward, arena);
  self->forward_adam.clip = s->forward_model.clip;
}

static void make_buffers(mg_mgail *self, const mg_context *context) {
  const mg_settings *s = context->settings;
  mg_arena *arena = context->arena;
  const size_t S = (size_t)self->S, A = (size_t)self->A, ranks = (size_t)context->comm->size;
  const int rows = self->horizon * self->environments * s->mgail.segments;
  self->replay = mg_replay_make(
      self->S, self->A, (s->forward_model.replay + (int64_t)ranks - 1) / (int64_t)ranks, arena);
  self->delta_scale = MG_NEW(arena, mg_real, S);
  self->delta_sd = MG_NEW(arena, double, S);
  self->ages = MG_NEW(arena, int, (size_t)s->mgail.memory);

  self->batch = mg_mgail_batch_make(self->horizon, self->environments * s->mgail.segments, self->S,
                                    self->A, arena);
  self->objective = (mg_mgail_objective){
      .policy = &self->base.policy,
      .discriminator = &self->adversary.discriminator,
      .forward_model = &self->forward_model,
      .value = s->mgail.terminal_value ? &self->value : NULL,
      .reward = (mg_reward_form)s->mgail.reward,
      .gamma = s->mgail.gamma,
      .entropy = s->policy.entropy,
      .temperature = s->mgail.temperature,
      .action_inverse = self->base.policy.discrete ? NULL : self->adversary.actions.inverse,
      .delta_scale = self->delta_scale,
  };
  self->work = mg_mgail_work_make(&self->objective, rows, arena);

  const size_t F = (size_t)self->forward_batch;
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
  self->value_target = mg_paramset_theta(&self->set, self->target_slice);
  if (self->settings->policy.average_steps > 0)
    self->base.average = mg_paramset_theta(&self->set, self->average_slice);
  mg_rng rng = mg_rng_at(self->seed, MG_RNG_INIT, (uint64_t)self->policy_slice, 0);
  mg_real *policy = mg_paramset_theta(&self->set, self->policy_slice);
  mg_policy_init(&self->base.policy, self->settings->policy.log_sigma, &rng, policy);
  mg_adversary_init(&self->adversary, (uint64_t)self->discriminator_slice,
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
  const int64_t segment = (int64_t)s->mgail.horizon * (s->run.environments / ranks);
  if (segment > INT_MAX / s->mgail.segments) {
    return mg_fail(MG_ERR_CONFIG,
                   "mgail.segments = %d, of %" PRId64 " steps each; expected at most %d steps in "
                   "all in a policy step",
                   s->mgail.segments, segment, INT_MAX);
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
  self->horizon = s->mgail.horizon;
  self->environments = s->run.environments / ranks;
  self->forward_batch = share_of(s->forward_model.batch, ranks);
  mg_adversary *adversary = &self->adversary;
  MG_TRY(mg_adversary_load(adversary, context, spec, false));
  self->S = adversary->S;
  self->A = adversary->A;
  self->base.expert = adversary->expert;
  self->base.policy = mg_policy_make(self->S, self->A, spec->discrete, s->policy.hidden.count,
                                     s->policy.hidden.width, (mg_activation)s->policy.activation,
                                     adversary->actions.mean, adversary->action_sd);
  MG_TRY(mg_adversary_make(adversary, context, s->mgail.memory, self->horizon, self->environments));
  self->clone =
      mg_clone_make(context, adversary, &self->base.policy, s->clone.weight, s->clone.final_weight);
  make_networks(self, context);
  make_buffers(self, context);
  MG_TRY(mg_arena_status(context->arena));
  initialise(self);
  self->base.normaliser = &adversary->states;
  self->base.set = &self->set;
  const mg_collector_options options = {
      .env_id = s->run.env,
      .env_options = &s->env,
      .environments = self->environments,
      .first_index = (int64_t)context->comm->rank * self->environments,
      .seed = self->seed,
  };
  return mg_collector_create(&options, &self->base.policy, &adversary->states, context->arena,
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
  mg_segment *segment = mg_adversary_next(&self->adversary);
  mg_collector_run(self->collector, mg_paramset_theta(&self->set, self->policy_slice), segment);
  mg_adversary_collected(&self->adversary);
  const size_t S = (size_t)self->S, A = (size_t)self->A;
  mg_real *xa = self->forward_xa; /* scratch of at least one row */
  for (size_t r = 0; r < (size_t)segment->steps * (size_t)segment->environments; r++) {
    mg_adversary_pair(&self->adversary, segment->x + r * S, segment->a + r * A, xa);
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

/* Rates of one iteration. */
typedef struct rates {
  double discriminator, forward_model, policy, value;
} rates;

static rates rates_now(const mg_mgail *self) {
  const mg_settings *s = self->settings;
  const int64_t done = self->base.steps, total = s->run.steps;
#define RATE(of) mg_schedule(s->of.learning_rate, s->of.final_learning_rate, done, total)
  return (rates){RATE(discriminator), RATE(forward_model), RATE(policy), RATE(value)};
#undef RATE
}

/* Steps 2 to 4, once; then what follows the parameters. */
static void round_of_updates(mg_mgail *self, int round, const rates *rate, mg_report *report) {
  const mg_settings *s = self->settings;
  const uint64_t rank = (uint64_t)self->comm->rank;
  const uint64_t at = (uint64_t)self->base.iteration * (uint64_t)s->mgail.updates + (uint64_t)round;

  /* 2. The discriminator. */
  mg_rng rng = mg_rng_at(self->seed, MG_RNG_DISCRIMINATOR, rank, at);
  for (int k = 0; k < s->discriminator.updates; k++)
    mg_mgail_update_discriminator(self, rate->discriminator, &rng, report);

  /* 3. The forward model. */
  rng = mg_rng_at(self->seed, MG_RNG_FORWARD_MODEL, rank, at);
  for (int k = 0; k < s->forward_model.updates; k++)
    mg_mgail_update_forward_model(self, rate->forward_model, &rng, report);

  /* 4. The policy through D, f and time, then the value. */
  rng = mg_rng_at(self->seed, MG_RNG_POLICY, rank, at);
  const bool frozen = self->base.iteration < s->mgail.warmup;
  mg_mgail_update_policy(self, rate->policy, frozen, &rng, report);
  if (self->objective.value) {
    mg_mgail_update_value(self, rate->value, report);
    mg_value_track(mg_mlp_size(&self->value), s->value.tau,
                   mg_paramset_theta(&self->set, self->value_slice), self->value_target);
  }
  if (self->base.average) {
    const double steps = (double)s->run.environments * self->horizon / s->mgail.updates;
    mg_value_track(mg_policy_size(&self->base.policy), 1 - mg_average_decay(s, steps),
                   mg_paramset_theta(&self->set, self->policy_slice), self->base.average);
  }
}

/* 5. One vector for all networks and what follows them, on all ranks. */
static void synchronise(mg_mgail *self) {
  const double begin = mg_timer_now();
  mg_sync_parameters(&self->sync, self->set.theta, self->set.size);
  self->sync_seconds += mg_timer_now() - begin;
}

static mg_status iterate(mg_algorithm *algorithm, mg_report *report) {
  mg_mgail *self = (mg_mgail *)algorithm;
  const mg_settings *s = self->settings;
  const int64_t iteration = self->base.iteration;
  const double begin = mg_timer_now();
  memset(report, 0, sizeof *report);
  self->sync_seconds = 0;

  collect(self, report);
  const double collected = mg_timer_now();

  if (iteration < SCALE_EVERY_UNTIL || iteration % SCALE_EVERY_AFTER == 0) {
    mg_mgail_update_delta_scale(self);
  }
  const rates rate = rates_now(self);
  mg_report_add(report, MG_MGAIL_POLICY_RATE, rate.policy);
  for (int k = 0; k < s->mgail.updates; k++) round_of_updates(self, k, &rate, report);

  synchronise(self);
  self->base.iteration++;
  self->base.steps += (int64_t)s->run.environments * self->horizon;
  mg_report_add(report, MG_MGAIL_SECONDS_ROLLOUT, collected - begin);
  mg_report_add(report, MG_MGAIL_SECONDS_SYNC, self->sync_seconds);
  mg_report_add(report, MG_MGAIL_SECONDS_UPDATE, mg_timer_now() - collected - self->sync_seconds);
  return MG_OK;
}

static void visit(mg_algorithm *algorithm, mg_archive *archive) {
  mg_mgail *self = (mg_mgail *)algorithm;
  mg_acting_visit(algorithm, archive);
  mg_archive_shared(archive, "iteration", MG_TYPE_I64, &self->base.iteration, 1);
  mg_archive_shared(archive, "steps", MG_TYPE_I64, &self->base.steps, 1);
  mg_archive_shared(archive, "theta", MG_TYPE_REAL, self->set.theta, self->set.size);
  mg_adam_visit(&self->policy_adam, self->sync.mode, "policy", archive);
  mg_adam_visit(&self->value_adam, self->sync.mode, "value", archive);
  mg_adversary_visit(&self->adversary, self->sync.mode, archive);
  mg_adam_visit(&self->forward_adam, self->sync.mode, "forward_model", archive);
  mg_archive_shared(archive, "delta_scale", MG_TYPE_REAL, self->delta_scale, (size_t)self->S);
  mg_archive_local(archive, "replay/added", MG_TYPE_I64, self->replay.added, 1);
  mg_archive_local(archive, "replay/rows", MG_TYPE_REAL, self->replay.rows,
                   (size_t)self->replay.capacity * (size_t)self->replay.width);
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
