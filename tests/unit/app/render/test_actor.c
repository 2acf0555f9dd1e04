/* Episodes of a policy are those of an evaluation; positions behind observations, those that a simulation
 * had. */
#include "app/render/actor.h"
#include "app/run/acting_file.h"
#include "base/rng.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { STEPS = 50, MOST = 512 };

static void check(const char *id) {
  mg_env *env;
  double observation[MOST], action[MOST], qpos[MOST], qvel[MOST], guess[MOST], before[MOST];
  mg_rng rng = mg_rng_at(3, MG_RNG_TEST, 0, 0);
  cr_assert_eq(mg_env_create(id, &env), MG_OK);
  const mg_env_spec *spec = mg_env_get_spec(env);
  const int hidden =
      spec->qvel_size > 0 ? spec->qpos_size - (spec->motion_size - spec->qvel_size) : 0;
  mg_env_reset(env, &rng, observation);
  mg_env_get_qpos_qvel(env, qpos, qvel);
  cr_assert(mg_pose_of_observation(spec, NULL, observation, guess));
  double start[2] = {0};
  for (int i = 0; i < hidden; i++) start[i] = qpos[i];
  for (int t = 1; t <= STEPS; t++) {
    for (int i = 0; i < spec->action_size; i++) action[i] = mg_rng_uniform(&rng) - 0.5;
    if (spec->discrete) action[0] = (double)mg_rng_below(&rng, (uint64_t)spec->action_size);
    if (mg_env_step(env, action, observation).terminated) break;
    mg_env_get_qpos_qvel(env, qpos, qvel);
    memcpy(before, guess, sizeof before);
    cr_assert(mg_pose_of_observation(spec, before, observation, guess));
    for (int i = 0; i < spec->qpos_size; i++) {
      const double off = i < hidden ? 0.2 : 1e-6; /* the way travelled is added up */
      const double real = i < hidden ? qpos[i] - start[i] : qpos[i];
      cr_assert(fabs(remainder(guess[i] - real, 2 * M_PI)) < off,
                "%s, step %d: qpos[%d] is %g, not %g", id, t, i, guess[i], real);
    }
  }
  mg_env_destroy(env);
}

Test(actor, positions_are_in_the_observations) {
  for (const char *const *id = mg_env_ids(); *id; id++) check(*id);
}

Test(actor, the_way_travelled_is_added_up) {
  mg_env *env;
  cr_assert_eq(mg_env_create("Hopper-v4", &env), MG_OK);
  double observation[11] = {1.25, 0.1, 0.2, 0.3, 0.4, 2.0}, before[6] = {7}, qpos[6];
  cr_assert(mg_pose_of_observation(mg_env_get_spec(env), before, observation, qpos));
  cr_expect_float_eq(qpos[0], 7 + 0.008 * 2, 1e-12);
  cr_expect_eq(qpos[1], 1.25);
  cr_expect_eq(qpos[5], 0.4);
  mg_env_destroy(env);
}

/* ---- a policy ---- */

/* Returns and lengths to the bit, and the picture's positions are those of the state. */
static void check_policy(const char *expert, bool stochastic, int64_t seed) {
  char path[4096];
  snprintf(path, sizeof path, MG_SOURCE_DIR "/experiments/experts/%s.h5", expert);
  mg_comm comm = mg_comm_self();
  mg_app app = {.comm = &comm, .log = mg_log_open(NULL, 0)};
  mg_acting_file file;
  mg_actor *actor;
  double *returns, *lengths;
  int64_t evaluated = seed;
  enum { EPISODES = 3 };
  cr_assert_eq(mg_acting_file_open_path(path, NULL, &app, &file), MG_OK, "%s", mg_status_message());
  cr_assert_eq(
      mg_acting_file_evaluate(&file, &comm, EPISODES, &evaluated, stochastic, &returns, &lengths),
      MG_OK);
  const mg_policy_request request = {.checkpoint = path, .seed = seed, .stochastic = stochastic};
  cr_assert_eq(mg_policy_actor_open(&request, &app, &actor), MG_OK, "%s", mg_status_message());
  cr_expect_str_eq(actor->label, "PPO");
  for (int e = EPISODES - 1; e >= 0; e--) {
    cr_assert_eq(mg_actor_play(actor, e), MG_OK);
    const mg_take *take = &actor->take;
    cr_expect_eq((double)take->steps, lengths[e]);
    cr_expect(take->returns[take->steps] == returns[e], "%s, episode %d: %.17g, not %.17g", expert,
              e, take->returns[take->steps], returns[e]);
    cr_expect(take->returns[0] == 0 && take->returns[1] != 0);
    cr_expect_null(take->opinion);
    const int nq = mg_env_get_spec(actor->env)->qpos_size;
    cr_expect_neq(memcmp(take->qpos, take->qpos + nq, (size_t)nq * sizeof(double)), 0);
  }
  mg_actor_destroy(actor);
  mg_acting_file_close(&file);
}

Test(actor, a_policy_plays_what_evaluate_evaluates) {
  check_policy("cartpole", false, -1);
  check_policy("hopper", false, -1);
  check_policy("hopper", true, 99);
}

Test(actor, an_opinion_or_none_where_it_may_be) {
  mg_comm comm = mg_comm_self();
  mg_app app = {.comm = &comm, .log = mg_log_open(NULL, 0)};
  mg_actor *actor;
  mg_policy_request r = {
      .checkpoint = MG_SOURCE_DIR "/experiments/experts/cartpole.h5", .seed = -1, .opinion = true};
  cr_assert_eq(mg_policy_actor_open(&r, &app, &actor), MG_ERR_CONFIG);
  cr_expect(strstr(mg_status_message(), "ppo trains no discriminator"), "%s", mg_status_message());
  r.or_none = true;
  cr_assert_eq(mg_policy_actor_open(&r, &app, &actor), MG_OK, "%s", mg_status_message());
  cr_expect_not(actor->judged);
  cr_assert_eq(mg_actor_play(actor, 0), MG_OK);
  cr_expect_null(actor->take.opinion);
  mg_actor_destroy(actor);
}
