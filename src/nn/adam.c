#include "nn/adam.h"

#include "math/elementary.h"
#include "math/vec.h"

#include <assert.h>

mg_adam mg_adam_of(size_t n) {
  return (mg_adam){.n = n, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
}

double mg_adam_step(mg_adam *adam, double rate, mg_real *gradient, mg_real *theta) {
  assert(rate >= 0);
  const double norm = mg_vec_norm(adam->n, gradient);
  if (!isfinite(norm)) return norm;
  if (adam->clip > 0 && norm > adam->clip)
    mg_vec_scale(adam->n, (mg_real)(adam->clip / norm), gradient);

  adam->steps++;
  const mg_real b1 = (mg_real)adam->beta1, one_minus_b1 = (mg_real)(1 - adam->beta1);
  const mg_real b2 = (mg_real)adam->beta2, one_minus_b2 = (mg_real)(1 - adam->beta2);
  const mg_real unbias1 = (mg_real)(1 / (1 - pow(adam->beta1, (double)adam->steps)));
  const mg_real unbias2 = (mg_real)(1 / (1 - pow(adam->beta2, (double)adam->steps)));
  const mg_real epsilon = (mg_real)adam->epsilon, step = (mg_real)rate;
  const mg_real decay = (mg_real)(rate * adam->weight_decay);
  mg_real *restrict m = adam->m, *restrict v = adam->v, *restrict t = theta;
  const mg_real *restrict g = gradient;
  for (size_t i = 0; i < adam->n; i++) {
    m[i] = b1 * m[i] + one_minus_b1 * g[i];
    v[i] = b2 * v[i] + one_minus_b2 * (g[i] * g[i]);
    const mg_real direction = m[i] * unbias1 / (mg_one_sqrt(v[i] * unbias2) + epsilon);
    t[i] -= step * direction + decay * t[i];
  }
  return norm;
}
