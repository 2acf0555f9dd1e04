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

/* Returns of actions that another policy may have taken, Retrace(lambda) (Munos et al. 2016), for Q(x, a):
 *   G_t = r_t + gamma [ Q(x_{t+1}, pi) + lambda c_{t+1} ( G_{t+1} - Q(x_{t+1}, a_{t+1}) ) ],
 * next_value [H,N] is Q(x_{t+1}, pi), taken_value [H,N] Q(x_t, a_t) of the action taken, trace [H,N] c_t
 * in [0,1]: how far what followed that action still tells of the policy. */
void mg_returns_retrace(int H, int N, const mg_real *reward, const mg_real *next_value,
                        const mg_real *taken_value, const mg_real *trace, const uint8_t *terminated,
                        const uint8_t *truncated, double gamma, double lambda, mg_real *returns);

/* Generalised advantages (Schulman et al. 2016): A_t = G_t - V(x_t) with the same lambda. */
void mg_returns_gae(int H, int N, const mg_real *reward, const mg_real *value,
                    const mg_real *next_value, const uint8_t *terminated, const uint8_t *truncated,
                    double gamma, double lambda, mg_real *advantage);

#endif
