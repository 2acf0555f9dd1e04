#include "envs/mujoco_env.h"

#include "envs/mujoco_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct mujoco_env {
  mg_env base;
  const mg_mujoco_task *task;
  const mjModel *m;
  mjData *d;
  double x; /* progress after the last step */
  int steps;
  bool broken;         /* MuJoCo gave up; until the next reset */
  double *observation; /* [d] the last one: a restored state cannot compute it (lagging fields) */
  double *low, *high;  /* [nu] */
} mujoco_env;

/* ---- errors: MuJoCo must not come back from its error handler, so it jumps ---- */

static _Thread_local jmp_buf *error_target;
static _Thread_local char error_text[256];

static void on_error(const char *message) {
  snprintf(error_text, sizeof error_text, "%s", message);
  if (error_target) longjmp(*error_target, 1);
  /* Outside of guarded calls there is nowhere to go on from. */
  fprintf(stderr, "MuJoCo: %s\n", message);
  abort();
}

/* Warnings are counted in mjData, where mujoco_step reads them. */
static void on_warning(const char *message) {
  (void)message;
}

/* Runs body(argument); false if MuJoCo raised an error in it (text in error_text). */
static bool guarded(void (*body)(void *), void *argument) {
  jmp_buf here;
  jmp_buf *volatile outer = error_target;
  error_target = &here;
  bool ok = setjmp(here) == 0;
  if (ok) body(argument);
  error_target = outer;
  return ok;
}

/* ---- one episode ---- */

/* observation Nullable. */
static void observe(mujoco_env *e, double *observation) {
  e->task->observe(e->m, e->d, e->observation);
  if (observation)
    memcpy(observation, e->observation, (size_t)e->task->observation_size * sizeof(double));
}

static void forward_body(void *argument) {
  mujoco_env *e = argument;
  mj_forward(e->m, e->d);
}

/* qpos and qvel are in place in freshly reset data. observation Nullable. */
static void begin(mujoco_env *e, double *observation) {
  e->broken = !guarded(forward_body, e);
  e->steps = 0;
  e->x = e->task->progress(e->m, e->d);
  observe(e, observation);
}

static void mujoco_reset(mg_env *env, mg_rng *rng, double *observation) {
  mujoco_env *e = (mujoco_env *)env;
  const mg_mujoco_task *task = e->task;
  mj_resetData(e->m, e->d);
  for (int i = 0; i < task->nq; i++)
    e->d->qpos[i] += task->qpos_noise * (2 * mg_rng_uniform(rng) - 1);
  for (int i = 0; i < task->nv; i++)
    e->d->qvel[i] += task->qvel_noise *
                     (task->qvel_noise_normal ? mg_rng_normal(rng) : 2 * mg_rng_uniform(rng) - 1);
  begin(e, observation);
}

static void mujoco_reset_to(mg_env *env, const double *qpos, const double *qvel,
                            double *observation) {
  mujoco_env *e = (mujoco_env *)env;
  mj_resetData(e->m, e->d);
  memcpy(e->d->qpos, qpos, (size_t)e->task->nq * sizeof(double));
  memcpy(e->d->qvel, qvel, (size_t)e->task->nv * sizeof(double));
  begin(e, observation);
}

static void step_body(void *argument) {
  mujoco_env *e = argument;
  for (int i = 0; i < e->task->frame_skip; i++) mj_step(e->m, e->d);
  /* Computes cfrc_ext and nothing else that anyone reads, so tasks without it save the time. */
  if (e->task->contact_forces || e->task->contact_cost) mj_rnePostConstraint(e->m, e->d);
}

static bool is_bad(const mjData *d) {
  return d->warning[mjWARN_INERTIA].number || d->warning[mjWARN_BADQPOS].number ||
         d->warning[mjWARN_BADQVEL].number || d->warning[mjWARN_BADQACC].number ||
         d->warning[mjWARN_BADCTRL].number;
}

/* In Gymnasium's order of operations. */
static double reward(const mujoco_env *e, const double *action, double speed, bool healthy) {
  const mg_mujoco_task *task = e->task;
  double squares = 0;
  for (int i = 0; i < task->nu; i++) squares += action[i] * action[i];
  double alive = healthy || task->alive_on_last_step ? task->alive_bonus : 0;
  double cost = task->control_cost * squares;
  if (task->contact_cost) cost += task->contact_cost(e->m, e->d);
  return task->forward_weight * speed + alive - cost;
}

