#include "algo/reward.h"

#include "math/vec.h"

void mg_reward_of(mg_reward_form form, int B, const mg_real *l, mg_real *c, mg_real *dc) {
  const size_t n = (size_t)B;
  switch (form) {
  case MG_REWARD_SOFTPLUS: /* c = softplus(l), c' = sigmoid(l) */
    mg_vec_softplus(n, l, c);
    if (dc) mg_vec_sigmoid(n, l, dc);
    break;
  case MG_REWARD_LOG_D: /* c = l - softplus(l), c' = 1 - sigmoid(l) */
    mg_vec_softplus(n, l, c);
    for (size_t i = 0; i < n; i++) c[i] = l[i] - c[i];
    if (!dc) break;
    mg_vec_sigmoid(n, l, dc);
    for (size_t i = 0; i < n; i++) dc[i] = 1 - dc[i];
    break;
  case MG_REWARD_LOGIT:
    mg_vec_copy(n, l, c);
    if (dc) mg_vec_fill(n, 1, dc);
    break;
  }
}
