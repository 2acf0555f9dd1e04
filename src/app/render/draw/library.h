/* Libraries that are found at run time or not at all: drawing needs them, training does not. */
#ifndef MG_RENDER_LIBRARY_H
#define MG_RENDER_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/* A function of a library, and where the pointer to it goes. */
typedef struct mg_symbol {
  const char *name;
  void *pointer; /* of a pointer to a function */
} mg_symbol;

/* Opens `file` ("libEGL.so.1") and finds all symbols [n]. False with the reason in `why` [size]. A
 * library stays open to the end of the process, as those of graphics drivers must. */
bool mg_library_open(const char *file, int n, const mg_symbol *symbols, char *why, size_t size);

#endif
