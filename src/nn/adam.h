/* Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019) and clipping
 * of the gradient's global norm:
 *
 *   g <- g * min(1, clip / |g|)       m <- b1 m + (1-b1) g       v <- b2 v + (1-b2) g^2
 *   theta <- theta - rate * (m^ / (sqrt(v^) + eps) + decay * theta),   m^, v^ bias-corrected. */
#ifndef MG_NN_ADAM_H
#define MG_NN_ADAM_H

#include "math/real.h"

#include <stddef.h>
#include <stdint.h>

typedef struct mg_adam {
  size_t n;
  mg_real *m, *v; /* [n] moments */
  int64_t steps;
  double beta1, beta2, epsilon;
  double weight_decay; /* 0: none */
  double clip;         /* largest global norm; 0: none */
} mg_adam;

/* b1 .9, b2 .999, eps 1e-8, no decay, no clipping. The moments are the caller's to set, 0 at first. */
mg_adam mg_adam_of(size_t n);

/* One descent step on theta [n] along gradient [n] (which is scaled in place when clipped). Returns
 * the gradient's norm before clipping. A non-finite gradient leaves theta and moments untouched;
 * the returned norm is then not finite. */
double mg_adam_step(mg_adam *adam, double rate, mg_real *gradient, mg_real *theta);

#endif
