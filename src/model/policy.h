/* The policy pi(a|s): an MLP and an action head.
 *
 * Continuous: u = net(x), mean = action_mean + action_sd * u, a = mean + exp(log_sigma) xi.
 *   theta = [net | log_sigma [A]]. Actions are in the task's own units and unclipped.
 * Discrete:   logits = net(x), a = one-hot of argmax(logits + Gumbel noise).  theta = [net]. */
#ifndef MG_MODEL_POLICY_H
#define MG_MODEL_POLICY_H

#include "nn/mlp.h"

#include <stdbool.h>

typedef struct mg_policy {
  mg_mlp net;
  bool discrete;
  int state_size;
  int action_size;           /* A: entries of the action, or number of choices (one-hot width) */
  const double *action_mean; /* [A], not owned; NULL if discrete */
  const double *action_sd;   /* [A] */
} mg_policy;

/* action_mean, action_sd: the expert's statistics for imitation, 0 and 1 for PPO; the caller keeps
 * them alive. */
mg_policy mg_policy_make(int state_size, int action_size, bool discrete, int hidden_layers,
                         const int *hidden, mg_activation f, const double *action_mean,
                         const double *action_sd);

size_t mg_policy_size(const mg_policy *policy);

/* Offset of log_sigma in theta; discrete: the size. */
size_t mg_policy_log_sigma_offset(const mg_policy *policy);

/* Normal initialisation, the last layer's weights times 0.1, log_sigma as given. */
void mg_policy_init(const mg_policy *policy, double log_sigma, mg_rng *rng, mg_real *theta);

/* head [B,A] <- mean actions, or logits. */
void mg_policy_forward(const mg_policy *policy, int B, const mg_real *theta, const mg_real *x,
                       mg_mlp_tape *tape, mg_real *head);

/* Backward through the mean (or logits): dhead [rows,A] -> deltas on the tape, dx [rows,S]
 * (Nullable). dhead is scaled in place. Then backward_theta adds dnet for rows 0..B-1 to dtheta. */
void mg_policy_backward_input(const mg_policy *policy, int first, int rows, const mg_real *theta,
                              mg_mlp_tape *tape, mg_real *dhead, mg_real *dx);
void mg_policy_backward_theta(const mg_policy *policy, int B, const mg_mlp_tape *tape,
                              mg_real *dtheta);

/* Fill noise [A] for one row: standard normals, or Gumbel. */
void mg_policy_noise(const mg_policy *policy, mg_rng *rng, mg_real *noise);

/* a [B,A] <- sample from head and noise (discrete: one-hot). noise NULL: the mean action, or the
 * most probable choice. */
void mg_policy_act(const mg_policy *policy, int B, const mg_real *theta, const mg_real *head,
                   const mg_real *noise, mg_real *a);

#endif
