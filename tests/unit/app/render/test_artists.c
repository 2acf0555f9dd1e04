/* Known states have known pictures. Left out where Cairo, or EGL and OSMesa, are not installed. */
#include "app/render/draw/artist.h"
#include "app/render/draw/gl_context.h"
#include "envs/env_impl.h"
#include "support/png_read.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

enum { WIDTH = 600, HEIGHT = 400 };
static const mg_colour BLACK = {0, 0, 0}, WHITE = {255, 255, 255}, WOOD = {202, 152, 101},
                       FLAG = {204, 204, 0}, LINK = {0, 204, 204};

typedef struct studio {
  mg_arena *arena;
  mg_env *env;
  mg_artist *artist;
  mg_picture picture;
  double qpos[64], qvel[64]; /* at the start */
} studio;

/* False if what draws is not installed, which the sentence must say how to do. */
static bool open_studio(studio *s, const char *id, int width, int height, const char *camera) {
  memset(s, 0, sizeof *s);
  s->arena = mg_arena_create();
  cr_assert_eq(mg_env_create(id, &s->env), MG_OK, "%s", mg_status_message());
  s->picture = mg_picture_make(width, height, s->arena);
  mg_env_get_qpos_qvel(s->env, s->qpos, s->qvel);
  const mg_status status = mg_artist_create(s->env, width, height, camera, &s->artist);
  if (status == MG_OK) return true;
  cr_assert(status == MG_ERR_CONFIG && strstr(mg_status_message(), "apt-get install"), "%s",
            mg_status_message());
  return false;
}

static void close_studio(studio *s) {
  mg_artist_destroy(s->artist);
  mg_env_destroy(s->env);
  mg_arena_destroy(s->arena);
}

static void draw(studio *s, const double *qpos) {
  cr_assert_eq(mg_artist_draw(s->artist, qpos, &s->picture), MG_OK, "%s", mg_status_message());
}

/* Mean place of the pixels of a colour. */
static void centre_of(const mg_picture *p, mg_colour c, double *x, double *y) {
  double n = 0;
  *x = *y = 0;
  for (int row = 0; row < p->height; row++)
    for (int column = 0; column < p->width; column++) {
      const uint8_t *v = p->rgb + 3 * (row * p->width + column);
      if (v[0] == c.red && v[1] == c.green && v[2] == c.blue) *x += column, *y += row, n++;
    }
  cr_assert_gt(n, 0, "no pixel of this colour");
  *x /= n, *y /= n;
}

static void expect_at(const mg_picture *p, int x, int y, mg_colour c) {
  const uint8_t *v = p->rgb + 3 * (y * p->width + x);
  cr_expect(v[0] == c.red && v[1] == c.green && v[2] == c.blue, "(%d,%d) is %d,%d,%d", x, y, v[0],
            v[1], v[2]);
}

/* Places as in Gymnasium's picture of 600 x 400: the cart 50 x 30 about 100 pixels above the floor's edge,
 * the pole 125 long. */
Test(artists, cartpole_stands_where_its_state_says) {
  studio s;
  double x, y, x2, y2;
  if (!open_studio(&s, "CartPole-v1", WIDTH, HEIGHT, NULL)) cr_skip_test("%s", mg_status_message());
  cr_expect_eq(s.artist->fps, 50);
  draw(&s, (const double[]){0, 0, 0, 0});
  expect_at(&s.picture, 278, 310, BLACK); /* the cart's lower left */
  expect_at(&s.picture, 272, 310, WHITE);
  expect_at(&s.picture, 10, 299, BLACK); /* the track */
  expect_at(&s.picture, 10, 200, WHITE);
  expect_at(&s.picture, 300, 180, WOOD); /* the pole's top */
  expect_at(&s.picture, 300, 170, WHITE);
  centre_of(&s.picture, WOOD, &x, &y);
  cr_expect_float_eq(x, 299.5, 0.6);
  draw(&s, (const double[]){1, 0, 0, 0});
  centre_of(&s.picture, WOOD, &x2, &y2);
  cr_expect_float_eq(x2 - x, 125, 1);
  draw(&s, (const double[]){0, 0, 0.2, 0}); /* positive angles lean to the right */
  centre_of(&s.picture, WOOD, &x2, &y2);
  cr_expect_float_eq(x2 - x, 57.5 * sin(0.2), 2);
  close_studio(&s);
}

