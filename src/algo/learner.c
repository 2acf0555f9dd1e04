#include "algo/learner.h"

#include "algo/acting.h"
#include "base/timer.h"
#include "math/vec.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- create, destroy ---- */

static void begin(mg_learner *l, const mg_algorithm_class *class_, const mg_context *context) {
  const mg_settings *s = context->settings;
  l->base.class_ = class_;
  l->base.set = &l->set;
  l->settings = s;
  l->comm = context->comm;
  l->log = context->log;
  l->arena = context->arena;
  l->sync = mg_sync_of(context->comm, (mg_sync_mode)s->run.sync);
  l->seed = (uint64_t)s->run.seed;
  l->overlap = s->run.overlap;
}

static mg_status check_overlap(const mg_algorithm_class *class_, const mg_settings *s) {
  if (!s->run.overlap) return MG_OK;
  if (!class_->any_policy)
    return mg_fail(MG_ERR_CONFIG,
                   "run.overlap is on with run.algorithm = %s; expected off, or mgail, which alone "
                   "learns from segments of an older policy",
                   class_->name);
  if (s->run.sync != MG_SYNC_PARAMETERS)
    return mg_fail(MG_ERR_CONFIG,
                   "run.overlap is on with run.sync = gradients, which ranks wait for "
                   "in each step; expected off, or run.sync = parameters");
  return MG_OK;
}

mg_status mg_algorithm_create(const mg_algorithm_class *class_, const mg_context *context,
                              mg_algorithm **algorithm) {
  *algorithm = NULL;
  mg_learner *l = mg_arena_alloc(context->arena, 1, class_->size);
  /* An environment for its specification; held until the learner has its own, so that the model is
   * compiled once. What may fail on one rank alone is agreed on before the collective reading of
   * the expert's data. */
  mg_env *env = NULL;
  mg_status status = mg_arena_status(context->arena);
  if (status == MG_OK) status = check_overlap(class_, context->settings);
  if (status == MG_OK)
    status = mg_env_create_with(context->settings->run.env, &context->settings->env, &env);
  status = mg_comm_agree(context->comm, status);
  if (status == MG_OK) {
    begin(l, class_, context);
    status = class_->build(&l->base, context, mg_env_get_spec(env));
    status = mg_comm_agree(context->comm, status);
  }
  mg_env_destroy(env);
  if (status == MG_OK)
    *algorithm = &l->base;
  else if (l)
    mg_collector_destroy(l->collector);
  return status;
}

void mg_algorithm_destroy(mg_algorithm *self) {
  if (!self) return;
  mg_algorithm_settle(self);
  mg_collector_destroy(((mg_learner *)self)->collector); /* the rest is the arena's */
}

/* ---- build ---- */

void mg_learner_policy(mg_learner *l, const mg_env_spec *spec, mg_normaliser *normaliser,
                       const double *mean, const double *sd) {
  const mg_settings *s = l->settings;
  l->base.normaliser = normaliser;
  l->base.policy =
      mg_policy_make(normaliser->size, spec->action_size, spec->discrete, s->policy.hidden.count,
                     s->policy.hidden.width, (mg_activation)s->policy.activation, mean, sd);
}

int mg_learner_slice(mg_learner *l, const char *name, size_t size) {
  return mg_paramset_add(&l->set, name, size);
}

int mg_learner_network(mg_learner *l, const char *name, size_t size, double clip) {
  const int slice = mg_learner_slice(l, name, size);
  l->adam[slice] = mg_adam_of(size);
  l->adam[slice].clip = clip;
  return slice;
}

/* Slices declared as networks; the others' mg_adam is all 0. */
static bool has_optimiser(const mg_learner *l, int slice) {
  return l->adam[slice].beta1 > 0;
}

