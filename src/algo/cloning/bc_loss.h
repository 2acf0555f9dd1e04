/* The losses of behavioural cloning. The negative log-likelihood of the expert's actions,
 *
 *   L = -sum_b log pi(a_b|x_b)
 *
 * Gaussian: in mean and log_sigma; categorical: the cross-entropy of one-hot choices. And for a
 * Gaussian the squared error of its mean, in units of the expert's spread,
 *
 *   E = 1/2 sum_b sum_i ((mu_i(x_b) - a_bi) inverse_i)^2
 *
 * which leaves log_sigma alone. */
#ifndef MG_ALGO_BC_LOSS_H
#define MG_ALGO_BC_LOSS_H

#include "base/arena.h"
#include "model/policy.h"

typedef struct mg_bc_work {
  int capacity; /* rows */
  mg_mlp_tape tape;
  mg_real *head, *dhead;             /* [capacity,A] */
  mg_real *log_probability, *weight; /* [capacity] */
} mg_bc_work;
mg_bc_work mg_bc_work_make(const mg_policy *policy, int capacity, mg_arena *arena);

/* L [nat] of x [B,S] and a [B,A], for any B. */
double mg_bc_loss(const mg_policy *policy, int B, const mg_real *theta, const mg_real *x,
                  const mg_real *a, mg_bc_work *work);

/* L, and dtheta += weight dL/dtheta; B at most the capacity. */
double mg_bc_loss_gradient(const mg_policy *policy, int B, const mg_real *theta, const mg_real *x,
                           const mg_real *a, double weight, mg_bc_work *work, mg_real *dtheta);

/* E, and dtheta += weight dE/dtheta (Nullable: E alone); B at most the capacity, inverse [A] the
 * inverse spreads. Continuous actions only. */
double mg_bc_squared_error_gradient(const mg_policy *policy, int B, const mg_real *theta,
                                    const mg_real *x, const mg_real *a, const double *inverse,
                                    double weight, mg_bc_work *work, mg_real *dtheta);

#endif
