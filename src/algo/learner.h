/* What every algorithm repeats, once: creation, optimisers, averages over ranks, the clock, the
 * checkpoint. The algorithms' structs begin with an mg_learner.
 *
 *   build      mg_learner_policy, slices and networks, mg_learner_allocate, memory,
 *              mg_learner_make_environments
 *   iterate    mg_learner_collect, mg_learner_step.., mg_learner_synchronise, mg_learner_count
 *   settle     what arrived with the average, where run.overlap has left it on its way
 *
 * Time spent in reductions is taken here, for the metric seconds_sync. */
#ifndef MG_ALGO_LEARNER_H
#define MG_ALGO_LEARNER_H

#include "algo/algorithm.h"
#include "mpi/sync.h"
#include "nn/adam.h"
#include "rollout/collector.h"

typedef struct mg_learner {
  mg_algorithm base;
  const mg_settings *settings;
  mg_comm *comm;
  mg_log *log;
  mg_arena *arena;
  mg_sync sync;
  uint64_t seed;
  mg_paramset set;
  mg_adam adam[MG_PARAMSET_MAX]; /* of each slice; m is NULL where there is none */
  size_t averaged;         /* entries that an average of parameters is of: theta's, and of what
                                    lies behind them: moments m, v of each optimiser, steps taken */
  mg_share share;          /* of the environments */
  int environments;        /* of this rank: share.count */
  mg_collector *collector; /* NULL: no environment is stepped */

  /* run.overlap: an iteration ends with the average on its way, and the next one collects meanwhile. */
  bool overlap, on_way;
  mg_real *acting; /* [policy size] that the next segment is collected with: of the average that was
                        there when the last one was; without overlap slice 0 */
  mg_real *arriving; /* [averaged] scratch */
  double *
      sums; /* [2 sums_size] summed over ranks with the average, and scratch: mg_learner_also_sum */
  size_t sums_size, sums_sent; /* most, and how many are on their way */

  /* Of the running iteration. */
  mg_metrics *metrics;     /* NULL between iterations */
  double began, collected; /* [s] */
  double sync_seconds;
  int skipped; /* optimiser steps left out, gradient not finite */
  /* Of each optimiser at the last average, the same on all ranks. */
  int64_t steps_before[MG_PARAMSET_MAX];
} mg_learner;

/* ---- build ---- */

/* The policy of these inputs, with the settings' layers. mean, sd [A] of its actions stay alive and
 * the caller's. */
void mg_learner_policy(mg_learner *l, const mg_env_spec *spec, mg_normaliser *normaliser,
                       const double *mean, const double *sd);

/* A slice of theta, and one with an optimiser whose gradient is clipped to this norm. Returns its
 * index. */
int mg_learner_slice(mg_learner *l, const char *name, size_t size);
int mg_learner_network(mg_learner *l, const char *name, size_t size, double clip);

/* The memory of all slices, and behind theta that of the optimisers. */
void mg_learner_allocate(mg_learner *l);

/* With run.overlap: room for so many sums that come with the average. */
void mg_learner_allow_sums(mg_learner *l, size_t most);

/* The policy's first parameters, the same on all ranks, into a slice. */
void mg_learner_init_policy(mg_learner *l, int slice);

/* base.average becomes `where` [policy size], and starts as the policy. NULL: no average. */
void mg_learner_keep_average(mg_learner *l, mg_real *where);

/* Sets `share` and `environments`, and what this rank's means count in those over ranks. MG_ERR_MEMORY
 * if they need more memory than a rank has. Collective. */
mg_status mg_learner_share_environments(mg_learner *l);

/* The environments themselves. observe, shaping, gamma: as in rollout/collector.h. */
mg_status mg_learner_make_environments(mg_learner *l, bool observe, double shaping, double gamma);

/* What this rank has of a batch, by its share of the environments, at least 1. */
int mg_learner_part(const mg_learner *l, int total);

/* ---- an iteration ---- */

static inline mg_real *mg_learner_theta(const mg_learner *l, int slice) {
  return mg_paramset_theta(&l->set, slice);
}
static inline mg_real *mg_learner_gradient(const mg_learner *l, int slice) {
  return mg_paramset_gradient(&l->set, slice);
}
mg_real *mg_learner_zero_gradient(mg_learner *l, int slice);

/* The metric's mean of this iteration, which counts by this rank's share; or of a count or a time, for
 * which all ranks are alike. */
static inline void mg_learner_report(mg_learner *l, int metric, double value) {
  mg_metrics_add(l->metrics, metric, value, l->sync.weight);
}
static inline void mg_learner_report_alike(mg_learner *l, int metric, double value) {
  mg_metrics_add(l->metrics, metric, value, 1);
}

/* A learning rate (or any weight) that moves linearly from `initial` to `final` over the run. */
double mg_schedule(double initial, double final, int64_t done, int64_t total);
double mg_learner_schedule(const mg_learner *l, double initial, double final);

/* The random numbers of one purpose, of this rank, the `at`-th time. */
mg_rng mg_learner_rng(const mg_learner *l, mg_rng_purpose purpose, int64_t at);

/* Fills the segment with the policy of slice 0, and reports the episodes that ended; of an environment
 * that several ranks hold, the first one does. With run.overlap it is the policy of one average before, and
 * the average that was on its way is there in the end. */
void mg_learner_collect(mg_learner *l, mg_segment *segment);

/* One optimiser step of a slice along its gradient, averaged over ranks first where run.sync says
 * so. Returns the gradient's norm before clipping. Collective. */
double mg_learner_step(mg_learner *l, int slice, double rate);

/* Its two halves, for gradients of several slices that are averaged in one reduction. */
void mg_learner_average_gradient(mg_learner *l, mg_real *gradient, size_t n);
double mg_learner_descend(mg_learner *l, int slice, double rate);

/* Share of the policy's running average that is left after so many environment steps of all ranks:
 * exp(-steps / L), L = min(policy.average_steps, policy.average_share x steps so far). It so looks
 * back over the same experience with any number of environments and rounds, and in the beginning not
 * to policies that were much worse. */
double mg_learner_average_decay(const mg_learner *l, double steps);

/* Sums over ranks, and statistics merged over ranks. Collective. */
void mg_learner_sum(mg_learner *l, double *x, size_t n);
void mg_learner_merge(mg_learner *l, mg_normaliser *normaliser);

/* theta [n] <- mean over ranks, with run.sync = parameters. Collective. */
void mg_learner_average_parameters(mg_learner *l, mg_real *theta, size_t n);

/* Of the whole vector, or from a slice on; and in the same reduction of the moments of all optimisers
 * and of the steps that they took, rounded, so that there is one set of moments, the same on all
 * ranks, and each rank's next step begins from what all of them saw. With run.sync = gradients the
 * moments are one anyway. With run.overlap the average is on its way then. Collective. */
void mg_learner_synchronise(mg_learner *l);
void mg_learner_synchronise_from(mg_learner *l, int slice);

/* With run.overlap, before the average: x [n] are summed over ranks with it, for the class's settle to take
 * from l->sums. */
void mg_learner_also_sum(mg_learner *l, const double *x, size_t n);

/* Counts the iteration and so many environment steps of all ranks. */
void mg_learner_count(mg_learner *l, int64_t steps);

#endif
