/* One step of trust-region policy optimisation (Schulman, Levine, Moritz, Jordan, Abbeel 2015):
 *
 *   maximise  L(theta') = mean_b pi'(a_b|x_b)/pi(a_b|x_b) A_b + w mean_b H(pi'(.|x_b))
 *                         - beta times the clone's loss, if there is such a term (clone.h)
 *   such that D(theta') = mean_b KL(pi(.|x_b), pi'(.|x_b)) <= delta
 *
 * with theta the policy before the step and B rows of all ranks. Near theta L is g . (theta'-theta)
 * and D is 1/2 (theta'-theta) . F (theta'-theta), F the Fisher matrix, so (appendix C)
 *
 *   s = (F + damping)^-1 g by conjugate gradients,   beta = sqrt(2 delta / s . (F + damping) s)
 *   theta' = theta + beta 0.8^k s with the least k = 0, 1, .. for which L(theta') > L(theta) and
 *   D(theta') <= delta; theta itself if there is none.
 *
 * F's products: the Hessian of KL at theta' = theta has no second derivatives of the network, as
 * KL's slope there is 0. It is F = mean_b J_b^T M_b J_b with J_b = d head_b/d theta (head [A]: mean
 * action, or logits) and M_b [A,A] the Fisher matrix of the head's distribution,
 *
 *   Gaussian:     M = diag(1 / sigma^2), and 2 for each log_sigma
 *   categorical:  M = diag(p) - p p^T
 *
 * so F v is one tangent pass, J v (nn/mlp_tangent.h), a product with M_b, one backward pass: exact,
 * and of the cost of two gradients.
 *
 * Over ranks: g and every F v are averaged, whatever run.sync is, and the figures that the line
 * search compares are reduced; all ranks then take the same step to the last bit. */
#ifndef MG_ALGO_TRPO_H
#define MG_ALGO_TRPO_H

#include "algo/cloning/clone.h"
#include "model/policy.h"
#include "mpi/sync.h"
#include "nn/mlp_tangent.h"

typedef struct mg_trpo_options {
  double max_kl;     /* delta [nat] */
  double damping;    /* added to F's diagonal */
  double entropy;    /* w */
  mg_clone *clone;   /* with the pairs of this step drawn; NULL: none */
  double beta;       /* its weight */
  int cg_iterations; /* at most */
  int backtracks;    /* k at most */
} mg_trpo_options;

/* The rows of a step; this rank's, as many on every rank. */
typedef struct mg_trpo_batch {
  int rows;                 /* B */
  const mg_real *x, *a;     /* [B,S], [B,A] */
  const mg_real *head;      /* [B,A] of the policy before the step */
  const mg_real *old_lp;    /* [B] log pi(a|x) */
  const mg_real *advantage; /* [B] */
} mg_trpo_batch;

typedef struct mg_trpo {
  const mg_policy *policy;
  int rows; /* capacity */
  mg_mlp_tape tape;
  mg_mlp_tangent tangent;
  mg_real *head, *dhead;             /* [rows,A] */
  mg_real *work;                     /* [2 rows] */
  mg_real *gradient, *direction;     /* [n] g, s; n parameters */
  mg_real *before, *image, *scratch; /* [n], [n], [3n] */
  double flops;                      /* since the caller set it to 0 */
} mg_trpo;

mg_trpo mg_trpo_make(const mg_policy *policy, int rows, mg_arena *arena);

typedef struct mg_trpo_result {
  bool accepted;           /* else theta is as it was */
  double surrogate;        /* gain L(theta') - L(theta) */
  double kl;               /* D(theta') */
  double entropy;          /* of the policy before the step */
  double gradient_norm;    /* |g| */
  double adversarial_norm; /* of its part without the clone, of this rank */
  mg_clone_figures clone;  /* before the step, of this rank */
  double residual;         /* |g - (F + damping) s| / |g| */
  int backtracks;          /* k of the step that was accepted */
} mg_trpo_result;

/* theta [n] <- theta'. *sync_seconds += the time in reductions. Collective. */
mg_trpo_result mg_trpo_step(mg_trpo *trpo, const mg_trpo_options *options,
                            const mg_trpo_batch *batch, const mg_sync *sync, mg_real *theta,
                            double *sync_seconds);

/* ---- its parts, of this rank alone ---- */

/* Returns L without the clone's part and adds its gradient's negative to dtheta [n] (Nullable);
 * leaves the tape of the rows at theta, which products need. *entropy <- mean H (Nullable). */
double mg_trpo_surrogate_gradient(mg_trpo *trpo, double entropy_weight, const mg_trpo_batch *batch,
                                  const mg_real *theta, double *entropy, mg_real *dtheta);

/* Fv [n] <- F v. After mg_trpo_surrogate_gradient of the same batch and theta. */
void mg_trpo_fisher_product(mg_trpo *trpo, int B, const mg_real *theta, const mg_real *v,
                            mg_real *Fv);

/* mean_b KL(old, new) of heads [B,A], in double; log_sigma [A], not read if discrete. */
double mg_trpo_divergence(const mg_policy *policy, int B, const mg_real *old_head,
                          const mg_real *old_log_sigma, const mg_real *new_head,
                          const mg_real *new_log_sigma);

#endif