void mg_learner_allocate(mg_learner *l) {
  size_t behind = 0;
  for (int k = 0; k < l->set.slices; k++)
    if (has_optimiser(l, k)) behind += 2 * mg_paramset_padded(l->adam[k].n);
  l->averaged = l->set.size + behind + MG_PARAMSET_MAX;
  mg_paramset_allocate(&l->set, behind + MG_PARAMSET_MAX, l->arena);
  if (!l->set.theta) return;
  mg_real *at = l->set.theta + l->set.size;
  for (int k = 0; k < l->set.slices; k++) {
    mg_adam *adam = &l->adam[k];
    if (!has_optimiser(l, k)) continue;
    adam->m = at;
    adam->v = at + mg_paramset_padded(adam->n);
    at += 2 * mg_paramset_padded(adam->n);
  }
  l->acting = mg_learner_theta(l, 0);
  if (!l->overlap) return;
  l->acting = MG_NEW(l->arena, mg_real, mg_policy_size(&l->base.policy));
  l->arriving = MG_NEW(l->arena, mg_real, l->averaged);
}

void mg_learner_allow_sums(mg_learner *l, size_t most) {
  if (!l->overlap) return;
  l->sums = MG_NEW(l->arena, double, 2 * most);
  l->sums_size = most;
}

void mg_learner_init_policy(mg_learner *l, int slice) {
  mg_rng rng = mg_rng_at(l->seed, MG_RNG_INIT, 0, 0);
  mg_policy_init(&l->base.policy, l->settings->policy.log_sigma, &rng, mg_learner_theta(l, slice));
}

void mg_learner_keep_average(mg_learner *l, mg_real *where) {
  l->base.average = where;
  if (where) mg_vec_copy(mg_policy_size(&l->base.policy), mg_learner_theta(l, 0), where);
}

mg_status mg_learner_share_environments(mg_learner *l) {
  l->share = mg_comm_share(l->comm, l->settings->run.environments, l->comm->rank);
  l->environments = (int)l->share.count;
  l->sync.weight = mg_share_weight(&l->share);
  return mg_comm_agree(
      l->comm, mg_env_expect_room(l->settings->run.env, &l->settings->env, l->environments));
}

/* The next segment's policy is that of theta as it is. */
static void act_as_learned(mg_learner *l) {
  if (l->overlap) mg_vec_copy(mg_policy_size(&l->base.policy), mg_learner_theta(l, 0), l->acting);
}

mg_status mg_learner_make_environments(mg_learner *l, bool observe, double shaping, double gamma) {
  const mg_collector_options options = {
      .env_id = l->settings->run.env,
      .env_options = &l->settings->env,
      .share = l->share,
      .seed = l->seed,
      .observe = observe && l->share.own,
      .shaping = shaping,
      .gamma = gamma,
      .comm = l->overlap ? l->comm : NULL,
  };
  act_as_learned(l); /* at first */
  return mg_collector_create(&options, &l->base.policy, l->base.normaliser, l->arena,
                             &l->collector);
}

int mg_learner_part(const mg_learner *l, int total) {
  return (int)mg_share_part(&l->share, total);
}

/* ---- an iteration ---- */

static void report_end(mg_learner *l) {
  mg_learner_report_alike(l, MG_METRIC_SKIPPED, l->skipped);
  mg_learner_report_alike(l, MG_METRIC_SECONDS_ROLLOUT, l->collected - l->began);
  mg_learner_report_alike(l, MG_METRIC_SECONDS_SYNC, l->sync_seconds);
  mg_learner_report_alike(l, MG_METRIC_SECONDS_UPDATE,
                          mg_timer_now() - l->collected - l->sync_seconds);
}

static void note_steps(mg_learner *l) {
  for (int k = 0; k < l->set.slices; k++) l->steps_before[k] = l->adam[k].steps;
}

mg_status mg_algorithm_iterate(mg_algorithm *self, mg_metrics *metrics) {
  mg_learner *l = (mg_learner *)self;
  memset(metrics, 0, sizeof *metrics);
  l->metrics = metrics;
  l->began = l->collected = mg_timer_now();
  l->sync_seconds = 0;
  l->skipped = 0;
  if (!l->on_way) note_steps(l);
  const mg_status status = self->class_->iterate(self);
  report_end(l);
  l->metrics = NULL; /* they are the caller's */
  return status;
}

