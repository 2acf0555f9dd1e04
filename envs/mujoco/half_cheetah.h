/* HalfCheetah (Wawrzynski 2009) as Gymnasium's mujoco/half_cheetah_v4.py and half_cheetah_v5.py
 * have it: a two-legged robot in the plane, 6 torques, that never falls ill; faster is better. v4
 * and v5 are the same. */
#ifndef MG_ENVS_HALF_CHEETAH_H
#define MG_ENVS_HALF_CHEETAH_H

#include "envs/mujoco/mujoco_env.h"

extern const mg_mujoco_task mg_half_cheetah_v4, mg_half_cheetah_v5;

#endif
