/* Acrobot (Sutton 1996; equations of Sutton and Barto's book) as Gymnasium's
 * classic_control/acrobot.py has it: two links of 1 m and 1 kg hang from a hinge, a torque of -1, 0
 * or 1 N m acts between them; -1 for every step, 0 for the last. State: angle of the first link
 * from hanging, of the second from the first [rad], and their velocities [rad/s]; observation:
 * cosine and sine of each angle, velocities. Terminated when the tip is 1 m above the hinge. */
#include "envs/classic/classic_env.h"
#include "envs/tasks.h"

#include <math.h>

/* Both links alike: length 1 m, mass 1 kg, centre of mass at half the length, moment 1 kg m^2. */
#define LENGTH      1.0
#define MASS        1.0
#define CENTRE      0.5
#define MOMENT      1.0
#define GRAVITY     9.8 /* [m/s^2] */
#define TIME_STEP   0.2 /* [s] */
#define PI          3.141592653589793
#define MAX_SPEED_1 (4 * PI) /* [rad/s] */
#define MAX_SPEED_2 (9 * PI)

enum { N = 4 };

/* By the library's pow, as Gymnasium takes it: one result in a thousand is one bit off x * x. (The
 * file is compiled so that the compiler does not make it x * x.) */
static double square(double x) {
  return pow(x, 2.0);
}

/* rate [N] <- d/dt of s [N] under a torque, the operations in Gymnasium's order. */
static void derivative(const double *s, double torque, double *rate) {
  double theta1 = s[0], theta2 = s[1], speed1 = s[2], speed2 = s[3];
  double cosine = cos(theta2), sine = sin(theta2);
  double d1 = MASS * (CENTRE * CENTRE) +
              MASS * (LENGTH * LENGTH + CENTRE * CENTRE + 2 * LENGTH * CENTRE * cosine) + MOMENT +
              MOMENT;
  double d2 = MASS * (CENTRE * CENTRE + LENGTH * CENTRE * cosine) + MOMENT;
  double phi2 = MASS * CENTRE * GRAVITY * cos(theta1 + theta2 - PI / 2.0);
  double phi1 = -MASS * LENGTH * CENTRE * square(speed2) * sine -
                2 * MASS * LENGTH * CENTRE * speed2 * speed1 * sine +
                (MASS * CENTRE + MASS * LENGTH) * GRAVITY * cos(theta1 - PI / 2) + phi2;
  double acceleration2 =
      (torque + d2 / d1 * phi1 - MASS * LENGTH * CENTRE * square(speed1) * sine - phi2) /
      (MASS * (CENTRE * CENTRE) + MOMENT - square(d2) / d1);
  rate[0] = speed1;
  rate[1] = speed2;
  rate[2] = -(d2 * acceleration2 + phi1) / d1;
  rate[3] = acceleration2;
}

/* y [N] <- s + h * k */
static void along(const double *s, double h, const double *k, double *y) {
  for (int i = 0; i < N; i++) y[i] = s[i] + h * k[i];
}

/* Into -PI..PI. An angle that is no number, or so large that a turn is lost in it, stays. */
static double wrap(double angle) {
  double turn = PI - -PI;
  if (!(fabs(angle) < 1e6)) return angle;
  while (angle > PI) angle -= turn;
  while (angle < -PI) angle += turn;
  return angle;
}

/* As Python's min(max(x, low), high). */
static double bound(double x, double limit) {
  double low = -limit > x ? -limit : x;
  return limit < low ? limit : low;
}

static double acrobot_step(const mg_env_arguments *a, double *state, int action, bool *terminated) {
  double torque = action - 1, half = TIME_STEP / 2.0;
  double k1[N], k2[N], k3[N], k4[N], y[N];
  (void)a;
  derivative(state, torque, k1);
  along(state, half, k1, y);
  derivative(y, torque, k2);
  along(state, half, k2, y);
  derivative(y, torque, k3);
  along(state, TIME_STEP, k3, y);
  derivative(y, torque, k4);
  for (int i = 0; i < N; i++)
    state[i] = state[i] + TIME_STEP / 6.0 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
  state[0] = wrap(state[0]);
  state[1] = wrap(state[1]);
  state[2] = bound(state[2], MAX_SPEED_1);
  state[3] = bound(state[3], MAX_SPEED_2);
  *terminated = -cos(state[0]) - cos(state[1] + state[0]) > 1.0;
  return *terminated ? 0.0 : -1.0;
}

static void acrobot_observe(const double *state, double *observation) {
  observation[0] = cos(state[0]);
  observation[1] = sin(state[0]);
  observation[2] = cos(state[1]);
  observation[3] = sin(state[1]);
  observation[4] = state[2];
  observation[5] = state[3];
}

/* Random: the time limit. Expert: that of the GAIL paper. */
const mg_classic_task mg_acrobot_v1 = {
    .state_size = N,
    .observation_size = 6,
    .num_actions = 3,
    .dt = TIME_STEP,
    .reset_low = {-0.1, -0.1, -0.1, -0.1},
    .reset_high = {0.1, 0.1, 0.1, 0.1},
    .reset_rounded = true,
    .step = acrobot_step,
    .observe = acrobot_observe,
    .takes = "max_episode_steps",
    .defaults = {.max_episode_steps = 500},
    .random_return = -500,
    .reference_return = -75.25,
};
