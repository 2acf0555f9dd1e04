#include "envs/classic/mountain_car.h"

#include <math.h>
#include <string.h>

#define LEFTMOST  (-1.2)
#define RIGHTMOST 0.6
#define GOAL      0.5
#define MAX_SPEED 0.07
#define FORCE     0.001
#define GRAVITY   0.0025

/* As np.clip: NaN stays NaN. */
static double clip(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

static double mountain_car_step(const mg_env_arguments *a, double *state, int action,
                                bool *terminated) {
  double position = state[0], velocity = state[1];
  velocity += (action - 1) * FORCE + cos(3 * position) * -GRAVITY;
  velocity = clip(velocity, -MAX_SPEED, MAX_SPEED);
  position = clip(position + velocity, LEFTMOST, RIGHTMOST);
  if (position == LEFTMOST && velocity < 0) velocity = 0;
  state[0] = position;
  state[1] = velocity;
  *terminated = position >= GOAL && velocity >= a->goal_velocity;
  return -1.0;
}

static void mountain_car_observe(const double *state, double *observation) {
  memcpy(observation, state, 2 * sizeof(double));
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
    .observe = mountain_car_observe,
    .potential = mountain_car_potential,
    .takes = "goal_velocity max_episode_steps",
    .defaults = {.goal_velocity = 0, .max_episode_steps = 200},
    .random_return = -200,
    .expert_return = -98.4,
};
