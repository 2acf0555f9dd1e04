/* Hopper (Erez, Tassa, Todorov 2011) as Gymnasium's mujoco/hopper_v4.py and hopper_v5.py have it: a
 * one-legged robot in the plane, 3 torques; faster is better. v5 differs from v4 in one point: no
 * alive bonus on the step that terminates. */
#ifndef MG_ENVS_HOPPER_H
#define MG_ENVS_HOPPER_H

#include "envs/mujoco/mujoco_env.h"

extern const mg_mujoco_task mg_hopper_v4, mg_hopper_v5;

#endif
