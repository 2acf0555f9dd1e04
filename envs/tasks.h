/* The tasks: one row each. The file of a task defines its table, `mg_` and the name given here. */
#ifndef MG_ENVS_TASKS_H
#define MG_ENVS_TASKS_H

/* id, kind of environment (classic/classic_env.h, mujoco/mujoco_env.h), table. */
#define MG_TASK_LIST(X)                                                                            \
  X("CartPole-v0", classic, cartpole_v0)                                                           \
  X("CartPole-v1", classic, cartpole_v1)                                                           \
  X("MountainCar-v0", classic, mountain_car_v0)                                                    \
  X("Acrobot-v1", classic, acrobot_v1)                                                             \
  X("Hopper-v4", mujoco, hopper_v4)                                                                \
  X("Hopper-v5", mujoco, hopper_v5)                                                                \
  X("Walker2d-v4", mujoco, walker2d_v4)                                                            \
  X("Walker2d-v5", mujoco, walker2d_v5)                                                            \
  X("HalfCheetah-v4", mujoco, half_cheetah_v4)                                                     \
  X("HalfCheetah-v5", mujoco, half_cheetah_v5)                                                     \
  X("Ant-v4", mujoco, ant_v4)                                                                      \
  X("Ant-v5", mujoco, ant_v5)                                                                      \
  X("Humanoid-v4", mujoco, humanoid_v4)                                                            \
  X("Humanoid-v5", mujoco, humanoid_v5)

#define MG_TASK_TABLE(id, kind, table) extern const struct mg_##kind##_task mg_##table;
MG_TASK_LIST(MG_TASK_TABLE)
#undef MG_TASK_TABLE

#endif
