/* Evaluation: whole episodes of a fixed policy on environments and random streams of their own.
 *
 * Episode e starts from the reset keyed by (seed, MG_RNG_EVALUATE_RESET, e) on whatever rank it
 * runs, so the returns do not depend on the number of ranks. The episodes of all policies that are
 * evaluated together are dealt to the ranks in turn: with as many ranks as episodes each has one. */
#ifndef MG_ROLLOUT_EVALUATE_H
#define MG_ROLLOUT_EVALUATE_H

#include "base/comm.h"
#include "envs/env.h"
#include "model/normaliser.h"
#include "model/policy.h"

typedef struct mg_evaluator mg_evaluator;

/* The start of an episode: resets env and writes its observation [d]. Local. */
void mg_evaluate_reset(mg_env *env, uint64_t seed, int episode, double *observation);

/* env_options Nullable: the task's defaults. For `episodes` episodes of a policy. Rank-local environments
 * and buffers. The caller destroys it. Collective: what fails on one rank is returned on all. */
mg_status mg_evaluator_create(const char *env_id, const mg_env_options *env_options, int episodes,
                              uint64_t seed, mg_comm *comm, const mg_policy *policy,
                              const mg_normaliser *normaliser, mg_evaluator **evaluator);
void mg_evaluator_destroy(mg_evaluator *evaluator);

/* A policy to evaluate; returns, lengths [episodes] of it, on every rank. stochastic: sample, else the
 * mean action (most probable choice). */
typedef struct mg_evaluated {
  const mg_real *theta;
  bool stochastic;
  double *returns, *lengths;
} mg_evaluated;

/* Episode e of policy k runs on rank (k episodes + e) mod size. Collective. */
void mg_evaluator_run_all(mg_evaluator *evaluator, int policies, const mg_evaluated *policy);

/* Of one policy. Collective. */
void mg_evaluator_run(mg_evaluator *evaluator, const mg_real *theta, bool stochastic,
                      double *returns, double *lengths);

#endif
