/* PNG files as this project writes them, read back: every checksum is looked at. And what is written
 * in a picture, read as one would with a ruler. */
#ifndef MG_TESTS_PNG_READ_H
#define MG_TESTS_PNG_READ_H

#include "app/render/draw/picture.h"

#include <stdbool.h>
#include <stddef.h>

/* False if `bytes` [length] are no such file. rgb is to be freed; comment [size] <- the text of keyword
 * "Comment", "" if there is none. */
bool png_read(const unsigned char *bytes, size_t length, mg_picture *picture, char *comment,
              size_t size);

/* text [size] <- the line of white text in cells from (x, y) on, up to what is no letter; blanks at its
 * end are cut off. */
void picture_read_text(const mg_picture *picture, const mg_font *font, int x, int y, char *text,
                       size_t size);

/* Share of pixels whose every channel is within `tolerance` of the colour. */
double picture_share(const mg_picture *picture, mg_colour colour, int tolerance);

#endif