Test(artists, the_car_stands_on_the_road) {
  studio s;
  double x, y;
  if (!open_studio(&s, "MountainCar-v0", WIDTH, HEIGHT, NULL))
    cr_skip_test("%s", mg_status_message());
  cr_expect_eq(s.artist->fps, 30);
  draw(&s, (const double[]){-M_PI / 6, 0}); /* in the valley: level */
  centre_of(&s.picture, (mg_colour){128, 128, 128}, &x, &y);
  cr_expect_float_eq(x, (1.2 - M_PI / 6) / 1.8 * WIDTH, 1);
  cr_expect_float_eq(y, HEIGHT - (0.1 / 1.8 * WIDTH + 10), 2);
  centre_of(&s.picture, FLAG, &x, &y);
  cr_expect_float_eq(x, 1.7 / 1.8 * WIDTH + 8, 3);
  close_studio(&s);
}

Test(artists, acrobot_hangs_at_zero_and_stands_at_pi) {
  studio s;
  double x, y;
  if (!open_studio(&s, "Acrobot-v1", 500, 500, NULL)) cr_skip_test("%s", mg_status_message());
  cr_expect_eq(s.artist->fps, 15);
  draw(&s, (const double[]){0, 0, 0, 0});
  centre_of(&s.picture, LINK, &x, &y);
  cr_expect_float_eq(x, 249.5, 1);
  cr_expect_float_eq(y, 250 + 500 / 4.4, 12);
  draw(&s, (const double[]){M_PI, 0, 0, 0});
  centre_of(&s.picture, LINK, &x, &y);
  cr_expect_float_eq(y, 250 - 500 / 4.4, 12);
  draw(&s, (const double[]){M_PI / 2, 0, 0, 0}); /* counted against the clock: to the right */
  centre_of(&s.picture, LINK, &x, &y);
  cr_expect_float_eq(x, 250 + 500 / 4.4, 12);
  close_studio(&s);
}

/* Another size is the same picture, larger, in the middle. */
Test(artists, classic_pictures_keep_their_shape) {
  studio s;
  double x, y;
  if (!open_studio(&s, "CartPole-v1", 1400, 800, NULL)) cr_skip_test("%s", mg_status_message());
  draw(&s, (const double[]){0, 0, 0, 0});
  expect_at(&s.picture, 700 - 44, 620, BLACK);
  expect_at(&s.picture, 1, 599, BLACK); /* the track goes to the edges */
  expect_at(&s.picture, 1398, 599, BLACK);
  centre_of(&s.picture, WOOD, &x, &y);
  cr_expect_float_eq(x, 699.5, 1);
  close_studio(&s);
}

Test(artists, a_task_that_nobody_can_draw) {
  static const mg_env_ops none = {0};
  mg_env env = {.ops = &none, .spec = {.id = "Pendulum-v1"}};
  mg_artist *artist;
  cr_assert_eq(mg_artist_create(&env, 64, 64, NULL, &artist), MG_ERR_CONFIG);
  cr_expect_str_eq(mg_status_message(), "Pendulum-v1: nobody knows how to draw this task");
  cr_expect_null(artist);
}

/* ---- MuJoCo ---- */

/* The hopper's orange-brown, whatever the light: more red than green, more green than blue. Its share
 * of the picture and, in rows top..bottom, its mean column. */
static double body(const mg_picture *p, int top, int bottom, double *x) {
  double n = 0, counted = 0;
  *x = 0;
  for (int row = 0; row < p->height; row++)
    for (int column = 0; column < p->width; column++) {
      const uint8_t *v = p->rgb + 3 * (row * p->width + column);
      if (v[0] <= v[1] + 15 || v[1] <= v[2] + 5) continue;
      n++;
      if (row >= top && row < bottom) *x += column, counted++;
    }
  *x /= counted;
  return n / (p->width * p->height);
}

