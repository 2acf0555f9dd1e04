#include "envs/env.h"

#include <criterion/criterion.h>
#include <math.h>
#include <mujoco/mujoco.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { D = 11, M = 3, N = 6, MAX_STATE = 128 };

static mg_env *create(const char *id) {
  mg_env *env = NULL;
  cr_assert_eq(mg_env_create(id, &env), MG_OK, "%s", mg_status_message());
  cr_assert_leq(mg_env_state_size(env), MAX_STATE);
  return env;
}

static void random_action(mg_rng *rng, double *action) {
  for (int i = 0; i < M; i++) action[i] = 2 * mg_rng_uniform(rng) - 1;
}

Test(hopper, specification) {
  for (int v = 4; v <= 5; v++) {
    mg_env *env = create(v == 4 ? "Hopper-v4" : "Hopper-v5");
    const mg_env_spec *spec = mg_env_get_spec(env);
    cr_assert_str_eq(spec->id, v == 4 ? "Hopper-v4" : "Hopper-v5");
    cr_assert_not(spec->discrete);
    cr_assert_eq(spec->observation_size, D);
    cr_assert_eq(spec->action_size, M);
    cr_assert_eq(spec->max_episode_steps, 1000);
    cr_assert_eq(spec->dt, 0.008);
    cr_assert_eq(spec->qpos_size, N);
    cr_assert_eq(spec->qvel_size, N);
    for (int i = 0; i < M; i++) {
      cr_assert_eq(spec->action_low[i], -1);
      cr_assert_eq(spec->action_high[i], 1);
    }
    cr_assert_eq(spec->random_return, v == 4 ? 16.7 : 17.4);
    cr_assert_eq(spec->reference_return, 3416);
    mg_env_destroy(env);
  }
  cr_assert_eq(strncmp(mg_env_simulator(), "MuJoCo ", 7), 0);
}

/* qpos = (0, 1.25, 0, 0, 0, 0) and qvel = 0, each + uniform(-0.005, 0.005). */
Test(hopper, reset_is_uniform) {
  enum { DRAWS = 1000 };
  mg_env *env = create("Hopper-v4");
  double observation[D], qpos[N], qvel[N], low = 1, high = -1, sum = 0, squares = 0;
  for (int i = 0; i < DRAWS; i++) {
    mg_rng rng = mg_rng_at(1, MG_RNG_TEST, (uint64_t)i, 0);
    mg_env_reset(env, &rng, observation);
    mg_env_get_qpos_qvel(env, qpos, qvel);
    cr_assert_arr_eq(observation, qpos + 1, (N - 1) * sizeof(double));
    cr_assert_arr_eq(observation + N - 1, qvel, N * sizeof(double));
    qpos[1] -= 1.25;
    for (int j = 0; j < 2 * N; j++) {
      double x = j < N ? qpos[j] : qvel[j - N];
      low = fmin(low, x);
      high = fmax(high, x);
      sum += x;
      squares += x * x;
    }
  }
  double n = DRAWS * 2 * N, variance = 0.01 * 0.01 / 12;
  cr_assert_geq(low, -0.005 - 1e-15);
  cr_assert_leq(high, 0.005 + 1e-15);
  cr_assert_lt(low, -0.00499);
  cr_assert_gt(high, 0.00499);
  cr_assert_lt(fabs(sum / n), 5 * sqrt(variance / n));
  cr_assert_lt(fabs(squares / n / variance - 1), 0.05);
  mg_env_destroy(env);
}

/* One step without torque from the standing state with one entry (qpos, then qvel) changed. */
static mg_env_outcome step_from(mg_env *env, int entry, double value, double *observation) {
  double qpos[N] = {0, 1.25}, qvel[N] = {0}, rest[M] = {0};
  if (entry >= 0) *(entry < N ? &qpos[entry] : &qvel[entry - N]) = value;
  mg_env_reset_to(env, qpos, qvel, observation);
  return mg_env_step(env, rest, observation);
}

