#include "algo/on_policy/gail.h"

#include "math/vec.h"
#include "model/value.h"

static const mg_metric METRICS[] = {
#define MG_GAIL_METRIC_ROW(index, name, unit, help) {name, unit, help},
    MG_GAIL_METRICS(MG_GAIL_METRIC_ROW)
#undef MG_GAIL_METRIC_ROW
};
_Static_assert((int)MG_GAIL_METRIC_COUNT <= (int)MG_METRICS_MAX, "the report holds all metrics");

/* ---- create ---- */

/* The same parameters on every rank: keyed by the seed alone. */
static void initialise(mg_gail *self) {
  mg_on_policy *p = &self->learner;
  const mg_settings *s = p->settings;
  const uint64_t seed = (uint64_t)s->run.seed;
  mg_real *policy = mg_paramset_theta(&p->set, MG_ON_POLICY_POLICY);
  mg_rng rng = mg_rng_at(seed, MG_RNG_INIT, MG_ON_POLICY_POLICY, 0);
  mg_policy_init(&p->base.policy, s->policy.log_sigma, &rng, policy);
  rng = mg_rng_at(seed, MG_RNG_INIT, MG_ON_POLICY_VALUE, 0);
  mg_value_init(&p->value_net, &rng, mg_paramset_theta(&p->set, MG_ON_POLICY_VALUE));
  mg_adversary_init(&self->adversary, (uint64_t)self->discriminator_slice,
                    mg_paramset_theta(&p->set, self->discriminator_slice));
  if (p->base.average) mg_vec_copy(mg_policy_size(&p->base.policy), policy, p->base.average);
}

static mg_status build(mg_gail *self, const mg_context *context, const mg_env_spec *spec) {
  const mg_settings *s = context->settings;
  mg_on_policy *p = &self->learner;
  mg_adversary *adversary = &self->adversary;
  mg_arena *arena = context->arena;
  MG_TRY(mg_on_policy_begin(p, context));
  const bool absorbing = s->gail.episodes == MG_GAIL_ABSORBING;
  if (absorbing && s->ppo.gamma >= 1) {
    return mg_fail(MG_ERR_CONFIG,
                   "ppo.gamma is %g; expected less than 1 with gail.episodes = absorbing",
                   s->ppo.gamma);
  }
  MG_TRY(mg_adversary_load(adversary, context, spec, absorbing));
  p->base.expert = adversary->expert;
  p->base.policy = mg_policy_make(
      adversary->S, adversary->A, spec->discrete, s->policy.hidden.count, s->policy.hidden.width,
      (mg_activation)s->policy.activation, adversary->actions.mean, adversary->action_sd);
  p->base.normaliser = &adversary->states;
  mg_on_policy_make(p, arena);
  MG_TRY(mg_adversary_make(adversary, context, s->discriminator.segments, s->ppo.horizon,
                           p->environments));
  self->clone = mg_clone_make(context, adversary, &p->base.policy, s->gail.clone_weight,
                              s->gail.clone_weight);
  if (self->clone.batch > 0) p->clone = &self->clone;
  p->clone_metric = MG_GAIL_ADVERSARIAL_GRADIENT;
  self->discriminator_slice =
      mg_paramset_add(&p->set, "discriminator", mg_mlp_size(&adversary->discriminator));
  mg_paramset_allocate(&p->set, arena);
  if (s->gail.update == MG_GAIL_TRPO) {
    self->trpo = mg_trpo_make(&p->base.policy, p->rows, arena);
  }
  MG_TRY(mg_arena_status(arena));
  if (absorbing) p->ending = MG_ENDING_GIVEN;
  if (s->gail.episodes == MG_GAIL_FIXED) p->ending = MG_ENDING_STATE;
  initialise(self);
  return mg_on_policy_collector(p, false, 0, arena);
}

static mg_status create(const mg_context *context, mg_algorithm **algorithm) {
  *algorithm = NULL;
  mg_gail *self = MG_NEW(context->arena, mg_gail, 1);
  /* An environment for its specification. What may fail on one rank alone is agreed on before the
   * collective reading of the expert's data. */
  mg_env *env = NULL;
  mg_status status = mg_arena_status(context->arena);
  if (status == MG_OK)
    status = mg_env_create_with(context->settings->run.env, &context->settings->env, &env);
  status = mg_comm_agree(context->comm, status);
  if (status == MG_OK) {
    self->learner.base.class_ = &mg_gail_class;
    status = mg_comm_agree(context->comm, build(self, context, mg_env_get_spec(env)));
  }
  mg_env_destroy(env);
  if (status != MG_OK) {
    if (self) mg_collector_destroy(self->learner.collector);
    return status;
  }
  *algorithm = &self->learner.base;
  return MG_OK;
}

static void destroy(mg_algorithm *algorithm) {
  if (algorithm) mg_collector_destroy(((mg_gail *)algorithm)->learner.collector);
}

/* ---- an iteration ---- */

