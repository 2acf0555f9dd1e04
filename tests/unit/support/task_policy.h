/* What collecting and evaluating need: a small policy for a task, and an identity normaliser. */
#ifndef MG_TESTS_TASK_POLICY_H
#define MG_TESTS_TASK_POLICY_H

#include "envs/env.h"
#include "model/normaliser.h"
#include "model/policy.h"

typedef struct task_policy {
  mg_arena *arena;
  mg_env_spec spec;
  double mean[8], sd[8]; /* 0, 1 */
  mg_policy policy;
  mg_normaliser normaliser;
  mg_real *theta; /* 0 */
} task_policy;

/* Where it lies it stays: the policy points into it. The caller destroys the arena. */
void task_policy_make(task_policy *t, const char *env_id, int hidden_layers, const int *hidden);

#endif
