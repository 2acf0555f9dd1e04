/* What acting needs of a trained run, apart from the algorithm that trained it: the policy, its
 * parameters, their running average and the normaliser of observations. Every algorithm's visit
 * calls mg_acting_visit, so that any checkpoint can be evaluated and recorded from.
 *
 *   acting/shape     [MG_ACTING_SHAPE] layers, widths, activation, kind of action
 *   acting/theta     [policy size]     acting/average [policy size], where there is one
 *   acting/action_*  [A]               mean and spread that the policy's output is scaled by
 *   acting/observed  [S]               which of the task's acting/observations entries are seen
 *   acting/normaliser_*                statistics of observations; none are pending between iterations */
#ifndef MG_ALGO_ACTING_H
#define MG_ALGO_ACTING_H

#include "algo/algorithm.h"

typedef struct mg_acting {
  mg_policy policy;
  mg_normaliser normaliser;
  mg_real *theta;   /* [policy size] */
  mg_real *average; /* [policy size], NULL if the run kept none */
} mg_acting;

/* Saves or restores policy, theta (slice 0), average and normaliser of an algorithm. What
 * policy.action_mean and policy.action_sd point to must be writable: loading puts the checkpoint's
 * values there. Collective; failures are the archive's. */
void mg_acting_visit(mg_algorithm *self, mg_archive *archive);

/* Saves the same fields for mg_acting_load, with `theta` [policy size] as the only parameters: none
 * of what training alone needs. Collective; failures are the archive's. */
void mg_acting_save(const mg_acting *acting, const mg_real *theta, mg_archive *archive);

/* Builds what acting needs from an archive that is loading, on any number of ranks; all memory is
 * the arena's. MG_ERR_DATA if a field is missing or makes no network. Collective. */
mg_status mg_acting_load(mg_archive *archive, mg_arena *arena, mg_acting *acting);

#endif
