/* CartPole (Barto, Sutton, Anderson 1983) as Gymnasium's classic_control/cartpole.py has it: a pole
 * on a cart that is pushed left or right with 10 N; +1 for every step, the last one included.
 * Observation = state: x [m], x' [m/s], theta [rad], theta' [rad/s]. Terminated when |x| > 2.4 m or
 * |theta| > 12 degrees. v0 ends after 200 steps, v1 after 500. */
#ifndef MG_ENVS_CARTPOLE_H
#define MG_ENVS_CARTPOLE_H

#include "envs/classic/classic_env.h"

extern const mg_classic_task mg_cartpole_v0, mg_cartpole_v1;

#endif
