/* Walker2d (Erez, Tassa, Todorov 2011) as Gymnasium's mujoco/walker2d_v4.py and walker2d_v5.py have
 * it: a two-legged robot in the plane, 6 torques; faster is better. v5: both feet have friction 1.9
 * (v4: right 0.9), and no alive bonus on the step that terminates. */
#ifndef MG_ENVS_WALKER2D_H
#define MG_ENVS_WALKER2D_H

#include "envs/mujoco/mujoco_env.h"

extern const mg_mujoco_task mg_walker2d_v4, mg_walker2d_v5;

#endif
