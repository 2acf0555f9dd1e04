/* Humanoid (Tassa, Erez, Todorov 2012) as Gymnasium's mujoco/humanoid_v4.py and humanoid_v5.py have
 * it: a body on two legs with two arms, 17 torques; faster along x is better. v5 against v4: the
 * world's rows, and the root's six zeros among the actuators' forces, are left out of the
 * observation; contact forces are charged for; no alive bonus on the step that terminates. */
#ifndef MG_ENVS_HUMANOID_H
#define MG_ENVS_HUMANOID_H

#include "envs/mujoco/mujoco_env.h"

extern const mg_mujoco_task mg_humanoid_v4, mg_humanoid_v5;

#endif
