/* MGAIL's policy objective and its gradient, in the order of the paper (Baram et al. 2017) and of
 * src/DESIGN.md section 5, step 4. Pure functions of arrays: no environment, no optimiser, no MPI.
 *
 *   J = 1/(N H) sum over trajectories and pieces of them between resets of
 *       [ sum_k gamma^k ( c(l(x_k, a~_k)) + entropy H(pi(.|x_k)) )  +  gamma^K V(x_K) ]
 *
 * x are normalised states, a~ normalised actions (discrete: one-hot), l the discriminator's logit.
 * The states carry the environment's values and the forward model's Jacobians,
 *
 *   x_{t+1} = x^env_{t+1} + f(x_t, a~_t) - stopgrad(f(x_t, a~_t)),
 *
 * the actions carry the values that were taken and the policy's Jacobians (reparametrised with the
 * noise that was drawn). V(x_K) closes a piece at the segment's end and at a time limit; a true
 * terminal state is worth a constant (`ending`, 0 but for absorbing states) and passes no gradient, or
 * (`value_at_end`) V(x_K), too, of a V that knows that constant from terminal states.
 * Without a value function the sum just ends (the paper's form). With Q(x, a~) V(x) is Q(x, a~ of the policy's
 * mean action), the least of two. */
#ifndef MG_ALGO_MGAIL_OBJECTIVE_H
#define MG_ALGO_MGAIL_OBJECTIVE_H

#include "algo/reward.h"
#include "model/action_value.h"
#include "model/forward_model.h"
#include "model/policy.h"

#include <stdint.h>

/* Trajectories of stored steps, time-major: row (t, n) is entry t*N + n. */
typedef struct mg_mgail_batch {
  int steps, trajectories;         /* H, N */
  int width;                       /* W, of D's pairs: S+A, or more, see adversary.h */
  mg_real *xa;                     /* [H,N,W] normalised state (first) and action (last) */
  mg_real *x, *next_x;             /* [H,N,S] */
  mg_real *a;                      /* [H,N,A] as taken, or one-hot */
  mg_real *noise;                  /* [H,N,A] Gumbel noise; not read if continuous */
  mg_real *log_probability;        /* [H,N] of a when it was taken, for Q's targets */
  uint8_t *terminated, *truncated; /* [H,N] */
} mg_mgail_batch;

mg_mgail_batch mg_mgail_batch_make(int steps, int trajectories, int state_size, int action_size,
                                   int width, mg_arena *arena);

typedef struct mg_mgail_objective {
  const mg_policy *policy;
  const mg_mlp *discriminator;
  const mg_forward_model *forward_model;
  const mg_mlp *value;        /* V(x); NULL: the paper's form, or */
  const mg_mlp *action_value; /* Q(x, a~), of a continuous policy */
  mg_reward_form reward;
  double gamma, entropy, temperature;
  double ending;                /* worth of a true terminal state */
  bool value_at_end;            /* which V says, not the constant */
  const double *action_inverse; /* [A] da~/da; NULL if discrete (1) */
  const mg_real *delta_scale;   /* [S] of the forward model */
} mg_mgail_objective;

/* Parameters; all constant here but for the policy's gradient. */
typedef struct mg_mgail_theta {
  const mg_real *policy, *discriminator, *forward_model, *value;
} mg_mgail_theta;

/* R = H N rows at most. d.. is the derivative of -J. */
typedef struct mg_mgail_work {
  int rows; /* R */
  mg_mlp_tape policy, discriminator, value;
  mg_forward_tape forward_model;
  mg_real *weight;         /* [R] gamma^k */
  mg_real *head;           /* [R,A] */
  mg_real *logit, *dlogit; /* [R] of D */
  mg_real *reward;         /* [R] c(l), kept for the caller */
  mg_real *prediction;     /* [R,S] f(x, a~), kept for the caller */
  mg_real *dpair;          /* [R,W] by (x, a~), through D alone */
  mg_real *model_xa;       /* [R,S+A] the pairs as f sees them, where W is more */
  int *bootstrap_row;      /* [R] index into the rows that V closes, or -1; of those: */
  mg_real *bootstrap_x;    /* [R,S] */
  mg_real *bootstrap_v;    /* [R] */
  mg_real *dbootstrap_v;   /* [R] */
  mg_real *dbootstrap;     /* [R,S] by x, through V */
  /* What Q needs besides: */
  mg_mlp_tape bootstrap_policy;
  mg_action_value_work action_value;
  mg_real *bootstrap_head; /* [R,A] and its derivative */
  mg_real *bootstrap_xa;   /* [R,W] (x, a~) of the mean action */
  mg_real *dbootstrap_xa;  /* [R,W] */
  /* One time step each: */
  mg_real *dnext;      /* [N,S] by x_{t+1} */
  mg_real *dxa;        /* [N,S+A] by (x_t, a~_t), through D, f and what follows */
  mg_real *da, *dhead; /* [N,A] by a_t, by the policy's head */
  mg_real *dx;         /* [N,S] by x_t, the policy's part included */
  mg_real *dentropy;   /* [N] by H(pi(.|x_t)) */
} mg_mgail_work;

mg_mgail_work mg_mgail_work_make(const mg_mgail_objective *objective, int rows, mg_arena *arena);

static inline bool mg_mgail_has_value(const mg_mgail_objective *objective) {
  return objective->value || objective->action_value;
}

/* Pairs [B,W] of states [B,S] and the actions [B,A] that a continuous policy takes there. */
void mg_mgail_make_pairs(const mg_mgail_objective *objective, int B, const mg_real *x,
                         const mg_real *a, mg_real *xa);

/* Returns J; dpolicy += d(-J)/d theta_policy, the descent direction's gradient. work->reward holds
 * c(l) of all rows and work->prediction the model's next states afterwards. */
double mg_mgail_policy_gradient(const mg_mgail_objective *objective, const mg_mgail_theta *theta,
                                const mg_mgail_batch *batch, mg_mgail_work *work, mg_real *dpolicy);

double mg_mgail_policy_flops(const mg_mgail_objective *objective, int steps, int trajectories);

#endif
