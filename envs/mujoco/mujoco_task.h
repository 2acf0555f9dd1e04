/* A rigid-body task as a table: its model, its observation, its reward and what ends an episode.
 *
 *   observation = qpos without the first `hidden` entries, qvel clipped to +-velocity_limit,
 *                 then of the blocks that the task observes, in this order:
 *                 cinert [nbody,10], cvel [nbody,6], qfrc_actuator [nv], cfrc_ext [nbody,6],
 *                 from body `first_body` and degree of freedom `first_dof` on
 *   reward      = forward_reward_weight v + healthy_reward, if it is paid,
 *                 - (ctrl_cost_weight sum(action^2) + contact cost)
 *   v           = (progress after - progress before) / dt [m/s]
 *   contact cost = contact_cost_weight sum(clip(cfrc_ext, contact_force_range)^2), clipped to
 *                 contact_cost_range
 * all in Gymnasium's order of operations, numpy's order of summation included. */
#ifndef MG_ENVS_MUJOCO_TASK_H
#define MG_ENVS_MUJOCO_TASK_H

#include "envs/env_options.h"

#include <mujoco/mujoco.h>

typedef struct mg_mujoco_task {
  const char *model; /* file name in assets/ */
  int nq, nv, nu;    /* what the file must compile to */

  int hidden;            /* leading positions that say where, not how, the robot is */
  double velocity_limit; /* INFINITY: none */
  int first_body, first_dof;

  bool qvel_noise_normal;   /* velocities start as scale * N(0,1), not uniform(-scale, scale) */
  bool pays_on_ending_step; /* v4: an episode that health ends gets the alive bonus to its end */
  bool charges_contacts;    /* contact cost also without use_contact_forces */

  /* Where the robot is along x [m], from which its speed is taken. */
  double (*progress)(const mg_env_arguments *a, const mjModel *m, const mjData *d);

  /* Nullable: always. */
  bool (*healthy)(const mg_env_arguments *a, const mjModel *m, const mjData *d);

  const char *takes;         /* Gymnasium's arguments that the task has */
  mg_env_arguments defaults; /* of these, and what stands for those it has not */

  double random_return, reference_return;
} mg_mujoco_task;

/* What every task has: names for `takes`, and of these the defaults that are the same in all. */
#define MG_MUJOCO_TAKES                                                                            \
  "reset_noise_scale exclude_current_positions_from_observation max_episode_steps"
#define MG_MUJOCO_DEFAULTS                                                                         \
  .exclude_current_positions_from_observation = true, .max_episode_steps = 1000

/* The task reads cfrc_ext, so a step must compute it. */
bool mg_mujoco_task_needs_contacts(const mg_mujoco_task *task, const mg_env_arguments *a);

/* Positions and velocities alone, with which every observation begins. */
int mg_mujoco_task_motion_size(const mg_mujoco_task *task, const mg_env_arguments *a);

int mg_mujoco_task_observation_size(const mg_mujoco_task *task, const mg_env_arguments *a,
                                    const mjModel *m);

/* observation [observation size] from mjData as it stands. */
void mg_mujoco_task_observe(const mg_mujoco_task *task, const mg_env_arguments *a, const mjModel *m,
                            const mjData *d, double *observation);

/* action [nu] as it was given, speed [m/s]. */
double mg_mujoco_task_reward(const mg_mujoco_task *task, const mg_env_arguments *a,
                             const mjModel *m, const mjData *d, const double *action, double speed,
                             bool healthy);

/* progress: x of the first joint, qpos[0]. */
double mg_mujoco_root_x(const mg_env_arguments *a, const mjModel *m, const mjData *d);

/* sum of x [n] as numpy adds it up: eight running sums side by side from 8 entries on. */
double mg_numpy_sum(const double *x, int n);

#endif
