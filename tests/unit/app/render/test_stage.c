/* What a picture says and when, with actors who play what the test tells them. Left out without Cairo. */
#include "app/render/stage.h"
#include "support/png_read.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 300, HEIGHT = 200, MARGIN = 5, LINE = 13 };
static mg_arena *arena;
static mg_env *env;
static mg_actor actors[4];

static void setup(void) {
  arena = mg_arena_create();
  cr_assert_eq(mg_env_create("CartPole-v1", &env), MG_OK);
}

static void teardown(void) {
  mg_env_destroy(env);
  mg_arena_destroy(arena);
}

TestSuite(stage, .init = setup, .fini = teardown);

/* Of so many steps, 1.25 each; the cart moves 0.01 a step. */
static void make_actor(mg_actor *actor, const char *label, int64_t steps, bool opinion,
                       bool terminated) {
  *actor = (mg_actor){.env = env, .take = mg_take_make(steps, 4, opinion, arena)};
  cr_assert_eq(mg_arena_status(arena), MG_OK);
  strcpy(actor->label, label);
  actor->take.terminated = terminated;
  for (int64_t t = 0; t <= steps; t++) {
    actor->take.qpos[4 * t] = 0.01 * (double)t;
    actor->take.returns[t] = 1.25 * (double)t;
    if (opinion) actor->take.opinion[t] = t % 2 ? 0.75 : 0.25;
  }
}

static void open_stage(int n, mg_stage *stage) {
  mg_actor *list[4];
  for (int i = 0; i < n; i++) list[i] = &actors[i];
  const mg_status status = mg_stage_open(n, list, WIDTH, HEIGHT, NULL, stage);
  if (status == MG_ERR_CONFIG) cr_skip_test("%s", mg_status_message());
  cr_assert_eq(status, MG_OK, "%s", mg_status_message());
}

static void expect_line(const mg_stage *stage, int field, int line, const char *expected) {
  char text[64];
  picture_read_text(&stage->field[field].picture, &mg_font_small, MARGIN, MARGIN + LINE * line,
                    text, sizeof text);
  cr_expect_str_eq(text, expected);
}

Test(stage, a_picture_says_task_step_and_return) {
  mg_stage stage;
  char about[256];
  make_actor(&actors[0], "BC", 10, false, true);
  open_stage(1, &stage);
  mg_stage_begin(&stage, -1);
  cr_assert_eq(mg_stage_show(&stage, 7, 50, about, sizeof about), MG_OK);
  expect_line(&stage, 0, 0, "BC  CartPole-v1");
  expect_line(&stage, 0, 1, "step 7");
  expect_line(&stage, 0, 2, "return 8.75");
  cr_expect_str_eq(about, "BC CartPole-v1: step 7, return 8.75");
  cr_assert_eq(mg_stage_show(&stage, 10, 50, about, sizeof about), MG_OK);
  expect_line(&stage, 0, 1, "step 10, terminated");
  mg_stage_begin(&stage, 12);
  actors[0].take.terminated = false;
  cr_assert_eq(mg_stage_show(&stage, 10, 50, about, sizeof about), MG_OK);
  expect_line(&stage, 0, 1, "episode 12");
  expect_line(&stage, 0, 2, "step 10, time limit");
  mg_stage_close(&stage);
}

/* CartPole plays at 50 steps a second. */
Test(stage, steps_keep_time_whatever_the_rate) {
  mg_stage stage;
  char about[256];
  make_actor(&actors[0], "a", 11, false, true);
  open_stage(1, &stage);
  cr_expect_eq(mg_stage_fps(&stage), 50);
  cr_expect_eq(mg_stage_pictures(&stage, 50), 12);
  cr_expect_eq(mg_stage_pictures(&stage, 25), 7);
  cr_expect_eq(mg_stage_pictures(&stage, 100), 23);
  static const struct {
    int fps, k, step;
  } rows[] = {{50, 3, 3}, {25, 3, 6}, {100, 3, 1}, {25, 6, 11}, {100, 22, 11}, {25, 100, 11}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    mg_stage_begin(&stage, -1);
    cr_assert_eq(mg_stage_show(&stage, rows[i].k, rows[i].fps, about, sizeof about), MG_OK);
    cr_expect_eq(stage.field[0].shown, rows[i].step, "picture %d at %d", rows[i].k, rows[i].fps);
  }
  mg_stage_close(&stage);
}

