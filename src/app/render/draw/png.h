/* PNG files (ISO/IEC 15948): 8 bits of red, green and blue, and texts that say what is seen. */
#ifndef MG_RENDER_PNG_H
#define MG_RENDER_PNG_H

#include "app/render/draw/picture.h"
#include "base/status.h"

/* A keyword of Latin letters, at most 79 bytes, and a text. */
typedef struct mg_png_text {
  const char *keyword, *text;
} mg_png_text;

/* Creates `path`, which must not exist. MG_ERR_CREATE, MG_ERR_IO, MG_ERR_MEMORY; a file that was begun
 * is removed then. */
mg_status mg_png_write(const char *path, const mg_picture *picture, int texts,
                       const mg_png_text *text);

#endif
