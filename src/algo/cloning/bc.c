#include "algo/cloning/bc.h"

#include "algo/acting.h"
#include "algo/expert.h"
#include "algo/observed.h"
#include "base/timer.h"
#include "math/vec.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* As in mgail.c. */
static const double STATE_LIMIT = 10, ACTION_EPSILON = 1e-3;

/* ---- create ---- */

/* This rank's share of `from`. */
static mg_bc_pairs make_pairs(const mg_bc *self, const mg_pairs *from, mg_arena *arena) {
  const int rank = self->comm->rank, ranks = self->comm->size;
  const size_t S = (size_t)self->states.size, d = (size_t)self->states.raw_size;
  const size_t A = (size_t)self->base.policy.action_size;
  const int total = from->count, count = (total - rank + ranks - 1) / ranks;
  mg_bc_pairs to = {.count = count, .total = total};
  to.x = MG_NEW(arena, mg_real, (size_t)count * S);
  to.a = MG_NEW(arena, mg_real, (size_t)count * A);
  if (!to.x || !to.a) return to;
  for (int i = 0; i < count; i++) {
    const size_t p = (size_t)rank + (size_t)i * (size_t)ranks, row = (size_t)i;
    mg_normaliser_apply(&self->states, 1, from->states + p * d, to.x + row * S);
    for (size_t k = 0; k < A; k++) to.a[row * A + k] = (mg_real)from->actions[p * A + k];
  }
  return to;
}

static mg_status load_pairs(mg_bc *self, const mg_context *context, const mg_env_spec *spec,
                            double *action_sd) {
  mg_arena *arena = context->arena;
  mg_expert *expert = MG_NEW(arena, mg_expert, 1);
  MG_TRY(mg_comm_agree(context->comm, mg_arena_status(arena)));
  MG_TRY(mg_expert_load(context, spec, expert));
  self->base.expert = expert;
  mg_normaliser_fit(&self->states, (size_t)expert->train.count, expert->train.states);
  if (!spec->discrete) {
    mg_normaliser_fit(&self->actions, (size_t)expert->train.count, expert->train.actions);
  }
  for (int i = 0; i < spec->action_size; i++) {
    action_sd[i] = 1 / self->actions.inverse[i] - self->actions.epsilon;
    self->log_sigma_floor[i] = log(context->settings->bc.sigma_floor / self->actions.inverse[i]);
  }
  self->train = make_pairs(self, &expert->train, arena);
  self->validation = make_pairs(self, &expert->validation, arena);
  return MG_OK;
}

static void allocate(mg_bc *self, mg_arena *arena) {
  const mg_policy *policy = &self->base.policy;
  const size_t size = mg_policy_size(policy);
  const int total = self->train.total, most = self->settings->bc.batch;
  const int batch = most < total ? most : total;
  mg_paramset_add(&self->set, "policy", size);
  mg_paramset_add(&self->set, "learner", size);
  mg_paramset_allocate(&self->set, arena);
  self->adam = mg_adam_make(size, arena);
  self->adam.clip = self->settings->policy.clip;
  self->order = MG_NEW(arena, int, (size_t)total);
  self->x = MG_NEW(arena, mg_real, (size_t)batch * (size_t)policy->state_size);
  self->a = MG_NEW(arena, mg_real, (size_t)batch * (size_t)policy->action_size);
  self->work = mg_bc_work_make(policy, batch, arena);
}

/* Keeps the Gaussian from collapsing onto few pairs. */
static void raise_sigma(const mg_bc *self) {
  const mg_policy *policy = &self->base.policy;
  if (policy->discrete) return;
  mg_real *log_sigma =
      mg_paramset_theta(&self->set, MG_BC_LEARNER) + mg_policy_log_sigma_offset(policy);
  for (int i = 0; i < policy->action_size; i++) {
    const mg_real floor = (mg_real)self->log_sigma_floor[i];
    if (log_sigma[i] < floor) log_sigma[i] = floor;
  }
}

static void keep_snapshot(const mg_bc *self) {
  mg_vec_copy(self->set.slice[MG_BC_POLICY].size, mg_paramset_theta(&self->set, MG_BC_LEARNER),
              mg_paramset_theta(&self->set, MG_BC_POLICY));
}

