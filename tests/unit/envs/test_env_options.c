#include "envs/env.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static mg_env_options read_json(const char *json) {
  mg_env_options options;
  cr_assert_eq(mg_env_options_from_json(json, &options), MG_OK, "%s", mg_status_message());
  return options;
}

Test(env_options, json_as_python_writes_it) {
  mg_env_options none = {0}, o = read_json(" { } ");
  cr_assert_eq(memcmp(&o, &none, sizeof o), 0);
  o = read_json("{\"use_contact_forces\": true, \"healthy_z_range\": [0.7, Infinity],"
                "\"ctrl_cost_weight\":1e-3,\"frame_skip\": 5}");
  cr_assert_str_eq(o.use_contact_forces, "true");
  cr_assert_str_eq(o.healthy_z_range, "[0.7, Infinity]");
  cr_assert_str_eq(o.ctrl_cost_weight, "1e-3");
  cr_assert_str_eq(o.frame_skip, "5");
  cr_assert_str_eq(o.healthy_reward, "");
}

Test(env_options, what_is_no_such_json_is_refused) {
  static const char *const bad[] = {
      "",
      "[]",
      "{",
      "{\"frame_skip\"}",
      "{\"frame_skip\": }",
      "{\"frame_skip\": 5",
      "{\"frame_skip\": 5} 6",
      "{\"frame_skip\": 5,, }",
      "{\"frame_skip",
      "{\"healthy_z_range\": [1, 2}",
      "{\"healthy_z_range\": [1, 2",
      "{\"healthy_z_range\": {\"low\": 1}}",
      "{\"frame_skip\": \"5\"}",
      "{\"frameskip\": 5}",
      "{\"frame_skip_\": 5}",
      ("{\"healthy_z_range\": [1.00000000000000000000000000000000000000,"
       " 2.00000000000000000000000000000]}")};
  mg_env_options options;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    cr_expect_eq(mg_env_options_from_json(bad[i], &options), MG_ERR_CONFIG, "'%s'", bad[i]);
  mg_env_options_from_json("{\"frameskip\": 5}", &options);
  cr_assert_not_null(strstr(mg_status_message(), "'frameskip'"));
}

Test(env_options, json_reads_back) {
  char json[1024], again[1024];
  mg_env_options o = {.healthy_z_range = "0.1 , inf",
                      .ctrl_cost_weight = "0.30000000000000004",
                      .terminate_when_unhealthy = "off",
                      .frame_skip = "3",
                      .contact_cost_range = "(-inf, 10)"};
  cr_assert_eq(mg_env_options_to_json(&o, sizeof json, json), MG_OK);
  cr_assert_str_eq(json, "{\"ctrl_cost_weight\": 0.30000000000000004, "
                         "\"contact_cost_range\": [-Infinity, 10], "
                         "\"terminate_when_unhealthy\": false, "
                         "\"healthy_z_range\": [0.1, Infinity], \"frame_skip\": 3}");
  o = read_json(json);
  cr_assert_eq(mg_env_options_to_json(&o, sizeof again, again), MG_OK);
  cr_assert_str_eq(again, json);
  cr_assert_eq(mg_env_options_to_json(&o, 40, again), MG_ERR_CONFIG);
  cr_assert_eq(mg_env_options_to_json(&(mg_env_options){0}, sizeof again, again), MG_OK);
  cr_assert_str_eq(again, "{}");
}

static mg_status apply(const char *name, const char *value, mg_env_arguments *a) {
  mg_env_options options;
  char json[256];
  snprintf(json, sizeof json, "{\"%s\": %s}", name, value);
  options = read_json(json);
  return mg_env_options_apply("Task-v0",
                              "frame_skip healthy_reward healthy_z_range main_body "
                              "terminate_when_unhealthy",
                              &options, a);
}

