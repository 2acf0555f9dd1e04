/* Compares a gradient with central differences of the objective, entry by entry. For libraries
 * compiled with mg_real = double only: in float the differences are noise. */
#ifndef MG_TESTS_GRADIENT_CHECK_H
#define MG_TESTS_GRADIENT_CHECK_H

#include "math/real.h"

#include <stddef.h>

/* The objective at the present values of whatever x points to. */
typedef double (*gradient_objective)(void *context);

typedef struct gradient_report {
  double worst; /* signed relative error of largest magnitude; +-2 for a flipped sign */
  size_t index; /* where */
  double claimed, measured;
} gradient_report;

/* x [n] is what the objective is differentiated by: moved entry by entry and put back bit for bit.
 * claimed [n] is the gradient under test. The error of an entry is
 *
 *   (claimed - measured) / max(|claimed|, |measured|, 1e-5 max |measured|, 1e-9)
 *
 * with fourth-order differences, step 1e-4: accurate to about 1e-8 for well-scaled objectives.
 * A NaN anywhere is an infinite error. */
gradient_report gradient_check(gradient_objective objective, void *context, size_t n, mg_real *x,
                               const mg_real *claimed);

/* 1 if no entry is off by `tolerance` or more; otherwise prints the worst under the name `what`. */
int gradient_agrees(const char *what, gradient_report report, double tolerance);

#endif
