/* Products of small matrices by kernels that are made at run time for one shape and this processor
 * (LIBXSMM): those of networks and minibatches, which a general matrix product does at half its rate
 * or less, or with instructions of an older processor than this one.
 *
 * Same contracts as in math/blas.h. False: no such kernel here (a build without the library, another
 * architecture, a shape that is not small), and nothing was computed. The kernels of a shape are
 * made when it is first seen and kept by the library; the same processor gives the same bits. */
#ifndef MG_MATH_KERNELS_H
#define MG_MATH_KERNELS_H

#include "math/real.h"

#include <stdbool.h>

/* To be called once at start-up. */
void mg_kernels_init(void);

/* "LIBXSMM 1.17 for clx", or "" without. */
const char *mg_kernels_describe(void);

bool mg_kernel_nn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C);
bool mg_kernel_nt(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C);
bool mg_kernel_tn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C);

#endif
