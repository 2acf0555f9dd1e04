#include "algo/cloning/clone.h"

#include "algo/learner.h"
#include "math/vec.h"

#include <string.h>

mg_clone mg_clone_make(const mg_context *context, const mg_adversary *adversary,
                       const mg_policy *policy, double weight, double final_weight) {
  const mg_settings *s = context->settings;
  mg_arena *arena = context->arena;
  mg_clone clone = {.policy = policy,
                    .adversary = adversary,
                    .settings = s,
                    .weight = weight,
                    .final_weight = final_weight};
  if (weight == 0) return clone;
  const mg_share share = mg_comm_share(context->comm, s->run.environments, context->comm->rank);
  const int part = (int)mg_share_part(&share, s->clone.batch),
            most = adversary->expert->train.count;
  clone.batch = part < most ? part : most;
  clone.work = mg_bc_work_make(policy, clone.batch, arena);
  clone.x = MG_NEW(arena, mg_real, (size_t)clone.batch * (size_t)policy->state_size);
  clone.a = MG_NEW(arena, mg_real, (size_t)clone.batch * (size_t)policy->action_size);
  clone.gradient = MG_NEW(arena, mg_real, mg_policy_size(policy));
  return clone;
}

double mg_clone_weight(const mg_clone *clone, int64_t steps) {
  return mg_schedule(clone->weight, clone->final_weight, steps, clone->settings->run.steps);
}

void mg_clone_draw(mg_clone *clone, mg_rng *rng) {
  const mg_adversary *from = clone->adversary;
  const size_t S = (size_t)from->S, A = (size_t)from->A, W = (size_t)from->width;
  const bool all = clone->batch == from->expert->train.count;
  for (size_t b = 0; b < (size_t)clone->batch; b++) {
    const size_t e = all ? b : (size_t)mg_rng_below(rng, (uint64_t)from->expert->train.count);
    memcpy(clone->x + b * S, from->expert_xa + e * W, S * sizeof *clone->x);
    for (size_t i = 0; i < A; i++)
      clone->a[b * A + i] = (mg_real)from->expert->train.actions[e * A + i];
  }
}

mg_clone_figures mg_clone_gradient(mg_clone *clone, const mg_real *theta, double beta,
                                   mg_real *dtheta) {
  const mg_policy *policy = clone->policy;
  const int B = clone->batch;
  const size_t n = mg_policy_size(policy);
  const bool squared = !policy->discrete && clone->settings->clone.loss == MG_CLONE_SQUARED;
  mg_real *gradient = dtheta ? clone->gradient : NULL;
  double loss;
  if (gradient) mg_vec_fill(n, 0, gradient);
  if (squared) {
    loss = mg_bc_squared_error_gradient(policy, B, theta, clone->x, clone->a,
                                        clone->adversary->expert->actions.inverse, beta / B,
                                        &clone->work, gradient);
  } else if (gradient) {
    loss =
        mg_bc_loss_gradient(policy, B, theta, clone->x, clone->a, beta / B, &clone->work, gradient);
  } else {
    loss = mg_bc_loss(policy, B, theta, clone->x, clone->a, &clone->work);
  }
  if (dtheta) mg_vec_axpy(n, 1, gradient, dtheta);
  return (mg_clone_figures){.loss = loss / B, .norm = gradient ? mg_vec_norm(n, gradient) : 0};
}

void mg_clone_report(mg_learner *learner, double other_norm, mg_clone_figures figures) {
  mg_learner_report(learner, MG_METRIC_ADVERSARIAL_GRADIENT, other_norm);
  mg_learner_report(learner, MG_METRIC_CLONE_GRADIENT, figures.norm);
  mg_learner_report(learner, MG_METRIC_CLONE_LOSS, figures.loss);
}

double mg_clone_flops(const mg_clone *clone) {
  return mg_mlp_flops_training(&clone->policy->net, clone->batch);
}
