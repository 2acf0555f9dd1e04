#include "algo/on_policy/gail.h"

#include "math/vec.h"
#include "model/value.h"

/* ---- build ---- */

/* The same parameters on every rank: keyed by the seed alone. */
static void initialise(mg_gail *self) {
  mg_on_policy *p = &self->on_policy;
  mg_learner *l = &p->learner;
  mg_learner_init_policy(l, MG_ON_POLICY_POLICY);
  mg_rng rng = mg_rng_at(l->seed, MG_RNG_INIT, MG_ON_POLICY_VALUE, 0);
  mg_value_init(&p->value_net, &rng, mg_learner_theta(l, MG_ON_POLICY_VALUE));
  mg_adversary_init(&self->adversary, l);
  mg_learner_keep_average(l, l->base.average);
}

/* GAIL's own, else PPO's. */
static mg_status begin(mg_on_policy *p, const mg_settings *s) {
  const double gamma = s->gail.gamma > 0 ? s->gail.gamma : s->ppo.gamma;
  MG_TRY(mg_on_policy_begin(p, s->gail.horizon > 0 ? s->gail.horizon : s->ppo.horizon, gamma,
                            s->gail.lambda >= 0 ? s->gail.lambda : s->ppo.lambda));
  if (s->gail.episodes == MG_GAIL_ABSORBING) {
    p->ending = MG_ENDING_GIVEN;
    if (gamma >= 1)
      return mg_fail(MG_ERR_CONFIG,
                     "%s.gamma is %g; expected less than 1 with gail.episodes = absorbing",
                     s->gail.gamma > 0 ? "gail" : "ppo", gamma);
  }
  if (s->gail.episodes == MG_GAIL_FIXED) p->ending = MG_ENDING_STATE;
  return MG_OK;
}

static mg_status build(mg_algorithm *algorithm, const mg_context *context,
                       const mg_env_spec *spec) {
  mg_gail *self = (mg_gail *)algorithm;
  const mg_settings *s = context->settings;
  mg_on_policy *p = &self->on_policy;
  mg_learner *l = &p->learner;
  mg_adversary *adversary = &self->adversary;
  MG_TRY(begin(p, s));
  MG_TRY(mg_adversary_load(adversary, context, spec, p->ending == MG_ENDING_GIVEN));
  mg_expert *expert = adversary->expert;
  l->base.expert = expert;
  mg_learner_policy(l, spec, &expert->states, expert->actions.mean, expert->action_sd);
  mg_on_policy_make(p);
  MG_TRY(mg_adversary_make(adversary, context, s->discriminator.segments, p->horizon,
                           l->environments));
  self->clone = mg_clone_make(context, adversary, &l->base.policy, s->gail.clone_weight,
                              s->gail.clone_weight);
  if (self->clone.batch > 0) p->clone = &self->clone;
  mg_adversary_add_slice(adversary, l);
  mg_learner_allocate(l);
  if (s->gail.update == MG_GAIL_TRPO) self->trpo = mg_trpo_make(&l->base.policy, p->rows, l->arena);
  MG_TRY(mg_arena_status(l->arena));
  initialise(self);
  return mg_learner_make_environments(l, false, 0, p->gamma);
}

/* ---- an iteration ---- */

static void update_discriminator(mg_gail *self) {
  mg_learner *l = &self->on_policy.learner;
  const mg_settings *s = l->settings;
  mg_rng rng = mg_learner_rng(l, MG_RNG_DISCRIMINATOR, l->base.iteration);
  const double rate =
      mg_learner_schedule(l, s->discriminator.learning_rate, s->discriminator.final_learning_rate);
  for (int k = 0; k < s->discriminator.updates; k++)
    mg_adversary_update(&self->adversary, l, rate, &rng);
  mg_adversary_report_unseen(&self->adversary, l);
}

