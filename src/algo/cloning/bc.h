/* Behavioural cloning (Pomerleau 1991): maximum likelihood of the expert's actions, with no step of
 * the environment.
 *
 * An iteration is an epoch: all training pairs once, in minibatches of Adam steps on the mean loss
 * (bc_loss.h); then the loss of the pairs held out (data.validation). The acting policy, slice 0 of
 * theta, is at all times the snapshot with the lowest validation loss so far, the earliest of equal
 * ones; without held-out pairs it is the learner itself, slice 1, which the optimiser moves. The
 * run ends after bc.epochs, or after bc.patience epochs without a new snapshot; there is no running
 * average.
 *
 * A Gaussian of few pairs becomes ever narrower: sigma is kept at bc.sigma_floor times the expert's
 * spread or above, entry by entry, by projection after each step.
 *
 * Ranks: training pair p is of rank p mod size, and so are the validation pairs. The minibatches
 * are drawn for all ranks together. With sync = gradients a step's gradient is the mean over the
 * minibatch whichever ranks its pairs are of: the run of any number of ranks up to rounding. With
 * sync = parameters ranks step along their own pairs of the minibatch, and each epoch ends with the
 * mean of theta, and of Adam's moments, weighted by their pairs. The validation loss is that of all ranks, which therefore
 * keep the same snapshot.
 *
 * The struct is internal to bc.c. */
#ifndef MG_ALGO_BC_H
#define MG_ALGO_BC_H

#include "algo/cloning/bc_loss.h"
#include "algo/learner.h"

extern const mg_algorithm_class mg_bc_class;

/* Slices of theta. */
enum { MG_BC_POLICY, MG_BC_LEARNER };

/* Normalised pairs of this rank. */
typedef struct mg_bc_pairs {
  int count, total; /* of this rank, of all ranks */
  mg_real *x, *a;   /* [count,S]; [count,A] in the task's units, or one-hot */
} mg_bc_pairs;

typedef struct mg_bc {
  mg_learner learner;
  mg_bc_pairs train, validation;
  double *log_sigma_floor; /* [A] */
  int *order;              /* [train.total] this epoch's */
  mg_real *x, *a;          /* a minibatch: [batch,S], [batch,A] */
  mg_bc_work work;
  double best_loss;   /* of slice 0 */
  int64_t best_epoch; /* which is of this epoch; 0: none yet */
} mg_bc;

#endif
