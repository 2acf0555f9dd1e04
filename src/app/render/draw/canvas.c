#include "app/render/draw/canvas.h"

#include "app/render/draw/library.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Functions and numbers as in cairo.h. */
enum { CAIRO_FORMAT_RGB24 = 1, WHY = 256 };
static const double FULL_TURN = 6.283185307179586;

static struct {
  void *(*image_surface_create_for_data)(unsigned char *data, int format, int width, int height,
                                         int stride);
  void (*surface_flush)(void *surface);
  void (*surface_destroy)(void *surface);
  void *(*create)(void *surface);
  void (*destroy)(void *pen);
  int (*status)(void *pen);
  void (*translate)(void *pen, double x, double y);
  void (*scale)(void *pen, double x, double y);
  void (*set_source_rgb)(void *pen, double red, double green, double blue);
  void (*set_line_width)(void *pen, double width);
  void (*move_to)(void *pen, double x, double y);
  void (*line_to)(void *pen, double x, double y);
  void (*arc)(void *pen, double x, double y, double radius, double from, double to);
  void (*fill)(void *pen);
  void (*stroke)(void *pen);
  void (*paint)(void *pen);
} cairo;

static mg_status find_cairo(void) {
#define CAIRO(name)                                                                                \
  { "cairo_" #name, &cairo.name }
  const mg_symbol symbols[] = {
      CAIRO(image_surface_create_for_data),
      CAIRO(surface_flush),
      CAIRO(surface_destroy),
      CAIRO(create),
      CAIRO(destroy),
      CAIRO(status),
      CAIRO(translate),
      CAIRO(scale),
      CAIRO(set_source_rgb),
      CAIRO(set_line_width),
      CAIRO(move_to),
      CAIRO(line_to),
      CAIRO(arc),
      CAIRO(fill),
      CAIRO(stroke),
      CAIRO(paint),
  };
#undef CAIRO
  char why[WHY];
  if (mg_library_open("libcairo.so.2", sizeof symbols / sizeof *symbols, symbols, why, sizeof why))
    return MG_OK;
  return mg_fail(MG_ERR_CONFIG,
                 "nothing draws this task here: Cairo: %s; on Debian: apt-get install libcairo2",
                 why);
}

struct mg_canvas {
  int width, height;
  double left, right;
  uint32_t *pixels; /* [height,width] 0x00RRGGBB */
  void *surface, *pen;
};

mg_status mg_canvas_create(int width, int height, double plane_width, double plane_height,
                           mg_canvas **canvas) {
  MG_TRY(find_cairo());
  mg_canvas *c = calloc(1, sizeof *c);
  uint32_t *pixels = calloc((size_t)width * (size_t)height, sizeof *pixels);
  if (!c || !pixels) {
    free(c);
    free(pixels);
    return mg_fail(MG_ERR_MEMORY, "no memory for a picture of %d x %d", width, height);
  }
  *c = (mg_canvas){.width = width, .height = height, .pixels = pixels};
  c->surface = cairo.image_surface_create_for_data((unsigned char *)pixels, CAIRO_FORMAT_RGB24,
                                                   width, height, 4 * width);
  c->pen = cairo.create(c->surface);
  const double scale = fmin(width / plane_width, height / plane_height);
  const double below = (height - scale * plane_height) / 2;
  c->left = -(width / scale - plane_width) / 2;
  c->right = plane_width - c->left;
  cairo.translate(c->pen, (width - scale * plane_width) / 2, height - below);
  cairo.scale(c->pen, scale, -scale);
  cairo.set_line_width(c->pen, 1);
  *canvas = c;
  return MG_OK;
}

void mg_canvas_destroy(mg_canvas *c) {
  if (!c) return;
  cairo.destroy(c->pen);
  cairo.surface_destroy(c->surface);
  free(c->pixels);
  free(c);
}

static void take_colour(mg_canvas *c, mg_colour colour) {
  cairo.set_source_rgb(c->pen, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
}

static void trace(mg_canvas *c, int n, const mg_point *points) {
  cairo.move_to(c->pen, points[0].x, points[0].y);
  for (int i = 1; i < n; i++) cairo.line_to(c->pen, points[i].x, points[i].y);
}

void mg_canvas_clear(mg_canvas *c) {
  take_colour(c, (mg_colour){255, 255, 255});
  cairo.paint(c->pen);
}

void mg_canvas_polygon(mg_canvas *c, int n, const mg_point *points, mg_colour colour) {
  take_colour(c, colour);
  trace(c, n, points);
  cairo.fill(c->pen);
}

void mg_canvas_disc(mg_canvas *c, mg_point centre, double radius, mg_colour colour) {
  take_colour(c, colour);
  cairo.arc(c->pen, centre.x, centre.y, radius, 0, FULL_TURN);
  cairo.fill(c->pen);
}

void mg_canvas_line(mg_canvas *c, int n, const mg_point *points) {
  take_colour(c, (mg_colour){0, 0, 0});
  trace(c, n, points);
  cairo.stroke(c->pen);
}

void mg_canvas_edges(const mg_canvas *c, double *left, double *right) {
  *left = c->left;
  *right = c->right;
}

mg_status mg_canvas_show(mg_canvas *c, mg_picture *picture) {
  cairo.surface_flush(c->surface);
  const int failed = cairo.status(c->pen);
  if (failed) return mg_fail(MG_ERR_INTERNAL, "Cairo: error %d", failed);
  uint8_t *to = picture->rgb;
  for (size_t i = 0; i < (size_t)c->width * (size_t)c->height; i++) {
    *to++ = (uint8_t)(c->pixels[i] >> 16);
    *to++ = (uint8_t)(c->pixels[i] >> 8);
    *to++ = (uint8_t)c->pixels[i];
  }
  return MG_OK;
}
