/* A folder for the files of one test, and whole files as bytes. */
#ifndef MG_TESTS_SCRATCH_FOLDER_H
#define MG_TESTS_SCRATCH_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* A new empty folder under TMPDIR; its name stays in the process. */
const char *scratch_make(void);

/* "<folder>/<name>", valid until the 8th next call. */
const char *scratch_path(const char *name);

/* Number of entries. */
int scratch_count(void);

/* Removes the folder and all that is in it. */
void scratch_remove(void);

/* Whole files; reading gives memory to be freed, NULL if it cannot be opened. */
unsigned char *file_read(const char *path, size_t *length);
bool file_write(const char *path, const void *bytes, size_t length);

#endif