Test(env_options, values_are_checked) {
  static const char *const bad[][2] = {{"frame_skip", "0"},
                                       {"frame_skip", "-1"},
                                       {"frame_skip", "1.5"},
                                       {"frame_skip", "2e9"},
                                       {"frame_skip", "two"},
                                       {"main_body", "-1"},
                                       {"healthy_reward", "1x"},
                                       {"healthy_reward", "nan"},
                                       {"healthy_reward", "inf"},
                                       {"healthy_z_range", "1"},
                                       {"healthy_z_range", "[]"},
                                       {"healthy_z_range", "[2, 1]"},
                                       {"healthy_z_range", "[1, 2, 3]"},
                                       {"healthy_z_range", "[nan, 1]"},
                                       {"terminate_when_unhealthy", "2"}};
  mg_env_arguments a = {.frame_skip = 4, .healthy_reward = 3, .main_body = 1};
  const mg_env_arguments before = a;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    cr_expect_eq(apply(bad[i][0], bad[i][1], &a), MG_ERR_CONFIG, "%s = %s", bad[i][0], bad[i][1]);
    cr_expect_not_null(strstr(mg_status_message(), bad[i][0]), "%s", mg_status_message());
    cr_expect_eq(memcmp(&a, &before, sizeof a), 0, "%s = %s", bad[i][0], bad[i][1]);
  }
  cr_assert_eq(apply("frame_skip", "2", &a), MG_OK);
  cr_assert_eq(apply("main_body", "0", &a), MG_OK);
  cr_assert_eq(apply("healthy_z_range", "[-Infinity, 2]", &a), MG_OK);
  cr_assert_eq(apply("terminate_when_unhealthy", "true", &a), MG_OK);
  cr_assert(a.frame_skip == 2 && a.main_body == 0 && a.healthy_reward == 3);
  cr_assert(isinf(a.healthy_z_range[0]) && a.healthy_z_range[1] == 2);
  cr_assert(a.terminate_when_unhealthy);
}

