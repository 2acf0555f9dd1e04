/* What holds for every rigid-body task of the registry. */
#include "envs/mujoco/mujoco_env.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 1000 };

/* frame_skip simulation steps a step: the simulated time moves on by the step's dt, and the
 * simulator is given the action as it is, to clamp by itself. */
Test(mujoco, a_step_takes_its_time_and_the_raw_action) {
  int tasks = 0;
  for (const char *const *id = mg_env_ids(); *id; id++) {
    mg_env *env = NULL;
    double observation[MOST], action[MOST];
    cr_assert_eq(mg_env_create(*id, &env), MG_OK);
    const mg_env_spec *spec = mg_env_get_spec(env);
    const mjData *d = mg_mujoco_get_data(env);
    if (d) {
      tasks++;
      cr_assert(spec->observation_size <= MOST && spec->action_size <= MOST);
      mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
      mg_env_reset(env, &rng, observation);
      const double start = d->time;
      for (int t = 1; t <= 3; t++) {
        for (int i = 0; i < spec->action_size; i++)
          action[i] = 1.5 * spec->action_high[i] * cos(i + t);
        mg_env_step(env, action, observation);
        cr_expect_float_eq(d->time - start, t * spec->dt, 1e-12, "%s: %g s after %d steps", *id,
                           d->time - start, t);
        for (int i = 0; i < spec->action_size; i++) cr_expect_eq(d->ctrl[i], action[i], "%s", *id);
      }
    }
    mg_env_destroy(env);
  }
  cr_expect_gt(tasks, 0);
}

/* ---- beside the simulator's own calls ---- */

/* A second simulation by the simulator's own calls in Gymnasium's order, with the rewards and the
 * fields of an observation written out once more, in another way than the product computes them. */
typedef struct shadow {
  const mjModel *m;
  mjData *d;
  const char *task; /* without its version */
  bool v5, contact;
} shadow;

static bool is(const shadow *s, const char *task) {
  return strcmp(s->task, task) == 0;
}

/* Where Gymnasium reads the robot's x. */
static double shadow_x(const shadow *s) {
  if (is(s, "Ant")) return s->d->xpos[3 * mj_name2id(s->m, mjOBJ_BODY, "torso")];
  if (!is(s, "Humanoid")) return s->d->qpos[0];
  double mass = 0, moment = 0;
  for (int i = 0; i < s->m->nbody; i++) mass += s->m->body_mass[i];
  for (int i = 0; i < s->m->nbody; i++) moment += s->m->body_mass[i] * s->d->xipos[3 * i];
  return moment / mass;
}

static bool shadow_healthy(const shadow *s) {
  const double *q = s->d->qpos;
  if (is(s, "HalfCheetah")) return true;
  if (is(s, "Ant")) return q[2] >= 0.2 && q[2] <= 1;
  if (is(s, "Humanoid")) return q[2] > 1 && q[2] < 2;
  if (is(s, "Walker2d")) return q[1] > 0.8 && q[1] < 2 && fabs(q[2]) < 1;
  bool healthy = q[1] > 0.7 && fabs(q[2]) < 0.2;
  for (int i = 2; i < s->m->nq; i++) healthy = healthy && fabs(q[i]) < 100;
  for (int i = 0; i < s->m->nv; i++) healthy = healthy && fabs(s->d->qvel[i]) < 100;
  return healthy;
}

static double clipped(double x, double limit) {
  return fmin(fmax(x, -limit), limit);
}

static double shadow_reward(const shadow *s, const double *action, double speed) {
  double squares = 0, forces = 0;
  bool ant = is(s, "Ant"), humanoid = is(s, "Humanoid"), cheetah = is(s, "HalfCheetah");
  for (int i = 0; i < s->m->nu; i++) squares += action[i] * action[i];
  double alive = cheetah ? 0 : humanoid ? 5 : 1;
  double control = (ant ? 0.5 : cheetah || humanoid ? 0.1 : 1e-3) * squares;
  for (int i = 0; i < 6 * s->m->nbody; i++) {
    double force = ant ? clipped(s->d->cfrc_ext[i], 1) : s->d->cfrc_ext[i];
    forces += force * force;
  }
  double contact = 0;
  if (ant && (s->v5 || s->contact)) contact = 5e-4 * forces;
  if (humanoid && s->v5) contact = fmin(5e-7 * forces, 10);
  if (s->v5 && !shadow_healthy(s)) alive = 0;
  return (humanoid ? 1.25 : 1) * speed + alive - control - contact;
}

static int put(double *to, int at, const double *from, int first, int n) {
  memcpy(to + at, from + first, (size_t)(n - first) * sizeof(double));
  return at + n - first;
}

