#include "envs/env.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { D = 4 };

static mg_env *create(const char *id) {
  mg_env *env = NULL;
  cr_assert_eq(mg_env_create(id, &env), MG_OK, "%s", mg_status_message());
  return env;
}

Test(cartpole, specification) {
  mg_env *env = create("CartPole-v0");
  const mg_env_spec *spec = mg_env_get_spec(env);
  cr_assert_str_eq(spec->id, "CartPole-v0");
  cr_assert(spec->discrete);
  cr_assert_eq(spec->observation_size, D);
  cr_assert_eq(spec->action_size, 2);
  cr_assert_eq(spec->max_episode_steps, 200);
  cr_assert_eq(spec->qpos_size, 4);
  cr_assert_eq(spec->qvel_size, 0);
  cr_assert_eq(spec->dt, 0.02);
  cr_assert_null(spec->action_low);
  cr_assert_eq(spec->random_return, 21.0);
  cr_assert_eq(spec->reference_return, 200);
  mg_env_destroy(env);
  env = create("CartPole-v1");
  cr_assert_eq(mg_env_get_spec(env)->max_episode_steps, 500);
  cr_assert_eq(mg_env_get_spec(env)->reference_return, 500);
  mg_env_destroy(env);
}

/* 4000 draws of uniform(-0.05, 0.05): inside, close to both ends, mean 0 and variance 0.1^2/12. */
Test(cartpole, reset_is_uniform) {
  enum { DRAWS = 1000 };
  mg_env *env = create("CartPole-v0");
  double observation[D], low = 1, high = -1, sum = 0, squares = 0;
  for (int i = 0; i < DRAWS; i++) {
    mg_rng rng = mg_rng_at(1, MG_RNG_TEST, (uint64_t)i, 0);
    mg_env_reset(env, &rng, observation);
    for (int j = 0; j < D; j++) {
      low = fmin(low, observation[j]);
      high = fmax(high, observation[j]);
      sum += observation[j];
      squares += observation[j] * observation[j];
    }
  }
  double n = DRAWS * D, variance = 0.1 * 0.1 / 12;
  cr_assert_geq(low, -0.0500001);
  cr_assert_leq(high, 0.0500001);
  cr_assert_lt(low, -0.0499);
  cr_assert_gt(high, 0.0499);
  cr_assert_lt(fabs(sum / n), 5 * sqrt(variance / n));
  cr_assert_lt(fabs(squares / n / variance - 1), 0.08);
  mg_env_destroy(env);
}

Test(cartpole, one_step_by_hand) {
  mg_env *env = create("CartPole-v1");
  double at_rest[D] = {0}, observation[D], state[D], action = 1;
  mg_env_reset_to(env, at_rest, NULL, observation);
  mg_env_outcome o = mg_env_step(env, &action, observation);
  /* Upright: temp = 10/1.1; theta'' = -temp / (0.5 (4/3 - 0.1/1.1)); x'' = temp - 0.05 theta''/1.1
   */
  double temp = 10 / 1.1, theta_acc = -temp / (0.5 * (4.0 / 3 - 0.1 / 1.1));
  mg_env_get_qpos_qvel(env, state, NULL);
  cr_assert_eq(o.reward, 1);
  cr_assert_eq(state[0], 0);
  cr_assert_float_eq(state[1], 0.02 * (temp - 0.05 * theta_acc / 1.1), 1e-15);
  cr_assert_eq(state[2], 0);
  cr_assert_float_eq(state[3], 0.02 * theta_acc, 1e-15);
  for (int i = 0; i < D; i++) cr_assert_eq(observation[i], (double)(float)state[i]);
  cr_assert_neq(observation[3], state[3], "the observation is rounded to float32");
  mg_env_destroy(env);
}

/* At rest except for one entry, one step does not change x and theta. */
static mg_env_outcome step_from(mg_env *env, int entry, double value) {
  double state[D] = {0}, observation[D], action = 0;
  state[entry] = value;
  mg_env_reset_to(env, state, NULL, observation);
  return mg_env_step(env, &action, observation);
}

Test(cartpole, termination) {
  mg_env *env = create("CartPole-v0");
  double limit = 12 * 2 * 3.141592653589793 / 360;
  for (int sign = -1; sign <= 1; sign += 2) {
    cr_assert_not(step_from(env, 0, sign * 2.4).terminated);
    cr_assert(step_from(env, 0, sign * nextafter(2.4, 3)).terminated);
    cr_assert_not(step_from(env, 2, sign * limit).terminated);
    mg_env_outcome o = step_from(env, 2, sign * nextafter(limit, 1));
    cr_assert(o.terminated);
    cr_assert_not(o.truncated);
    cr_assert_eq(o.reward, 1, "the terminating step is paid");
  }
  mg_env_destroy(env);
}

/* Keeps the pole up from a standing start for ever. */
static double balance(const double *s) {
  return s[2] + 0.5 * s[3] + 0.1 * s[1] + 0.05 * s[0] > 0 ? 1 : 0;
}

