/* The one interface of all training algorithms: create, iterate, visit, destroy; and pace, for
 * those that count something else than environment steps.
 *
 * An iteration collects environment steps, computes local gradients, steps the optimisers and
 * synchronises over ranks. All functions are Collective, but pace, which is Local. */
#ifndef MG_ALGO_ALGORITHM_H
#define MG_ALGO_ALGORITHM_H

#include "algo/settings.h"
#include "base/archive.h"
#include "base/comm.h"
#include "base/log.h"
#include "files/curves/curves.h"
#include "model/normaliser.h"
#include "model/policy.h"
#include "mpi/sync.h"
#include "nn/adam.h"
#include "nn/paramset.h"

enum { MG_METRICS_MAX = 32 };

/* What an algorithm is given; all of it outlives the algorithm. */
typedef struct mg_context {
  const mg_settings *settings;
  mg_comm *comm;
  mg_log *log;
  mg_arena *arena;
} mg_context;

/* What an iteration reports: this rank's sums and weights; the caller reduces them over ranks in
 * one go (metric k of all ranks = sum of value * weight / sum of weight; NaN if that is 0). */
typedef struct mg_report {
  double value[MG_METRICS_MAX];
  double weight[MG_METRICS_MAX];
} mg_report;

typedef struct mg_algorithm mg_algorithm;
typedef struct mg_expert mg_expert;

/* How far a run is, in what its algorithm counts. The same on all ranks. */
typedef struct mg_pace {
  int64_t done, total;    /* the run ends at done >= total; total falls to done to end it early */
  int64_t evaluate_every; /* 0: only at the end */
  const char *unit;       /* "steps", "epochs" */
} mg_pace;

typedef struct mg_algorithm_class {
  const char *name;
  int metrics; /* of every report, in this order; the first three are the same for all algorithms:
                  episode_return, episode_length, episodes */
  const mg_metric *metric;
  mg_status (*create)(const mg_context *context, mg_algorithm **self);
  mg_status (*iterate)(mg_algorithm *self, mg_report *report);
  mg_pace (*pace)(const mg_algorithm *self); /* NULL: environment steps of run.steps */
  void (*visit)(mg_algorithm *self, mg_archive *archive);
  void (*destroy)(mg_algorithm *self);
} mg_algorithm_class;

/* The part every algorithm begins with; what evaluation, recording and checkpoints need. */
struct mg_algorithm {
  const mg_algorithm_class *class_;
  mg_policy policy;
  mg_normaliser *normaliser; /* of observations */
  mg_paramset *set;          /* slice 0 is the policy */
  mg_real *average;          /* [policy size] running average of the policy's parameters, or NULL */
  int64_t iteration;         /* completed */
  int64_t steps;             /* environment steps, all ranks together */
  double flops;              /* of matrix products in updates so far, of this rank */
  const mg_expert *expert;   /* what is imitated (algo/expert.h), or NULL */
};

/* Of any algorithm; settings are the run's. */
mg_pace mg_algorithm_pace(const mg_algorithm *self, const mg_settings *settings);

/* A learning rate that moves linearly from `initial` to `final` over the run's steps. */
double mg_schedule(double initial, double final, int64_t done, int64_t total);

/* Share of the running average of the policy's parameters that is left after so many environment
 * steps of all ranks: exp(-steps / policy.average_steps). It so looks back over the same experience
 * with any number of environments and rounds. */
double mg_average_decay(const mg_settings *settings, double steps);

/* An optimiser's moments, fields adam/<name>/... of a checkpoint: the same on all ranks when
 * gradients are averaged, else each rank's own. */
void mg_adam_visit(mg_adam *adam, mg_sync_mode mode, const char *name, mg_archive *archive);

/* NULL-terminated. */
extern const mg_algorithm_class *const mg_algorithms[];

/* NULL if there is none of this name. */
const mg_algorithm_class *mg_algorithm_find(const char *name);

#endif
