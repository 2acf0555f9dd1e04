#include "algo/cloning/bc.h"

#include "algo/expert.h"
#include "math/vec.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- build ---- */

/* This rank's share of `from`. */
static mg_bc_pairs make_pairs(const mg_learner *l, const mg_pairs *from) {
  const mg_normaliser *states = l->base.normaliser;
  const int rank = l->comm->rank, ranks = l->comm->size;
  const size_t S = (size_t)states->size, d = (size_t)states->raw_size;
  const size_t A = (size_t)l->base.policy.action_size;
  const int total = from->count, count = (total - rank + ranks - 1) / ranks;
  mg_bc_pairs to = {.count = count, .total = total};
  to.x = MG_NEW(l->arena, mg_real, (size_t)count * S);
  to.a = MG_NEW(l->arena, mg_real, (size_t)count * A);
  if (!to.x || !to.a) return to;
  for (int i = 0; i < count; i++) {
    const size_t p = (size_t)rank + (size_t)i * (size_t)ranks, row = (size_t)i;
    mg_normaliser_apply(states, 1, from->states + p * d, to.x + row * S);
    for (size_t k = 0; k < A; k++) to.a[row * A + k] = (mg_real)from->actions[p * A + k];
  }
  return to;
}

static void allocate(mg_bc *self) {
  mg_learner *l = &self->learner;
  const mg_policy *policy = &l->base.policy;
  const size_t size = mg_policy_size(policy);
  const int total = self->train.total, most = l->settings->bc.batch;
  const int batch = most < total ? most : total;
  mg_learner_slice(l, "policy", size);
  mg_learner_network(l, "learner", size, l->settings->policy.clip);
  mg_learner_allocate(l);
  self->order = MG_NEW(l->arena, int, (size_t)total);
  self->x = MG_NEW(l->arena, mg_real, (size_t)batch * (size_t)policy->state_size);
  self->a = MG_NEW(l->arena, mg_real, (size_t)batch * (size_t)policy->action_size);
  self->work = mg_bc_work_make(policy, batch, l->arena);
}

/* Of the learner; continuous actions only. */
static mg_real *log_sigma_of(const mg_bc *self) {
  return mg_learner_theta(&self->learner, MG_BC_LEARNER) +
         mg_policy_log_sigma_offset(&self->learner.base.policy);
}

/* Keeps the Gaussian from collapsing onto few pairs. */
static void raise_sigma(const mg_bc *self) {
  const mg_policy *policy = &self->learner.base.policy;
  if (policy->discrete) return;
  mg_real *log_sigma = log_sigma_of(self);
  for (int i = 0; i < policy->action_size; i++) {
    const mg_real floor = (mg_real)self->log_sigma_floor[i];
    if (log_sigma[i] < floor) log_sigma[i] = floor;
  }
}

static void keep_snapshot(const mg_bc *self) {
  const mg_learner *l = &self->learner;
  mg_vec_copy(mg_policy_size(&l->base.policy), mg_learner_theta(l, MG_BC_LEARNER),
              mg_learner_theta(l, MG_BC_POLICY));
}

static mg_status build(mg_algorithm *algorithm, const mg_context *context,
                       const mg_env_spec *spec) {
  mg_bc *self = (mg_bc *)algorithm;
  mg_learner *l = &self->learner;
  const int A = spec->action_size;
  self->best_loss = INFINITY;
  mg_expert *expert;
  MG_TRY(mg_expert_load(context, spec, &expert));
  l->base.expert = expert;
  mg_learner_policy(l, spec, &expert->states, expert->actions.mean, expert->action_sd);
  self->log_sigma_floor = MG_NEW(l->arena, double, (size_t)A);
  MG_TRY(mg_arena_status(l->arena));
  for (int i = 0; i < A; i++)
    self->log_sigma_floor[i] = log(l->settings->bc.sigma_floor / expert->actions.inverse[i]);
  self->train = make_pairs(l, &expert->train);
  self->validation = make_pairs(l, &expert->validation);
  if (l->sync.mode == MG_SYNC_PARAMETERS) /* a mean over ranks is one over pairs */
    l->sync.weight = (double)self->train.count * l->comm->size / self->train.total;
  allocate(self);
  MG_TRY(mg_arena_status(l->arena));
  mg_learner_init_policy(l, MG_BC_LEARNER);
  raise_sigma(self);
  keep_snapshot(self);
  return MG_OK;
}

/* ---- an epoch ---- */

/* Keyed by seed and epoch alone: the same minibatches on any number of ranks. */
static void shuffle(mg_bc *self) {
  const mg_learner *l = &self->learner;
  mg_rng rng = mg_rng_at(l->seed, MG_RNG_POLICY, 0, (uint64_t)l->base.iteration);
  for (int i = 0; i < self->train.total; i++) self->order[i] = i;
  mg_rng_shuffle(&rng, self->train.total, self->order);
}

/* This rank's pairs of order[first..last); how many. */
static int gather(mg_bc *self, int first, int last) {
  const mg_learner *l = &self->learner;
  const size_t S = (size_t)l->base.policy.state_size, A = (size_t)l->base.policy.action_size;
  const int rank = l->comm->rank, ranks = l->comm->size;
  size_t rows = 0;
  for (int i = first; i < last; i++) {
    if (self->order[i] % ranks != rank) continue;
    const size_t p = (size_t)(self->order[i] / ranks);
    memcpy(self->x + rows * S, self->train.x + p * S, S * sizeof(mg_real));
    memcpy(self->a + rows * A, self->train.a + p * A, A * sizeof(mg_real));
    rows++;
  }
  return (int)rows;
}

/* Of an epoch. */
typedef struct epoch_figures {
  mg_tally loss, gradient;
} epoch_figures;

