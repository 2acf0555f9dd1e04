/* Dense products with checked shapes, row-major throughout: by loops where one side is a single
 * one (narrow.h), by kernels made for the shape where there are any (kernels.h), by those loops again
 * where a side is narrow, else by OpenBLAS. */
#ifndef MG_MATH_BLAS_H
#define MG_MATH_BLAS_H

#include "base/status.h"
#include "math/real.h"

/* One thread a rank: call once at start-up (OpenBLAS would otherwise start one a core). */
void mg_blas_init(void);

/* Has OpenBLAS take the memory that it works in, once and for all: refused later, it would ask for it
 * again without end. MG_ERR_MEMORY. To be called before the first product of whoever computes many. */
mg_status mg_blas_reserve(void);

/* Name of the kernel set OpenBLAS chose, e.g. "SkylakeX": the same name gives the same bits. */
const char *mg_blas_core(void);

/* C [M,N] <- A [M,K] B [K,N] + beta C; beta is 0 or 1. */
void mg_matmul_nn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C);

/* C [M,N] <- A [M,K] B^T, B [N,K]; + beta C. */
void mg_matmul_nt(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C);

/* C [M,N] <- A^T B, A [K,M], B [K,N]; + beta C. */
void mg_matmul_tn(int M, int N, int K, const mg_real *A, const mg_real *B, mg_real beta,
                  mg_real *C);

/* Any of the three by OpenBLAS alone, for comparison. M, N, K > 0. */
typedef enum mg_product { MG_PRODUCT_NN, MG_PRODUCT_NT, MG_PRODUCT_TN } mg_product;
void mg_matmul_library(mg_product which, int M, int N, int K, const mg_real *A, const mg_real *B,
                       mg_real beta, mg_real *C);

/* Floating-point operations of a product of these sizes, 2MNK. */
double mg_matmul_flops(int M, int N, int K);

#endif
