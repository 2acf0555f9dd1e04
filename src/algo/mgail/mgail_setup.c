#include "algo/mgail/mgail.h"
#include "math/vec.h"
#include "model/value.h"

#include <inttypes.h>
#include <limits.h>

static mg_status check_settings(const mg_learner *l, const mg_env_spec *spec) {
  const mg_settings *s = l->settings;
  const int64_t segment = (int64_t)s->mgail.horizon * l->environments;
  const int most = s->value.endings ? INT_MAX / 2 : INT_MAX; /* rows that the value is fitted to */
  if (segment > most / s->mgail.segments) {
    return mg_fail(MG_ERR_CONFIG,
                   "mgail.segments = %d, of %" PRId64 " steps each; expected at most %d steps in "
                   "all in a policy step",
                   s->mgail.segments, segment, most);
  }
  if (s->mgail.episodes == MG_MGAIL_ABSORBING && s->mgail.gamma >= 1)
    return mg_fail(MG_ERR_CONFIG,
                   "mgail.gamma is %g; expected less than 1 with mgail.episodes = absorbing",
                   s->mgail.gamma);
  if (s->mgail.pull > 0 && s->policy.average_steps <= 0)
    return mg_fail(
        MG_ERR_CONFIG,
        "mgail.pull is %g and policy.average_steps 0; expected a running average that pulls, or "
        "mgail.pull = 0",
        s->mgail.pull);
  if (s->value.endings && !s->mgail.terminal_value)
    return mg_fail(
        MG_ERR_CONFIG,
        "value.endings is on and mgail.terminal_value off; expected a value that knows the "
        "endings, or value.endings = off");
  if (s->value.endings && s->value.kind == MG_VALUE_Q)
    return mg_fail(
        MG_ERR_CONFIG,
        "value.endings is on and value.kind q; expected value.kind = v, or value.endings = "
        "off: nobody acts in the state that a fall ends in");
  if (s->value.kind == MG_VALUE_Q && spec->discrete)
    return mg_fail(MG_ERR_CONFIG,
                   "value.kind is q and the actions of %s are discrete; expected value.kind = v",
                   s->run.env);
  return MG_OK;
}

/* theta = [policy | value | discriminator | forward_model | value_target | policy_average] */
static void make_networks(mg_mgail *self) {
  mg_learner *l = &self->learner;
  const mg_settings *s = l->settings;
  const int S = self->S, A = self->A;
  const mg_layers *hidden = &s->value.hidden;
  const mg_activation f = (mg_activation)s->value.activation;
  const bool q = s->value.kind == MG_VALUE_Q;
  self->value = q ? mg_action_value_make(self->adversary.width, hidden->count, hidden->width, f)
                  : mg_value_make(S, hidden->count, hidden->width, f);
  self->forward_model = mg_forward_model_make(
      (mg_forward_kind)s->forward_model.kind, S, A, s->forward_model.hidden.count,
      s->forward_model.hidden.width, (mg_activation)s->forward_model.activation);

  const size_t policy = mg_policy_size(&l->base.policy);
  const size_t one = q ? mg_action_value_size(&self->value) : mg_mlp_size(&self->value);
  const size_t value = s->mgail.terminal_value ? one : 0;
  const size_t forward = mg_forward_model_size(&self->forward_model);
  self->policy_slice = mg_learner_network(l, "policy", policy, s->policy.clip);
  self->value_slice = mg_learner_network(l, "value", value, s->value.clip);
  mg_adversary_add_slice(&self->adversary, l);
  self->forward_slice = mg_learner_network(l, "forward_model", forward, s->forward_model.clip);
  self->target_slice = mg_learner_slice(l, "value_target", value);
  self->average_slice =
      mg_learner_slice(l, "policy_average", s->policy.average_steps > 0 ? policy : 0);
  mg_learner_allocate(l);
}

static void make_forward_batch(mg_mgail *self) {
  mg_learner *l = &self->learner;
  const mg_settings *s = l->settings;
  mg_arena *arena = l->arena;
  const size_t S = (size_t)self->S, A = (size_t)self->A;
  const int64_t all = s->run.environments; /* rounded up to as many steps of each */
  self->replay = mg_replay_make(self->S, self->A, l->environments,
                                (s->forward_model.replay + all - 1) / all, arena);
  self->delta_scale = MG_NEW(arena, mg_real, S);
  self->delta_sd = MG_NEW(arena, double, S);
  mg_learner_allow_sums(l, S);
  self->entry_error = MG_NEW(arena, double, S);
  self->forward_batch = mg_learner_part(l, s->forward_model.batch);
  const size_t B = (size_t)self->forward_batch;
  self->forward_tape = mg_forward_tape_make(&self->forward_model, self->forward_batch, arena);
  self->forward_xa = MG_NEW(arena, mg_real, B * (S + A));
  self->forward_target = MG_NEW(arena, mg_real, B * S);
  self->forward_out = MG_NEW(arena, mg_real, B * S);
  self->forward_dout = MG_NEW(arena, mg_real, B * S);
}

