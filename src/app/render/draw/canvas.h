/* A canvas of Cairo's: filled shapes and lines in a plane whose y points up. Cairo is found at run
 * time (Debian's package libcairo2). */
#ifndef MG_RENDER_CANVAS_H
#define MG_RENDER_CANVAS_H

#include "app/render/draw/picture.h"
#include "base/status.h"

typedef struct mg_canvas mg_canvas;

typedef struct mg_point {
  double x, y;
} mg_point;

/* White, width x height pixels, around a plane of plane_width x plane_height with its origin at the
 * lower left, in the middle and as large as fits. MG_ERR_CONFIG, with what to install, without
 * Cairo; MG_ERR_MEMORY. The caller destroys it; destroying NULL is a no-op. */
mg_status mg_canvas_create(int width, int height, double plane_width, double plane_height,
                           mg_canvas **canvas);
void mg_canvas_destroy(mg_canvas *canvas);

void mg_canvas_clear(mg_canvas *canvas);
void mg_canvas_polygon(mg_canvas *canvas, int n, const mg_point *points, mg_colour colour);
void mg_canvas_disc(mg_canvas *canvas, mg_point centre, double radius, mg_colour colour);

/* Black, one unit wide, through n points. */
void mg_canvas_line(mg_canvas *canvas, int n, const mg_point *points);

/* Left and right edge of what is seen, in the plane's units. */
void mg_canvas_edges(const mg_canvas *canvas, double *left, double *right);

/* MG_ERR_INTERNAL if Cairo has failed. */
mg_status mg_canvas_show(mg_canvas *canvas, mg_picture *picture);

#endif
