/* Returns and advantages over a segment. Arrays [H,N], time-major.
 *
 * value [H,N] is V(x_t), next_value [H,N] is V(x_{t+1}) of the true next observation. After a
 * termination the next value counts 0; at a time limit (truncated, not terminated) and at the
 * segment's end it bootstraps; neither passes anything back across the episode's end. */
#ifndef MG_ROLLOUT_RETURNS_H
#define MG_ROLLOUT_RETURNS_H

#include "math/real.h"

#include <stdint.h>

/* TD(lambda) returns: G_t = r_t + gamma [ (1-lambda) V(x_{t+1}) + lambda G_{t+1} ]. */
void mg_returns_td_lambda(int H, int N, const mg_real *reward, const mg_real *next_value,
                          const uint8_t *terminated, const uint8_t *truncated, double gamma,
                          double lambda, mg_real *returns);

/* Generalised advantages (Schulman et al. 2016): A_t = G_t - V(x_t) with the same lambda. */
void mg_returns_gae(int H, int N, const mg_real *reward, const mg_real *value,
                    const mg_real *next_value, const uint8_t *terminated, const uint8_t *truncated,
                    double gamma, double lambda, mg_real *advantage);

#endif
