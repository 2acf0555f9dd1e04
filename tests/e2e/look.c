/* Looks at pictures that `mgail render` made, for test_render.sh.
 *
 *   look FILE.png size             width and height
 *   look FILE.png comment          what it says about itself
 *   look FILE.png line N [X Y]     line N of the text whose box begins at (X,Y), read from its pixels
 *                                (small text, of pictures less than 300 high)
 *   look FILE.png body             pixels of a robot's colour, in thousandths of the picture
 *   look FILE.png differs OTHER    mean difference of the two in thousandths of full brightness */
#include "support/png_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN = 5 };

static void load(const char *path, mg_picture *picture, char *comment, size_t size) {
  static unsigned char bytes[1 << 24];
  FILE *file = fopen(path, "rb");
  const size_t n = file ? fread(bytes, 1, sizeof bytes, file) : 0;
  if (file) fclose(file);
  if (n > 0 && png_read(bytes, n, picture, comment, size)) return;
  fprintf(stderr, "%s: no picture that can be read\n", path);
  exit(2);
}

static size_t bytes_of(const mg_picture *p) {
  return 3 * (size_t)p->width * (size_t)p->height;
}

/* Wood, whatever the light: more red than green, more green than blue. */
static int body(const mg_picture *p) {
  size_t n = 0;
  for (size_t i = 0; i < bytes_of(p); i += 3)
    n += p->rgb[i] > p->rgb[i + 1] + 15 && p->rgb[i + 1] > p->rgb[i + 2] + 5;
  return (int)(3000 * n / bytes_of(p));
}

static int difference(const mg_picture *a, const mg_picture *b) {
  if (a->width != b->width || a->height != b->height) return 1000;
  double sum = 0;
  for (size_t i = 0; i < bytes_of(a); i++) sum += abs(a->rgb[i] - b->rgb[i]);
  return (int)(1000 * sum / 255 / (double)bytes_of(a));
}

int main(int argc, char **argv) {
  if (argc < 3) return 64;
  mg_picture picture, other;
  char comment[4096], text[256];
  const char *question = argv[2];
  load(argv[1], &picture, comment, sizeof comment);
  if (strcmp(question, "size") == 0) {
    printf("%d %d\n", picture.width, picture.height);
  } else if (strcmp(question, "comment") == 0) {
    puts(comment);
  } else if (strcmp(question, "line") == 0 && argc >= 4) {
    const int x = argc > 5 ? atoi(argv[4]) : 0, y = argc > 5 ? atoi(argv[5]) : 0;
    picture_read_text(&picture, &mg_font_small, x + MARGIN,
                      y + MARGIN + mg_font_small.height * atoi(argv[3]), text, sizeof text);
    puts(text);
  } else if (strcmp(question, "body") == 0) {
    printf("%d\n", body(&picture));
  } else if (strcmp(question, "differs") == 0 && argc == 4) {
    load(argv[3], &other, comment, sizeof comment);
    printf("%d\n", difference(&picture, &other));
    free(other.rgb);
  } else {
    return 64;
  }
  free(picture.rgb);
  return 0;
}
