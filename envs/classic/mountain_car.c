/* MountainCar (Moore 1990) as Gymnasium's classic_control/mountain_car.py has it: a weak car in a
 * valley, pushed left, not at all, or right; -1 for every step. Observation = state: position
 * -1.2..0.6, velocity -0.07..0.07. Terminated at position 0.5 with at least goal_velocity.
 *
 * Its potential (mg_env_potential) is the car's mechanical energy, -1 at rest on the valley's floor
 * and 0 at rest at the goal: who has the energy only needs to roll. */
#include "envs/classic/classic_env.h"
#include "envs/tasks.h"

#include <math.h>

#define LEFTMOST  (-1.2)
#define RIGHTMOST 0.6
#define GOAL      0.5
#define MAX_SPEED 0.07
#define FORCE     0.001
#define GRAVITY   0.0025

static double mountain_car_step(const mg_env_arguments *a, double *state, int action,
                                bool *terminated) {
  double position = state[0], velocity = state[1];
  velocity += (action - 1) * FORCE + cos(3 * position) * -GRAVITY;
  velocity = mg_clip(velocity, -MAX_SPEED, MAX_SPEED);
  position = mg_clip(position + velocity, LEFTMOST, RIGHTMOST);
  if (position == LEFTMOST && velocity < 0) velocity = 0;
  state[0] = position;
  state[1] = velocity;
  *terminated = position >= GOAL && velocity >= a->goal_velocity;
  return -1.0;
}

/* The height is sin(3 position) and gravity's pull GRAVITY cos(3 position), so that coasting keeps
 * velocity^2/2 + GRAVITY/3 sin(3 position). */
static double energy(double position, double velocity) {
  return velocity * velocity / 2 + GRAVITY / 3 * sin(3 * position);
}

/* -1 at rest on the valley's floor, 0 at rest at the goal. */
static double mountain_car_potential(const double *state) {
  double goal = energy(GOAL, 0), least = -GRAVITY / 3;
  return (energy(state[0], state[1]) - goal) / (goal - least);
}

/* Random: the time limit. Expert: the stochastic policy that the authors of GAIL published. */
const mg_classic_task mg_mountain_car_v0 = {
    .state_size = 2,
    .observation_size = 2,
    .num_actions = 3,
    .reset_low = {-0.6, 0},
    .reset_high = {-0.4, 0},
    .step = mountain_car_step,
    .potential = mountain_car_potential,
    .takes = "goal_velocity max_episode_steps",
    .defaults = {.goal_velocity = 0, .max_episode_steps = 200},
    .random_return = -200,
    .reference_return = -98.4,
};
