/* Conjugate gradients (Hestenes, Stiefel 1952) for F x = b, where F is symmetric and positive
 * definite and known by its products alone.
 *
 * Vectors are [n]; sums are taken in double in a fixed order, so that ranks that get the same
 * products take the same steps to the last bit. */
#ifndef MG_MATH_CONJUGATE_GRADIENT_H
#define MG_MATH_CONJUGATE_GRADIENT_H

#include "math/real.h"

#include <stddef.h>

/* Fv [n] <- F v [n]. */
typedef void (*mg_product)(void *context, const mg_real *v, mg_real *Fv);

/* x [n] <- the solution after `iterations` steps from 0, or earlier when |b - F x| falls below
 * tolerance |b|, or where v . F v is not positive (then x is the last sound one). scratch [3n].
 * Returns |b - F x| / |b|, as the recursion has it; 0 if b is 0. */
double mg_conjugate_gradient(size_t n, mg_product product, void *context, const mg_real *b,
                             int iterations, double tolerance, mg_real *x, mg_real *scratch);

#endif
