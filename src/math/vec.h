/* Element-wise loops over contiguous arrays, written so that the compiler vectorises them, and
 * statistics in double. Arrays may not overlap unless they are the same array. */
#ifndef MG_MATH_VEC_H
#define MG_MATH_VEC_H

#include "math/real.h"

#include <stddef.h>

/* y_i <- f(x_i); y may be x. In float the relative error is below 4 ulp over the whole range. */
void mg_vec_tanh(size_t n, const mg_real *x, mg_real *y);
void mg_vec_sigmoid(size_t n, const mg_real *x, mg_real *y);
/* log(1 + e^x) without overflow. */
void mg_vec_softplus(size_t n, const mg_real *x, mg_real *y);

void mg_vec_fill(size_t n, mg_real value, mg_real *y);
void mg_vec_copy(size_t n, const mg_real *x, mg_real *y);
/* y += a x */
void mg_vec_axpy(size_t n, mg_real a, const mg_real *x, mg_real *y);
void mg_vec_scale(size_t n, mg_real a, mg_real *x);
/* y += t (x - y): a share t of the way to x, as running averages go. */
void mg_vec_track(size_t n, mg_real t, const mg_real *x, mg_real *y);
/* y_i <- e^x_i / sum_j e^x_j, in double; y may be x. n >= 1. */
void mg_vec_softmax(size_t n, const mg_real *x, mg_real *y);

/* Reductions, accumulated in double in a fixed order. */
double mg_vec_sum(size_t n, const mg_real *x);
double mg_vec_dot(size_t n, const mg_real *x, const mg_real *y);
double mg_vec_norm(size_t n, const mg_real *x); /* Euclidean */

/* log sum e^x_i, n >= 1; the largest is taken out first, so that nothing overflows. */
double mg_vec_log_sum_exp(size_t n, const mg_real *x);

/* Index of the largest entry, the first of equal ones; n >= 1. */
size_t mg_vec_argmax(size_t n, const mg_real *x);

/* 1 if every entry is finite. */
int mg_vec_all_finite(size_t n, const mg_real *x);

/* b [O] += column sums of x [B,O]. */
void mg_vec_add_column_sums(int B, int O, const mg_real *x, mg_real *b);

#endif
