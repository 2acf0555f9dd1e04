/* The term of behavioural cloning that an adversarial learner's objective may have beside its own
 * (for GAIL: Jena, Liu, Sycara 2020, "Augmenting GAIL with BC for sample efficient imitation
 * learning"): the policy maximises
 *
 *   J(theta) - beta L(theta),    L = mean over B pairs of the expert, drawn anew each step, of
 *
 *   squared:     1/2 sum_i ((mu_i(x) - a_i) / sd_i)^2      sd_i: the expert's spread of action i
 *   likelihood:  -log pi(a|x), which learns log_sigma too
 *
 * and for discrete actions the cross-entropy in both cases. The adversary's gradient, through D and
 * the model or by sampling, says how to be where the expert is; the clone's holds the actions there
 * from the first step on, while D, the model and the value have yet to learn.
 *
 * MGAIL and GAIL have one each: the form of L and B are of section [clone] of the settings, MGAIL's
 * beta is clone.weight, GAIL's gail.clone_weight, as their own gradients differ in size. Local but
 * for what it is made from; nothing of it needs a checkpoint. */
#ifndef MG_ALGO_CLONE_H
#define MG_ALGO_CLONE_H

#include "algo/adversary.h"
#include "algo/cloning/bc_loss.h"
#include "base/named.h"

/* Enumerator, name in configuration files. */
#define MG_CLONE_LOSS_LIST(X)                                                                      \
  X(MG_CLONE_SQUARED, "squared")                                                                   \
  X(MG_CLONE_LIKELIHOOD, "likelihood")

typedef enum mg_clone_loss { MG_CLONE_LOSS_LIST(MG_NAMED_ENUM) } mg_clone_loss;

typedef struct mg_clone {
  const mg_policy *policy;
  const mg_adversary *adversary; /* its expert's pairs and normalisers */
  const mg_settings *settings;
  double weight, final_weight; /* beta at the start and at the end of the run */
  int batch; /* B of this rank, at most the pairs there are; 0: there is no term (weight is 0) */
  mg_bc_work work;
  mg_real *x, *a;    /* [B,S], [B,A] what was drawn, actions as taken */
  mg_real *gradient; /* [policy size] of beta L alone */
} mg_clone;

/* After mg_adversary_load. All memory is the arena's; ask mg_arena_status afterwards. */
mg_clone mg_clone_make(const mg_context *context, const mg_adversary *adversary,
                       const mg_policy *policy, double weight, double final_weight);

/* beta after so many environment steps of the run; only where there is a term. */
double mg_clone_weight(const mg_clone *clone, int64_t steps);

/* B pairs at random, with repetition; all of them where B is as many as there are. `rng` is
 * consumed. */
void mg_clone_draw(mg_clone *clone, mg_rng *rng);

typedef struct mg_clone_figures {
  double loss; /* L */
  double norm; /* |beta dL/dtheta|; 0 where no gradient was asked for */
} mg_clone_figures;

/* L of the pairs drawn, and dtheta += beta dL/dtheta (Nullable: L alone). */
mg_clone_figures mg_clone_gradient(mg_clone *clone, const mg_real *theta, double beta,
                                   mg_real *dtheta);

/* The iteration's metrics of the term; other_norm: of the policy's gradient without it. */
void mg_clone_report(mg_learner *learner, double other_norm, mg_clone_figures figures);

/* Of one call of mg_clone_gradient with dtheta. */
double mg_clone_flops(const mg_clone *clone);

#endif
