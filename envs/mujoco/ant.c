/* Ant (Schulman et al. 2015) as Gymnasium's mujoco/ant_v4.py and ant_v5.py have it: a torso on four
 * legs, 8 torques; faster along x is better. v5 against v4: contact forces of all bodies but the
 * world are observed, and those of all are charged for (v4: only with use_contact_forces, and then
 * the world's are observed too); no alive bonus on the step that terminates. */
#include "envs/mujoco/mujoco_task.h"
#include "envs/tasks.h"

#include <math.h>

/* The frame's origin as of the last substep's start, not qpos[0]. */
static double ant_progress(const mg_env_arguments *a, const mjModel *m, const mjData *d) {
  (void)m;
  return d->xpos[3 * a->main_body];
}

static bool ant_healthy(const mg_env_arguments *a, const mjModel *m, const mjData *d) {
  for (int i = 0; i < m->nq; i++)
    if (!isfinite(d->qpos[i])) return false;
  for (int i = 0; i < m->nv; i++)
    if (!isfinite(d->qvel[i])) return false;
  return a->healthy_z_range[0] <= d->qpos[2] && d->qpos[2] <= a->healthy_z_range[1];
}

/* qpos: position, quaternion, then hip and ankle of each leg. Expert: the stochastic policy that
 * the authors of GAIL published. */
#define ANT(V4, TAKES, RANDOM)                                                                     \
  {                                                                                                \
    .model = "ant.xml", .nq = 15, .nv = 14, .nu = 8, .hidden = 2, .velocity_limit = INFINITY,      \
    .first_body = (V4) ? 0 : 1, .qvel_noise_normal = true, .pays_on_ending_step = (V4),            \
    .charges_contacts = !(V4), .progress = ant_progress, .healthy = ant_healthy, .takes = TAKES,   \
    .random_return = (RANDOM), .reference_return = 4084,                                           \
    .defaults = {                                                                                  \
        .forward_reward_weight = 1,                                                                \
        .ctrl_cost_weight = 0.5,                                                                   \
        .contact_cost_weight = 5e-4,                                                               \
        .contact_cost_range = {-INFINITY, INFINITY},                                               \
        .contact_force_range = {-1, 1},                                                            \
        .healthy_reward = 1,                                                                       \
        .terminate_when_unhealthy = true,                                                          \
        .healthy_z_range = {0.2, 1},                                                               \
        .reset_noise_scale = 0.1,                                                                  \
        .include_cfrc_ext_in_observation = !(V4),                                                  \
        .main_body = 1,                                                                            \
        .frame_skip = 5,                                                                           \
        MG_MUJOCO_DEFAULTS,                                                                        \
    },                                                                                             \
  }

#define TAKES                                                                                      \
  "ctrl_cost_weight contact_cost_weight healthy_reward terminate_when_unhealthy healthy_z_range "  \
  "contact_force_range " MG_MUJOCO_TAKES

const mg_mujoco_task mg_ant_v4 = ANT(true, TAKES " use_contact_forces", -51.6);
const mg_mujoco_task mg_ant_v5 =
    ANT(false, TAKES " forward_reward_weight include_cfrc_ext_in_observation main_body frame_skip",
        -60.0);
