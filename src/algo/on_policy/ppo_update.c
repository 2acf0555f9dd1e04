#include "algo/on_policy/on_policy.h"
#include "algo/on_policy/ppo_loss.h"
#include "math/vec.h"
#include "model/value.h"

#include <math.h>
#include <string.h>

/* The policy's rate goes up or down by this factor, within these bounds (ppo.desired_kl). */
static const double RATE_CHANGE = 1.5, RATE_FACTOR_MIN = 1e-3, RATE_FACTOR_MAX = 1e3;

static void gather(mg_on_policy *p, int B, const int *row) {
  const mg_segment *s = &p->segment;
  size_t S = (size_t)s->state_size, A = (size_t)s->action_size;
  for (int b = 0; b < B; b++) {
    size_t from = (size_t)row[b], to = (size_t)b;
    memcpy(p->x + to * S, s->x + from * S, S * sizeof(mg_real));
    memcpy(p->a + to * A, s->a + from * A, A * sizeof(mg_real));
    p->b_advantage[b] = p->advantage[from];
    p->b_returns[b] = p->returns[from];
    p->b_old_lp[b] = p->old_lp[from];
  }
}

/* The policy's gradient on the gathered minibatch; returns the estimate of the divergence. */
static double policy_gradient(mg_on_policy *p, int B, mg_rng *rng) {
  const mg_policy *policy = &p->learner.base.policy;
  const mg_real *theta = mg_learner_theta(&p->learner, MG_ON_POLICY_POLICY);
  mg_real *dtheta = mg_learner_gradient(&p->learner, MG_ON_POLICY_POLICY);
  mg_policy_forward(policy, B, theta, p->x, &p->policy_tape, p->head);
  mg_ppo_loss loss = mg_ppo_policy_loss(
      policy, B, theta, p->head, p->a, p->b_old_lp, p->b_advantage, p->clip_ratio,
      p->learner.settings->policy.entropy, p->work, p->dhead, dtheta);
  mg_policy_backward_input(policy, 0, B, theta, &p->policy_tape, p->dhead, NULL);
  mg_policy_backward_theta(policy, B, &p->policy_tape, dtheta);
  p->learner.base.flops += mg_mlp_flops_training(&policy->net, B);
  mg_tally *pass = p->pass;
  mg_tally_add(&pass[MG_METRIC_POLICY_LOSS], loss.surrogate, 1);
  mg_tally_add(&pass[MG_METRIC_ENTROPY], loss.entropy, 1);
  mg_tally_add(&pass[MG_METRIC_KL], loss.kl, 1);
  mg_tally_add(&pass[MG_METRIC_CLIP_FRACTION], loss.clip_fraction, 1);
  if (p->clone) {
    mg_clone_draw(p->clone, rng);
    mg_tally_add(&pass[MG_METRIC_ADVERSARIAL_GRADIENT], mg_vec_norm(mg_policy_size(policy), dtheta),
                 1);
    const mg_clone_figures clone = mg_clone_gradient(p->clone, theta, p->clone_weight, dtheta);
    mg_tally_add(&pass[MG_METRIC_CLONE_GRADIENT], clone.norm, 1);
    mg_tally_add(&pass[MG_METRIC_CLONE_LOSS], clone.loss, 1);
    p->learner.base.flops += mg_clone_flops(p->clone);
  }
  return loss.kl;
}

static void value_gradient(mg_on_policy *p, int B) {
  const mg_mlp *net = &p->value_net;
  double loss = mg_value_gradient(net, B, mg_learner_theta(&p->learner, MG_ON_POLICY_VALUE), p->x,
                                  p->b_returns, &p->value_tape, p->work,
                                  mg_learner_gradient(&p->learner, MG_ON_POLICY_VALUE));
  p->learner.base.flops += mg_mlp_flops_training(net, B);
  mg_tally_add(&p->pass[MG_METRIC_VALUE_LOSS], loss, 1);
}

/* All minibatches of one shuffled pass; returns the mean divergence of this rank. */
static double epoch(mg_on_policy *p, bool with_policy, mg_rng *rng) {
  mg_learner *l = &p->learner;
  const int M = l->settings->ppo.minibatches;
  double kl = 0;
  mg_rng_shuffle(rng, p->rows, p->order);
  for (int k = 0; k < M; k++) {
    int first = (int)((int64_t)p->rows * k / M), last = (int)((int64_t)p->rows * (k + 1) / M);
    gather(p, last - first, p->order + first);
    memset(l->set.gradient, 0, p->trained * sizeof(mg_real));
    if (with_policy) kl += policy_gradient(p, last - first, rng) / M;
    value_gradient(p, last - first);
    mg_learner_average_gradient(l, l->set.gradient, p->trained);
    if (with_policy)
      mg_tally_add(&p->pass[MG_METRIC_POLICY_GRADIENT],
                   mg_learner_descend(l, MG_ON_POLICY_POLICY, p->policy_rate * p->rate_factor), 1);
    mg_tally_add(&p->pass[MG_METRIC_VALUE_GRADIENT],
                 mg_learner_descend(l, MG_ON_POLICY_VALUE, p->value_rate), 1);
  }
  return kl;
}

/* Mean over ranks, so that all decide alike; where nothing is decided from it, nobody waits. */
static double over_ranks(mg_on_policy *p, double kl) {
  mg_learner *l = &p->learner;
  if (l->settings->ppo.target_kl <= 0 && l->settings->ppo.desired_kl <= 0) return kl;
  kl *= l->sync.weight;
  mg_learner_sum(l, &kl, 1);
  return kl / l->comm->size;
}

/* The next iteration's factor of the policy's rate, from how far the last pass was from the old
 * policy: a divergence within a factor 2 of the one asked for leaves it alone. */
static void adapt_rate(mg_on_policy *p, double kl, double desired) {
  if (desired <= 0) return;
  if (!(kl <= 2 * desired))
    p->rate_factor = fmax(p->rate_factor / RATE_CHANGE, RATE_FACTOR_MIN);
  else if (kl < desired / 2)
    p->rate_factor = fmin(p->rate_factor * RATE_CHANGE, RATE_FACTOR_MAX);
}

static mg_rng begin_passes(mg_on_policy *p) {
  for (int i = 0; i < p->rows; i++) p->order[i] = i;
  return mg_learner_rng(&p->learner, MG_RNG_POLICY, p->learner.base.iteration);
}

void mg_on_policy_update_ppo(mg_on_policy *p) {
  const mg_settings *s = p->learner.settings;
  mg_rng rng = begin_passes(p);
  int done = 0;
  double kl = 0;
  do {
    kl = over_ranks(p, epoch(p, true, &rng));
    done++;
  } while (done < s->ppo.epochs && (s->ppo.target_kl <= 0 || kl <= s->ppo.target_kl));
  adapt_rate(p, kl, s->ppo.desired_kl * p->policy_rate / s->policy.learning_rate);
  mg_learner_report(&p->learner, MG_METRIC_EPOCHS, done);
}

void mg_on_policy_fit_value(mg_on_policy *p) {
  mg_rng rng = begin_passes(p);
  for (int k = 0; k < p->learner.settings->ppo.epochs; k++) epoch(p, false, &rng);
  mg_learner_report(&p->learner, MG_METRIC_EPOCHS, p->learner.settings->ppo.epochs);
}
