/* Walker2d (Erez, Tassa, Todorov 2011) as Gymnasium's mujoco/walker2d_v4.py and walker2d_v5.py have
 * it: a two-legged robot in the plane, 6 torques; faster is better. v5: both feet have friction 1.9
 * (v4: right 0.9), and no alive bonus on the step that terminates. */
#include "envs/env_impl.h"
#include "envs/mujoco/mujoco_task.h"
#include "envs/tasks.h"

#include <math.h>

static bool walker2d_healthy(const mg_env_arguments *a, const mjModel *m, const mjData *d) {
  (void)m;
  return mg_within(d->qpos[1], a->healthy_z_range) && mg_within(d->qpos[2], a->healthy_angle_range);
}

/* qpos, qvel: x, z, torso angle, right thigh, leg, foot, left thigh, leg, foot. Expert: the mean
 * action of the policy that the authors of GAIL published. */
#define WALKER2D(MODEL, V4, TAKES, RANDOM)                                                         \
  {                                                                                                \
    .model = MODEL, .nq = 9, .nv = 9, .nu = 6, .hidden = 1, .velocity_limit = 10,                  \
    .pays_on_ending_step = (V4), .progress = mg_mujoco_root_x, .healthy = walker2d_healthy,        \
    .takes = TAKES, .random_return = (RANDOM), .reference_return = 6805,                           \
    .defaults = {                                                                                  \
        .forward_reward_weight = 1,                                                                \
        .ctrl_cost_weight = 1e-3,                                                                  \
        .healthy_reward = 1,                                                                       \
        .terminate_when_unhealthy = true,                                                          \
        .healthy_z_range = {0.8, 2},                                                               \
        .healthy_angle_range = {-1, 1},                                                            \
        .reset_noise_scale = 5e-3,                                                                 \
        .frame_skip = 4,                                                                           \
        MG_MUJOCO_DEFAULTS,                                                                        \
    },                                                                                             \
  }

#define TAKES                                                                                      \
  "forward_reward_weight ctrl_cost_weight healthy_reward terminate_when_unhealthy "                \
  "healthy_z_range healthy_angle_range " MG_MUJOCO_TAKES

const mg_mujoco_task mg_walker2d_v4 = WALKER2D("walker2d.xml", true, TAKES, 2.6);
const mg_mujoco_task mg_walker2d_v5 = WALKER2D("walker2d_v5.xml", false, TAKES " frame_skip", 1.6);