static void update_discriminator(mg_gail *self) {
  mg_on_policy *p = &self->learner;
  const mg_settings *s = p->settings;
  mg_rng rng = mg_rng_at((uint64_t)s->run.seed, MG_RNG_DISCRIMINATOR, (uint64_t)p->comm->rank,
                         (uint64_t)p->base.iteration);
  const double rate =
      mg_schedule(s->discriminator.learning_rate, s->discriminator.final_learning_rate,
                  p->base.steps, s->run.steps);
  for (int k = 0; k < s->discriminator.updates; k++) {
    double norm;
    const mg_discriminator_loss loss = mg_adversary_update(
        &self->adversary, &p->sync, rate, &rng,
        mg_paramset_theta(&p->set, self->discriminator_slice),
        mg_paramset_gradient(&p->set, self->discriminator_slice), &norm, &p->sync_seconds);
    p->base.flops += mg_adversary_flops(&self->adversary);
    mg_on_policy_report(p, MG_GAIL_D_POLICY_LOSS, loss.policy, 1);
    mg_on_policy_report(p, MG_GAIL_D_EXPERT_LOSS, loss.expert, 1);
    mg_on_policy_report(p, MG_GAIL_D_PENALTY, loss.penalty, 1);
    mg_on_policy_report(p, MG_GAIL_D_POLICY_ACCURACY, loss.policy_accuracy, 1);
    mg_on_policy_report(p, MG_GAIL_D_EXPERT_ACCURACY, loss.expert_accuracy, 1);
    mg_on_policy_report(p, MG_GAIL_D_GRADIENT, norm, 1);
  }
}

/* What D says takes the place of what the task said. */
static void judge(mg_gail *self) {
  mg_on_policy *p = &self->learner;
  const mg_reward_form form = (mg_reward_form)p->settings->gail.reward;
  const mg_real *theta = mg_paramset_theta(&p->set, self->discriminator_slice);
  mg_adversary_rewards(&self->adversary, form, theta, &p->segment, p->segment.reward);
  p->base.flops += mg_mlp_flops_forward(&self->adversary.discriminator, p->rows);
  mg_on_policy_report(p, MG_GAIL_REWARD, mg_vec_sum((size_t)p->rows, p->segment.reward) / p->rows,
                      1);
  if (p->ending != MG_ENDING_GIVEN) return;
  const double reward = mg_adversary_absorbing_reward(&self->adversary, form, theta);
  p->ending_value = reward / (1 - p->settings->ppo.gamma);
  mg_on_policy_report(p, MG_GAIL_ABSORBING_REWARD, reward, 1);
}

static void update_trpo(mg_gail *self) {
  mg_on_policy *p = &self->learner;
  const mg_settings *s = p->settings;
  const mg_segment *segment = &p->segment;
  const mg_trpo_options options = {
      .max_kl = mg_schedule(s->gail.max_kl, s->gail.final_max_kl, p->base.steps, s->run.steps),
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
    mg_rng rng = mg_rng_at((uint64_t)s->run.seed, MG_RNG_CLONE, (uint64_t)p->comm->rank,
                           (uint64_t)p->base.iteration);
    mg_clone_draw(p->clone, &rng);
  }
  self->trpo.flops = 0;
  const mg_trpo_result result =
      mg_trpo_step(&self->trpo, &options, &batch, &p->sync,
                   mg_paramset_theta(&p->set, MG_ON_POLICY_POLICY), &p->sync_seconds);
  p->base.flops += self->trpo.flops;
  p->skipped += !result.accepted;
  mg_on_policy_report(p, MG_GAIL_POLICY_LOSS, -result.surrogate, 1);
  mg_on_policy_report(p, MG_GAIL_ENTROPY, result.entropy, 1);
  mg_on_policy_report(p, MG_GAIL_KL, result.kl, 1);
  mg_on_policy_report(p, MG_GAIL_POLICY_GRADIENT, result.gradient_norm, 1);
  mg_on_policy_report_clone(p, result.adversarial_norm, result.clone);
  mg_on_policy_report(p, MG_GAIL_BACKTRACKS, result.backtracks, 1);
  mg_on_policy_report(p, MG_GAIL_RESIDUAL, result.residual, 1);
  mg_on_policy_fit_value(p);
}

static mg_status iterate(mg_algorithm *algorithm, mg_report *report) {
  mg_gail *self = (mg_gail *)algorithm;
  mg_on_policy *p = &self->learner;
  mg_on_policy_start(p);
  p->segment = *mg_adversary_next(&self->adversary);
  mg_on_policy_collect(p);
  mg_adversary_collected(&self->adversary);
  update_discriminator(self);
  judge(self);
  mg_on_policy_scale_rewards(p);
  mg_on_policy_advantages(p);
  if (p->settings->gail.update == MG_GAIL_TRPO) {
    update_trpo(self);
  } else {
    mg_on_policy_update_ppo(p);
  }
  mg_on_policy_finish(p, MG_GAIL_METRIC_COUNT, report);
  return MG_OK;
}

static void visit(mg_algorithm *algorithm, mg_archive *archive) {
  mg_gail *self = (mg_gail *)algorithm;
  mg_on_policy_visit(&self->learner, archive);
  mg_adversary_visit(&self->adversary, self->learner.sync.mode, archive);
}

const mg_algorithm_class mg_gail_class = {
    .name = "gail",
    .metrics = MG_GAIL_METRIC_COUNT,
    .metric = METRICS,
    .create = create,
    .iterate = iterate,
    .visit = visit,
    .destroy = destroy,
};