/* What D says takes the place of what the task said. */
static void judge(mg_gail *self) {
  mg_on_policy *p = &self->on_policy;
  mg_learner *l = &p->learner;
  const mg_reward_form form = (mg_reward_form)l->settings->gail.reward;
  const mg_real *theta = mg_learner_theta(l, self->adversary.slice);
  mg_adversary_rewards(&self->adversary, form, theta, p->segment.reward);
  l->base.flops += mg_mlp_flops_forward(&self->adversary.discriminator, p->rows);
  mg_learner_report(l, MG_METRIC_REWARD, mg_vec_sum((size_t)p->rows, p->segment.reward) / p->rows);
  if (p->ending != MG_ENDING_GIVEN) return;
  const double reward = mg_adversary_absorbing_reward(&self->adversary, form, theta);
  p->ending_value = reward / (1 - p->gamma);
  mg_learner_report(l, MG_METRIC_ABSORBING_REWARD, reward);
}

static void update_trpo(mg_gail *self) {
  mg_on_policy *p = &self->on_policy;
  mg_learner *l = &p->learner;
  const mg_settings *s = l->settings;
  const mg_segment *segment = &p->segment;
  const mg_trpo_options options = {
      .max_kl = mg_learner_schedule(l, s->gail.max_kl, s->gail.final_max_kl),
      .damping = s->gail.damping,
      .entropy = s->policy.entropy,
      .clone = p->clone,
      .beta = p->clone_weight,
      .cg_iterations = s->gail.cg_iterations,
      .backtracks = s->gail.backtracks,
  };
  const mg_trpo_batch batch = {.rows = p->rows,
                               .x = segment->x,
                               .a = segment->a,
                               .head = segment->head,
                               .old_lp = p->old_lp,
                               .advantage = p->advantage};
  if (p->clone) {
    mg_rng rng = mg_learner_rng(l, MG_RNG_CLONE, l->base.iteration);
    mg_clone_draw(p->clone, &rng);
  }
  self->trpo.flops = 0;
  const mg_trpo_result result =
      mg_trpo_step(&self->trpo, &options, &batch, &l->sync,
                   mg_learner_theta(l, MG_ON_POLICY_POLICY), &l->sync_seconds);
  l->base.flops += self->trpo.flops;
  l->skipped += !result.accepted;
  mg_learner_report(l, MG_METRIC_POLICY_LOSS, -result.surrogate);
  mg_learner_report(l, MG_METRIC_ENTROPY, result.entropy);
  mg_learner_report(l, MG_METRIC_KL, result.kl);
  mg_learner_report(l, MG_METRIC_POLICY_GRADIENT, result.gradient_norm);
  if (p->clone) mg_clone_report(l, result.adversarial_norm, result.clone);
  mg_learner_report(l, MG_METRIC_BACKTRACKS, result.backtracks);
  mg_learner_report(l, MG_METRIC_RESIDUAL, result.residual);
  mg_on_policy_fit_value(p);
}

static mg_status iterate(mg_algorithm *algorithm) {
  mg_gail *self = (mg_gail *)algorithm;
  mg_on_policy *p = &self->on_policy;
  mg_on_policy_start(p);
  p->segment = *mg_adversary_next(&self->adversary);
  mg_learner_collect(&p->learner, &p->segment);
  mg_adversary_collected(&self->adversary);
  update_discriminator(self);
  judge(self);
  mg_on_policy_scale_rewards(p);
  mg_on_policy_advantages(p);
  if (p->learner.settings->gail.update == MG_GAIL_TRPO)
    update_trpo(self);
  else
    mg_on_policy_update_ppo(p);
  mg_on_policy_finish(p);
  return MG_OK;
}

static void visit(mg_algorithm *algorithm, mg_archive *archive) {
  mg_gail *self = (mg_gail *)algorithm;
  mg_on_policy_visit(&self->on_policy, archive);
  mg_adversary_visit(&self->adversary, &self->on_policy.learner, archive);
}

const mg_algorithm_class mg_gail_class = {
    .name = "gail",
    .metrics = MG_OF_GAIL,
    .size = sizeof(mg_gail),
    .build = build,
    .iterate = iterate,
    .visit = visit,
};
