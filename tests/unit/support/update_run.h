/* A small MGAIL run, some iterations old, of which tests take single optimiser steps in double: the batches hold what they
 * should, and the gradients that reach the optimiser are those of the losses that are reported. */
#ifndef MG_TESTS_UPDATE_RUN_H
#define MG_TESTS_UPDATE_RUN_H

#include "algo/mgail/mgail.h"
#include "model/value.h"
#include "support/gradient_check.h"

typedef struct update_run {
  mg_settings settings;
  mg_comm comm;
  mg_log log;
  mg_context context;
  mg_mgail *self;
  mg_mlp_tape tape; /* of the slow ways */
  mg_forward_tape forward_tape;
  mg_real *kept;      /* [set size] parameters before the step */
  mg_metrics metrics; /* where its steps report */
} update_run;

/* In a scratch folder; stop removes it. update_start: as it is, without endings, with V. */
void update_start_with(update_run *r, const char *env_id, mg_mgail_episodes episodes, bool endings,
                       mg_value_kind kind);
void update_start(update_run *r, const char *env_id);
void update_stop(update_run *r);

/* Back to the parameters that the gradient was computed at; the slice's. */
mg_real *update_rewind(update_run *r, int slice);

/* The gradient of the last step is the objective's, by differences. */
void update_expect_gradient(update_run *r, const char *what, int slice,
                            gradient_objective objective);

/* The last step made the objective less than `before`; rewinds. */
void update_expect_descent(update_run *r, const char *what, int slice, double before,
                           gradient_objective objective);

/* The policy's batch is the newest segment, then older ones, none twice; its pairs are normalised as the expert's. */
void update_check_batch(const update_run *r);

#endif
