/* What holds for every task of the registry, and for variants of it. */
#include "envs/env.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_D = 400, MAX_A = 17, MAX_Q = 24 };

typedef struct facts {
  const char *id;
  int observation_size, action_size, max_episode_steps, qpos_size, qvel_size;
  double dt, limit; /* limit: of actions; 0: discrete */
  double noise;     /* of a reset; 0: other */
  bool normal;      /* velocities start normal */
} facts;

static const facts tasks[] = {
    {"CartPole-v0", 4, 2, 200, 4, 0, 0.02, 0, 0.05, false},
    {"CartPole-v1", 4, 2, 500, 4, 0, 0.02, 0, 0.05, false},
    {"MountainCar-v0", 2, 3, 200, 2, 0, 0, 0, 0, false},
    {"Acrobot-v1", 6, 3, 500, 4, 0, 0.2, 0, 0.1, false},
    {"Hopper-v4", 11, 3, 1000, 6, 6, 0.008, 1, 5e-3, false},
    {"Hopper-v5", 11, 3, 1000, 6, 6, 0.008, 1, 5e-3, false},
    {"Walker2d-v4", 17, 6, 1000, 9, 9, 0.008, 1, 5e-3, false},
    {"Walker2d-v5", 17, 6, 1000, 9, 9, 0.008, 1, 5e-3, false},
    {"HalfCheetah-v4", 17, 6, 1000, 9, 9, 0.05, 1, 0.1, true},
    {"HalfCheetah-v5", 17, 6, 1000, 9, 9, 0.05, 1, 0.1, true},
    {"Ant-v4", 27, 8, 1000, 15, 14, 0.05, 1, 0.1, true},
    {"Ant-v5", 105, 8, 1000, 15, 14, 0.05, 1, 0.1, true},
    {"Humanoid-v4", 376, 17, 1000, 24, 23, 0.015, 0.4000000059604645, 1e-2, false},
    {"Humanoid-v5", 348, 17, 1000, 24, 23, 0.015, 0.4000000059604645, 1e-2, false},
};
enum { TASKS = sizeof tasks / sizeof *tasks };

static mg_env *create(const char *id, const char *kwargs) {
  mg_env_options options;
  mg_env *env = NULL;
  cr_assert_eq(mg_env_options_from_json(kwargs, &options), MG_OK, "%s", mg_status_message());
  cr_assert_eq(mg_env_create_with(id, &options, &env), MG_OK, "%s", mg_status_message());
  cr_assert(mg_env_get_spec(env)->observation_size <= MAX_D);
  return env;
}

static void random_action(const mg_env *env, mg_rng *rng, double *action) {
  const mg_env_spec *spec = mg_env_get_spec(env);
  if (spec->discrete)
    action[0] = (double)mg_rng_below(rng, (uint64_t)spec->action_size);
  else
    for (int i = 0; i < spec->action_size; i++)
      action[i] =
          spec->action_low[i] + (spec->action_high[i] - spec->action_low[i]) * mg_rng_uniform(rng);
}

Test(tasks, specifications) {
  int n = 0;
  for (const char *const *id = mg_env_ids(); *id; id++) n++;
  cr_assert_eq(n, TASKS);
  for (int i = 0; i < TASKS; i++) {
    mg_env *env = create(tasks[i].id, "{}");
    const mg_env_spec *s = mg_env_get_spec(env);
    cr_expect_eq(s->observation_size, tasks[i].observation_size, "%s", s->id);
    cr_expect_eq(s->action_size, tasks[i].action_size, "%s", s->id);
    cr_expect_eq(s->max_episode_steps, tasks[i].max_episode_steps, "%s", s->id);
    cr_expect_eq(s->qpos_size, tasks[i].qpos_size, "%s", s->id);
    cr_expect_eq(s->qvel_size, tasks[i].qvel_size, "%s", s->id);
    cr_expect_float_eq(s->dt, tasks[i].dt, 1e-15, "%s", s->id);
    cr_expect_eq(s->discrete, tasks[i].limit == 0, "%s", s->id);
    for (int j = 0; j < s->action_size && !s->discrete; j++) {
      cr_expect_eq(s->action_low[j], -tasks[i].limit, "%s", s->id);
      cr_expect_eq(s->action_high[j], tasks[i].limit, "%s", s->id);
    }
    mg_env_destroy(env);
  }
}

