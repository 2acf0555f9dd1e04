#include "envs/hopper.h"

#include <math.h>

enum { NQ = 6, NV = 6 }; /* x, z, torso angle, thigh, leg, foot */

/* qpos without x [5], then qvel [6] clipped to +-10 [m, rad, m/s, rad/s]. */
static void hopper_observe(const mjModel *m, const mjData *d, double *observation) {
  (void)m;
  for (int i = 1; i < NQ; i++) *observation++ = d->qpos[i];
  for (int i = 0; i < NV; i++) {
    double v = d->qvel[i];
    *observation++ = v < -10 ? -10 : v > 10 ? 10 : v;
  }
}

/* z > 0.7 m, |torso angle| < 0.2 rad, and all but x and z within +-100. */
static bool hopper_healthy(const mjModel *m, const mjData *d) {
  (void)m;
  for (int i = 2; i < NQ; i++)
    if (!(fabs(d->qpos[i]) < 100)) return false;
  for (int i = 0; i < NV; i++)
    if (!(fabs(d->qvel[i]) < 100)) return false;
  return d->qpos[1] > 0.7 && fabs(d->qpos[2]) < 0.2;
}

/* Random: uniform actions in the box. Expert: the stochastic policy that the authors of GAIL
 * published, mean return with its falls; its mean action gets 3536. */
#define HOPPER(ALIVE_ON_LAST_STEP)                                                                 \
  {                                                                                                \
    .model = "hopper.xml", .nq = NQ, .nv = NV, .nu = 3, .frame_skip = 4,                           \
    .observation_size = NQ - 1 + NV, .max_episode_steps = 1000, .qpos_noise = 5e-3,                \
    .qvel_noise = 5e-3, .forward_weight = 1, .alive_bonus = 1, .control_cost = 1e-3,               \
    .alive_on_last_step = (ALIVE_ON_LAST_STEP), .progress = mg_mujoco_root_x,                      \
    .observe = hopper_observe, .healthy = hopper_healthy, .random_return = 16.7,                   \
    .expert_return = 3416,                                                                         \
  }

const mg_mujoco_task mg_hopper_v4 = HOPPER(true);
const mg_mujoco_task mg_hopper_v5 = HOPPER(false);