static mg_status build(mg_bc *self, const mg_context *context, const mg_env_spec *spec) {
  const mg_settings *s = context->settings;
  mg_arena *arena = context->arena;
  const int A = spec->action_size;
  self->settings = s;
  self->comm = context->comm;
  self->log = context->log;
  self->sync = (mg_sync){.comm = context->comm, .mode = (mg_sync_mode)s->run.sync};
  self->best_loss = INFINITY;
  MG_TRY(mg_comm_agree(context->comm, mg_observed_normaliser(s, spec, s->data.state_epsilon,
                                                             STATE_LIMIT, arena, &self->states)));
  self->actions = mg_normaliser_make(A, spec->discrete ? 0 : ACTION_EPSILON, 0, arena);
  self->log_sigma_floor = MG_NEW(arena, double, (size_t)A);
  double *action_sd = MG_NEW(arena, double, (size_t)A);
  MG_TRY(mg_comm_agree(context->comm, mg_arena_status(arena)));
  self->base.policy = mg_policy_make(self->states.size, A, spec->discrete, s->policy.hidden.count,
                                     s->policy.hidden.width, (mg_activation)s->policy.activation,
                                     self->actions.mean, action_sd);
  MG_TRY(load_pairs(self, context, spec, action_sd));
  allocate(self, arena);
  MG_TRY(mg_arena_status(arena));
  self->base.normaliser = &self->states;
  self->base.set = &self->set;
  mg_rng rng = mg_rng_at((uint64_t)s->run.seed, MG_RNG_INIT, 0, 0);
  mg_policy_init(&self->base.policy, s->policy.log_sigma, &rng,
                 mg_paramset_theta(&self->set, MG_BC_LEARNER));
  raise_sigma(self);
  keep_snapshot(self);
  return MG_OK;
}

static mg_status create(const mg_context *context, mg_algorithm **algorithm) {
  *algorithm = NULL;
  mg_bc *self = MG_NEW(context->arena, mg_bc, 1);
  mg_env *env = NULL; /* for its specification */
  mg_status status = mg_arena_status(context->arena);
  if (status == MG_OK)
    status = mg_env_create_with(context->settings->run.env, &context->settings->env, &env);
  status = mg_comm_agree(context->comm, status);
  if (status == MG_OK) {
    self->base.class_ = &mg_bc_class;
    status = build(self, context, mg_env_get_spec(env));
  }
  mg_env_destroy(env);
  if (status == MG_OK) *algorithm = &self->base;
  return status;
}

static void destroy(mg_algorithm *algorithm) {
  (void)algorithm; /* all of it is the arena's */
}

/* ---- an epoch ---- */

/* Keyed by seed and epoch alone: the same minibatches on any number of ranks. */
static void shuffle(mg_bc *self) {
  mg_rng rng = mg_rng_at((uint64_t)self->settings->run.seed, MG_RNG_POLICY, 0,
                         (uint64_t)self->base.iteration);
  for (int i = 0; i < self->train.total; i++) self->order[i] = i;
  for (int i = self->train.total - 1; i > 0; i--) {
    const int j = (int)mg_rng_below(&rng, (uint64_t)i + 1), swapped = self->order[i];
    self->order[i] = self->order[j];
    self->order[j] = swapped;
  }
}

