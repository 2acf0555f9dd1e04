/* Products with one side of 1 to MG_NARROW, which a general matrix product does at a fifth of its
 * rate or less: the output layers of values, discriminators and policies. Same contracts as in
 * math/blas.h, but that there are terms (K >= 1); the order of additions does not depend on the
 * arrays' alignment. */
#ifndef MG_MATH_NARROW_H
#define MG_MATH_NARROW_H

#include "math/real.h"

enum { MG_NARROW = 4 };

void mg_narrow_nn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C); /* K narrow */
void mg_narrow_nt(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C); /* N narrow */
void mg_narrow_tn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C); /* M narrow */

#endif