/* One optimiser step on the minibatch `first..last-1` of all ranks. */
static void minibatch(mg_bc *self, int first, int last, double rate, epoch_figures *figures) {
  mg_learner *l = &self->learner;
  const mg_policy *policy = &l->base.policy;
  const int rows = gather(self, first, last);
  const bool together = l->sync.mode == MG_SYNC_GRADIENTS;
  if (rows == 0 && !together) return;
  const mg_real *theta = mg_learner_theta(l, MG_BC_LEARNER);
  mg_real *gradient = mg_learner_zero_gradient(l, MG_BC_LEARNER);
  /* The mean over ranks of these sums is the mean over the minibatch. */
  const double weight = together ? (double)l->comm->size / (last - first) : 1.0 / rows;
  if (rows > 0) {
    figures->loss.sum +=
        mg_bc_loss_gradient(policy, rows, theta, self->x, self->a, weight, &self->work, gradient);
    figures->loss.weight += rows;
  }
  l->base.flops += mg_mlp_flops_training(&policy->net, rows);
  mg_tally_add(&figures->gradient, mg_learner_step(l, MG_BC_LEARNER, rate), 1);
  raise_sigma(self);
}

/* Mean loss of the pairs held out by all ranks: the same bits everywhere. */
static double validate(mg_bc *self) {
  mg_learner *l = &self->learner;
  const mg_bc_pairs *v = &self->validation;
  double loss = mg_bc_loss(&l->base.policy, v->count, mg_learner_theta(l, MG_BC_LEARNER), v->x,
                           v->a, &self->work);
  l->base.flops += mg_mlp_flops_forward(&l->base.policy.net, v->count);
  mg_learner_sum(l, &loss, 1);
  return loss / v->total;
}

/* After the epoch has been counted. */
static void select_snapshot(mg_bc *self) {
  mg_learner *l = &self->learner;
  if (self->validation.total == 0) {
    keep_snapshot(self);
    self->best_epoch = l->base.iteration;
  } else {
    const double loss = validate(self);
    if (loss < self->best_loss) {
      keep_snapshot(self);
      self->best_loss = loss;
      self->best_epoch = l->base.iteration;
    }
    mg_learner_report(l, MG_METRIC_VALIDATION_LOSS, loss);
    mg_learner_report(l, MG_METRIC_BEST_LOSS, self->best_loss);
  }
  mg_learner_report(l, MG_METRIC_BEST_EPOCH, (double)self->best_epoch);
}

static mg_pace pace(const mg_algorithm *algorithm) {
  const mg_bc *self = (const mg_bc *)algorithm;
  const mg_settings *s = self->learner.settings;
  const bool ended = self->validation.total > 0 && s->bc.patience > 0 &&
                     algorithm->iteration - self->best_epoch >= s->bc.patience;
  return (mg_pace){.done = algorithm->iteration,
                   .total = ended ? algorithm->iteration : s->bc.epochs,
                   .evaluate_every = s->bc.evaluate_every,
                   .unit = "epochs"};
}

static double mean_sigma(const mg_bc *self) {
  const int A = self->learner.base.policy.action_size;
  const mg_real *log_sigma = log_sigma_of(self);
  double sum = 0;
  for (int i = 0; i < A; i++) sum += exp((double)log_sigma[i]);
  return sum / A;
}

static void report(mg_bc *self, double rate, const epoch_figures *figures) {
  mg_learner *l = &self->learner;
  mg_learner_report(l, MG_METRIC_EPISODES, 0);
  mg_metrics_add_tally(l->metrics, MG_METRIC_TRAINING_LOSS, figures->loss);
  if (!l->base.policy.discrete) mg_learner_report(l, MG_METRIC_SIGMA, mean_sigma(self));
  mg_metrics_add_tally(l->metrics, MG_METRIC_POLICY_GRADIENT, figures->gradient);
  mg_learner_report(l, MG_METRIC_POLICY_RATE, rate);
  const mg_pace now = pace(&l->base);
  if (now.done >= now.total && self->validation.total > 0) {
    mg_log_line(l->log,
                "%" PRId64 " epochs; the policy is of epoch %" PRId64 ", validation loss %.4f",
                now.done, self->best_epoch, self->best_loss);
  }
}

static mg_status iterate(mg_algorithm *algorithm) {
  mg_bc *self = (mg_bc *)algorithm;
  mg_learner *l = &self->learner;
  const mg_settings *s = l->settings;
  const double rate = mg_schedule(s->policy.learning_rate, s->policy.final_learning_rate,
                                  algorithm->iteration, s->bc.epochs);
  const int total = self->train.total, minibatches = (total + s->bc.batch - 1) / s->bc.batch;
  epoch_figures figures = {0};
  shuffle(self);
  for (int k = 0; k < minibatches; k++) {
    minibatch(self, (int)((int64_t)total * k / minibatches),
              (int)((int64_t)total * (k + 1) / minibatches), rate, &figures);
  }
  mg_learner_synchronise_from(l, MG_BC_LEARNER);
  mg_learner_count(l, 0);
  select_snapshot(self);
  report(self, rate, &figures);
  return MG_OK;
}

static void visit(mg_algorithm *algorithm, mg_archive *archive) {
  mg_bc *self = (mg_bc *)algorithm;
  mg_archive_shared(archive, "best/loss", MG_TYPE_F64, &self->best_loss, 1);
  mg_archive_shared(archive, "best/epoch", MG_TYPE_I64, &self->best_epoch, 1);
}

const mg_algorithm_class mg_bc_class = {
    .name = "bc",
    .metrics = MG_OF_BC,
    .size = sizeof(mg_bc),
    .build = build,
    .iterate = iterate,
    .pace = pace,
    .visit = visit,
};