/* ---- resets ---- */

typedef struct moments {
  double low, high, sum, squares;
  long n;
} moments;

static void count(moments *m, double x) {
  m->low = m->n ? fmin(m->low, x) : x;
  m->high = m->n ? fmax(m->high, x) : x;
  m->sum += x;
  m->squares += x * x;
  m->n++;
}

/* Mean 0, variance v, bounds +-bound (0: none), in units of the noise. */
static void expect_moments(const char *id, const moments *m, double variance, double kurtosis,
                           double bound) {
  double n = (double)m->n;
  cr_expect_lt(fabs(m->sum / n), 5 * sqrt(variance / n), "%s: mean %g", id, m->sum / n);
  cr_expect_lt(fabs(m->squares / n / variance - 1), 5 * sqrt((kurtosis - 1) / n),
               "%s: variance %g, expected %g", id, m->squares / n, variance);
  if (bound > 0) {
    cr_expect(m->low >= -bound - 1e-12 && m->high <= bound + 1e-12, "%s: %g..%g", id, m->low,
              m->high);
    cr_expect(m->low < -0.999 * bound && m->high > 0.999 * bound, "%s: %g..%g", id, m->low,
              m->high);
  } else {
    cr_expect(m->low < -3 && m->high > 3, "%s: %g..%g", id, m->low, m->high);
  }
}

/* qpos = initial state + uniform noise, also of quaternions; qvel uniform or normal. */
Test(tasks, resets_are_distributed_as_gymnasiums) {
  enum { DRAWS = 1000 };
  for (int i = 0; i < TASKS; i++) {
    if (tasks[i].noise == 0) continue;
    mg_env *env = create(tasks[i].id, "{}");
    double observation[MAX_D], initial[MAX_Q], qpos[MAX_Q], qvel[MAX_Q];
    moments positions = {0}, velocities = {0};
    int nq = tasks[i].qpos_size, nv = tasks[i].qvel_size;
    mg_env_get_qpos_qvel(env, initial, qvel); /* nobody has reset yet */
    /* Releases of MuJoCo before 3 normalise quaternions at once. */
    bool normalised = nq > nv && nv > 0 && strncmp(mg_env_simulator(), "MuJoCo 2", 8) == 0;
    for (int k = 0; k < DRAWS; k++) {
      mg_rng rng = mg_rng_at(1, MG_RNG_TEST, (uint64_t)k, 0);
      mg_env_reset(env, &rng, observation);
      mg_env_get_qpos_qvel(env, qpos, qvel);
      for (int j = 0; j < nq; j++)
        if (!(normalised && j >= 3 && j < 7))
          count(&positions, (qpos[j] - initial[j]) / tasks[i].noise);
      for (int j = 0; j < nv; j++) count(&velocities, qvel[j] / tasks[i].noise);
    }
    expect_moments(tasks[i].id, &positions, 1 / 3.0, 9 / 5.0, 1);
    if (nv && tasks[i].normal) expect_moments(tasks[i].id, &velocities, 1, 3, 0);
    if (nv && !tasks[i].normal) expect_moments(tasks[i].id, &velocities, 1 / 3.0, 9 / 5.0, 1);
    mg_env_destroy(env);
  }
}

Test(tasks, mountain_car_starts_in_the_valley_at_rest) {
  mg_env *env = create("MountainCar-v0", "{}");
  double observation[2], state[2];
  moments m = {0};
  for (int k = 0; k < 4000; k++) {
    mg_rng rng = mg_rng_at(1, MG_RNG_TEST, (uint64_t)k, 0);
    mg_env_reset(env, &rng, observation);
    mg_env_get_qpos_qvel(env, state, NULL);
    cr_assert_eq(state[1], 0);
    count(&m, (state[0] + 0.5) / 0.1);
  }
  expect_moments("MountainCar-v0", &m, 1 / 3.0, 9 / 5.0, 1);
  mg_env_destroy(env);
}

/* ---- save and restore ---- */