Test(stage, actors_side_by_side_play_until_the_last_is_done) {
  mg_stage stage;
  char about[256];
  make_actor(&actors[0], "one", 4, false, true);
  make_actor(&actors[1], "two", 9, false, false);
  make_actor(&actors[2], "three", 6, false, false);
  make_actor(&actors[3], "four", 6, false, false);
  open_stage(4, &stage);
  cr_expect(stage.picture.width == 2 * WIDTH && stage.picture.height == 2 * HEIGHT);
  cr_expect_eq(mg_stage_pictures(&stage, 50), 10);
  mg_stage_begin(&stage, -1);
  cr_assert_eq(mg_stage_show(&stage, 5, 50, about, sizeof about), MG_OK);
  expect_line(&stage, 0, 1, "step 4, terminated");
  expect_line(&stage, 1, 1, "step 5");
  cr_expect_str_eq(about,
                   "one CartPole-v1: step 4, return 5\ntwo CartPole-v1: step 5, return 6.25\n"
                   "three CartPole-v1: step 5, return 6.25\n"
                   "four CartPole-v1: step 5, return 6.25");
  char text[64];
  picture_read_text(&stage.picture, &mg_font_small, WIDTH + MARGIN, HEIGHT + MARGIN, text,
                    sizeof text);
  cr_expect_str_eq(text, "four  CartPole-v1", "it has its place: %s", text);
  const mg_colour white = {255, 255, 255};
  cr_expect_lt(picture_share(&stage.field[0].picture, white, 0), 0.1, "what is over is dimmed");
  cr_expect_gt(picture_share(&stage.field[1].picture, white, 0), 0.5);
  cr_assert_eq(mg_stage_show(&stage, 8, 50, about, sizeof about), MG_OK);
  cr_expect_lt(picture_share(&stage.field[2].picture, white, 0), 0.1, "over as well");
  cr_assert_eq(mg_stage_show(&stage, 9, 50, about, sizeof about), MG_OK);
  cr_expect_lt(picture_share(&stage.field[0].picture, white, 0), 0.1);
  cr_expect_gt(picture_share(&stage.field[1].picture, white, 0), 0.5, "the longest never is");
  mg_stage_close(&stage);
}

Test(stage, the_opinion_of_the_step_is_shown) {
  mg_stage stage;
  char about[256];
  make_actor(&actors[0], "GAIL", 40, true, false);
  open_stage(1, &stage);
  mg_stage_begin(&stage, -1);
  cr_assert_eq(mg_stage_show(&stage, 31, 50, about, sizeof about), MG_OK);
  expect_line(&stage, 0, 3, "D 0.750");
  /* Of 31 steps the odd ones are for the expert, 15 of a strip of 20 pixels high each. */
  const double pixels = WIDTH * HEIGHT;
  cr_expect_float_eq(picture_share(&stage.field[0].picture, (mg_colour){0, 158, 115}, 0) * pixels,
                     16 * 14, 1);
  cr_expect_float_eq(picture_share(&stage.field[0].picture, (mg_colour){213, 94, 0}, 0) * pixels,
                     15 * 5, 1);
  cr_assert_eq(mg_stage_show(&stage, 0, 50, about, sizeof about), MG_OK);
  expect_line(&stage, 0, 3, "");
  mg_stage_close(&stage);
}

Test(stage, large_pictures_have_large_text) {
  static const struct {
    int height;
    const mg_font *font;
  } rows[] = {{299, &mg_font_small}, {300, &mg_font_large}, {959, &mg_font_large}};
  char about[256], text[64];
  make_actor(&actors[0], "BC", 3, false, true);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    mg_stage stage;
    mg_actor *list[] = {&actors[0]};
    const mg_status status = mg_stage_open(1, list, 600, rows[i].height, NULL, &stage);
    if (status == MG_ERR_CONFIG) cr_skip_test("%s", mg_status_message());
    mg_stage_begin(&stage, -1);
    cr_assert_eq(mg_stage_show(&stage, 0, 50, about, sizeof about), MG_OK);
    picture_read_text(&stage.picture, rows[i].font, MARGIN, MARGIN, text, sizeof text);
    cr_expect_str_eq(text, "BC  CartPole-v1", "in pictures %d high", rows[i].height);
    mg_stage_close(&stage);
  }
}

Test(stage, data_without_rewards_has_no_return) {
  mg_stage stage;
  char about[256];
  make_actor(&actors[0], "data", 3, false, false);
  actors[0].take.returns = NULL;
  open_stage(1, &stage);
  mg_stage_begin(&stage, -1);
  cr_assert_eq(mg_stage_show(&stage, 2, 50, about, sizeof about), MG_OK);
  expect_line(&stage, 0, 2, "");
  cr_expect_str_eq(about, "data CartPole-v1: step 2");
  mg_stage_close(&stage);
}
