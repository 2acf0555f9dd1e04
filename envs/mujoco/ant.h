/* Ant (Schulman et al. 2015) as Gymnasium's mujoco/ant_v4.py and ant_v5.py have it: a torso on four
 * legs, 8 torques; faster along x is better. v5 against v4: contact forces of all bodies but the
 * world are observed, and those of all are charged for (v4: only with use_contact_forces, and then
 * the world's are observed too); no alive bonus on the step that terminates. */
#ifndef MG_ENVS_ANT_H
#define MG_ENVS_ANT_H

#include "envs/mujoco/mujoco_env.h"

extern const mg_mujoco_task mg_ant_v4, mg_ant_v5;

#endif