/* An argument of another task is refused, and the sentence says which ones there are. */
Test(env_options, foreign_arguments_are_refused) {
  static const char *const cases[][3] = {
      {"Humanoid-v4", "{\"use_contact_forces\": true}", "terminate_when_unhealthy"},
      {"Hopper-v4", "{\"frame_skip\": 2}", "healthy_state_range"},
      {"HalfCheetah-v5", "{\"healthy_reward\": 2}", "ctrl_cost_weight"},
      {"Ant-v5", "{\"use_contact_forces\": true}", "include_cfrc_ext_in_observation"},
      {"Ant-v4", "{\"forward_reward_weight\": 2}", "use_contact_forces"},
      {"MountainCar-v0", "{\"sutton_barto_reward\": true}", "goal_velocity"},
      {"CartPole-v1", "{\"goal_velocity\": 1}", "sutton_barto_reward"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    mg_env_options options = read_json(cases[i][1]);
    mg_env *env = NULL;
    cr_expect_eq(mg_env_create_with(cases[i][0], &options, &env), MG_ERR_CONFIG, "%s %s",
                 cases[i][0], cases[i][1]);
    cr_expect_null(env);
    cr_expect_not_null(strstr(mg_status_message(), cases[i][2]), "%s", mg_status_message());
  }
}

/* Sizes and limits follow the arguments. */
Test(env_options, specification_follows) {
  static const struct {
    const char *id, *json;
    int observation_size, max_episode_steps;
    double dt;
  } cases[] = {
      {"Ant-v4", "{\"use_contact_forces\": true}", 111, 1000, 0.05},
      {"Ant-v4", "{\"exclude_current_positions_from_observation\": false}", 29, 1000, 0.05},
      {"Ant-v5", "{\"include_cfrc_ext_in_observation\": false, \"frame_skip\": 2}", 27, 1000, 0.02},
      {"Hopper-v5", "{\"exclude_current_positions_from_observation\": false}", 12, 1000, 0.008},
      {"Humanoid-v4", "{\"exclude_current_positions_from_observation\": false}", 378, 1000, 0.015},
      {"Humanoid-v5", "{\"include_cinert_in_observation\": false}", 218, 1000, 0.015},
      {"Humanoid-v5", "{\"include_cvel_in_observation\": false}", 270, 1000, 0.015},
      {"Humanoid-v5", "{\"include_qfrc_actuator_in_observation\": false}", 331, 1000, 0.015},
      {"Humanoid-v5", "{\"include_cfrc_ext_in_observation\": false}", 270, 1000, 0.015},
      {"MountainCar-v0", "{\"max_episode_steps\": 17}", 2, 17, 0},
      {"HalfCheetah-v4", "{\"max_episode_steps\": 17}", 17, 17, 0.05},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    mg_env_options options = read_json(cases[i].json);
    mg_env *env = NULL;
    cr_assert_eq(mg_env_create_with(cases[i].id, &options, &env), MG_OK, "%s", mg_status_message());
    const mg_env_spec *spec = mg_env_get_spec(env);
    cr_expect_eq(spec->observation_size, cases[i].observation_size, "%s %s: %d", cases[i].id,
                 cases[i].json, spec->observation_size);
    cr_expect_eq(spec->max_episode_steps, cases[i].max_episode_steps);
    cr_expect_float_eq(spec->dt, cases[i].dt, 1e-12);
    mg_env_destroy(env);
  }
  mg_env_options options = read_json("{\"main_body\": 99}");
  mg_env *env = NULL;
  cr_assert_eq(mg_env_create_with("Ant-v5", &options, &env), MG_ERR_CONFIG);
  cr_assert_not_null(strstr(mg_status_message(), "main_body"), "%s", mg_status_message());
}

/* Rewards of CartPole and the goal of MountainCar. */
Test(env_options, classic_tasks) {
  mg_env_options options = read_json("{\"sutton_barto_reward\": true}");
  mg_env *env = NULL;
  double observation[4], right = 1, start[4] = {0}, rest = 2;
  cr_assert_eq(mg_env_create_with("CartPole-v1", &options, &env), MG_OK);
  mg_env_reset_to(env, start, NULL, observation);
  cr_assert_eq(mg_env_step(env, &right, observation).reward, 0);
  mg_env_outcome last = {0};
  for (int t = 0; t < 100 && !last.terminated; t++) last = mg_env_step(env, &right, observation);
  cr_assert(last.terminated);
  cr_assert_eq(last.reward, -1);
  mg_env_destroy(env);
  const double at_goal[2] = {0.49, 0.03};
  for (int fast = 0; fast < 2; fast++) {
    options = read_json(fast ? "{\"goal_velocity\": 0.05}" : "{}");
    cr_assert_eq(mg_env_create_with("MountainCar-v0", &options, &env), MG_OK);
    mg_env_reset_to(env, at_goal, NULL, observation);
    cr_expect_eq(mg_env_step(env, &rest, observation).terminated, !fast);
    mg_env_destroy(env);
  }
}

/* A task shows its own arguments, as one would write them. */
Test(env_options, values_are_shown) {
  static const struct {
    const char *id, *name, *text; /* text NULL: not the task's */
  } rows[] = {
      {"Hopper-v4", "healthy_z_range", "0.7, inf"},    {"Ant-v4", "healthy_z_range", "0.2, 1"},
      {"Hopper-v4", "terminate_when_unhealthy", "on"}, {"Ant-v4", "use_contact_forces", "off"},
      {"Hopper-v4", "use_contact_forces", NULL},       {"CartPole-v0", "max_episode_steps", "200"},
      {"CartPole-v0", "healthy_z_range", NULL},        {"Hopper-v4", "no_such_argument", NULL}};
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    char text[MG_ENV_OPTION_MAX] = "";
    mg_env *env;
    cr_assert(mg_env_create(rows[k].id, &env) == MG_OK, "%s", mg_status_message());
    const bool shown = mg_env_get_argument(env, rows[k].name, text);
    cr_assert(shown == (rows[k].text != NULL), "%s %s", rows[k].id, rows[k].name);
    if (shown) cr_assert_str_eq(text, rows[k].text);
    mg_env_destroy(env);
  }
}