static double difference(const mg_picture *a, const mg_picture *b) {
  double sum = 0;
  const size_t n = 3 * (size_t)a->width * (size_t)a->height;
  for (size_t i = 0; i < n; i++) sum += abs(a->rgb[i] - b->rgb[i]);
  return sum / (double)n;
}

Test(artists, hopper_stands_in_the_middle_and_falls_to_the_front) {
  studio s;
  double head, foot;
  if (!open_studio(&s, "Hopper-v4", 160, 120, NULL)) cr_skip_test("%s", mg_status_message());
  cr_expect_eq(s.artist->fps, 125);
  draw(&s, s.qpos);
  const double share = body(&s.picture, 0, 60, &head);
  cr_expect(share > 0.01 && share < 0.1, "%g of the picture is body", share);
  body(&s.picture, 95, 108, &foot);
  cr_expect_float_eq(head, 79.5, 1.5, "the head is at %g", head);
  cr_expect_float_eq(foot, 83, 3, "the foot is at %g", foot);
  s.qpos[2] = 0.5; /* pitch: it falls forward, which is to the right */
  draw(&s, s.qpos);
  body(&s.picture, 0, 50, &head);
  body(&s.picture, 90, 120, &foot);
  cr_expect_gt(head, foot + 15, "head %g, foot %g", head, foot);
  close_studio(&s);
}

/* 240 m on, the floor is there and looks as at the start: its pattern has a period of 2/3 m. */
Test(artists, the_floor_does_not_end) {
  studio s, other;
  if (!open_studio(&s, "Hopper-v4", 160, 120, NULL)) cr_skip_test("%s", mg_status_message());
  cr_assert(open_studio(&other, "Hopper-v4", 160, 120, NULL));
  draw(&s, s.qpos);
  s.qpos[0] = 240;
  draw(&other, s.qpos);
  cr_expect_lt(difference(&s.picture, &other.picture), 1);
  s.qpos[0] = 240 + 1.0 / 3;
  draw(&other, s.qpos);
  cr_expect_gt(difference(&s.picture, &other.picture), 5, "it moves");
  close_studio(&other);
  close_studio(&s);
}

Test(artists, cameras_by_name) {
  studio s, far;
  double x;
  if (!open_studio(&s, "Hopper-v4", 160, 120, "track")) cr_skip_test("%s", mg_status_message());
  cr_assert(open_studio(&far, "Hopper-v4", 160, 120, "free"));
  draw(&s, s.qpos);
  draw(&far, s.qpos);
  cr_expect_lt(body(&far.picture, 0, 120, &x), body(&s.picture, 0, 120, &x),
               "free sees from farther away");
  mg_artist *artist;
  cr_expect_eq(mg_artist_create(s.env, 160, 120, "side", &artist), MG_ERR_CONFIG);
  cr_expect_str_eq(mg_status_message(),
                   "--camera side: Hopper-v4 has no such camera; expected one of: free, track");
  close_studio(&far);
  close_studio(&s);
}

/* Every task of the registry can be drawn, and no two of its states look the same. */
Test(artists, all_tasks) {
  mg_gl_context *kept = NULL; /* beginning anew for each takes a second */
  if (mg_gl_acquire(&kept) != MG_OK) kept = NULL;
  for (const char *const *id = mg_env_ids(); *id; id++) {
    studio s;
    if (!open_studio(&s, *id, 64, 48, NULL)) {
      close_studio(&s);
      continue;
    }
    mg_picture before = mg_picture_make(64, 48, s.arena);
    mg_rng rng = mg_rng_at(1, MG_RNG_TEST, 0, 0);
    double observation[512];
    mg_env_reset(s.env, &rng, observation);
    mg_env_get_qpos_qvel(s.env, s.qpos, s.qvel);
    draw(&s, s.qpos);
    memcpy(before.rgb, s.picture.rgb, 64 * 48 * 3);
    for (int k = 0; k < mg_env_get_spec(s.env)->qpos_size; k++) s.qpos[k] += 0.3;
    draw(&s, s.qpos);
    cr_expect_gt(difference(&before, &s.picture), 0.5, "%s", *id);
    close_studio(&s);
  }
  mg_gl_release(kept);
}
