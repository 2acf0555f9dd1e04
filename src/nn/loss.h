/* Losses and their gradients. All means are over the B rows; gradients overwrite. */
#ifndef MG_NN_LOSS_H
#define MG_NN_LOSS_H

#include "math/real.h"

/* Binary cross-entropy on logits l [B] against one label for all:
 * label 1: mean softplus(-l); label 0: mean softplus(l). dl [B] <- weight * d(mean)/dl. Returns the
 * mean (without weight). */
double mg_loss_bce(int B, const mg_real *l, int label, mg_real weight, mg_real *dl);

/* mean over rows and columns of (y - target)^2, y [B,O]; dy <- its gradient. */
double mg_loss_mse(int B, int O, const mg_real *y, const mg_real *target, mg_real *dy);

/* One-centred or zero-centred gradient penalty: with g [B,I] the input gradients,
 * mean_B (|g_b| - target)^2. v [B,I] <- weight * d(that)/dg, which mg_mlp_penalty_backward takes.
 * target = 0 is mean |g|^2. Returns the mean (without weight). */
double mg_loss_gradient_penalty(int B, int I, const mg_real *g, mg_real target, mg_real weight,
                                mg_real *v);

#endif
