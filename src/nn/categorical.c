#include "nn/categorical.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

void mg_gumbel_noise(int B, int K, mg_rng *rng, mg_real *noise) {
  for (size_t i = 0; i < (size_t)B * (size_t)K; i++)
    noise[i] = (mg_real)-log(-log(mg_rng_uniform(rng)));
}

void mg_gumbel_choose(int B, int K, const mg_real *logits, const mg_real *noise, mg_real *choice) {
  assert(K > 0);
  for (int b = 0; b < B; b++, logits += K, noise += K, choice += K) {
    int best = 0;
    for (int k = 1; k < K; k++)
      if (logits[k] + noise[k] > logits[best] + noise[best]) best = k;
    for (int k = 0; k < K; k++) choice[k] = k == best ? 1 : 0;
  }
}

/* log sum exp of a row; the largest is taken out first, so that nothing overflows. */
static double log_sum_exp(int K, const mg_real *row) {
  double largest = (double)row[0], sum = 0;
  for (int k = 1; k < K; k++) largest = (double)row[k] > largest ? (double)row[k] : largest;
  for (int k = 0; k < K; k++) sum += exp((double)row[k] - largest);
  return largest + log(sum);
}

void mg_gumbel_backward(int B, int K, const mg_real *logits, const mg_real *noise,
                        mg_real temperature, const mg_real *dchoice, mg_real *dlogits) {
  assert(temperature > 0);
  for (int b = 0; b < B; b++, logits += K, noise += K, dchoice += K, dlogits += K) {
    for (int k = 0; k < K; k++) dlogits[k] = (logits[k] + noise[k]) / temperature;
    const double total = log_sum_exp(K, dlogits);
    double mean = 0; /* of dchoice under y */
    for (int k = 0; k < K; k++) {
      dlogits[k] = (mg_real)exp((double)dlogits[k] - total);
      mean += (double)dlogits[k] * (double)dchoice[k];
    }
    for (int k = 0; k < K; k++)
      dlogits[k] *= (mg_real)(((double)dchoice[k] - mean) / (double)temperature);
  }
}

void mg_categorical_log_probability(int B, int K, const mg_real *logits, const mg_real *choice,
                                    mg_real *log_probability, mg_real *probabilities) {
  for (int b = 0; b < B; b++) {
    const size_t row = (size_t)b * (size_t)K;
    const mg_real *l = logits + row, *c = choice + row;
    const double total = log_sum_exp(K, l);
    double sum = 0;
    for (int k = 0; k < K; k++) {
      if (c[k] != 0) sum += (double)c[k] * ((double)l[k] - total);
      if (probabilities) probabilities[row + (size_t)k] = (mg_real)exp((double)l[k] - total);
    }
    log_probability[b] = (mg_real)sum;
  }
}

void mg_categorical_log_probability_backward(int B, int K, const mg_real *logits,
                                             const mg_real *choice, const mg_real *dlp,
                                             mg_real *dlogits) {
  for (int b = 0; b < B; b++, logits += K, choice += K, dlogits += K) {
    const double total = log_sum_exp(K, logits);
    for (int k = 0; k < K; k++)
      dlogits[k] = dlp[b] * (choice[k] - (mg_real)exp((double)logits[k] - total));
  }
}

/* H = -sum p log p, dH/dl_k = -p_k (log p_k + H). */
double mg_categorical_entropy(int B, int K, const mg_real *logits, const mg_real *weight,
                              mg_real *dlogits) {
  double sum = 0;
  for (int b = 0; b < B; b++) {
    const mg_real *l = logits + (size_t)b * (size_t)K;
    const double total = log_sum_exp(K, l), w = weight ? (double)weight[b] : 1;
    double entropy = 0;
    for (int k = 0; k < K; k++) {
      const double log_p = (double)l[k] - total;
      entropy -= exp(log_p) * log_p;
    }
    sum += w * entropy;
    if (!dlogits) continue;
    for (int k = 0; k < K; k++) {
      const double log_p = (double)l[k] - total;
      dlogits[(size_t)b * (size_t)K + (size_t)k] -= (mg_real)(w * exp(log_p) * (log_p + entropy));
    }
  }
  return sum;
}
