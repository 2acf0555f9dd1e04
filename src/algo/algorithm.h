/* The one interface of all training algorithms: create, iterate, visit, destroy; and pace, for
 * those that count something else than environment steps. What they have in common is learner.h's.
 *
 * An iteration collects environment steps, computes local gradients, steps the optimisers and
 * synchronises over ranks. All functions are Collective, but pace, which is Local. */
#ifndef MG_ALGO_ALGORITHM_H
#define MG_ALGO_ALGORITHM_H

#include "algo/metrics.h"
#include "algo/settings.h"
#include "base/archive.h"
#include "base/comm.h"
#include "base/log.h"
#include "envs/env.h"
#include "model/normaliser.h"
#include "model/policy.h"
#include "nn/paramset.h"

/* What an algorithm is given; all of it outlives the algorithm. */
typedef struct mg_context {
  const mg_settings *settings;
  mg_comm *comm;
  mg_log *log;
  mg_arena *arena;
} mg_context;

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
  unsigned metrics; /* MG_OF_...: which of the list it reports */
  size_t size;      /* of its struct, which begins with an mg_learner */
  bool any_policy;  /* it learns from segments of older policies, too: run.overlap may be on */
  /* Fills the zeroed struct. The task's specification lives as long as the call. */
  mg_status (*build)(mg_algorithm *self, const mg_context *context, const mg_env_spec *spec);
  mg_status (*iterate)(mg_algorithm *self);
  mg_pace (*pace)(const mg_algorithm *self);              /* NULL: environment steps of run.steps */
  void (*visit)(mg_algorithm *self, mg_archive *archive); /* its own beside the learner's */
  void (*settle)(
      mg_algorithm *self); /* Nullable, with any_policy: takes the sums that were on their way */
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

/* A new run; all memory is the context's arena's, the environments are mg_algorithm_destroy's. */
mg_status mg_algorithm_create(const mg_algorithm_class *class_, const mg_context *context,
                              mg_algorithm **algorithm);

/* One iteration, into metrics that are emptied first. */
mg_status mg_algorithm_iterate(mg_algorithm *self, mg_metrics *metrics);

/* Waits for what an iteration left on its way (run.overlap), without which theta is this rank's own. The next
 * iteration would, and is the same whether it does or not; a checkpoint, an evaluation and a look at theta come after
 * this. */
void mg_algorithm_settle(mg_algorithm *self);

/* Saves or restores everything. */
void mg_algorithm_visit(mg_algorithm *self, mg_archive *archive);

/* NULL: no-op. */
void mg_algorithm_destroy(mg_algorithm *self);

/* Of any algorithm; settings are the run's. */
mg_pace mg_algorithm_pace(const mg_algorithm *self, const mg_settings *settings);

/* NULL-terminated. */
extern const mg_algorithm_class *const mg_algorithms[];

/* NULL if there is none of this name. */
const mg_algorithm_class *mg_algorithm_find(const char *name);

#endif