/* Segments that policy and value draw from, at most. */
static int longest_memory(const mg_settings *s) {
  return s->value.memory > s->mgail.memory ? s->value.memory : s->mgail.memory;
}

static void make_policy_batch(mg_mgail *self) {
  mg_learner *l = &self->learner;
  const mg_settings *s = l->settings;
  const mg_mlp *value = s->mgail.terminal_value ? &self->value : NULL;
  const bool q = s->value.kind == MG_VALUE_Q;
  mg_arena *arena = l->arena;
  const mg_policy *policy = &l->base.policy;
  const int trajectories = l->environments * s->mgail.segments;
  const int rows = self->horizon * trajectories;
  self->ages = MG_NEW(arena, int, (size_t)longest_memory(s));
  self->batch = mg_mgail_batch_make(self->horizon, trajectories, self->S, self->A,
                                    self->adversary.width, arena);
  self->objective = (mg_mgail_objective){
      .policy = policy,
      .discriminator = &self->adversary.discriminator,
      .forward_model = &self->forward_model,
      .value = q ? NULL : value,
      .action_value = q ? value : NULL,
      .reward = (mg_reward_form)s->mgail.reward,
      .gamma = s->mgail.gamma,
      .entropy = s->policy.entropy,
      .temperature = s->mgail.temperature,
      .value_at_end = s->value.endings,
      .action_inverse = policy->discrete ? NULL : self->adversary.expert->actions.inverse,
      .delta_scale = self->delta_scale,
  };
  self->work = mg_mgail_work_make(&self->objective, rows, arena);
  const int most =
      s->value.endings ? 2 * rows : rows; /* that the value is fitted to: all may end */
  self->value_tape = mg_mlp_tape_make(&self->value, most, arena);
  self->value_out = MG_NEW(arena, mg_real, 2 * (size_t)most);
  self->next_value = MG_NEW(arena, mg_real, (size_t)rows);
  if (s->value.endings) self->value_states = MG_NEW(arena, mg_real, (size_t)most * (size_t)self->S);
  self->returns = MG_NEW(arena, mg_real, (size_t)most);
  if (!q) return;
  const size_t R = (size_t)rows, A = (size_t)self->A;
  self->trace = MG_NEW(arena, mg_real, R);
  self->taken_value = MG_NEW(arena, mg_real, R);
  self->next_noise = MG_NEW(arena, mg_real, R * A);
  self->next_a = MG_NEW(arena, mg_real, R * A);
}

/* The same parameters on every rank: keyed by the seed alone. */
static void initialise(mg_mgail *self) {
  mg_learner *l = &self->learner;
  mg_learner_init_policy(l, self->policy_slice);
  mg_adversary_init(&self->adversary, l);
  mg_rng rng = mg_rng_at(l->seed, MG_RNG_INIT, (uint64_t)self->forward_slice, 0);
  mg_forward_model_init(&self->forward_model, &rng, mg_learner_theta(l, self->forward_slice));
  if (mg_mgail_has_value(&self->objective)) {
    rng = mg_rng_at(l->seed, MG_RNG_INIT, (uint64_t)self->value_slice, 0);
    mg_real *value = mg_learner_theta(l, self->value_slice);
    (self->objective.value ? mg_value_init : mg_action_value_init)(&self->value, &rng, value);
    mg_vec_copy(l->set.slice[self->value_slice].size, value,
                mg_learner_theta(l, self->target_slice));
  }
  if (l->settings->policy.average_steps > 0)
    mg_learner_keep_average(l, mg_learner_theta(l, self->average_slice));
  mg_vec_fill((size_t)self->S, 1, self->delta_scale);
}

mg_status mg_mgail_build(mg_algorithm *algorithm, const mg_context *context,
                         const mg_env_spec *spec) {
  mg_mgail *self = (mg_mgail *)algorithm;
  mg_learner *l = &self->learner;
  const mg_settings *s = context->settings;
  mg_adversary *adversary = &self->adversary;
  MG_TRY(mg_learner_share_environments(l));
  MG_TRY(mg_comm_agree(l->comm, check_settings(l, spec)));
  MG_TRY(mg_adversary_load(adversary, context, spec, s->mgail.episodes == MG_MGAIL_ABSORBING));
  mg_expert *expert = adversary->expert;
  self->S = adversary->S;
  self->A = adversary->A;
  self->horizon = s->mgail.horizon;
  l->base.expert = expert;
  mg_learner_policy(l, spec, &expert->states, expert->actions.mean, expert->action_sd);
  MG_TRY(mg_adversary_make(adversary, context, longest_memory(s), self->horizon, l->environments));
  self->clone =
      mg_clone_make(context, adversary, &l->base.policy, s->clone.weight, s->clone.final_weight);
  make_networks(self);
  make_forward_batch(self);
  make_policy_batch(self);
  MG_TRY(mg_arena_status(context->arena));
  initialise(self);
  return mg_learner_make_environments(l, false, 0, 0);
}