Test(hopper, termination) {
  mg_env *env = create("Hopper-v4");
  double o[D];
  cr_assert_not(step_from(env, -1, 0, o).terminated);
  cr_assert(step_from(env, 1, 0.6, o).terminated, "too low");
  cr_assert_not(step_from(env, 1, 3.0, o).terminated, "height has no upper bound");
  cr_assert(step_from(env, 2, 0.25, o).terminated, "leans forward");
  cr_assert(step_from(env, 2, -0.25, o).terminated, "leans back");
  cr_assert_not(step_from(env, 2, 0.15, o).terminated);
  cr_assert_not(step_from(env, 0, 150, o).terminated, "x is not bounded");
  /* In the air, far from what would hit: a velocity or joint angle beyond 100. */
  double qpos[N] = {0, 5}, qvel[N] = {0}, rest[M] = {0};
  qvel[0] = 150;
  mg_env_reset_to(env, qpos, qvel, o);
  cr_assert(mg_env_step(env, rest, o).terminated, "speed above 100 m/s");
  cr_assert_eq(o[N - 1], 10, "the observed velocity is clipped, x' = %g", o[N - 1]);
  qvel[0] = -50;
  mg_env_reset_to(env, qpos, qvel, o);
  cr_assert_not(mg_env_step(env, rest, o).terminated);
  cr_assert_eq(o[N - 1], -10);
  mg_env_destroy(env);
}

/* Starts closely around a limit, in the air with the leg drawn up: terminated is what the state
 * after the step says. */
static void sweep(mg_env *env, int entry, double limit, int inside) {
  enum { POINTS = 200 };
  double qpos[N] = {0, 2, 0, -1, -2, 0}, qvel[N] = {0}, rest[M] = {0}, o[D];
  int ended = 0;
  for (int i = 0; i < POINTS; i++) {
    qpos[entry] = limit + 0.01 * (2.0 * i / POINTS - 1);
    mg_env_reset_to(env, qpos, qvel, o);
    bool terminated = mg_env_step(env, rest, o).terminated;
    double after = o[entry - 1];
    cr_assert_eq(terminated, !(inside * after < inside * limit), "%.17g against %g", after, limit);
    ended += terminated;
  }
  cr_assert(ended > POINTS / 10 && ended < POINTS * 9 / 10, "%d of %d", ended, POINTS);
}

Test(hopper, termination_limits) {
  mg_env *env = create("Hopper-v5");
  sweep(env, 1, 0.7, -1);
  sweep(env, 2, 0.2, 1);
  sweep(env, 2, -0.2, -1);
  mg_env_destroy(env);
}

/* v4 pays the alive bonus on the terminating step, v5 does not; elsewhere they agree. */
Test(hopper, reward) {
  mg_env *v4 = create("Hopper-v4"), *v5 = create("Hopper-v5");
  double o[D], qpos[N], qvel[N], start[N] = {0, 1.25}, still[N] = {0};
  double action[M] = {0.5, -2, 0.25}; /* outside the box: the cost sees it as it is */
  cr_assert_eq(step_from(v4, 1, 0.6, o).reward - step_from(v5, 1, 0.6, o).reward, 1);
  mg_env_reset_to(v4, start, still, o);
  mg_env_reset_to(v5, start, still, o);
  mg_env_outcome a = mg_env_step(v4, action, o), b = mg_env_step(v5, action, o);
  mg_env_get_qpos_qvel(v4, qpos, qvel);
  cr_assert_eq(a.reward, b.reward);
  cr_assert_not(a.unstable);
  cr_assert_float_eq(a.reward, qpos[0] / 0.008 + 1 - 1e-3 * (0.25 + 4 + 0.0625), 1e-14);
  mg_env_destroy(v4);
  mg_env_destroy(v5);
}