static mg_env_outcome mujoco_step(mg_env *env, const double *action, double *observation) {
  mujoco_env *e = (mujoco_env *)env;
  const mg_mujoco_task *task = e->task;
  mjData *d = e->d;
  mg_env_outcome outcome = {0};

  memset(d->warning, 0, sizeof d->warning);
  memcpy(d->ctrl, action, (size_t)task->nu * sizeof(double));
  if (!e->broken) e->broken = !guarded(step_body, e);

  double before = e->x;
  e->x = task->progress(e->m, d);
  bool healthy = !task->healthy || task->healthy(e->m, d);
  outcome.reward = reward(e, action, (e->x - before) / e->base.spec.dt, healthy);
  outcome.terminated = !healthy;
  outcome.unstable = e->broken || is_bad(d) || !isfinite(outcome.reward);
  outcome.truncated = ++e->steps == task->max_episode_steps;
  observe(e, observation);
  return outcome;
}

typedef struct bare_steps {
  mujoco_env *env;
  int steps;
} bare_steps;

static void bare_body(void *argument) {
  const bare_steps *b = argument;
  for (int i = 0; i < b->steps; i++) step_body(b->env);
}

static void mujoco_bare_step(mg_env *env, const double *action, int steps) {
  mujoco_env *e = (mujoco_env *)env;
  bare_steps b = {e, steps};
  memcpy(e->d->ctrl, action, (size_t)e->task->nu * sizeof(double));
  if (!e->broken) e->broken = !guarded(bare_body, &b);
}

/* ---- state ---- */

static void mujoco_get_qpos_qvel(const mg_env *env, double *qpos, double *qvel) {
  const mujoco_env *e = (const mujoco_env *)env;
  memcpy(qpos, e->d->qpos, (size_t)e->task->nq * sizeof(double));
  memcpy(qvel, e->d->qvel, (size_t)e->task->nv * sizeof(double));
}

static void move(double **cursor, double *field, int n, bool load) {
  if (load)
    memcpy(field, *cursor, (size_t)n * sizeof(double));
  else
    memcpy(*cursor, field, (size_t)n * sizeof(double));
  *cursor += n;
}

/* [steps, broken, x | time, qpos, qvel, act, warm start, ctrl | observation]. mj_step computes all
 * other fields anew from these. */
static void transfer(mujoco_env *e, double *state, bool load) {
  double steps = e->steps, broken = e->broken;
  move(&state, &steps, 1, load);
  move(&state, &broken, 1, load);
  move(&state, &e->x, 1, load);
  move(&state, &e->d->time, 1, load);
  move(&state, e->d->qpos, e->m->nq, load);
  move(&state, e->d->qvel, e->m->nv, load);
  move(&state, e->d->act, e->m->na, load);
  move(&state, e->d->qacc_warmstart, e->m->nv, load);
  move(&state, e->d->ctrl, e->m->nu, load);
  move(&state, e->observation, e->task->observation_size, load);
  e->steps = (int)steps;
  e->broken = broken != 0;
}

static size_t mujoco_state_size(const mg_env *env) {
  const mujoco_env *e = (const mujoco_env *)env;
  return (size_t)(4 + e->m->nq + 2 * e->m->nv + e->m->na + e->m->nu + e->task->observation_size);
}

static void mujoco_get_state(const mg_env *env, double *state) {
  transfer((mujoco_env *)env, state, false);
}

static void mujoco_set_state(mg_env *env, const double *state, double *observation) {
  mujoco_env *e = (mujoco_env *)env;
  mj_resetData(e->m, e->d);
  transfer(e, (double *)state, true);
  if (observation)
    memcpy(observation, e->observation, (size_t)e->task->observation_size * sizeof(double));
}

/* ---- create ---- */

static void mujoco_destroy(mg_env *env) {
  mujoco_env *e = (mujoco_env *)env;
  if (e->d) mj_deleteData(e->d);
  mg_mujoco_model_release(e->m);
  free(e->observation);
  free(e->low);
  free(e->high);
  free(e);
}

static const mg_env_ops mujoco_ops = {
    .destroy = mujoco_destroy,
    .reset = mujoco_reset,
    .reset_to = mujoco_reset_to,
    .step = mujoco_step,
    .bare_step = mujoco_bare_step,
    .get_qpos_qvel = mujoco_get_qpos_qvel,
    .state_size = mujoco_state_size,
    .get_state = mujoco_get_state,
    .set_state = mujoco_set_state,
};

