#include "app/render/draw/png.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* Fast: a film's pictures are many, and mostly sky. */
enum { LEVEL = 4, FILTER_UP = 2, TRUE_COLOUR = 2, BITS = 8, HEADER = 13 };

static void put_u32(uint32_t value, uint8_t *to) {
  for (int i = 0; i < 4; i++) to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* length, name, bytes, checksum over name and bytes */
static bool put_chunk(FILE *file, const char *name, size_t size, const uint8_t *bytes) {
  uint8_t number[4];
  put_u32((uint32_t)size, number);
  uLong sum = crc32(crc32(0, (const Bytef *)name, 4), bytes, (uInt)size);
  bool ok = fwrite(number, 1, 4, file) == 4 && fwrite(name, 1, 4, file) == 4 &&
            fwrite(bytes, 1, size, file) == size;
  put_u32((uint32_t)sum, number);
  return ok && fwrite(number, 1, 4, file) == 4;
}

static bool put_header(FILE *file, const mg_picture *p) {
  static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  uint8_t header[HEADER] = {0};
  put_u32((uint32_t)p->width, header);
  put_u32((uint32_t)p->height, header + 4);
  header[8] = BITS;
  header[9] = TRUE_COLOUR;
  return fwrite(signature, 1, sizeof signature, file) == sizeof signature &&
         put_chunk(file, "IHDR", HEADER, header);
}

/* keyword, 0, text */
static bool put_text(FILE *file, const mg_png_text *t) {
  uint8_t both[512];
  int n = snprintf((char *)both, sizeof both, "%s%c%s", t->keyword, 0, t->text);
  if (n >= (int)sizeof both) n = sizeof both - 1;
  return put_chunk(file, "tEXt", (size_t)n, both);
}

/* rows [height, 1 + 3 width]: each byte less the one above it, which leaves little to say. */
static void filter(const mg_picture *p, uint8_t *rows) {
  const size_t stride = 3 * (size_t)p->width;
  for (int y = 0; y < p->height; y++) {
    const uint8_t *here = p->rgb + (size_t)y * stride;
    *rows++ = FILTER_UP;
    for (size_t i = 0; i < stride; i++)
      *rows++ = (uint8_t)(here[i] - (y > 0 ? p->rgb[(size_t)(y - 1) * stride + i] : 0));
  }
}

static mg_status put_pixels(FILE *file, const mg_picture *p, bool *ok) {
  const size_t size = (size_t)p->height * (1 + 3 * (size_t)p->width);
  uLongf packed = compressBound((uLong)size);
  uint8_t *rows = malloc(size), *to = malloc(packed);
  mg_status status = MG_OK;
  if (!rows || !to)
    status = mg_fail(MG_ERR_MEMORY, "no memory for a picture of %d x %d", p->width, p->height);
  if (status == MG_OK) {
    filter(p, rows);
    *ok = compress2(to, &packed, rows, (uLong)size, LEVEL) == Z_OK &&
          put_chunk(file, "IDAT", packed, to);
  }
  free(rows);
  free(to);
  return status;
}

mg_status mg_png_write(const char *path, const mg_picture *picture, int texts,
                       const mg_png_text *text) {
  const int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "wb");
  if (!file) return mg_fail(MG_ERR_CREATE, "%s: %s", path, strerror(errno));
  bool ok = put_header(file, picture);
  for (int i = 0; ok && i < texts; i++) ok = put_text(file, &text[i]);
  mg_status status = ok ? put_pixels(file, picture, &ok) : MG_OK;
  ok = ok && put_chunk(file, "IEND", 0, (const uint8_t *)"");
  const int error = errno;
  if (fclose(file) != 0 || !ok) {
    if (status == MG_OK) status = mg_fail(MG_ERR_IO, "%s: %s", path, strerror(ok ? errno : error));
  }
  if (status != MG_OK) unlink(path);
  return status;
}