static const char *const variants[][2] = {
    {"Ant-v4", "{\"use_contact_forces\": true, \"terminate_when_unhealthy\": false}"},
    {"Humanoid-v4", "{\"terminate_when_unhealthy\": false}"},
    {"Humanoid-v5",
     "{\"terminate_when_unhealthy\": false, \"include_cvel_in_observation\": false}"},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

static void check_restore(const char *id, const char *kwargs) {
  mg_env *a = create(id, kwargs), *b = create(id, kwargs);
  double oa[MAX_D], ob[MAX_D], action[MAX_A];
  size_t n = mg_env_state_size(a), bytes = n * sizeof(double);
  size_t d = (size_t)mg_env_get_spec(a)->observation_size;
  double *sa = malloc(bytes), *sb = malloc(bytes);
  cr_assert(sa && sb);
  mg_rng rng = mg_rng_at(3, MG_RNG_TEST, 0, 0);
  mg_env_reset(a, &rng, oa);
  mg_env_reset(b, &rng, ob);
  int restored = 0;
  for (int t = 0; t < 250; t++) {
    random_action(a, &rng, action);
    mg_env_outcome o = mg_env_step(a, action, oa);
    /* Sometimes on past the end, into contacts that a healthy robot does not see. */
    if ((o.terminated || o.truncated) && mg_rng_below(&rng, 4) == 0) mg_env_reset(a, &rng, oa);
    if (mg_rng_below(&rng, 10)) continue;
    restored++;
    mg_env_get_state(a, sa);
    mg_env_set_state(b, sa, ob);
    cr_assert_arr_eq(oa, ob, d * sizeof(double), "%s: observation at %d", id, t);
    mg_env_get_state(b, sb);
    cr_assert_arr_eq(sa, sb, bytes, "%s: set, then get at %d", id, t);
    for (int k = 0; k < 20; k++) {
      random_action(a, &rng, action);
      mg_env_outcome x = mg_env_step(a, action, oa), y = mg_env_step(b, action, ob);
      cr_assert_arr_eq(oa, ob, d * sizeof(double), "%s: step %d after %d", id, k, t);
      cr_assert_eq(x.reward, y.reward, "%s: step %d after %d", id, k, t);
      cr_assert(x.terminated == y.terminated && x.truncated == y.truncated);
    }
    mg_env_get_state(a, sa);
    mg_env_get_state(b, sb);
    cr_assert_arr_eq(sa, sb, bytes, "%s: state after %d", id, t);
  }
  cr_assert_gt(restored, 10);
  free(sa);
  free(sb);
  mg_env_destroy(a);
  mg_env_destroy(b);
}

Test(tasks, restored_state_continues_bit_for_bit) {
  for (int i = 0; i < TASKS; i++) check_restore(tasks[i].id, "{}");
  for (int i = 0; i < VARIANTS; i++) check_restore(variants[i][0], variants[i][1]);
}

/* A state that was read is the state that is set, to the last bit. */
Test(tasks, reset_to_what_was_read) {
  for (int i = 0; i < TASKS; i++) {
    mg_env *env = create(tasks[i].id, "{}");
    double first[MAX_D], second[MAX_D], qpos[MAX_Q], qvel[MAX_Q], q[MAX_Q], v[MAX_Q];
    for (int k = 0; k < 50; k++) {
      mg_rng rng = mg_rng_at(2, MG_RNG_TEST, (uint64_t)k, 0);
      mg_env_reset(env, &rng, first);
      mg_env_get_qpos_qvel(env, qpos, qvel);
      mg_env_reset_to(env, qpos, qvel, second);
      mg_env_get_qpos_qvel(env, q, v);
      cr_assert_arr_eq(q, qpos, (size_t)tasks[i].qpos_size * sizeof(double), "%s", tasks[i].id);
      cr_assert_arr_eq(v, qvel, (size_t)tasks[i].qvel_size * sizeof(double), "%s", tasks[i].id);
    }
    mg_env_destroy(env);
  }
}

/* ---- returns ---- */

/* 50 episodes of uniformly random actions: the mean return within two standard errors of what the
 * task's table says, which is Gymnasium's. */
Test(tasks, random_returns) {
  enum { EPISODES = 50 };
  for (int i = 0; i < TASKS; i++) {
    mg_env *env = create(tasks[i].id, "{}");
    double observation[MAX_D], action[MAX_A], sum = 0, squares = 0;
    for (int k = 0; k < EPISODES; k++) {
      mg_rng rng = mg_rng_at(5, MG_RNG_TEST, (uint64_t)k, 0);
      mg_env_outcome o = {0};
      double total = 0;
      mg_env_reset(env, &rng, observation);
      while (!o.terminated && !o.truncated) {
        random_action(env, &rng, action);
        o = mg_env_step(env, action, observation);
        cr_assert_not(o.unstable);
        total += o.reward;
      }
      sum += total;
      squares += total * total;
    }
    double mean = sum / EPISODES;
    double error = sqrt(fmax(0, squares / EPISODES - mean * mean) / (EPISODES - 1));
    double expected = mg_env_get_spec(env)->random_return;
    fprintf(stderr, "%-15s random return %8.2f +- %.2f, expected %8.2f\n", tasks[i].id, mean, error,
            expected);
    cr_expect(fabs(mean - expected) <= 2 * error, "%s: %g +- %g, expected %g", tasks[i].id, mean,
              error, expected);
    mg_env_destroy(env);
  }
}

/* ---- blow-ups ---- */

static bool all_finite(const double *x, int n) {
  for (int i = 0; i < n; i++)
    if (!isfinite(x[i])) return false;
  return true;
}

/* What is not finite, or too large to be physics, is flagged in its own step, whatever entry it
 * enters by; a reset heals. */
Test(tasks, bad_numbers_are_flagged) {
  const double bad[] = {NAN, INFINITY, -INFINITY, 1e30};
  for (int i = 0; i < TASKS; i++) {
    mg_env *env = create(tasks[i].id, "{}");
    double o[MAX_D], qpos[MAX_Q], qvel[MAX_Q], action[MAX_A] = {0};
    int d = tasks[i].observation_size;
    mg_rng rng = mg_rng_at(7, MG_RNG_TEST, 0, 0);
    for (int k = 0; k < 4; k++) {
      mg_env_reset(env, &rng, o);
      action[0] = bad[k];
      mg_env_outcome outcome = mg_env_step(env, action, o);
      /* 1e30 is a number: the simulator clamps it, and the cost is what it is. */
      bool passes = k == 3 && all_finite(o, d) && isfinite(outcome.reward);
      cr_expect(outcome.unstable || passes, "%s: action %g", tasks[i].id, bad[k]);
      action[0] = 0;
      for (int entry = 0; entry < tasks[i].qpos_size + tasks[i].qvel_size; entry++) {
        mg_env_reset(env, &rng, o);
        mg_env_get_qpos_qvel(env, qpos, qvel);
        *(entry < tasks[i].qpos_size ? &qpos[entry] : &qvel[entry - tasks[i].qpos_size]) = bad[k];
        mg_env_reset_to(env, qpos, qvel, o);
        outcome = mg_env_step(env, action, o);
        cr_expect(outcome.unstable || (all_finite(o, d) && isfinite(outcome.reward)),
                  "%s: entry %d = %g passes", tasks[i].id, entry, bad[k]);
      }
      mg_env_reset(env, &rng, o);
      outcome = mg_env_step(env, action, o);
      cr_expect(!outcome.unstable && all_finite(o, d), "%s: healed after %g", tasks[i].id, bad[k]);
    }
    mg_env_destroy(env);
  }
}

/* ---- long runs ---- */

/* Steps of every task, 10,000 of them if MGAIL_LONG_TESTS is set: all finite, also past the end of
 * episodes; under a sanitizer this is where it looks. */
Test(tasks, many_steps_stay_finite) {
  int steps = getenv("MGAIL_LONG_TESTS") ? 10000 : 500;
  for (int i = 0; i < TASKS; i++) {
    mg_env *env = create(tasks[i].id, "{}");
    double observation[MAX_D], action[MAX_A];
    mg_rng rng = mg_rng_at(6, MG_RNG_TEST, (uint64_t)i, 0);
    mg_env_reset(env, &rng, observation);
    for (int t = 0; t < steps; t++) {
      random_action(env, &rng, action);
      if (t % 7 == 0 && !mg_env_get_spec(env)->discrete) action[0] *= 100;
      mg_env_outcome o = mg_env_step(env, action, observation);
      cr_assert(isfinite(o.reward));
      for (int j = 0; j < tasks[i].observation_size; j++)
        cr_assert(isfinite(observation[j]), "%s: entry %d at %d", tasks[i].id, j, t);
      if (o.truncated || (o.terminated && t % 3)) mg_env_reset(env, &rng, observation);
    }
    mg_env_destroy(env);
  }
}