/* The robot fell long ago; steps are still taken and counted, also past the limit. */
Test(hopper, truncation_and_no_reset) {
  mg_env *env = create("Hopper-v4");
  double o[D], before[N], after[N], qvel[N], action[M];
  mg_rng rng = mg_rng_at(2, MG_RNG_TEST, 0, 0);
  mg_env_reset(env, &rng, o);
  bool fell = false;
  for (int t = 1; t <= 1000; t++) {
    random_action(&rng, action);
    mg_env_outcome outcome = mg_env_step(env, action, o);
    fell |= outcome.terminated;
    cr_assert_eq(outcome.truncated, t == 1000, "step %d", t);
    if (t == 1000) cr_assert(outcome.terminated, "truncated beside terminated");
  }
  cr_assert(fell);
  mg_env_get_qpos_qvel(env, before, qvel);
  mg_env_step(env, action, o);
  mg_env_get_qpos_qvel(env, after, qvel);
  cr_assert_lt(fabs(after[0] - before[0]), 0.1, "goes on from where it was");
  cr_assert_gt(fabs(after[0]), 0.01);
  mg_env_reset(env, &rng, o);
  cr_assert_not(mg_env_step(env, action, o).truncated);
  mg_env_destroy(env);
}

/* Saved at random steps, restored into another environment that has a past of its own. */
Test(hopper, restored_state_continues_bit_for_bit) {
  mg_env *a = create("Hopper-v4"), *b = create("Hopper-v4");
  double oa[D], ob[D], action[M], state[MAX_STATE], state_b[MAX_STATE];
  size_t n = mg_env_state_size(a);
  mg_rng rng = mg_rng_at(4, MG_RNG_TEST, 0, 0);
  mg_env_reset(a, &rng, oa);
  mg_env_reset(b, &rng, ob);
  int restored = 0;
  for (int t = 0; t < 400; t++) {
    random_action(&rng, action);
    bool ended = mg_env_step(a, action, oa).terminated;
    if (ended && mg_rng_below(&rng, 2)) mg_env_reset(a, &rng, oa);
    if (mg_rng_below(&rng, 8)) continue;
    restored++;
    mg_env_get_state(a, state);
    mg_env_set_state(b, state, ob);
    cr_assert_arr_eq(oa, ob, sizeof ob);
    mg_env_get_state(b, state_b);
    cr_assert_arr_eq(state, state_b, n * sizeof(double), "set, then get");
    for (int k = 0; k < 10; k++) {
      random_action(&rng, action);
      mg_env_outcome x = mg_env_step(a, action, oa), y = mg_env_step(b, action, ob);
      cr_assert_arr_eq(oa, ob, sizeof ob, "step %d after the restore at %d", k, t);
      cr_assert_eq(x.reward, y.reward);
      cr_assert(x.terminated == y.terminated && x.truncated == y.truncated);
    }
    mg_env_get_state(a, state);
    mg_env_get_state(b, state_b);
    cr_assert_arr_eq(state, state_b, n * sizeof(double));
  }
  cr_assert_gt(restored, 20);
  mg_env_destroy(a);
  mg_env_destroy(b);
}

/* Two environments share a model but nothing that moves. */
Test(hopper, environments_do_not_touch_each_other) {
  mg_env *a = create("Hopper-v4"), *b = create("Hopper-v5");
  double first[D], second[D], other[D], start[N] = {0, 1.25}, still[N] = {0};
  double action[M] = {1, -1, 1}, against[M] = {-1, 1, 0};
  mg_env_reset_to(a, start, still, first);
  for (int t = 0; t < 20; t++) mg_env_step(a, action, first);
  mg_env_reset_to(a, start, still, second);
  mg_env_reset_to(b, start, still, other);
  for (int t = 0; t < 20; t++) {
    mg_env_step(a, action, second);
    mg_env_step(b, against, other);
  }
  cr_assert_arr_eq(first, second, sizeof first);
  mg_env_destroy(b);
  mg_env_step(a, action, second); /* the model is still there */
  mg_env_destroy(a);
}

static bool all_finite(const double *x, int n) {
  for (int i = 0; i < n; i++)
    if (!isfinite(x[i])) return false;
  return true;
}

