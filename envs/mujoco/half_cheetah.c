/* HalfCheetah (Wawrzynski 2009) as Gymnasium's mujoco/half_cheetah_v4.py and half_cheetah_v5.py
 * have it: a two-legged robot in the plane, 6 torques, that never falls ill; faster is better. v4
 * and v5 are the same. */
#include "envs/mujoco/mujoco_task.h"
#include "envs/tasks.h"

#include <math.h>

/* qpos, qvel: x, z, torso angle, back thigh, shin, foot, front thigh, shin, foot.
 * Expert: that of the GAIL paper. */
#define HALF_CHEETAH(TAKES)                                                                        \
  {                                                                                                \
    .model = "half_cheetah.xml", .nq = 9, .nv = 9, .nu = 6, .hidden = 1,                           \
    .velocity_limit = INFINITY, .qvel_noise_normal = true, .progress = mg_mujoco_root_x,           \
    .takes = TAKES, .random_return = -279.3, .reference_return = 4463,                             \
    .defaults = {                                                                                  \
        .forward_reward_weight = 1,                                                                \
        .ctrl_cost_weight = 0.1,                                                                   \
        .reset_noise_scale = 0.1,                                                                  \
        .frame_skip = 5,                                                                           \
        MG_MUJOCO_DEFAULTS,                                                                        \
    },                                                                                             \
  }

#define TAKES "forward_reward_weight ctrl_cost_weight " MG_MUJOCO_TAKES

const mg_mujoco_task mg_half_cheetah_v4 = HALF_CHEETAH(TAKES);
const mg_mujoco_task mg_half_cheetah_v5 = HALF_CHEETAH(TAKES " frame_skip");
