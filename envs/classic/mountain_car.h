/* MountainCar (Moore 1990) as Gymnasium's classic_control/mountain_car.py has it: a weak car in a
 * valley, pushed left, not at all, or right; -1 for every step. Observation = state: position
 * -1.2..0.6, velocity -0.07..0.07. Terminated at position 0.5 with at least goal_velocity.
 *
 * Its potential (mg_env_potential) is the car's mechanical energy, -1 at rest on the valley's floor
 * and 0 at rest at the goal: who has the energy only needs to roll. */
#ifndef MG_ENVS_MOUNTAIN_CAR_H
#define MG_ENVS_MOUNTAIN_CAR_H

#include "envs/classic/classic_env.h"

extern const mg_classic_task mg_mountain_car_v0;

#endif