double mg_schedule(double initial, double final, int64_t done, int64_t total) {
  return initial + (final - initial) * fmin(1, (double)done / (double)total);
}

double mg_learner_schedule(const mg_learner *l, double initial, double final) {
  return mg_schedule(initial, final, l->base.steps, l->settings->run.steps);
}

mg_rng mg_learner_rng(const mg_learner *l, mg_rng_purpose purpose, int64_t at) {
  return mg_rng_at(l->seed, purpose, (uint64_t)l->comm->rank, (uint64_t)at);
}

void mg_learner_collect(mg_learner *l, mg_segment *segment) {
  mg_collector_run(l->collector, l->acting, segment);
  mg_episodes e = mg_collector_take_episodes(l->collector);
  if (!l->share.own) memset(&e, 0, sizeof e);
  mg_metrics_add(l->metrics, MG_METRIC_EPISODE_RETURN, e.total_return / fmax(1, e.count), e.count);
  mg_metrics_add(l->metrics, MG_METRIC_EPISODE_LENGTH, e.total_length / fmax(1, e.count), e.count);
  mg_learner_report_alike(l, MG_METRIC_EPISODES, e.count);
  mg_learner_report_alike(l, MG_METRIC_UNSTABLE, e.unstable);
  l->collected = mg_timer_now();
  mg_comm_goes_on(l->comm);
  mg_algorithm_settle(&l->base);
  act_as_learned(l);
}

mg_real *mg_learner_zero_gradient(mg_learner *l, int slice) {
  mg_real *gradient = mg_learner_gradient(l, slice);
  mg_vec_fill(l->set.slice[slice].size, 0, gradient);
  return gradient;
}

void mg_learner_average_gradient(mg_learner *l, mg_real *gradient, size_t n) {
  const double before = mg_timer_now();
  mg_sync_gradient(&l->sync, gradient, n);
  l->sync_seconds += mg_timer_now() - before;
}

double mg_learner_descend(mg_learner *l, int slice, double rate) {
  const double norm = mg_adam_step(&l->adam[slice], rate, mg_learner_gradient(l, slice),
                                   mg_learner_theta(l, slice));
  l->skipped += !isfinite(norm);
  return norm;
}

double mg_learner_step(mg_learner *l, int slice, double rate) {
  mg_learner_average_gradient(l, mg_learner_gradient(l, slice), l->set.slice[slice].size);
  return mg_learner_descend(l, slice, rate);
}

double mg_learner_average_decay(const mg_learner *l, double steps) {
  const double share = l->settings->policy.average_share * (double)l->base.steps;
  const double most = l->settings->policy.average_steps;
  const bool early = l->settings->policy.average_share > 0 && share < most;
  return exp(-steps / (early ? share : most));
}

void mg_learner_sum(mg_learner *l, double *x, size_t n) {
  const double before = mg_timer_now();
  mg_comm_reduce_f64(l->comm, MG_REDUCE_SUM, x, n);
  l->sync_seconds += mg_timer_now() - before;
}

void mg_learner_merge(mg_learner *l, mg_normaliser *normaliser) {
  const double before = mg_timer_now();
  mg_normaliser_merge(normaliser, l->comm);
  l->sync_seconds += mg_timer_now() - before;
}

void mg_learner_average_parameters(mg_learner *l, mg_real *theta, size_t n) {
  const double before = mg_timer_now();
  mg_sync_parameters(&l->sync, theta, n);
  l->sync_seconds += mg_timer_now() - before;
}

/* ---- the average at the end of an iteration, and with run.overlap its second half ---- */

/* Steps taken travel with theta: few enough for float32, so that their mean is exact where all ranks took as
 * many. */
static mg_real *steps_taken(const mg_learner *l) {
  return l->set.theta + l->averaged - MG_PARAMSET_MAX;
}

static void put_steps(mg_learner *l) {
  mg_real *taken = steps_taken(l);
  for (int k = 0; k < l->set.slices; k++)
    taken[k] = (mg_real)(l->adam[k].steps - l->steps_before[k]);
}

