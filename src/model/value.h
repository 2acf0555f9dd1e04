/* The value V(x): an MLP with one output, fitted to returns by least squares. */
#ifndef MG_MODEL_VALUE_H
#define MG_MODEL_VALUE_H

#include "base/named.h"
#include "nn/mlp.h"

/* V(x) here, or Q(x, a~) of model/action_value.h. Enumerator, name in configuration files. */
#define MG_VALUE_LIST(X)                                                                           \
  X(MG_VALUE_V, "v")                                                                               \
  X(MG_VALUE_Q, "q")

typedef enum mg_value_kind { MG_VALUE_LIST(MG_NAMED_ENUM) } mg_value_kind;

mg_mlp mg_value_make(int state_size, int hidden_layers, const int *hidden, mg_activation f);

/* Normal initialisation, the last layer's weights times 0.1. */
void mg_value_init(const mg_mlp *net, mg_rng *rng, mg_real *theta);

/* Loss mean_B (V(x) - target)^2; dtheta += its gradient. x [B,S], target [B]. `out` is scratch
 * [2B]. Returns the loss. */
double mg_value_gradient(const mg_mlp *net, int B, const mg_real *theta, const mg_real *x,
                         const mg_real *target, mg_mlp_tape *tape, mg_real *out, mg_real *dtheta);

#endif
