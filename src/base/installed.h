/* Files that were installed with the program, wherever the installation was moved. */
#ifndef MG_BASE_INSTALLED_H
#define MG_BASE_INSTALLED_H

#include <stdbool.h>
#include <stddef.h>

/* path [capacity] <- "<program's folder>/../share/mgail/<name>", which need not be there. False if
 * it does not fit, or the program's folder is not known. */
bool mg_installed_path(const char *name, size_t capacity, char *path);

/* A regular file, or a link to one. */
bool mg_is_file(const char *path);

#endif