typedef struct acquisition {
  const char *name;
  const mjModel **model;
  mg_status status;
} acquisition;

static void acquire_body(void *argument) {
  acquisition *a = argument;
  a->status = mg_mujoco_model_acquire(a->name, a->model);
}

static void data_body(void *argument) {
  mujoco_env *e = argument;
  e->d = mj_makeData(e->m);
}

static mg_status build(mujoco_env *e, const char *id) {
  const mg_mujoco_task *task = e->task;
  acquisition a = {.name = task->model, .model = &e->m, .status = MG_OK};
  if (!guarded(acquire_body, &a))
    return mg_fail(MG_ERR_NO_INPUT, "model %s does not compile: %s", task->model, error_text);
  MG_TRY(a.status);
  if (e->m->nq != task->nq || e->m->nv != task->nv || e->m->nu != task->nu)
    return mg_fail(MG_ERR_DATA, "model %s has nq %d, nv %d, nu %d; %s expects nq %d, nv %d, nu %d",
                   task->model, (int)e->m->nq, (int)e->m->nv, (int)e->m->nu, id, task->nq, task->nv,
                   task->nu);
  if (!guarded(data_body, e) || !e->d)
    return mg_fail(MG_ERR_MEMORY, "%s: MuJoCo made no data: %s", id, error_text);
  e->observation = calloc((size_t)task->observation_size, sizeof(double));
  e->low = calloc((size_t)task->nu, sizeof(double));
  e->high = calloc((size_t)task->nu, sizeof(double));
  if (!e->observation || !e->low || !e->high)
    return mg_fail(MG_ERR_MEMORY, "%s: no memory for an environment", id);
  return MG_OK;
}

static void describe(mujoco_env *e, const char *id) {
  const mg_mujoco_task *task = e->task;
  mg_env_spec *spec = &e->base.spec;
  for (int i = 0; i < task->nu; i++) { /* Gymnasium's box is float32 */
    e->low[i] = (double)(float)e->m->actuator_ctrlrange[2 * i];
    e->high[i] = (double)(float)e->m->actuator_ctrlrange[2 * i + 1];
  }
  snprintf(spec->id, sizeof spec->id, "%s", id);
  spec->observation_size = task->observation_size;
  spec->action_size = task->nu;
  spec->max_episode_steps = task->max_episode_steps;
  spec->dt = e->m->opt.timestep * task->frame_skip;
  spec->action_low = e->low;
  spec->action_high = e->high;
  spec->qpos_size = task->nq;
  spec->qvel_size = task->nv;
  spec->random_return = task->random_return;
  spec->expert_return = task->expert_return;
}

mg_status mg_mujoco_create(const char *id, const void *task, mg_env **env) {
  if (mj_version() != mjVERSION_HEADER)
    return mg_fail(
        MG_ERR_INTERNAL,
        "the MuJoCo library loaded is release %s, but this program was built for %d.%d.%d",
        mj_versionString(), mjVERSION_HEADER / 100, mjVERSION_HEADER / 10 % 10,
        mjVERSION_HEADER % 10);
  mju_user_error = on_error;
  mju_user_warning = on_warning;
  mujoco_env *e = calloc(1, sizeof *e);
  if (!e) return mg_fail(MG_ERR_MEMORY, "%s: no memory for an environment", id);
  e->base.ops = &mujoco_ops;
  e->task = task;
  error_text[0] = '\0';
  mg_status status = build(e, id);
  if (status != MG_OK) {
    mujoco_destroy(&e->base);
    return status;
  }
  describe(e, id);
  /* Gymnasium steps on from the model's initial state if nobody resets. */
  begin(e, NULL);
  *env = &e->base;
  return MG_OK;
}

const mjModel *mg_mujoco_get_model(const mg_env *env) {
  return env->ops == &mujoco_ops ? ((const mujoco_env *)env)->m : NULL;
}

const mjData *mg_mujoco_get_data(const mg_env *env) {
  return env->ops == &mujoco_ops ? ((const mujoco_env *)env)->d : NULL;
}

double mg_mujoco_root_x(const mjModel *m, const mjData *d) {
  (void)m;
  return d->qpos[0];
}

const char *mg_env_simulator(void) {
  static _Thread_local char name[32];
  snprintf(name, sizeof name, "MuJoCo %s", mj_versionString());
  return name;
}
