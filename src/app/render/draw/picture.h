/* A picture in memory, and what is written on it: boxes, text, other pictures. Local. */
#ifndef MG_RENDER_PICTURE_H
#define MG_RENDER_PICTURE_H

#include "app/render/draw/font.h"
#include "base/arena.h"

#include <stdint.h>

typedef struct mg_colour {
  uint8_t red, green, blue;
} mg_colour;

typedef struct mg_picture {
  int width, height;
  uint8_t *rgb; /* [height,width,3], from the top */
} mg_picture;

/* Black; ask mg_arena_status before it is used. */
mg_picture mg_picture_make(int width, int height, mg_arena *arena);

/* `from` on `to` with its upper left corner at (x, y). What lies outside is cut off, as with all that
 * follows. */
void mg_picture_put(const mg_picture *from, int x, int y, mg_picture *to);

/* A box of one colour that covers what is below it by `cover`, 0..1. */
void mg_picture_box(mg_picture *picture, int x, int y, int width, int height, mg_colour colour,
                    double cover);

/* One line of text from (x, y) on, every dot of the font `scale` x `scale` pixels. What is no printable
 * ASCII is drawn as '?', a character of UTF-8 as one. Returns its width. */
int mg_picture_text(mg_picture *picture, int x, int y, const mg_font *font, int scale,
                    mg_colour colour, const char *text);
int mg_text_width(const mg_font *font, int scale, const char *text);

#endif
