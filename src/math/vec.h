/* Element-wise loops over contiguous arrays, written so that the compiler vectorises them, and
 * statistics in double. Arrays may not overlap unless they are the same array. */
#ifndef MG_MATH_VEC_H
#define MG_MATH_VEC_H

#include "math/real.h"

#include <stddef.h>

/* y_i <- f(x_i); y may be x. In float the relative error is below 4 ulp over the whole range. */
void mg_vec_exp(size_t n, const mg_real *x, mg_real *y);
void mg_vec_tanh(size_t n, const mg_real *x, mg_real *y);
void mg_vec_sigmoid(size_t n, const mg_real *x, mg_real *y);
/* log(1 + e^x) without overflow. */
void mg_vec_softplus(size_t n, const mg_real *x, mg_real *y);

void mg_vec_fill(size_t n, mg_real value, mg_real *y);
void mg_vec_copy(size_t n, const mg_real *x, mg_real *y);
/* y += a x */
void mg_vec_axpy(size_t n, mg_real a, const mg_real *x, mg_real *y);
void mg_vec_scale(size_t n, mg_real a, mg_real *x);

/* Reductions, accumulated in double in a fixed order. */
double mg_vec_sum(size_t n, const mg_real *x);
double mg_vec_dot(size_t n, const mg_real *x, const mg_real *y);
double mg_vec_norm(size_t n, const mg_real *x); /* Euclidean */

/* 1 if every entry is finite. */
int mg_vec_all_finite(size_t n, const mg_real *x);

/* b [O] += column sums of x [B,O]. */
void mg_vec_add_column_sums(int B, int O, const mg_real *x, mg_real *b);

#endif
