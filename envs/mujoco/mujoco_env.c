#include "envs/mujoco/mujoco_env.h"

#include "envs/mujoco/mujoco_guard.h"
#include "envs/mujoco/mujoco_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct mujoco_env {
  mg_env base;
  const mg_mujoco_task *task;
  mg_env_arguments arguments;
  bool contacts; /* a step computes cfrc_ext */
  const mjModel *m;
  mjData *d;
  double x; /* progress after the last step */
  int steps;
  bool broken;         /* MuJoCo gave up; until the next reset */
  double *observation; /* [d] the last one: a restored state cannot compute it (lagging fields) */
  double *low, *high;  /* [nu] */
} mujoco_env;

/* ---- one episode ---- */

static size_t observation_bytes(const mujoco_env *e) {
  return (size_t)e->base.spec.observation_size * sizeof(double);
}

/* observation Nullable. */
static void observe(mujoco_env *e, double *observation) {
  mg_mujoco_task_observe(e->task, &e->arguments, e->m, e->d, e->observation);
  if (observation) memcpy(observation, e->observation, observation_bytes(e));
}

/* Releases before 3 normalise quaternions in place. One that is normal already would move by its
 * last bit, and a state that was read would not be the state that is set. */
static void keep_given(mujoco_env *e, const double *qpos) {
  for (int i = 0; i < e->task->nq; i++)
    if (!(fabs(e->d->qpos[i] - qpos[i]) < 1e-15)) return;
  memcpy(e->d->qpos, qpos, (size_t)e->task->nq * sizeof(double));
}

static void forward_body(void *argument) {
  mujoco_env *e = argument;
  mj_forward(e->m, e->d);
}

/* qpos and qvel are in place in freshly reset data. given [nq], observation [d]: Nullable. */
static void begin(mujoco_env *e, const double *given, double *observation) {
  e->broken = !mg_mujoco_guarded(forward_body, e);
  if (given) keep_given(e, given);
  e->steps = 0;
  e->x = e->task->progress(&e->arguments, e->m, e->d);
  observe(e, observation);
}

static void mujoco_reset(mg_env *env, mg_rng *rng, double *observation) {
  mujoco_env *e = (mujoco_env *)env;
  const mg_mujoco_task *task = e->task;
  double scale = e->arguments.reset_noise_scale;
  mj_resetData(e->m, e->d);
  for (int i = 0; i < task->nq; i++) e->d->qpos[i] += scale * (2 * mg_rng_uniform(rng) - 1);
  for (int i = 0; i < task->nv; i++)
    e->d->qvel[i] +=
        scale * (task->qvel_noise_normal ? mg_rng_normal(rng) : 2 * mg_rng_uniform(rng) - 1);
  begin(e, NULL, observation);
}

static void mujoco_reset_to(mg_env *env, const double *qpos, const double *qvel,
                            double *observation) {
  mujoco_env *e = (mujoco_env *)env;
  mj_resetData(e->m, e->d);
  memcpy(e->d->qpos, qpos, (size_t)e->task->nq * sizeof(double));
  memcpy(e->d->qvel, qvel, (size_t)e->task->nv * sizeof(double));
  begin(e, qpos, observation);
}

static void step_body(void *argument) {
  mujoco_env *e = argument;
  for (int i = 0; i < e->arguments.frame_skip; i++) mj_step(e->m, e->d);
  /* Computes cfrc_ext and nothing else that anyone reads, so tasks without it save the time. */
  if (e->contacts) mj_rnePostConstraint(e->m, e->d);
}

static bool is_bad(const mjData *d) {
  return d->warning[mjWARN_INERTIA].number || d->warning[mjWARN_BADQPOS].number ||
         d->warning[mjWARN_BADQVEL].number || d->warning[mjWARN_BADQACC].number ||
         d->warning[mjWARN_BADCTRL].number;
}

static mg_env_outcome mujoco_step(mg_env *env, const double *action, double *observation) {
  mujoco_env *e = (mujoco_env *)env;
  const mg_mujoco_task *task = e->task;
  const mg_env_arguments *a = &e->arguments;
  mjData *d = e->d;
  mg_env_outcome outcome = {0};

  memset(d->warning, 0, sizeof d->warning);
  memcpy(d->ctrl, action, (size_t)task->nu * sizeof(double));
  if (!e->broken) e->broken = !mg_mujoco_guarded(step_body, e);

  double before = e->x;
  e->x = task->progress(a, e->m, d);
  bool healthy = !task->healthy || task->healthy(a, e->m, d);
  double speed = (e->x - before) / e->base.spec.dt;
  outcome.reward = mg_mujoco_task_reward(task, a, e->m, d, action, speed, healthy);
  outcome.terminated = !healthy && a->terminate_when_unhealthy;
  outcome.unstable = e->broken || is_bad(d) || !isfinite(outcome.reward);
  outcome.truncated = ++e->steps == a->max_episode_steps;
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
  if (!e->broken) e->broken = !mg_mujoco_guarded(bare_body, &b);
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
  move(&state, e->observation, e->base.spec.observation_size, load);
  e->steps = (int)steps;
  e->broken = broken != 0;
}

