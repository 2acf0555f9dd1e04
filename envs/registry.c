/* The tasks: one row each. */
#include "envs/acrobot.h"
#include "envs/ant.h"
#include "envs/cartpole.h"
#include "envs/half_cheetah.h"
#include "envs/hopper.h"
#include "envs/humanoid.h"
#include "envs/mountain_car.h"
#include "envs/walker2d.h"

#include <ctype.h>
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

/* Levenshtein distance without regard to case; anything past 63 characters is ignored. */
static int distance(const char *a, const char *b) {
  enum { LONGEST = 63 };
  int n = (int)strnlen(b, LONGEST), cost[LONGEST + 1];
  for (int j = 0; j <= n; j++) cost[j] = j;
  for (int i = 1; i <= LONGEST && a[i - 1]; i++) {
    int diagonal = cost[0];
    cost[0] = i;
    for (int j = 1; j <= n; j++) {
      int same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
      int best = diagonal + !same;
      diagonal = cost[j];
      if (cost[j] + 1 < best) best = cost[j] + 1;
      if (cost[j - 1] + 1 < best) best = cost[j - 1] + 1;
      cost[j] = best;
    }
  }
  return cost[n];
}

static const char *nearest(const char *id) {
  const char *best = ids[0];
  for (int i = 1; ids[i]; i++)
    if (distance(id, ids[i]) < distance(id, best)) best = ids[i];
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
