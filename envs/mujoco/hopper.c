/* Hopper (Erez, Tassa, Todorov 2011) as Gymnasium's mujoco/hopper_v4.py and hopper_v5.py have it: a
 * one-legged robot in the plane, 3 torques; faster is better. v5 differs from v4 in one point: no
 * alive bonus on the step that terminates. */
#include "envs/env_impl.h"
#include "envs/mujoco/mujoco_task.h"
#include "envs/tasks.h"

#include <math.h>

/* Height and torso angle, and all but x and z of qpos and qvel. */
static bool hopper_healthy(const mg_env_arguments *a, const mjModel *m, const mjData *d) {
  for (int i = 2; i < m->nq; i++)
    if (!mg_within(d->qpos[i], a->healthy_state_range)) return false;
  for (int i = 0; i < m->nv; i++)
    if (!mg_within(d->qvel[i], a->healthy_state_range)) return false;
  return mg_within(d->qpos[1], a->healthy_z_range) && mg_within(d->qpos[2], a->healthy_angle_range);
}

/* qpos, qvel: x, z, torso angle, thigh, leg, foot. Random: uniform actions in the box. Expert: the
 * stochastic policy that the authors of GAIL published, mean return with its falls; its mean action
 * gets 3536. */
#define HOPPER(V4, TAKES, RANDOM)                                                                  \
  {                                                                                                \
    .model = "hopper.xml", .nq = 6, .nv = 6, .nu = 3, .hidden = 1, .velocity_limit = 10,           \
    .pays_on_ending_step = (V4), .progress = mg_mujoco_root_x, .healthy = hopper_healthy,          \
    .takes = TAKES, .random_return = (RANDOM), .reference_return = 3416,                           \
    .defaults = {                                                                                  \
        .forward_reward_weight = 1,                                                                \
        .ctrl_cost_weight = 1e-3,                                                                  \
        .healthy_reward = 1,                                                                       \
        .terminate_when_unhealthy = true,                                                          \
        .healthy_state_range = {-100, 100},                                                        \
        .healthy_z_range = {0.7, INFINITY},                                                        \
        .healthy_angle_range = {-0.2, 0.2},                                                        \
        .reset_noise_scale = 5e-3,                                                                 \
        .frame_skip = 4,                                                                           \
        MG_MUJOCO_DEFAULTS,                                                                        \
    },                                                                                             \
  }

#define TAKES                                                                                      \
  "forward_reward_weight ctrl_cost_weight healthy_reward terminate_when_unhealthy "                \
  "healthy_state_range healthy_z_range healthy_angle_range " MG_MUJOCO_TAKES

const mg_mujoco_task mg_hopper_v4 = HOPPER(true, TAKES, 16.7);
const mg_mujoco_task mg_hopper_v5 = HOPPER(false, TAKES " frame_skip", 17.4);
