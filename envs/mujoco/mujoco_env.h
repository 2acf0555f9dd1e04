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
#include "envs/mujoco/mujoco_task.h"

/* `task` is a const mg_mujoco_task, which must outlive the environment. MG_ERR_NO_INPUT if its
 * model is not found or does not compile, MG_ERR_DATA if it has other sizes than the task,
 * MG_ERR_CONFIG if it does not take the options, MG_ERR_INTERNAL if the MuJoCo library is not the
 * release this was built for, MG_ERR_MEMORY. */
mg_status mg_mujoco_create(const char *id, const void *task, const mg_env_options *options,
                           mg_env **env);

/* For drawing: the model and the data of an environment that mg_mujoco_create made, NULL for one of
 * another kind. Positions of bodies in the data lag as said above. */
const mjModel *mg_mujoco_get_model(const mg_env *env);
const mjData *mg_mujoco_get_data(const mg_env *env);

#endif
