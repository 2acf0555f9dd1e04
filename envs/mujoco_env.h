/* Rigid-body tasks: the one place where MuJoCo is created, stepped and caught when it fails.
 *
 * Constant model, mutable data: environments of one MJCF file share its compiled mjModel, counted;
 * each has its own mjData. A step is Gymnasium's:
 *   ctrl <- action, unclipped;  frame_skip times mj_step;  mj_rnePostConstraint once, where the
 *   task reads contact forces (it changes nothing else);
 *   reward and observation from mjData as it stands then.
 * So xpos, xipos, cinert, cvel, qfrc_actuator, cfrc_ext are those at the start of the last substep,
 * one behind qpos; no mj_forward in between.
 *
 * MuJoCo's error and warning handlers are hooked: it neither exits the process nor writes a log. An
 * error, a non-finite state, control or reward shows as outcome.unstable; after an error the
 * environment stays unstable and does not move until it is reset. */
#ifndef MG_ENVS_MUJOCO_ENV_H
#define MG_ENVS_MUJOCO_ENV_H

#include "envs/env_impl.h"

#include <mujoco/mujoco.h>

/* A task: its model, and its observation, reward and termination.
 *   reward = forward_weight * v + alive - control_cost * sum(action^2) - contact cost
 *   v      = (progress after - progress before) / dt [m/s] */
typedef struct mg_mujoco_task {
  const char *model; /* file name in assets/ */
  int nq, nv, nu;    /* what the file must compile to */
  int frame_skip;    /* simulation steps a step */
  int observation_size, max_episode_steps;

  double qpos_noise; /* reset: qpos0 + uniform(-n, n) */
  double qvel_noise; /* reset: uniform(-n, n), or n * N(0,1) */
  bool qvel_noise_normal;

  double forward_weight, alive_bonus, control_cost;
  bool alive_on_last_step; /* v4: the bonus is paid on the terminating step too; v5: not */

  /* Where the robot is along x [m], from which its speed is taken. */
  double (*progress)(const mjModel *m, const mjData *d);

  /* observation [observation_size] from mjData as it stands after a step or a reset. */
  void (*observe)(const mjModel *m, const mjData *d, double *observation);

  /* The episode goes on while this holds. Nullable: it never terminates. */
  bool (*healthy)(const mjModel *m, const mjData *d);

  /* Nullable: none. Non-NULL, or contact_forces, makes a step compute cfrc_ext. */
  double (*contact_cost)(const mjModel *m, const mjData *d);
  bool contact_forces;

  double random_return, expert_return;
} mg_mujoco_task;

/* `task` is a const mg_mujoco_task, which must outlive the environment. MG_ERR_NO_INPUT if its
 * model is not found or does not compile, MG_ERR_DATA if it has other sizes than the task,
 * MG_ERR_INTERNAL if the MuJoCo library is not the release this was built for, MG_ERR_MEMORY. */
mg_status mg_mujoco_create(const char *id, const void *task, mg_env **env);

/* For drawing: the model and the data of an environment that mg_mujoco_create made, NULL for one of
 * another kind. Positions of bodies in the data lag as said above. */
const mjModel *mg_mujoco_get_model(const mg_env *env);
const mjData *mg_mujoco_get_data(const mg_env *env);

/* progress: x of the first joint, qpos[0]. */
double mg_mujoco_root_x(const mjModel *m, const mjData *d);

#endif
