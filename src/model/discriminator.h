/* The discriminator D(s,a) = sigmoid(l(x, a~)), the probability that a pair is the expert's: an MLP
 * over normalised states and actions whose output is the logit l.
 *
 *   L = mean_policy softplus(l) + mean_expert softplus(-l) + w mean (|grad l| - c)^2
 *
 * with the gradient with respect to the input, at random points between a policy's pair and an
 * expert's (Gulrajani et al. 2017; c = 0 is the recipe's). */
#ifndef MG_MODEL_DISCRIMINATOR_H
#define MG_MODEL_DISCRIMINATOR_H

#include "nn/mlp.h"

mg_mlp mg_discriminator_make(int state_size, int action_size, int hidden_layers, const int *hidden,
                             mg_activation f);

/* Normal initialisation, the last layer's weights times 0.3. */
void mg_discriminator_init(const mg_mlp *net, mg_rng *rng, mg_real *theta);

typedef struct mg_discriminator_work {
  int batch; /* B; all else is for a block of rows, R = MG_MLP_BLOCK or B if that is less */
  mg_mlp_tape tape;
  mg_mlp_penalty_work penalty;
  mg_real *logit;     /* [R] */
  mg_real *dlogit;    /* [R] */
  mg_real *between;   /* [R,I] */
  mg_real *slope, *v; /* [R,I]: grad l, and the direction of the second derivative */
} mg_discriminator_work;
mg_discriminator_work mg_discriminator_work_make(const mg_mlp *net, int batch, mg_arena *arena);

typedef struct mg_discriminator_loss {
  double policy, expert;                   /* the two cross-entropies */
  double penalty;                          /* mean (|grad l| - c)^2, without w */
  double policy_accuracy, expert_accuracy; /* share of logits on the right side of 0 */
} mg_discriminator_loss;

/* pairs [2B,I]: B of the policy, then B of the expert; mix [B]: in (0,1), the expert's share of the
 * points between. dtheta += dL/dtheta. */
mg_discriminator_loss mg_discriminator_gradient(const mg_mlp *net, const mg_real *theta,
                                                const mg_real *pairs, const mg_real *mix,
                                                double penalty_weight, double penalty_target,
                                                mg_discriminator_work *work, mg_real *dtheta);

double mg_discriminator_flops(const mg_mlp *net, int B, double penalty_weight);

#endif
