#include "envs/mujoco/mujoco_task.h"

#include "envs/env_impl.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 128 }; /* of numpy's pairwise summation */

double mg_numpy_sum(const double *x, int n) {
  double sum = 0;
  int i = 0;
  if (n > BLOCK) {
    int half = n / 2 - n / 2 % 8;
    return mg_numpy_sum(x, half) + mg_numpy_sum(x + half, n - half);
  }
  if (n >= 8) {
    double r[8];
    memcpy(r, x, sizeof r);
    for (i = 8; i < n - n % 8; i += 8)
      for (int k = 0; k < 8; k++) r[k] += x[i + k];
    sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  }
  for (; i < n; i++) sum += x[i];
  return sum;
}

static bool observes_contacts(const mg_env_arguments *a) {
  return a->use_contact_forces || a->include_cfrc_ext_in_observation;
}

static bool charges_contacts(const mg_mujoco_task *task, const mg_env_arguments *a) {
  return a->use_contact_forces || task->charges_contacts;
}

bool mg_mujoco_task_needs_contacts(const mg_mujoco_task *task, const mg_env_arguments *a) {
  return observes_contacts(a) || charges_contacts(task, a);
}

/* ---- observation ---- */

static int hidden_positions(const mg_mujoco_task *task, const mg_env_arguments *a) {
  return a->exclude_current_positions_from_observation ? task->hidden : 0;
}

int mg_mujoco_task_motion_size(const mg_mujoco_task *task, const mg_env_arguments *a) {
  return task->nq + task->nv - hidden_positions(task, a);
}

int mg_mujoco_task_observation_size(const mg_mujoco_task *task, const mg_env_arguments *a,
                                    const mjModel *m) {
  int bodies = (int)m->nbody - task->first_body;
  int size = mg_mujoco_task_motion_size(task, a);
  if (a->include_cinert_in_observation) size += 10 * bodies;
  if (a->include_cvel_in_observation) size += 6 * bodies;
  if (a->include_qfrc_actuator_in_observation) size += (int)m->nv - task->first_dof;
  if (observes_contacts(a)) size += 6 * bodies;
  return size;
}

/* Rows from `first` on of a field [rows,columns]; returns the place behind. */
static double *append(double *to, const double *field, int first, int rows, int columns) {
  size_t n = (size_t)((rows - first) * columns);
  memcpy(to, field + first * columns, n * sizeof(double));
  return to + n;
}

static double *append_clipped(double *to, const double *x, int n, double low, double high) {
  for (int i = 0; i < n; i++) to[i] = mg_clip(x[i], low, high);
  return to + n;
}

void mg_mujoco_task_observe(const mg_mujoco_task *task, const mg_env_arguments *a, const mjModel *m,
                            const mjData *d, double *observation) {
  int nbody = (int)m->nbody, nv = (int)m->nv, first = task->first_body;
  double *o = append(observation, d->qpos, hidden_positions(task, a), (int)m->nq, 1);
  o = append_clipped(o, d->qvel, nv, -task->velocity_limit, task->velocity_limit);
  if (a->include_cinert_in_observation) o = append(o, d->cinert, first, nbody, 10);
  if (a->include_cvel_in_observation) o = append(o, d->cvel, first, nbody, 6);
  if (a->include_qfrc_actuator_in_observation)
    o = append(o, d->qfrc_actuator, task->first_dof, nv, 1);
  if (observes_contacts(a))
    append_clipped(o, d->cfrc_ext + 6 * first, 6 * (nbody - first), a->contact_force_range[0],
                   a->contact_force_range[1]);
}

/* ---- reward ---- */

static double contact_cost(const mg_env_arguments *a, const mjModel *m, const mjData *d) {
  enum { MAX_BODIES = 32 };
  double squares[6 * MAX_BODIES];
  int n = 6 * (int)m->nbody;
  assert(m->nbody <= MAX_BODIES);
  for (int i = 0; i < n; i++) {
    double force = mg_clip(d->cfrc_ext[i], a->contact_force_range[0], a->contact_force_range[1]);
    squares[i] = force * force;
  }
  return mg_clip(a->contact_cost_weight * mg_numpy_sum(squares, n), a->contact_cost_range[0],
                 a->contact_cost_range[1]);
}

static double control_cost(const mg_env_arguments *a, const mjModel *m, const double *action) {
  enum { MAX_ACTUATORS = 32 };
  double squares[MAX_ACTUATORS];
  int n = (int)m->nu;
  assert(n <= MAX_ACTUATORS);
  for (int i = 0; i < n; i++) squares[i] = action[i] * action[i];
  return a->ctrl_cost_weight * mg_numpy_sum(squares, n);
}

double mg_mujoco_task_reward(const mg_mujoco_task *task, const mg_env_arguments *a,
                             const mjModel *m, const mjData *d, const double *action, double speed,
                             bool healthy) {
  bool paid = healthy || (task->pays_on_ending_step && a->terminate_when_unhealthy);
  double rewards = a->forward_reward_weight * speed + (paid ? a->healthy_reward : 0);
  double costs = control_cost(a, m, action);
  if (charges_contacts(task, a)) costs += contact_cost(a, m, d);
  return rewards - costs;
}

double mg_mujoco_root_x(const mg_env_arguments *a, const mjModel *m, const mjData *d) {
  (void)a;
  (void)m;
  return d->qpos[0];
}
