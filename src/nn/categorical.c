#include "nn/categorical.h"

#include "math/vec.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

void mg_gumbel_noise(int B, int K, mg_rng *rng, mg_real *noise) {
  for (size_t i = 0; i < (size_t)B * (size_t)K; i++)
    noise[i] = (mg_real)-log(-log(mg_rng_uniform(rng)));
}

void mg_gumbel_choose(int B, int K, const mg_real *logits, const mg_real *noise, mg_real *choice) {
  assert(K > 0);
  mg_vec_copy((size_t)B * (size_t)K, logits, choice);
  if (noise) mg_vec_axpy((size_t)B * (size_t)K, 1, noise, choice);
  for (int b = 0; b < B; b++, choice += K) {
    const int best = (int)mg_vec_argmax((size_t)K, choice);
    for (int k = 0; k < K; k++) choice[k] = k == best ? 1 : 0;
  }
}

void mg_gumbel_backward(int B, int K, const mg_real *logits, const mg_real *noise,
                        mg_real temperature, const mg_real *dchoice, mg_real *dlogits) {
  assert(temperature > 0);
  for (int b = 0; b < B; b++, logits += K, noise += K, dchoice += K, dlogits += K) {
    for (int k = 0; k < K; k++) dlogits[k] = (logits[k] + noise[k]) / temperature;
    mg_vec_softmax((size_t)K, dlogits, dlogits);
    double mean = 0; /* of dchoice under y */
    for (int k = 0; k < K; k++) mean += (double)dlogits[k] * (double)dchoice[k];
    for (int k = 0; k < K; k++)
      dlogits[k] *= (mg_real)(((double)dchoice[k] - mean) / (double)temperature);
  }
}

void mg_categorical_log_probability(int B, int K, const mg_real *logits, const mg_real *choice,
                                    mg_real *log_probability) {
  for (int b = 0; b < B; b++, logits += K, choice += K) {
    const double total = mg_vec_log_sum_exp((size_t)K, logits);
    double sum = 0;
    for (int k = 0; k < K; k++)
      if (choice[k] != 0) sum += (double)choice[k] * ((double)logits[k] - total);
    log_probability[b] = (mg_real)sum;
  }
}

void mg_categorical_log_probability_backward(int B, int K, const mg_real *logits,
                                             const mg_real *choice, const mg_real *dlp,
                                             mg_real *dlogits) {
  for (int b = 0; b < B; b++, logits += K, choice += K, dlogits += K) {
    mg_vec_softmax((size_t)K, logits, dlogits);
    for (int k = 0; k < K; k++) dlogits[k] = dlp[b] * (choice[k] - dlogits[k]);
  }
}

/* H = -sum p log p, dH/dl_k = -p_k (log p_k + H). */
double mg_categorical_entropy(int B, int K, const mg_real *logits, const mg_real *weight,
                              mg_real *dlogits) {
  double sum = 0;
  for (int b = 0; b < B; b++) {
    const mg_real *l = logits + (size_t)b * (size_t)K;
    const double total = mg_vec_log_sum_exp((size_t)K, l), w = weight ? (double)weight[b] : 1;
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
