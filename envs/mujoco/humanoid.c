/* Humanoid (Tassa, Erez, Todorov 2012) as Gymnasium's mujoco/humanoid_v4.py and humanoid_v5.py have
 * it: a body on two legs with two arms, 17 torques; faster along x is better. v5 against v4: the
 * world's rows, and the root's six zeros among the actuators' forces, are left out of the
 * observation; contact forces are charged for; no alive bonus on the step that terminates. */
#include "envs/env_impl.h"
#include "envs/mujoco/mujoco_task.h"
#include "envs/tasks.h"

#include <math.h>

/* Centre of mass as of the last substep's start. */
static double humanoid_progress(const mg_env_arguments *a, const mjModel *m, const mjData *d) {
  double moment = 0;
  (void)a;
  for (int i = 0; i < m->nbody; i++) moment += m->body_mass[i] * d->xipos[3 * i];
  return moment / mg_numpy_sum(m->body_mass, (int)m->nbody);
}

static bool humanoid_healthy(const mg_env_arguments *a, const mjModel *m, const mjData *d) {
  (void)m;
  return mg_within(d->qpos[2], a->healthy_z_range);
}

/* qpos: position, quaternion, then 17 joints. Random: mean of 2,000 episodes. Expert: that of the
 * GAIL paper. */
#define HUMANOID(V4, TAKES, RANDOM)                                                                \
  {                                                                                                \
    .model = "humanoid.xml", .nq = 24, .nv = 23, .nu = 17, .hidden = 2,                            \
    .velocity_limit = INFINITY, .first_body = (V4) ? 0 : 1, .first_dof = (V4) ? 0 : 6,             \
    .pays_on_ending_step = (V4), .charges_contacts = !(V4), .progress = humanoid_progress,         \
    .healthy = humanoid_healthy, .takes = TAKES, .random_return = (RANDOM),                        \
    .reference_return = 9575,                                                                      \
    .defaults = {                                                                                  \
        .forward_reward_weight = 1.25,                                                             \
        .ctrl_cost_weight = 0.1,                                                                   \
        .contact_cost_weight = 5e-7,                                                               \
        .contact_cost_range = {-INFINITY, 10},                                                     \
        .contact_force_range = {-INFINITY, INFINITY},                                              \
        .healthy_reward = 5,                                                                       \
        .terminate_when_unhealthy = true,                                                          \
        .healthy_z_range = {1, 2},                                                                 \
        .reset_noise_scale = 1e-2,                                                                 \
        .include_cinert_in_observation = true,                                                     \
        .include_cvel_in_observation = true,                                                       \
        .include_qfrc_actuator_in_observation = true,                                              \
        .include_cfrc_ext_in_observation = true,                                                   \
        .frame_skip = 5,                                                                           \
        MG_MUJOCO_DEFAULTS,                                                                        \
    },                                                                                             \
  }

#define TAKES                                                                                      \
  "forward_reward_weight ctrl_cost_weight healthy_reward terminate_when_unhealthy "                \
  "healthy_z_range " MG_MUJOCO_TAKES
#define TAKES_V5                                                                                   \
  TAKES " contact_cost_weight contact_cost_range include_cinert_in_observation "                   \
        "include_cvel_in_observation include_qfrc_actuator_in_observation "                        \
        "include_cfrc_ext_in_observation frame_skip"

const mg_mujoco_task mg_humanoid_v4 = HUMANOID(true, TAKES, 122.2);
const mg_mujoco_task mg_humanoid_v5 = HUMANOID(false, TAKES_V5, 113.9);
