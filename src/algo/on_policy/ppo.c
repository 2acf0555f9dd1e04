#include "algo/on_policy/ppo.h"

#include "algo/observed.h"
#include "base/timer.h"
#include "math/vec.h"

#include <math.h>

static const mg_metric metric_table[] = {
#define METRIC_ROW(MG_PPO_index, name, unit, help) {name, unit, help},
    MG_ON_POLICY_METRICS(METRIC_ROW)
#undef METRIC_ROW
};

/* ---- create ---- */

/* Orthogonal, a nearly uniform first policy, the same on all ranks. */
static mg_status initialise(mg_on_policy *p) {
  const mg_policy *policy = &p->base.policy;
  uint64_t seed = (uint64_t)p->settings->run.seed;
  mg_real *theta = mg_paramset_theta(&p->set, MG_ON_POLICY_POLICY);
  mg_rng rng = mg_rng_at(seed, MG_RNG_INIT, MG_ON_POLICY_POLICY, 0);
  MG_TRY(mg_mlp_init_orthogonal(&policy->net, sqrt(2), 0.01, &rng, theta));
  for (size_t i = mg_policy_log_sigma_offset(policy); i < mg_policy_size(policy); i++)
    theta[i] = (mg_real)p->settings->policy.log_sigma;
  rng = mg_rng_at(seed, MG_RNG_INIT, MG_ON_POLICY_VALUE, 0);
  MG_TRY(mg_mlp_init_orthogonal(&p->value_net, sqrt(2), 1, &rng,
                                mg_paramset_theta(&p->set, MG_ON_POLICY_VALUE)));
  if (p->base.average) mg_vec_copy(mg_policy_size(policy), theta, p->base.average);
  return MG_OK;
}

static mg_status task_spec(const mg_settings *s, mg_env_spec *spec) {
  mg_env *env = NULL;
  MG_TRY(mg_env_create_with(s->run.env, &s->env, &env));
  *spec = *mg_env_get_spec(env);
  mg_env_destroy(env);
  return MG_OK;
}

static mg_status build(mg_ppo *self, const mg_context *context) {
  const mg_settings *s = context->settings;
  mg_on_policy *p = &self->learner;
  mg_arena *arena = context->arena;
  MG_TRY(mg_on_policy_begin(p, context));
  mg_env_spec spec;
  MG_TRY(task_spec(s, &spec));
  if (s->ppo.shaping != 0 && !spec.has_potential)
    return mg_fail(MG_ERR_CONFIG,
                   "ppo.shaping is %g, but %s has no potential to shape with: expected 0",
                   s->ppo.shaping, s->run.env);
  double *mean = MG_NEW(arena, double, (size_t)spec.action_size);
  double *sd = MG_NEW(arena, double, (size_t)spec.action_size);
  MG_TRY(mg_arena_status(arena));
  for (int k = 0; k < spec.action_size; k++) sd[k] = 1;
  MG_TRY(mg_observed_normaliser(s, &spec, 1e-8, 10, arena, &self->normaliser));
  const int S = self->normaliser.size;
  p->base.policy =
      mg_policy_make(S, spec.action_size, spec.discrete, s->policy.hidden.count,
                     s->policy.hidden.width, (mg_activation)s->policy.activation, mean, sd);
  p->base.normaliser = &self->normaliser;
  mg_on_policy_make(p, arena);
  mg_paramset_allocate(&p->set, arena);
  p->segment = mg_segment_make(s->ppo.horizon, p->environments, S, spec.action_size, arena);
  MG_TRY(mg_arena_status(arena));
  MG_TRY(initialise(p));
  return mg_on_policy_collector(p, true, s->ppo.shaping, arena);
}

static mg_status ppo_create(const mg_context *context, mg_algorithm **self) {
  *self = NULL;
  mg_ppo *ppo = MG_NEW(context->arena, mg_ppo, 1);
  mg_status status = mg_arena_status(context->arena);
  if (ppo) {
    ppo->learner.base.class_ = &mg_ppo_class;
    status = build(ppo, context);
  }
  status = mg_comm_agree(context->comm, status);
  if (status != MG_OK) {
    if (ppo) mg_collector_destroy(ppo->learner.collector);
    return status;
  }
  *self = &ppo->learner.base;
  return MG_OK;
}

static void ppo_destroy(mg_algorithm *self) {
  if (self) mg_collector_destroy(((mg_ppo *)self)->learner.collector);
}

/* ---- iterate, visit ---- */

static mg_status ppo_iterate(mg_algorithm *self, mg_report *report) {
  mg_ppo *ppo = (mg_ppo *)self;
  mg_on_policy *p = &ppo->learner;
  mg_on_policy_start(p);
  mg_on_policy_collect(p);
  mg_on_policy_scale_rewards(p);
  if (self->iteration > 0) {
    mg_on_policy_advantages(p);
    mg_on_policy_update_ppo(p);
  }
  double updated = mg_timer_now();
  mg_normaliser_merge(&ppo->normaliser, p->comm);
  p->sync_seconds += mg_timer_now() - updated;
  mg_on_policy_finish(p, mg_ppo_class.metrics, report);
  return MG_OK;
}

static void ppo_visit(mg_algorithm *self, mg_archive *archive) {
  mg_on_policy_visit(&((mg_ppo *)self)->learner, archive);
}

const mg_algorithm_class mg_ppo_class = {
    .name = "ppo",
    .metrics = MG_ON_POLICY_METRIC_COUNT,
    .metric = metric_table,
    .create = ppo_create,
    .iterate = ppo_iterate,
    .visit = ppo_visit,
    .destroy = ppo_destroy,
};