Test(hopper, bad_numbers_are_flagged) {
  mg_env *env = create("Hopper-v4");
  const double bad[] = {NAN, INFINITY, -INFINITY, 1e300};
  double o[D], action[M] = {0}, start[N] = {0, 1.25}, still[N] = {0};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    mg_env_reset_to(env, start, still, o);
    action[1] = bad[i];
    cr_assert(mg_env_step(env, action, o).unstable, "action %g", bad[i]);
    action[1] = 0;
    cr_assert_not(mg_env_step(env, action, o).unstable, "flagged in its own step only");
    cr_assert(all_finite(o, D));
  }
  start[3] = NAN;
  mg_env_reset_to(env, start, still, o);
  cr_assert(mg_env_step(env, action, o).unstable, "qpos NaN");
  start[3] = 0;
  still[2] = 1e20;
  mg_env_reset_to(env, start, still, o);
  cr_assert(mg_env_step(env, action, o).unstable, "qvel 1e20");
  still[2] = 0;
  mg_env_reset_to(env, start, still, o);
  cr_assert_not(mg_env_step(env, action, o).unstable, "a reset heals");
  cr_assert_neq(access("MUJOCO_LOG.TXT", F_OK), 0, "MuJoCo wrote its log");
  mg_env_destroy(env);
}

static void fail_in_simulator(const mjModel *m, mjData *d) {
  (void)m;
  (void)d;
  mju_error("planted");
}

/* MuJoCo's own handler would end the process. */
Test(hopper, simulator_error_is_caught) {
  mg_env *env = create("Hopper-v4");
  double o[D], before[N], after[N], qvel[N], action[M] = {0}, start[N] = {0, 1.25}, still[N] = {0};
  mg_env_reset_to(env, start, still, o);
  mg_env_get_qpos_qvel(env, before, qvel);
  mjcb_control = fail_in_simulator;
  cr_assert(mg_env_step(env, action, o).unstable);
  mjcb_control = NULL;
  cr_assert(mg_env_step(env, action, o).unstable, "until it is reset");
  mg_env_get_qpos_qvel(env, after, qvel);
  cr_assert_arr_eq(before, after, sizeof before, "does not move");
  mg_env_reset_to(env, start, still, o);
  cr_assert_not(mg_env_step(env, action, o).unstable);
  cr_assert_neq(access("MUJOCO_LOG.TXT", F_OK), 0, "MuJoCo wrote its log");
  mg_env_destroy(env);
}

Test(hopper, missing_model_names_the_places) {
  mg_env *env = NULL;
  setenv("MGAIL_ASSETS", "/nonexistent/models", 1);
  cr_assert_eq(mg_env_create("Hopper-v4", &env), MG_ERR_NO_INPUT);
  cr_assert_null(env);
  cr_assert_not_null(strstr(mg_status_message(), "/nonexistent/models/hopper.xml"), "%s",
                     mg_status_message());
  unsetenv("MGAIL_ASSETS");
  cr_assert_eq(mg_env_create("Hopper-v4", &env), MG_OK, "%s", mg_status_message());
  mg_env_destroy(env);
}

static void write_model(const char *folder, const char *text) {
  char path[256];
  snprintf(path, sizeof path, "%s/hopper.xml", folder);
  FILE *f = fopen(path, "w");
  cr_assert_not_null(f);
  fputs(text, f);
  fclose(f);
}

Test(hopper, broken_model_is_an_error) {
  char folder[] = "/tmp/mgail-test-XXXXXX", path[256];
  cr_assert_not_null(mkdtemp(folder));
  setenv("MGAIL_ASSETS", folder, 1);
  const struct {
    const char *text;
    mg_status status;
  } cases[] = {{"<mujoco><worldbody><body>", MG_ERR_NO_INPUT},
               {"", MG_ERR_NO_INPUT},
               {"<mujoco><worldbody><body><joint/></body></worldbody></mujoco>", MG_ERR_NO_INPUT},
               {"<mujoco/>", MG_ERR_DATA}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    mg_env *env = NULL;
    write_model(folder, cases[i].text);
    cr_assert_eq(mg_env_create("Hopper-v4", &env), cases[i].status, "%zu: %s", i,
                 mg_status_message());
    cr_assert_null(env);
  }
  snprintf(path, sizeof path, "%s/hopper.xml", folder);
  unlink(path);
  rmdir(folder);
}
