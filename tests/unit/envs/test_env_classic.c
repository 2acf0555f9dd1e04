/* MountainCar and Acrobot; CartPole has a file of its own. */
#include "envs/env.h"

#include <criterion/criterion.h>
#include <math.h>

static mg_env *create(const char *id) {
  mg_env *env = NULL;
  cr_assert_eq(mg_env_create(id, &env), MG_OK, "%s", mg_status_message());
  return env;
}

/* The state that Gymnasium 1.4.0 is in after so many steps, to the last bit. In 400 steps x * x for
 * the library's x^2 shows, and so does a last bit anywhere else. */
Test(acrobot, known_states) {
  static const struct {
    int steps;
    double state[4];
  } cases[] = {
      {1, {0.06048772467820533, -0.05453998509397796, 0.08185570403465979, -0.24927319984543655}},
      {40, {0.25373096761927816, 0.03213993582153383, -0.8065916080237352, 0.48191367365459825}},
      {400, {-0.265231949052633, -0.27267299435151365, 0.8063882941824762, -3.390701753302783}},
  };
  mg_env *env = create("Acrobot-v1");
  for (int c = 0; c < 3; c++) {
    double start[4] = {0.05, -0.03, 0.02, 0.01}, state[4], o[6];
    mg_env_reset_to(env, start, NULL, o);
    for (int t = 0; t < cases[c].steps; t++) {
      double action = t / 7 % 3;
      mg_env_outcome outcome = mg_env_step(env, &action, o);
      cr_assert_eq(outcome.reward, -1);
      cr_assert_not(outcome.terminated);
    }
    mg_env_get_qpos_qvel(env, state, NULL);
    for (int i = 0; i < 4; i++)
      cr_expect_eq(state[i], cases[c].state[i], "%d steps: entry %d is %.17g, not %.17g",
                   cases[c].steps, i, state[i], cases[c].state[i]);
    const double observed[6] = {cos(state[0]), sin(state[0]), cos(state[1]),
                                sin(state[1]), state[2],      state[3]};
    for (int i = 0; i < 6; i++) cr_expect_eq(o[i], (double)(float)observed[i]);
  }
  mg_env_destroy(env);
}

Test(acrobot, the_last_step_costs_nothing) {
  mg_env *env = create("Acrobot-v1");
  double start[4] = {2.9, 0.1, 3.0, 1.0}, state[4], o[6], action = 2;
  mg_env_reset_to(env, start, NULL, o);
  mg_env_outcome outcome = mg_env_step(env, &action, o);
  cr_assert(outcome.terminated);
  cr_assert_eq(outcome.reward, 0);
  mg_env_get_qpos_qvel(env, state, NULL);
  cr_assert_eq(state[0], -2.7889465625761845, "wrapped into -pi..pi: %.17g", state[0]);
  mg_env_destroy(env);
}

Test(acrobot, speeds_are_bounded) {
  const double pi = 3.141592653589793;
  mg_env *env = create("Acrobot-v1");
  double start[4] = {0, 0, 40, -90}, state[4], o[6], action = 0;
  mg_env_reset_to(env, start, NULL, o);
  mg_env_step(env, &action, o);
  mg_env_get_qpos_qvel(env, state, NULL);
  cr_assert(fabs(state[2]) <= 4 * pi && fabs(state[3]) <= 9 * pi);
  cr_assert(fabs(state[2]) == 4 * pi || fabs(state[3]) == 9 * pi);
  cr_assert(fabs(state[0]) <= pi && fabs(state[1]) <= pi);
  mg_env_destroy(env);
}

/* Gymnasium draws the first state in float32. */
Test(acrobot, starts_at_float32_states) {
  mg_env *env = create("Acrobot-v1");
  double state[4], o[6];
  for (int k = 0; k < 100; k++) {
    mg_rng rng = mg_rng_at(1, MG_RNG_TEST, (uint64_t)k, 0);
    mg_env_reset(env, &rng, o);
    mg_env_get_qpos_qvel(env, state, NULL);
    for (int i = 0; i < 4; i++) cr_assert_eq(state[i], (double)(float)state[i]);
  }
  mg_env_destroy(env);
}

Test(acrobot, a_state_out_of_all_bounds_ends) {
  mg_env *env = create("Acrobot-v1");
  double o[6], action = 1;
  const double bad[] = {1e300, -1e300, INFINITY, NAN};
  for (int i = 0; i < 4; i++) {
    double start[4] = {bad[i], 0, 0, 0};
    mg_env_reset_to(env, start, NULL, o);
    mg_env_outcome outcome = mg_env_step(env, &action, o);
    if (!isfinite(bad[i])) cr_expect(outcome.unstable, "%g", bad[i]);
  }
  mg_env_destroy(env);
}

static mg_env_outcome drive(mg_env *env, double position, double velocity, double action,
                            double state[2]) {
  double start[2] = {position, velocity}, o[2];
  mg_env_reset_to(env, start, NULL, o);
  mg_env_outcome outcome = mg_env_step(env, &action, o);
  mg_env_get_qpos_qvel(env, state, NULL);
  cr_assert(o[0] == (double)(float)state[0] && o[1] == (double)(float)state[1]);
  cr_assert_eq(outcome.reward, -1);
  return outcome;
}

Test(mountain_car, known_states) {
  mg_env *env = create("MountainCar-v0");
  double state[2], start[2] = {-0.5, 0}, o[2];
  cr_assert_not(drive(env, -0.5, 0, 0, state).terminated);
  cr_assert(state[0] == -0.5011768430041692 && state[1] == -0.0011768430041692573);
  cr_assert(drive(env, 0.45, 0.06, 2, state).terminated, "at the goal");
  cr_assert(state[0] == 0.5104524832822674 && state[1] == 0.06045248328226739);
  cr_assert_not(drive(env, -1.19, -0.06, 0, state).terminated);
  cr_assert(state[0] == -1.2 && state[1] == 0, "the wall stops it");
  mg_env_reset_to(env, start, NULL, o);
  for (int t = 0; t < 60; t++) {
    double action = t / 20 % 2 == 0 ? 0 : 2;
    cr_assert_not(mg_env_step(env, &action, o).terminated);
  }
  mg_env_get_qpos_qvel(env, state, NULL);
  cr_assert(state[0] == -0.37589118967393004 && state[1] == -0.016234553563051608, "%.17g, %.17g",
            state[0], state[1]);
  mg_env_destroy(env);
}
