/* Small fonts, built in so that pictures have text wherever they are made: misc-fixed 6x13 and 10x20,
 * which their authors put into the public domain. */
#ifndef MG_RENDER_FONT_H
#define MG_RENDER_FONT_H

#include <stdbool.h>

enum { MG_FONT_FIRST = ' ', MG_FONT_LAST = '~' };

typedef struct mg_font {
  int width, height; /* of every glyph [pixels] */
  int digits;
  const char *glyphs;
} mg_font;

extern const mg_font mg_font_small, mg_font_large;

/* Whether the glyph of c, FIRST..LAST, has a dot at (column, row), from the upper left. */
bool mg_font_has(const mg_font *font, char c, int column, int row);

#endif