/* Of its arena only what was needed: the rest is never touched. */
static size_t mujoco_bytes(const mg_env *env) {
  const mjData *d = ((const mujoco_env *)env)->d;
#if mjVERSION_HEADER >= 300
  const size_t arena = (size_t)d->maxuse_arena;
#else
  const size_t arena = (size_t)d->maxuse_stack * sizeof(mjtNum);
#endif
  return sizeof(mujoco_env) + sizeof *d + (size_t)d->nbuffer + arena;
}

static size_t mujoco_state_size(const mg_env *env) {
  const mujoco_env *e = (const mujoco_env *)env;
  return (size_t)(4 + e->m->nq + 2 * e->m->nv + e->m->na + e->m->nu +
                  e->base.spec.observation_size);
}

static void mujoco_get_state(const mg_env *env, double *state) {
  transfer((mujoco_env *)env, state, false);
}

static void mujoco_set_state(mg_env *env, const double *state, double *observation) {
  mujoco_env *e = (mujoco_env *)env;
  mj_resetData(e->m, e->d);
  transfer(e, (double *)state, true);
  if (observation) memcpy(observation, e->observation, observation_bytes(e));
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
    .bytes = mujoco_bytes,
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
  if (!mg_mujoco_guarded(acquire_body, &a))
    return mg_fail(MG_ERR_NO_INPUT, "model %s does not compile: %s", task->model,
                   mg_mujoco_error());
  MG_TRY(a.status);
  if (e->m->nq != task->nq || e->m->nv != task->nv || e->m->nu != task->nu)
    return mg_fail(MG_ERR_DATA, "model %s has nq %d, nv %d, nu %d; %s expects nq %d, nv %d, nu %d",
                   task->model, (int)e->m->nq, (int)e->m->nv, (int)e->m->nu, id, task->nq, task->nv,
                   task->nu);
  if (!mg_mujoco_guarded(data_body, e) || !e->d)
    return mg_fail(MG_ERR_MEMORY, "%s: MuJoCo made no data: %s", id, mg_mujoco_error());
  if (e->arguments.main_body >= e->m->nbody)
    return mg_fail(MG_ERR_CONFIG, "env.main_body = %d: %s has bodies 0 to %d",
                   e->arguments.main_body, id, (int)e->m->nbody - 1);
  e->base.spec.observation_size = mg_mujoco_task_observation_size(task, &e->arguments, e->m);
  e->base.spec.motion_size = mg_mujoco_task_motion_size(task, &e->arguments);
  e->observation = calloc((size_t)e->base.spec.observation_size, sizeof(double));
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
  spec->action_size = task->nu;
  spec->max_episode_steps = e->arguments.max_episode_steps;
  spec->dt = e->m->opt.timestep * e->arguments.frame_skip;
  spec->action_low = e->low;
  spec->action_high = e->high;
  spec->qpos_size = task->nq;
  spec->qvel_size = task->nv;
  spec->random_return = task->random_return;
  spec->reference_return = task->reference_return;
}

mg_status mg_mujoco_create(const char *id, const void *task_row, const mg_env_options *options,
                           mg_env **env) {
  const mg_mujoco_task *task = task_row;
  mg_env_arguments arguments = task->defaults;
  MG_TRY(mg_env_options_apply(id, task->takes, options, &arguments));
  if (mj_version() != mjVERSION_HEADER)
    return mg_fail(
        MG_ERR_INTERNAL,
        "the MuJoCo library loaded is release %s, but this program was built for %d.%d.%d",
        mj_versionString(), mjVERSION_HEADER / 100, mjVERSION_HEADER / 10 % 10,
        mjVERSION_HEADER % 10);
  mg_mujoco_guard_install();
  mujoco_env *e = calloc(1, sizeof *e);
  if (!e) return mg_fail(MG_ERR_MEMORY, "%s: no memory for an environment", id);
  e->base.ops = &mujoco_ops;
  e->task = task;
  e->arguments = arguments;
  e->base.takes = task->takes;
  e->base.arguments = &e->arguments;
  e->contacts = mg_mujoco_task_needs_contacts(task, &arguments);
  mg_status status = build(e, id);
  if (status != MG_OK) {
    mujoco_destroy(&e->base);
    return status;
  }
  describe(e, id);
  /* Gymnasium steps on from the model's initial state if nobody resets. */
  begin(e, NULL, NULL);
  *env = &e->base;
  return MG_OK;
}

const mjModel *mg_mujoco_get_model(const mg_env *env) {
  return env->ops == &mujoco_ops ? ((const mujoco_env *)env)->m : NULL;
}

const mjData *mg_mujoco_get_data(const mg_env *env) {
  return env->ops == &mujoco_ops ? ((const mujoco_env *)env)->d : NULL;
}

const char *mg_env_simulator(void) {
  static _Thread_local char name[32];
  snprintf(name, sizeof name, "MuJoCo %s", mj_versionString());
  return name;
}
