/* Acrobot (Sutton 1996; equations of Sutton and Barto's book) as Gymnasium's
 * classic_control/acrobot.py has it: two links of 1 m and 1 kg hang from a hinge, a torque of -1, 0
 * or 1 N m acts between them; -1 for every step, 0 for the last. State: angle of the first link
 * from hanging, of the second from the first [rad], and their velocities [rad/s]; observation:
 * cosine and sine of each angle, velocities. Terminated when the tip is 1 m above the hinge. */
#ifndef MG_ENVS_ACROBOT_H
#define MG_ENVS_ACROBOT_H

#include "envs/classic/classic_env.h"

extern const mg_classic_task mg_acrobot_v1;

#endif
