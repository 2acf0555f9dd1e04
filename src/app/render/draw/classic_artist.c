/* Classic tasks after Gymnasium's classic_control/{cartpole,mountain_car,acrobot}.py: the same shapes,
 * places and colours, on a plane of Gymnasium's pixels. */
#include "app/render/draw/artist.h"
#include "app/render/draw/canvas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct scene {
  const char *task; /* beginning of its id */
  double width, height;
  int fps;
  void (*draw)(mg_canvas *canvas, const double *state);
} scene;

typedef struct classic_artist {
  mg_artist base;
  const scene *scene;
  mg_canvas *canvas;
} classic_artist;

static const mg_colour BLACK = {0, 0, 0}, WOOD = {202, 152, 101}, AXLE = {129, 132, 203},
                       WHEEL = {128, 128, 128}, FLAG = {204, 204, 0}, LINK = {0, 204, 204};
static const double QUARTER_TURN = 1.5707963267948966;

/* The rectangle [left,right] x [bottom,top], turned by `angle` about (0,0), then moved to `at`. */
static void put_box(mg_canvas *canvas, const double box[4], double angle, mg_point at,
                    mg_colour colour) {
  const double left = box[0], right = box[1], bottom = box[2], top = box[3];
  mg_point corner[4] = {{left, bottom}, {left, top}, {right, top}, {right, bottom}};
  for (int i = 0; i < 4; i++) {
    const mg_point p = corner[i];
    corner[i].x = at.x + p.x * cos(angle) - p.y * sin(angle);
    corner[i].y = at.y + p.x * sin(angle) + p.y * cos(angle);
  }
  mg_canvas_polygon(canvas, 4, corner, colour);
}

/* A line from edge to edge, on the pixels above y. */
static void put_level(mg_canvas *canvas, double y) {
  double left, right;
  mg_canvas_edges(canvas, &left, &right);
  mg_canvas_line(canvas, 2, (mg_point[]){{left, y + 0.5}, {right, y + 0.5}});
}

/* ---- CartPole: state x, x', theta, theta' ---- */

static void draw_cartpole(mg_canvas *canvas, const double *state) {
  const double scale = 600 / 4.8, pole = scale * 1.0, track = 100, axle = 30 / 4.0;
  const double cart_box[4] = {-25, 25, -15, 15}, pole_box[4] = {-5, 5, -5, pole - 5};
  const mg_point cart = {state[0] * scale + 300, track};
  put_level(canvas, track);
  put_box(canvas, cart_box, 0, cart, BLACK);
  put_box(canvas, pole_box, -state[2], (mg_point){cart.x, cart.y + axle}, WOOD);
  mg_canvas_disc(canvas, (mg_point){cart.x, cart.y + axle}, 5, AXLE);
}

/* ---- MountainCar: state position, velocity ---- */

enum { HILL_POINTS = 100 };
static const double LEFTMOST = -1.2, RIGHTMOST = 0.6, GOAL = 0.5, ROAD_SCALE = 600 / 1.8;

static mg_point road(double position) {
  return (mg_point){(position - LEFTMOST) * ROAD_SCALE,
                    (sin(3 * position) * 0.45 + 0.55) * ROAD_SCALE};
}

static void draw_mountain_car(mg_canvas *canvas, const double *state) {
  const double clearance = 10, angle = cos(3 * state[0]);
  const double car_box[4] = {-20, 20, 0, 20};
  mg_point hill[HILL_POINTS];
  for (int i = 0; i < HILL_POINTS; i++)
    hill[i] = road(LEFTMOST + (RIGHTMOST - LEFTMOST) * i / (HILL_POINTS - 1));
  mg_canvas_line(canvas, HILL_POINTS, hill);

  mg_point car = road(state[0]);
  car.y += clearance;
  put_box(canvas, car_box, angle, car, BLACK);
  for (int side = -1; side <= 1; side += 2)
    mg_canvas_disc(canvas,
                   (mg_point){car.x + side * 10 * cos(angle), car.y + side * 10 * sin(angle)}, 8,
                   WHEEL);

  const mg_point foot = road(GOAL), tip = {foot.x, foot.y + 50};
  mg_canvas_line(canvas, 2, (mg_point[]){foot, tip});
  mg_canvas_polygon(canvas, 3, (mg_point[]){tip, {tip.x, tip.y - 10}, {tip.x + 25, tip.y - 5}},
                    FLAG);
}

/* ---- Acrobot: state theta1, theta2, their velocities; both angles 0: hanging ---- */

static void draw_acrobot(mg_canvas *canvas, const double *state) {
  const double scale = 500 / 4.4, thick = 0.1 * scale;
  const double link_box[4] = {0, scale, -thick, thick};
  const mg_point joint[2] = {{250, 250},
                             {250 + sin(state[0]) * scale, 250 - cos(state[0]) * scale}};
  const double angle[2] = {state[0] - QUARTER_TURN, state[0] + state[1] - QUARTER_TURN};
  put_level(canvas, 250 + scale);
  for (int i = 0; i < 2; i++) {
    put_box(canvas, link_box, angle[i], joint[i], LINK);
    mg_canvas_disc(canvas, joint[i], thick, FLAG);
  }
}

static const scene scenes[] = {{"CartPole-", 600, 400, 50, draw_cartpole},
                               {"MountainCar-", 600, 400, 30, draw_mountain_car},
                               {"Acrobot-", 500, 500, 15, draw_acrobot}};

/* ---- the artist ---- */

static mg_status draw(mg_artist *self, const double *qpos, mg_picture *picture) {
  classic_artist *a = (classic_artist *)self;
  mg_canvas_clear(a->canvas);
  a->scene->draw(a->canvas, qpos);
  return mg_canvas_show(a->canvas, picture);
}

static void destroy(mg_artist *self) {
  mg_canvas_destroy(((classic_artist *)self)->canvas);
  free(self);
}

static const mg_artist_class classic_class = {.draw = draw, .destroy = destroy};

mg_status mg_classic_artist_create(const mg_env *env, int width, int height, const char *camera,
                                   mg_artist **artist) {
  const char *id = mg_env_get_spec(env)->id;
  const scene *found = NULL;
  for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
    if (strncmp(id, scenes[i].task, strlen(scenes[i].task)) == 0) found = &scenes[i];
  if (!found) return MG_OK;
  if (camera)
    return mg_fail(MG_ERR_CONFIG, "--camera %s: %s is drawn flat and has no cameras", camera, id);
  mg_canvas *canvas;
  MG_TRY(mg_canvas_create(width, height, found->width, found->height, &canvas));
  classic_artist *a = malloc(sizeof *a);
  if (!a) {
    mg_canvas_destroy(canvas);
    return mg_fail(MG_ERR_MEMORY, "%s: no memory to draw", id);
  }
  *a = (classic_artist){.base = {.class_ = &classic_class, .fps = found->fps, .renderer = "Cairo"},
                        .scene = found,
                        .canvas = canvas};
  *artist = &a->base;
  return MG_OK;
}