static void take_steps(mg_learner *l) {
  const mg_real *taken = steps_taken(l);
  for (int k = 0; k < l->set.slices; k++)
    l->adam[k].steps = l->steps_before[k] + llround((double)taken[k]);
}

void mg_learner_also_sum(mg_learner *l, const double *x, size_t n) {
  assert(l->overlap && !l->on_way && n <= l->sums_size);
  memcpy(l->sums, x, n * sizeof *x);
  l->sums_sent = n;
}

static void begin_average(mg_learner *l) {
  mg_sync_begin_mean(&l->sync, l->set.theta, l->averaged, l->arriving);
  if (l->sums_sent > 0)
    mg_comm_begin_sum_f64(l->comm, l->sums, l->sums_sent, l->sums + l->sums_size);
  l->on_way = true;
}

void mg_algorithm_settle(mg_algorithm *self) {
  mg_learner *l = (mg_learner *)self;
  if (!l->on_way) return;
  const double before = mg_timer_now();
  mg_sync_end_mean(&l->sync, l->set.theta, l->averaged);
  if (l->sums_sent > 0) mg_comm_end_sum(l->comm, l->sums);
  l->sync_seconds += mg_timer_now() - before;
  take_steps(l);
  note_steps(l);
  l->on_way = false;
  if (self->class_->settle) self->class_->settle(self);
  l->sums_sent = 0;
}

void mg_learner_synchronise_from(mg_learner *l, int slice) {
  if (l->sync.mode != MG_SYNC_PARAMETERS || (l->comm->size == 1 && !l->overlap)) return;
  put_steps(l);
  if (l->overlap) {
    begin_average(l);
    return;
  }
  const size_t first = l->set.slice[slice].offset;
  mg_learner_average_parameters(l, l->set.theta + first, l->averaged - first);
  take_steps(l);
}

void mg_learner_synchronise(mg_learner *l) {
  mg_learner_synchronise_from(l, 0);
}

void mg_learner_count(mg_learner *l, int64_t steps) {
  l->base.iteration++;
  l->base.steps += steps;
}

/* ---- checkpoint ---- */

/* An optimiser's moments, the same on all ranks in either mode. */
static void visit_adam(mg_adam *adam, const char *name, mg_archive *archive) {
  mg_real *moments[2] = {adam->m, adam->v};
  char field[64];
  for (int k = 0; k < 2; k++) {
    snprintf(field, sizeof field, "adam/%s/%c", name, "mv"[k]);
    mg_archive_shared(archive, field, MG_TYPE_REAL, moments[k], adam->n);
  }
  snprintf(field, sizeof field, "adam/%s/steps", name);
  mg_archive_shared(archive, field, MG_TYPE_I64, &adam->steps, 1);
}

/* A run that was without overlap so far goes on from what it had learned. */
static void visit_acting(mg_learner *l, mg_archive *archive) {
  static const char name[] = "rollout_policy";
  if (mg_archive_is_loading(archive) && !mg_archive_has(archive, name))
    act_as_learned(l);
  else
    mg_archive_shared(archive, name, MG_TYPE_REAL, l->acting, mg_policy_size(&l->base.policy));
}

void mg_algorithm_visit(mg_algorithm *self, mg_archive *archive) {
  mg_learner *l = (mg_learner *)self;
  mg_algorithm_settle(self);
  mg_acting_visit(self, archive);
  mg_archive_shared(archive, "iteration", MG_TYPE_I64, &self->iteration, 1);
  mg_archive_shared(archive, "steps", MG_TYPE_I64, &self->steps, 1);
  mg_archive_shared(archive, "flops", MG_TYPE_F64, &self->flops, 1); /* of rank 0 */
  mg_archive_shared(archive, "theta", MG_TYPE_REAL, l->set.theta, l->set.size);
  for (int k = 0; k < l->set.slices; k++)
    if (l->adam[k].m) visit_adam(&l->adam[k], l->set.slice[k].name, archive);
  if (l->overlap) visit_acting(l, archive);
  if (self->class_->visit) self->class_->visit(self, archive);
  if (l->collector) mg_collector_visit(l->collector, archive);
}
