/* Categorical head over K choices, and its straight-through Gumbel-softmax relaxation (Jang et al.
 * 2017). Rows of logits, noise, one-hot choices are [B,K]. */
#ifndef MG_NN_CATEGORICAL_H
#define MG_NN_CATEGORICAL_H

#include "base/rng.h"
#include "math/real.h"

/* noise <- B*K standard Gumbel samples, -log(-log u). */
void mg_gumbel_noise(int B, int K, mg_rng *rng, mg_real *noise);

/* choice [B,K] <- one-hot of argmax(logits + noise): a sample of softmax(logits). noise Nullable:
 * the most probable. The first of equal maxima. */
void mg_gumbel_choose(int B, int K, const mg_real *logits, const mg_real *noise, mg_real *choice);

/* Straight-through backward: forward was one-hot, backward is that of
 * y = softmax((logits + noise)/temperature). dlogits [B,K] <- (dy/dlogits)^T dchoice. */
void mg_gumbel_backward(int B, int K, const mg_real *logits, const mg_real *noise,
                        mg_real temperature, const mg_real *dchoice, mg_real *dlogits);

/* log_probability [B] of one-hot choices. */
void mg_categorical_log_probability(int B, int K, const mg_real *logits, const mg_real *choice,
                                    mg_real *log_probability);

/* dlogits [B,K] <- dlp * (choice - softmax(logits)). */
void mg_categorical_log_probability_backward(int B, int K, const mg_real *logits,
                                             const mg_real *choice, const mg_real *dlp,
                                             mg_real *dlogits);

/* Sum over rows of weight_b H(softmax(logits_b)), and dlogits += its gradient (Nullable).
 * weight [B] Nullable: all 1. */
double mg_categorical_entropy(int B, int K, const mg_real *logits, const mg_real *weight,
                              mg_real *dlogits);

#endif
