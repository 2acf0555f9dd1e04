#include "app/render/draw/picture.h"

#include <string.h>

mg_picture mg_picture_make(int width, int height, mg_arena *arena) {
  return (mg_picture){.width = width,
                      .height = height,
                      .rgb = MG_NEW(arena, uint8_t, (size_t)width * (size_t)height * 3)};
}

static uint8_t *pixel(const mg_picture *p, int x, int y) {
  return p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x);
}

/* [*from, *to) within [0, end) */
static void cut(int end, int *from, int *to) {
  if (*from < 0) *from = 0;
  if (*to > end) *to = end;
}

void mg_picture_put(const mg_picture *from, int x, int y, mg_picture *to) {
  int left = x, right = x + from->width, top = y, bottom = y + from->height;
  cut(to->width, &left, &right);
  cut(to->height, &top, &bottom);
  for (int row = top; row < bottom && left < right; row++)
    memcpy(pixel(to, left, row), pixel(from, left - x, row - y), 3 * (size_t)(right - left));
}

void mg_picture_box(mg_picture *p, int x, int y, int width, int height, mg_colour colour,
                    double cover) {
  const uint8_t with[3] = {colour.red, colour.green, colour.blue};
  int left = x, right = x + width, top = y, bottom = y + height;
  cut(p->width, &left, &right);
  cut(p->height, &top, &bottom);
  for (int row = top; row < bottom; row++)
    for (int column = left; column < right; column++)
      for (int c = 0; c < 3; c++) {
        uint8_t *value = pixel(p, column, row) + c;
        *value = (uint8_t)(*value + (with[c] - *value) * cover + 0.5);
      }
}

/* The next character's glyph; *text moves on, over all bytes of one of UTF-8. */
static char next_character(const char **text) {
  const unsigned char byte = (unsigned char)*(*text)++;
  if (byte >= 0x80)
    while (((unsigned char)**text & 0xC0) == 0x80) ++*text;
  return byte >= MG_FONT_FIRST && byte <= MG_FONT_LAST ? (char)byte : '?';
}

int mg_text_width(const mg_font *font, int scale, const char *text) {
  int width = 0;
  while (*text) {
    next_character(&text);
    width += scale * font->width;
  }
  return width;
}

int mg_picture_text(mg_picture *p, int x, int y, const mg_font *font, int scale, mg_colour colour,
                    const char *text) {
  const int begin = x;
  for (; *text; x += scale * font->width) {
    const char c = next_character(&text);
    for (int row = 0; row < font->height; row++)
      for (int column = 0; column < font->width; column++)
        if (mg_font_has(font, c, column, row))
          mg_picture_box(p, x + scale * column, y + scale * row, scale, scale, colour, 1);
  }
  return x - begin;
}
