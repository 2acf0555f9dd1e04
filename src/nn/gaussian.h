/* Diagonal Gaussian head: a = mean + exp(log_sigma) xi, log_sigma [A] the same in every state.
 * Rows of mean, a, xi are [B,A]. */
#ifndef MG_NN_GAUSSIAN_H
#define MG_NN_GAUSSIAN_H

#include "math/real.h"

/* a <- mean + sigma xi */
void mg_gaussian_sample(int B, int A, const mg_real *mean, const mg_real *log_sigma,
                        const mg_real *xi, mg_real *a);

/* Gradient through a with xi fixed: dlog_sigma [A] += sum_B da * (a - mean); the gradient with
 * respect to mean is da itself. */
void mg_gaussian_sample_backward(int B, int A, const mg_real *mean, const mg_real *a,
                                 const mg_real *da, mg_real *dlog_sigma);

/* log_probability [B] <- log N(a; mean, sigma) */
void mg_gaussian_log_probability(int B, int A, const mg_real *mean, const mg_real *log_sigma,
                                 const mg_real *a, mg_real *log_probability);

/* With dlp [B] = dL/d log_probability: dmean [B,A] <-, dlog_sigma [A] +=. */
void mg_gaussian_log_probability_backward(int B, int A, const mg_real *mean,
                                          const mg_real *log_sigma, const mg_real *a,
                                          const mg_real *dlp, mg_real *dmean, mg_real *dlog_sigma);

/* Entropy of one row, sum_A (log_sigma + log(2 pi e)/2); its gradient is 1 for each log_sigma. */
double mg_gaussian_entropy(int A, const mg_real *log_sigma);

#endif