static int shadow_observe(const shadow *s, double *o) {
  const mjData *d = s->d;
  int nq = (int)s->m->nq, nv = (int)s->m->nv, nbody = (int)s->m->nbody;
  bool ant = is(s, "Ant"), humanoid = is(s, "Humanoid");
  int n = put(o, 0, d->qpos, ant || humanoid ? 2 : 1, nq);
  n = put(o, n, d->qvel, 0, nv);
  if (is(s, "Hopper") || is(s, "Walker2d"))
    for (int i = n - nv; i < n; i++) o[i] = clipped(o[i], 10);
  int body = s->v5 ? 1 : 0;
  if (humanoid) {
    n = put(o, n, d->cinert, 10 * body, 10 * nbody);
    n = put(o, n, d->cvel, 6 * body, 6 * nbody);
    n = put(o, n, d->qfrc_actuator, s->v5 ? 6 : 0, nv);
    n = put(o, n, d->cfrc_ext, 6 * body, 6 * nbody);
  }
  if (ant && (s->v5 || s->contact)) {
    int from = n;
    n = put(o, n, d->cfrc_ext, 6 * body, 6 * nbody);
    for (int i = from; i < n; i++) o[i] = clipped(o[i], 1);
  }
  return n;
}

/* An episode from a state whose quaternion is not normal, with actions outside of the box. */
static void follow(const char *task, int version, bool contact) {
  char id[32];
  mg_env_options options = {0};
  mg_env *env = NULL;
  double o[MOST], expected[MOST], action[32];
  snprintf(id, sizeof id, "%s-v%d", task, version);
  if (contact) strcpy(options.use_contact_forces, "on");
  cr_assert_eq(mg_env_create_with(id, &options, &env), MG_OK, "%s", mg_status_message());
  const mg_env_spec *spec = mg_env_get_spec(env);
  shadow s = {.m = mg_mujoco_get_model(env), .task = task, .v5 = version == 5, .contact = contact};
  s.d = mj_makeData(s.m);
  int skip = (int)lround(spec->dt / s.m->opt.timestep), healthy = 0, ill = 0;
  mg_rng rng = mg_rng_at(8, MG_RNG_TEST, 0, 0);
  for (int i = 0; i < s.m->nq; i++) s.d->qpos[i] += 0.02 * (mg_rng_uniform(&rng) - 0.3);
  for (int i = 0; i < s.m->nv; i++) s.d->qvel[i] = 0.2 * (mg_rng_uniform(&rng) - 0.5);
  mg_env_reset_to(env, s.d->qpos, s.d->qvel, o);
  mj_forward(s.m, s.d);
  cr_assert_eq(shadow_observe(&s, expected), spec->observation_size, "%s", id);
  cr_assert_arr_eq(o, expected, (size_t)spec->observation_size * sizeof(double), "%s at reset", id);
  for (int t = 0; t < 150; t++) {
    for (int i = 0; i < spec->action_size; i++) {
      action[i] = 1.5 * spec->action_high[i] * (2 * mg_rng_uniform(&rng) - 1);
      s.d->ctrl[i] = action[i];
    }
    mg_env_outcome got = mg_env_step(env, action, o);
    double before = shadow_x(&s);
    for (int i = 0; i < skip; i++) mj_step(s.m, s.d);
    mj_rnePostConstraint(s.m, s.d);
    shadow_observe(&s, expected);
    for (int i = 0; i < spec->observation_size; i++)
      cr_assert_eq(o[i], expected[i], "%s: entry %d of step %d is %.17g, not %.17g", id, i, t, o[i],
                   expected[i]);
    double reward = shadow_reward(&s, action, (shadow_x(&s) - before) / spec->dt);
    cr_assert_float_eq(got.reward, reward, 1e-11, "%s: reward of step %d is %.17g, not %.17g", id,
                       t, got.reward, reward);
    cr_assert_eq(got.terminated, !shadow_healthy(&s), "%s: step %d", id, t);
    healthy += !got.terminated;
    ill += got.terminated;
  }
  cr_assert(healthy > 0 && (ill > 0 || !strcmp(task, "HalfCheetah") || !strcmp(task, "Ant")),
            "%s: %d, %d", id, healthy, ill);
  mj_deleteData(s.d);
  mg_env_destroy(env);
}

Test(mujoco, steps_are_the_simulators_own) {
  static const char *const names[] = {"Hopper", "Walker2d", "HalfCheetah", "Ant", "Humanoid"};
  for (int i = 0; i < 5; i++) {
    follow(names[i], 4, false);
    follow(names[i], 5, false);
  }
  follow("Ant", 4, true);
}

/* What numpy 2.4 makes of 1/3 + 1/4 + ... */
Test(mujoco, sums_as_numpy) {
  static const struct {
    int n;
    double sum;
  } cases[] = {{17, 2.047739657143682}, {84, 3.537365647444025}, {300, 4.789297397713862}};
  double x[300];
  for (int i = 0; i < 300; i++) x[i] = 1.0 / (i + 3);
  for (int i = 0; i < 3; i++)
    cr_expect_eq(mg_numpy_sum(x, cases[i].n), cases[i].sum, "%.17g", mg_numpy_sum(x, cases[i].n));
  cr_expect_eq(mg_numpy_sum(x, 0), 0);
  cr_expect_eq(mg_numpy_sum(x, 7), x[0] + x[1] + x[2] + x[3] + x[4] + x[5] + x[6]);
}