/* This rank's pairs of order[first..last); how many. */
static int gather(mg_bc *self, int first, int last) {
  const size_t S = (size_t)self->base.policy.state_size;
  const size_t A = (size_t)self->base.policy.action_size;
  const int rank = self->comm->rank, ranks = self->comm->size;
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

static void put(mg_report *report, int metric, double value, double weight) {
  report->value[metric] = value;
  report->weight[metric] = weight;
}

typedef struct epoch_sums {
  double loss, pairs, norm, steps, skipped;
} epoch_sums;

/* One optimiser step on the minibatch `first..last-1` of all ranks. */
static void minibatch(mg_bc *self, int first, int last, double rate, epoch_sums *sums) {
  const mg_policy *policy = &self->base.policy;
  const size_t size = mg_policy_size(policy);
  const int rows = gather(self, first, last);
  const bool together = self->sync.mode == MG_SYNC_GRADIENTS;
  if (rows == 0 && !together) return;
  mg_real *theta = mg_paramset_theta(&self->set, MG_BC_LEARNER);
  mg_real *gradient = mg_paramset_gradient(&self->set, MG_BC_LEARNER);
  mg_vec_fill(size, 0, gradient);
  /* The mean over ranks of these sums is the mean over the minibatch. */
  const double weight = together ? (double)self->comm->size / (last - first) : 1.0 / rows;
  if (rows > 0) {
    sums->loss +=
        mg_bc_loss_gradient(policy, rows, theta, self->x, self->a, weight, &self->work, gradient);
  }
  sums->pairs += rows;
  self->base.flops += mg_mlp_flops_forward(&policy->net, rows) +
                      mg_mlp_flops_backward_input(&policy->net, rows, 0) +
                      mg_mlp_flops_backward_theta(&policy->net, rows);
  const double begin = mg_timer_now();
  mg_sync_gradient(&self->sync, gradient, size);
  self->sync_seconds += mg_timer_now() - begin;
  const double norm = mg_adam_step(&self->adam, rate, gradient, theta);
  raise_sigma(self);
  if (isfinite(norm)) {
    sums->norm += norm;
    sums->steps++;
  } else {
    sums->skipped++;
  }
}

/* theta <- mean over ranks, weighted by their pairs. */
static void synchronise(mg_bc *self) {
  const double begin = mg_timer_now();
  mg_real *theta = mg_paramset_theta(&self->set, MG_BC_LEARNER);
  const size_t size = mg_policy_size(&self->base.policy);
  if (self->sync.mode == MG_SYNC_PARAMETERS && self->comm->size > 1) {
    const double share = (double)self->train.count / self->train.total;
    mg_vec_scale(size, (mg_real)(share * self->comm->size), theta);
    mg_sync_parameters(&self->sync, theta, size);
  }
  self->sync_seconds += mg_timer_now() - begin;
}

/* Mean loss of the pairs held out by all ranks: the same bits everywhere. */
static double validate(mg_bc *self) {
  const mg_bc_pairs *v = &self->validation;
  double loss = mg_bc_loss(&self->base.policy, v->count,
                           mg_paramset_theta(&self->set, MG_BC_LEARNER), v->x, v->a, &self->work);
  self->base.flops += mg_mlp_flops_forward(&self->base.policy.net, v->count);
  const double begin = mg_timer_now();
  mg_comm_reduce_f64(self->comm, MG_REDUCE_SUM, &loss, 1);
  self->sync_seconds += mg_timer_now() - begin;
  return loss / v->total;
}

/* After the epoch has been counted. */
static void select_snapshot(mg_bc *self, mg_report *report) {
  if (self->validation.total == 0) {
    keep_snapshot(self);
    self->best_epoch = self->base.iteration;
  } else {
    const double loss = validate(self);
    if (loss < self->best_loss) {
      keep_snapshot(self);
      self->best_loss = loss;
      self->best_epoch = self->base.iteration;
    }
    put(report, MG_BC_VALIDATION_LOSS, loss, 1);
    put(report, MG_BC_BEST_LOSS, self->best_loss, 1);
  }
  put(report, MG_BC_BEST_EPOCH, (double)self->best_epoch, 1);
}

static mg_pace pace(const mg_algorithm *algorithm) {
  const mg_bc *self = (const mg_bc *)algorithm;
  const mg_settings *s = self->settings;
  const bool ended = self->validation.total > 0 && s->bc.patience > 0 &&
                     algorithm->iteration - self->best_epoch >= s->bc.patience;
  return (mg_pace){.done = algorithm->iteration,
                   .total = ended ? algorithm->iteration : s->bc.epochs,
                   .evaluate_every = s->bc.evaluate_every,
                   .unit = "epochs"};
}

static double mean_sigma(const mg_bc *self) {
  const mg_policy *policy = &self->base.policy;
  const mg_real *log_sigma =
      mg_paramset_theta(&self->set, MG_BC_LEARNER) + mg_policy_log_sigma_offset(policy);
  double sum = 0;
  for (int i = 0; i < policy->action_size; i++) sum += exp((double)log_sigma[i]);
  return sum / policy->action_size;
}

static mg_status iterate(mg_algorithm *algorithm, mg_report *report) {
  mg_bc *self = (mg_bc *)algorithm;
  const mg_settings *s = self->settings;
  const double begin = mg_timer_now();
  const double rate = mg_schedule(s->policy.learning_rate, s->policy.final_learning_rate,
                                  algorithm->iteration, s->bc.epochs);
  const int total = self->train.total, minibatches = (total + s->bc.batch - 1) / s->bc.batch;
  epoch_sums sums = {0};
  memset(report, 0, sizeof *report);
  self->sync_seconds = 0;

  shuffle(self);
  for (int k = 0; k < minibatches; k++) {
    minibatch(self, (int)((int64_t)total * k / minibatches),
              (int)((int64_t)total * (k + 1) / minibatches), rate, &sums);
  }
  synchronise(self);
  algorithm->iteration++;
  select_snapshot(self, report);

  put(report, MG_BC_EPISODES, 0, 1);
  put(report, MG_BC_TRAINING_LOSS, sums.loss / fmax(1, sums.pairs), sums.pairs);
  if (!algorithm->policy.discrete) put(report, MG_BC_SIGMA, mean_sigma(self), 1);
  put(report, MG_BC_GRADIENT, sums.norm / fmax(1, sums.steps), sums.steps);
  put(report, MG_BC_SKIPPED, sums.skipped, 1);
  put(report, MG_BC_RATE, rate, 1);
  put(report, MG_BC_SECONDS_SYNC, self->sync_seconds, 1);
  put(report, MG_BC_SECONDS_UPDATE, mg_timer_now() - begin - self->sync_seconds, 1);
  const mg_pace now = pace(algorithm);
  if (now.done >= now.total && self->validation.total > 0) {
    mg_log_line(self->log,
                "%" PRId64 " epochs; the policy is of epoch %" PRId64 ", validation loss %.4f",
                now.done, self->best_epoch, self->best_loss);
  }
  return MG_OK;
}

/* ---- checkpoint ---- */

/* The moments are the same on all ranks where gradients are averaged. */
static void visit(mg_algorithm *algorithm, mg_archive *archive) {
  mg_bc *self = (mg_bc *)algorithm;
  mg_acting_visit(algorithm, archive);
  mg_archive_shared(archive, "iteration", MG_TYPE_I64, &algorithm->iteration, 1);
  mg_archive_shared(archive, "steps", MG_TYPE_I64, &algorithm->steps, 1);
  mg_archive_shared(archive, "theta", MG_TYPE_REAL, self->set.theta, self->set.size);
  const char *const name[2] = {"adam/policy/m", "adam/policy/v"};
  mg_real *moments[2] = {self->adam.m, self->adam.v};
  for (int k = 0; k < 2; k++) {
    if (self->sync.mode == MG_SYNC_GRADIENTS) {
      mg_archive_shared(archive, name[k], MG_TYPE_REAL, moments[k], self->adam.n);
    } else {
      mg_archive_local(archive, name[k], MG_TYPE_REAL, moments[k], self->adam.n);
    }
  }
  mg_archive_local(archive, "adam/policy/steps", MG_TYPE_I64, &self->adam.steps, 1);
  mg_archive_shared(archive, "best/loss", MG_TYPE_F64, &self->best_loss, 1);
  mg_archive_shared(archive, "best/epoch", MG_TYPE_I64, &self->best_epoch, 1);
  mg_archive_local(archive, "flops", MG_TYPE_F64, &algorithm->flops, 1);
}

static const mg_metric METRICS[] = {
#define MG_BC_METRIC_ROW(index, name, unit, help) {name, unit, help},
    MG_BC_METRICS(MG_BC_METRIC_ROW)
#undef MG_BC_METRIC_ROW
};

const mg_algorithm_class mg_bc_class = {
    .name = "bc",
    .metrics = MG_BC_METRIC_COUNT,
    .metric = METRICS,
    .create = create,
    .iterate = iterate,
    .pace = pace,
    .visit = visit,
    .destroy = destroy,
};
_Static_assert((int)MG_BC_METRIC_COUNT <= (int)MG_METRICS_MAX, "the report holds all metrics");
