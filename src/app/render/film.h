/* Where pictures go: a film, or a folder with a PNG file each. Whole or not at all: until it is
 * finished it has another name in the same folder. */
#ifndef MG_RENDER_FILM_H
#define MG_RENDER_FILM_H

#include "app/render/draw/picture.h"
#include "base/status.h"

#include <stdbool.h>

typedef struct mg_film mg_film;

/* The most pictures a second that a film of this name takes. MG_ERR_USAGE if its ending is that of no
 * film, and it is no folder: one that is there, or whose name ends with '/'. */
mg_status mg_film_check(const char *output, int *most_fps);

/* A film that is there is replaced; a folder must be empty or not there. MG_ERR_CREATE; MG_ERR_CONFIG
 * without ffmpeg. The caller closes it. */
mg_status mg_film_open(const char *output, int width, int height, int fps, mg_film **film);

/* about: what the picture shows, for the PNG file's "Comment". */
mg_status mg_film_add(mg_film *film, const mg_picture *picture, const char *about);

/* With `keep` finishes it and gives it its name; else, or if that fails, nothing of it is left. */
mg_status mg_film_close(mg_film *film, bool keep);

#endif
