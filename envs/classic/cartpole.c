/* CartPole (Barto, Sutton, Anderson 1983) as Gymnasium's classic_control/cartpole.py has it: a pole
 * on a cart that is pushed left or right with 10 N; +1 for every step, the last one included.
 * Observation = state: x [m], x' [m/s], theta [rad], theta' [rad/s]. Terminated when |x| > 2.4 m or
 * |theta| > 12 degrees. v0 ends after 200 steps, v1 after 500. */
#include "envs/classic/classic_env.h"
#include "envs/tasks.h"

#include <math.h>

#define GRAVITY      9.8 /* [m/s^2] */
#define CART_MASS    1.0 /* [kg] */
#define POLE_MASS    0.1 /* [kg] */
#define TOTAL_MASS   (POLE_MASS + CART_MASS)
#define HALF_LENGTH  0.5 /* of the pole [m] */
#define POLE_MOMENT  (POLE_MASS * HALF_LENGTH)
#define FORCE        10.0 /* [N] */
#define TIME_STEP    0.02 /* [s] */
#define PI           3.141592653589793
#define MAX_ANGLE    (12 * 2 * PI / 360) /* [rad] */
#define MAX_POSITION 2.4                 /* [m] */

/* The operations stand in Gymnasium's order: another order rounds differently, and the pole is
 * unstable enough to turn one last bit into another episode. */
static double cartpole_step(const mg_env_arguments *a, double *state, int action,
                            bool *terminated) {
  double x = state[0], x_dot = state[1], theta = state[2], theta_dot = state[3];
  double force = action == 1 ? FORCE : -FORCE;
  double cosine = cos(theta), sine = sin(theta);

  double temp = (force + POLE_MOMENT * (theta_dot * theta_dot) * sine) / TOTAL_MASS;
  double theta_acc = (GRAVITY * sine - cosine * temp) /
                     (HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * (cosine * cosine) / TOTAL_MASS));
  double x_acc = temp - POLE_MOMENT * theta_acc * cosine / TOTAL_MASS;

  /* Explicit Euler: the positions move with the old velocities. */
  state[0] = x + TIME_STEP * x_dot;
  state[1] = x_dot + TIME_STEP * x_acc;
  state[2] = theta + TIME_STEP * theta_dot;
  state[3] = theta_dot + TIME_STEP * theta_acc;

  *terminated = state[0] < -MAX_POSITION || state[0] > MAX_POSITION || state[2] < -MAX_ANGLE ||
                state[2] > MAX_ANGLE;
  if (a->sutton_barto_reward) return *terminated ? -1.0 : 0.0;
  return 1.0;
}

/* Random: 21.0. Expert: the time limit. */
#define CARTPOLE(STEPS)                                                                            \
  {                                                                                                \
    .state_size = 4, .observation_size = 4, .num_actions = 2, .dt = TIME_STEP,                     \
    .reset_low = {-0.05, -0.05, -0.05, -0.05}, .reset_high = {0.05, 0.05, 0.05, 0.05},             \
    .step = cartpole_step, .random_return = 21.0, .reference_return = (STEPS),                     \
    .takes = "sutton_barto_reward max_episode_steps", .defaults = {.max_episode_steps = (STEPS)},  \
  }

const mg_classic_task mg_cartpole_v0 = CARTPOLE(200);
const mg_classic_task mg_cartpole_v1 = CARTPOLE(500);
