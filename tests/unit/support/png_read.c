#include "support/png_read.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static unsigned long u32(const unsigned char *b) {
  return (unsigned long)b[0] << 24 | (unsigned long)b[1] << 16 | (unsigned long)b[2] << 8 | b[3];
}

/* rows [height, 1 + 3 width] with filters 0 (none) and 2 (up) */
static bool unfilter(const unsigned char *rows, mg_picture *p) {
  const size_t stride = 3 * (size_t)p->width;
  for (int y = 0; y < p->height; y++, rows += stride + 1) {
    if (rows[0] != 0 && rows[0] != 2) return false;
    for (size_t i = 0; i < stride; i++) {
      const uint8_t above = rows[0] == 2 && y > 0 ? p->rgb[(size_t)(y - 1) * stride + i] : 0;
      p->rgb[(size_t)y * stride + i] = (uint8_t)(rows[1 + i] + above);
    }
  }
  return true;
}

static bool take_header(const unsigned char *b, size_t length, mg_picture *p) {
  static const unsigned char form[5] = {8, 2, 0, 0, 0};
  if (length != 13 || memcmp(b + 8, form, 5) != 0 || u32(b) > 20000 || u32(b + 4) > 20000)
    return false;
  p->width = (int)u32(b);
  p->height = (int)u32(b + 4);
  p->rgb = malloc((size_t)p->width * (size_t)p->height * 3 + 1);
  return p->rgb != NULL;
}

static bool take_pixels(const unsigned char *b, size_t length, mg_picture *p) {
  uLongf size = (uLongf)p->height * (1 + 3 * (uLongf)p->width), made = size;
  unsigned char *rows = malloc(size + 1);
  const bool ok = rows && p->rgb && uncompress(rows, &made, b, (uLong)length) == Z_OK &&
                  made == size && unfilter(rows, p);
  free(rows);
  return ok;
}

static void take_comment(const unsigned char *b, size_t length, char *comment, size_t size) {
  static const char keyword[] = "Comment";
  if (length < sizeof keyword || memcmp(b, keyword, sizeof keyword) != 0) return;
  const size_t n = length - sizeof keyword < size - 1 ? length - sizeof keyword : size - 1;
  memcpy(comment, b + sizeof keyword, n);
  comment[n] = 0;
}

bool png_read(const unsigned char *b, size_t length, mg_picture *p, char *comment, size_t size) {
  static const unsigned char signature[8] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10};
  bool pixels = false;
  *p = (mg_picture){0};
  comment[0] = 0;
  if (length < 8 || memcmp(b, signature, 8) != 0) return false;
  for (size_t at = 8; at + 12 <= length;) {
    const size_t n = u32(b + at);
    const unsigned char *name = b + at + 4, *data = name + 4;
    if (n > length - at - 12) return false;
    if (crc32(0, name, (uInt)(n + 4)) != u32(data + n)) return false;
    if (memcmp(name, "IHDR", 4) == 0 && !take_header(data, n, p)) return false;
    if (memcmp(name, "tEXt", 4) == 0) take_comment(data, n, comment, size);
    if (memcmp(name, "IDAT", 4) == 0 && !(pixels = take_pixels(data, n, p))) return false;
    at += n + 12;
    if (memcmp(name, "IEND", 4) == 0) return pixels && at == length;
  }
  return false;
}

static bool is_white(const mg_picture *p, int x, int y) {
  if (x >= p->width || y >= p->height) return false;
  const uint8_t *v = p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x);
  return v[0] == 255 && v[1] == 255 && v[2] == 255;
}

static bool looks_like(const mg_picture *p, const mg_font *font, int x, int y, char c) {
  for (int row = 0; row < font->height; row++)
    for (int column = 0; column < font->width; column++)
      if (is_white(p, x + column, y + row) != mg_font_has(font, c, column, row)) return false;
  return true;
}

void picture_read_text(const mg_picture *p, const mg_font *font, int x, int y, char *text,
                       size_t size) {
  size_t n = 0;
  for (; n + 1 < size && x + font->width <= p->width; x += font->width) {
    char c = MG_FONT_FIRST;
    while (c <= MG_FONT_LAST && !looks_like(p, font, x, y, c)) c++;
    if (c > MG_FONT_LAST) break;
    text[n++] = c;
  }
  while (n > 0 && text[n - 1] == ' ') n--;
  text[n] = 0;
}

double picture_share(const mg_picture *p, mg_colour c, int tolerance) {
  const uint8_t want[3] = {c.red, c.green, c.blue};
  const size_t pixels = (size_t)p->width * (size_t)p->height;
  size_t found = 0;
  for (size_t i = 0; i < pixels; i++) {
    int far = 0;
    for (int k = 0; k < 3; k++) far += abs(p->rgb[3 * i + (size_t)k] - want[k]) > tolerance;
    found += far == 0;
  }
  return (double)found / (double)pixels;
}
