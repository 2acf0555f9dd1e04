#include "algo/on_policy/ppo.h"

#include "algo/observed.h"

#include <math.h>

/* Normalisation of observations, and the orthogonal first layers' gains: the last one of the policy
 * is small, so that it begins nearly uniform (as the paper's authors' implementation has it). */
static const double STATE_EPSILON = 1e-8, STATE_LIMIT = 10, POLICY_GAIN = 0.01, VALUE_GAIN = 1;

/* ---- build ---- */

/* The same on all ranks. */
static mg_status initialise(mg_on_policy *p) {
  mg_learner *l = &p->learner;
  const mg_policy *policy = &l->base.policy;
  mg_real *theta = mg_learner_theta(l, MG_ON_POLICY_POLICY);
  mg_rng rng = mg_rng_at(l->seed, MG_RNG_INIT, MG_ON_POLICY_POLICY, 0);
  MG_TRY(mg_mlp_init_orthogonal(&policy->net, sqrt(2), POLICY_GAIN, &rng, theta));
  for (size_t i = mg_policy_log_sigma_offset(policy); i < mg_policy_size(policy); i++)
    theta[i] = (mg_real)l->settings->policy.log_sigma;
  rng = mg_rng_at(l->seed, MG_RNG_INIT, MG_ON_POLICY_VALUE, 0);
  MG_TRY(mg_mlp_init_orthogonal(&p->value_net, sqrt(2), VALUE_GAIN, &rng,
                                mg_learner_theta(l, MG_ON_POLICY_VALUE)));
  mg_learner_keep_average(l, l->base.average);
  return MG_OK;
}

/* Actions as they are: mean 0, spread 1. */
static mg_status make_policy(mg_ppo *self, const mg_env_spec *spec) {
  mg_learner *l = &self->on_policy.learner;
  double *mean = MG_NEW(l->arena, double, (size_t)spec->action_size);
  double *sd = MG_NEW(l->arena, double, (size_t)spec->action_size);
  MG_TRY(mg_arena_status(l->arena));
  for (int k = 0; k < spec->action_size; k++) sd[k] = 1;
  MG_TRY(mg_observed_normaliser(l->settings, spec, STATE_EPSILON, STATE_LIMIT, l->arena,
                                &self->normaliser));
  mg_learner_policy(l, spec, &self->normaliser, mean, sd);
  return MG_OK;
}

static mg_status build(mg_algorithm *algorithm, const mg_context *context,
                       const mg_env_spec *spec) {
  mg_ppo *self = (mg_ppo *)algorithm;
  const mg_settings *s = context->settings;
  mg_on_policy *p = &self->on_policy;
  mg_learner *l = &p->learner;
  MG_TRY(mg_on_policy_begin(p, s->ppo.horizon, s->ppo.gamma, s->ppo.lambda));
  if (s->ppo.shaping != 0 && !spec->has_potential)
    return mg_fail(MG_ERR_CONFIG,
                   "ppo.shaping is %g, but %s has no potential to shape with: expected 0",
                   s->ppo.shaping, s->run.env);
  MG_TRY(make_policy(self, spec));
  mg_on_policy_make(p);
  mg_learner_allocate(l);
  p->segment = mg_segment_make(p->horizon, l->environments, self->normaliser.size,
                               spec->action_size, l->arena);
  MG_TRY(mg_arena_status(l->arena));
  MG_TRY(initialise(p));
  return mg_learner_make_environments(l, true, s->ppo.shaping, p->gamma);
}

/* ---- iterate, visit ---- */

static mg_status iterate(mg_algorithm *algorithm) {
  mg_ppo *self = (mg_ppo *)algorithm;
  mg_on_policy *p = &self->on_policy;
  mg_on_policy_start(p);
  mg_learner_collect(&p->learner, &p->segment);
  mg_on_policy_scale_rewards(p);
  if (algorithm->iteration > 0) {
    mg_on_policy_advantages(p);
    mg_on_policy_update_ppo(p);
  }
  mg_learner_merge(&p->learner, &self->normaliser);
  mg_on_policy_finish(p);
  return MG_OK;
}

static void visit(mg_algorithm *algorithm, mg_archive *archive) {
  mg_on_policy_visit((mg_on_policy *)algorithm, archive);
}

const mg_algorithm_class mg_ppo_class = {
    .name = "ppo",
    .metrics = MG_OF_PPO,
    .size = sizeof(mg_ppo),
    .build = build,
    .iterate = iterate,
    .visit = visit,
};
