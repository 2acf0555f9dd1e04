/* ffmpeg, which makes a film of pictures that it is given one by one: a process of its own, started
 * without a shell, at the other end of a pipe. */
#ifndef MG_RENDER_ENCODER_H
#define MG_RENDER_ENCODER_H

#include "app/render/draw/picture.h"
#include "base/status.h"

#include <stdbool.h>

typedef struct mg_encoder mg_encoder;

/* What the film's name ends with, as ffmpeg is to make it. */
typedef struct mg_film_format {
  const char *ending;
  int most_fps;              /* faster ones are not shown as they are meant */
  const char *arguments[16]; /* of ffmpeg, for its output; NULL-terminated */
} mg_film_format;

/* .mp4, .gif, .webp; NULL: none of them. */
const mg_film_format *mg_film_format_of(const char *path);

/* Starts ffmpeg, which writes `path`. MG_ERR_CONFIG, with what to install, if there is none. The
 * caller closes it. */
mg_status mg_encoder_open(const mg_film_format *format, const char *path, int width, int height,
                          int fps, mg_encoder **encoder);

/* MG_ERR_IO with ffmpeg's own complaint if it has ended. */
mg_status mg_encoder_add(mg_encoder *encoder, const mg_picture *picture);

/* With `finish` waits until the film is written, MG_ERR_IO with ffmpeg's complaint if it is not; else
 * ends ffmpeg at once. Frees. */
mg_status mg_encoder_close(mg_encoder *encoder, bool finish);

#endif
