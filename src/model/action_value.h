/* The value of a pair, Q(x, a~): two networks of one output, fitted to the same targets, of which the least
 * counts (Fujimoto, van Hoof, Meger 2018). What one of them overrates for want of data a policy that
 * follows its slope would find; the other has seldom erred there in the same way.
 *
 * Pairs are rows [x, .., a~] of `width` entries. theta is both networks, one after the other. */
#ifndef MG_MODEL_ACTION_VALUE_H
#define MG_MODEL_ACTION_VALUE_H

#include "nn/mlp.h"

enum { MG_ACTION_VALUES = 2 };

/* One of the two. */
mg_mlp mg_action_value_make(int width, int hidden_layers, const int *hidden, mg_activation f);

/* Parameters of both. */
size_t mg_action_value_size(const mg_mlp *net);

/* As mg_value_init, each for itself. */
void mg_action_value_init(const mg_mlp *net, mg_rng *rng, mg_real *theta);

typedef struct mg_action_value_work {
  mg_mlp_tape tape[MG_ACTION_VALUES];
  mg_real *q[MG_ACTION_VALUES]; /* [rows] */
  mg_real *dq;                  /* [rows] of one of them */
  mg_real *dxa;                 /* [rows,width] through the second */
} mg_action_value_work;

/* For up to so many rows, from the arena. Ask mg_arena_status afterwards. */
mg_action_value_work mg_action_value_work_make(const mg_mlp *net, int rows, mg_arena *arena);

/* q [B] <- the least of the two at xa [B,width]. */
void mg_action_value_least(const mg_mlp *net, int B, const mg_real *theta, const mg_real *xa,
                           mg_action_value_work *work, mg_real *q);

/* dxa [B,width] <- from dq [B] by the least of the two, of the rows that mg_action_value_least saw last. */
void mg_action_value_backward_input(const mg_mlp *net, int B, const mg_real *theta,
                                    mg_action_value_work *work, const mg_real *dq, mg_real *dxa);

/* Loss: the sum over both of mean_B (Q(x, a~) - target)^2; dtheta += its gradient. `out` is scratch
 * [2B]. Returns the loss. */
double mg_action_value_gradient(const mg_mlp *net, int B, const mg_real *theta, const mg_real *xa,
                                const mg_real *target, mg_mlp_tape *tape, mg_real *out,
                                mg_real *dtheta);

#endif
