#include "rollout/returns.h"

#include <stdbool.h>
#include <stddef.h>

void mg_returns_td_lambda(int H, int N, const mg_real *reward, const mg_real *next_value,
                          const uint8_t *terminated, const uint8_t *truncated, double gamma,
                          double lambda, mg_real *returns) {
  for (int t = H - 1; t >= 0; t--) {
    for (int n = 0; n < N; n++) {
      size_t i = (size_t)t * (size_t)N + (size_t)n;
      /* What follows the step: nothing, the bootstrap alone, or its mixture with G_{t+1}. */
      double future = next_value[i];
      if (terminated[i])
        future = 0;
      else if (!truncated[i] && t + 1 < H)
        future = (1 - lambda) * future + lambda * (double)returns[i + (size_t)N];
      returns[i] = (mg_real)((double)reward[i] + gamma * future);
    }
  }
}

void mg_returns_retrace(int H, int N, const mg_real *reward, const mg_real *next_value,
                        const mg_real *taken_value, const mg_real *trace, const uint8_t *terminated,
                        const uint8_t *truncated, double gamma, double lambda, mg_real *returns) {
  for (int t = H - 1; t >= 0; t--) {
    for (int n = 0; n < N; n++) {
      const size_t i = (size_t)t * (size_t)N + (size_t)n, j = i + (size_t)N;
      double future = terminated[i] ? 0 : (double)next_value[i];
      if (!terminated[i] && !truncated[i] && t + 1 < H)
        future += lambda * (double)trace[j] * ((double)returns[j] - (double)taken_value[j]);
      returns[i] = (mg_real)((double)reward[i] + gamma * future);
    }
  }
}

void mg_returns_gae(int H, int N, const mg_real *reward, const mg_real *value,
                    const mg_real *next_value, const uint8_t *terminated, const uint8_t *truncated,
                    double gamma, double lambda, mg_real *advantage) {
  for (int t = H - 1; t >= 0; t--) {
    for (int n = 0; n < N; n++) {
      size_t i = (size_t)t * (size_t)N + (size_t)n;
      double bootstrap = terminated[i] ? 0 : (double)next_value[i];
      double delta = (double)reward[i] + gamma * bootstrap - (double)value[i];
      bool goes_on = !terminated[i] && !truncated[i] && t + 1 < H;
      double later = goes_on ? (double)advantage[i + (size_t)N] : 0;
      advantage[i] = (mg_real)(delta + gamma * lambda * later);
    }
  }
}
