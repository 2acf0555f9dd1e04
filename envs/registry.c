/* The tasks: one row each. */
#include "base/nearest.h"
#include "envs/classic/acrobot.h"
#include "envs/classic/cartpole.h"
#include "envs/classic/mountain_car.h"
#include "envs/mujoco/ant.h"
#include "envs/mujoco/half_cheetah.h"
#include "envs/mujoco/hopper.h"
#include "envs/mujoco/humanoid.h"
#include "envs/mujoco/walker2d.h"

#include <string.h>

/* id, constructor, task. */
#define MG_TASK_LIST(X)                                                                            \
  X("CartPole-v0", mg_classic_create, mg_cartpole_v0)                                              \
  X("CartPole-v1", mg_classic_create, mg_cartpole_v1)                                              \
  X("MountainCar-v0", mg_classic_create, mg_mountain_car_v0)                                       \
  X("Acrobot-v1", mg_classic_create, mg_acrobot_v1)                                                \
  X("Hopper-v4", mg_mujoco_create, mg_hopper_v4)                                                   \
  X("Hopper-v5", mg_mujoco_create, mg_hopper_v5)                                                   \
  X("Walker2d-v4", mg_mujoco_create, mg_walker2d_v4)                                               \
  X("Walker2d-v5", mg_mujoco_create, mg_walker2d_v5)                                               \
  X("HalfCheetah-v4", mg_mujoco_create, mg_half_cheetah_v4)                                        \
  X("HalfCheetah-v5", mg_mujoco_create, mg_half_cheetah_v5)                                        \
  X("Ant-v4", mg_mujoco_create, mg_ant_v4)                                                         \
  X("Ant-v5", mg_mujoco_create, mg_ant_v5)                                                         \
  X("Humanoid-v4", mg_mujoco_create, mg_humanoid_v4)                                               \
  X("Humanoid-v5", mg_mujoco_create, mg_humanoid_v5)

typedef struct row {
  const char *id;
  mg_status (*create)(const char *id, const void *task, const mg_env_options *options,
                      mg_env **env);
  const void *task;
} row;

#define MG_TASK_ROW(id, create, task) {id, create, &task},
#define MG_TASK_ID(id, create, task)  id,
static const row rows[] = {MG_TASK_LIST(MG_TASK_ROW)};
static const char *const ids[] = {MG_TASK_LIST(MG_TASK_ID) NULL};

const char *const *mg_env_ids(void) {
  return ids;
}

static const char *nearest(const char *id) {
  const char *best = ids[0];
  for (int i = 1; ids[i]; i++)
    if (mg_edit_distance(id, ids[i]) < mg_edit_distance(id, best)) best = ids[i];
  return best;
}

mg_status mg_env_create_with(const char *id, const mg_env_options *options, mg_env **env) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(rows[i].id, id) == 0) return rows[i].create(id, rows[i].task, options, env);
  return mg_fail(MG_ERR_CONFIG, "unknown environment '%.60s'; did you mean '%s'?", id, nearest(id));
}

mg_status mg_env_create(const char *id, mg_env **env) {
  return mg_env_create_with(id, NULL, env);
}