Test(cartpole, truncation_and_no_reset) {
  const struct {
    const char *id;
    int limit;
  } tasks[] = {{"CartPole-v0", 200}, {"CartPole-v1", 500}};
  for (int k = 0; k < 2; k++) {
    mg_env *env = create(tasks[k].id);
    double state[D] = {0.01, 0, 0.02, 0}, observation[D], before[D], action;
    mg_env_reset_to(env, state, NULL, observation);
    for (int t = 1; t <= tasks[k].limit; t++) {
      action = balance(observation);
      mg_env_outcome o = mg_env_step(env, &action, observation);
      cr_assert_not(o.terminated, "step %d", t);
      cr_assert_eq(o.truncated, t == tasks[k].limit, "step %d", t);
    }
    /* The next step goes on from where the last one ended. */
    mg_env_get_qpos_qvel(env, before, NULL);
    mg_env_step(env, &action, observation);
    cr_assert_eq(observation[0], (double)(float)(before[0] + 0.02 * before[1]));
    mg_env_destroy(env);
  }
}

Test(cartpole, truncated_beside_terminated) {
  mg_env *env = create("CartPole-v0");
  double observation[D], action = 0, saved[16], start[D] = {0};
  cr_assert_leq(mg_env_state_size(env), 16);
  mg_env_reset_to(env, start, NULL, observation);
  mg_env_outcome o = {0};
  for (int t = 1; t <= 200; t++) o = mg_env_step(env, &action, observation); /* it fell long ago */
  cr_assert(o.terminated && o.truncated);
  mg_env_get_state(env, saved);
  mg_env_reset_to(env, start, NULL, observation);
  o = mg_env_step(env, &action, observation);
  cr_assert_not(o.truncated, "reset starts the count anew");
  mg_env_destroy(env);
}

Test(cartpole, restored_state_continues_bit_for_bit) {
  enum { STEPS = 150 };
  mg_env *a = create("CartPole-v1"), *b = create("CartPole-v1");
  double observation[D], other[D], state[16], state_b[16], action;
  size_t n = mg_env_state_size(a);
  cr_assert_leq(n, 16);
  mg_rng rng = mg_rng_at(3, MG_RNG_TEST, 0, 0);
  mg_env_reset(a, &rng, observation);
  mg_env_reset(b, &rng, other);
  for (int t = 0; t < STEPS; t++) {
    if (mg_rng_below(&rng, 10) == 0) {
      mg_env_get_state(a, state);
      mg_env_set_state(b, state, other);
      cr_assert_arr_eq(observation, other, sizeof other);
      for (int k = 0; k < 5; k++) {
        action = (double)mg_rng_below(&rng, 2);
        mg_env_outcome oa = mg_env_step(a, &action, observation);
        mg_env_outcome ob = mg_env_step(b, &action, other);
        cr_assert_arr_eq(observation, other, sizeof other);
        cr_assert_eq(oa.terminated, ob.terminated);
      }
      mg_env_get_state(a, state);
      mg_env_get_state(b, state_b);
      cr_assert_arr_eq(state, state_b, n * sizeof(double));
    }
    action = balance(observation);
    mg_env_step(a, &action, observation);
  }
  mg_env_destroy(a);
  mg_env_destroy(b);
}

/* The step count is part of the state: the time limit comes when it would have come. */
Test(cartpole, restored_state_keeps_the_time_limit) {
  mg_env *a = create("CartPole-v0"), *b = create("CartPole-v0");
  double observation[D], state[16], action = 0, start[D] = {0};
  mg_env_reset_to(a, start, NULL, observation);
  for (int t = 0; t < 199; t++) mg_env_step(a, &action, observation);
  mg_env_get_state(a, state);
  mg_env_set_state(b, state, NULL);
  cr_assert(mg_env_step(b, &action, observation).truncated);
  mg_env_destroy(a);
  mg_env_destroy(b);
}

Test(cartpole, bad_actions_are_flagged) {
  mg_env *env = create("CartPole-v0");
  const double bad[] = {NAN, -1, 2, 1e300, INFINITY, -INFINITY};
  double observation[D], start[D] = {0}, good = 1;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    mg_env_reset_to(env, start, NULL, observation);
    cr_assert(mg_env_step(env, &bad[i], observation).unstable);
    for (int j = 0; j < D; j++) cr_assert(isfinite(observation[j]));
    cr_assert_not(mg_env_step(env, &good, observation).unstable);
  }
  start[1] = NAN;
  mg_env_reset_to(env, start, NULL, observation);
  cr_assert(mg_env_step(env, &good, observation).unstable);
  mg_env_destroy(env);
}

Test(registry, every_id_is_created_under_its_name) {
  const char *const *ids = mg_env_ids();
  cr_assert_not_null(ids[0]);
  for (; *ids; ids++) {
    mg_env *env = create(*ids);
    cr_assert_str_eq(mg_env_get_spec(env)->id, *ids);
    cr_assert_gt(mg_env_get_spec(env)->reference_return, mg_env_get_spec(env)->random_return);
    mg_env_destroy(env);
  }
  mg_env_destroy(NULL);
}

Test(registry, unknown_id_names_the_nearest) {
  const char *const cases[][2] = {{"Hoper-v4", "'Hopper-v4'"},
                                  {"hopper-v5", "'Hopper-v5'"},
                                  {"cartpole-v1", "'CartPole-v1'"},
                                  {"CartPole", "'CartPole-v"},
                                  {"", "did you mean"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    mg_env *env = NULL;
    cr_assert_eq(mg_env_create(cases[i][0], &env), MG_ERR_CONFIG);
    cr_assert_null(env);
    cr_assert_not_null(strstr(mg_status_message(), cases[i][1]), "%s", mg_status_message());
  }
  char endless[5000];
  memset(endless, 'x', sizeof endless - 1);
  endless[sizeof endless - 1] = '\0';
  mg_env *env = NULL;
  cr_assert_eq(mg_env_create(endless, &env), MG_ERR_CONFIG);
}
