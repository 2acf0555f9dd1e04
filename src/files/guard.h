/* A child process that does the dangerous reading, private to this folder.
 *
 * HDF5 1.10 can be made to crash or loop by a crafted file. So such a file is opened only in a
 * child with limits on memory and processor time, which sends what it found through a pipe as plain
 * bytes; the parent never hands the file to the library. The child ends by _exit: nothing that the
 * parent started (MPI, open streams) is touched. */
#ifndef MG_FILES_GUARD_H
#define MG_FILES_GUARD_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct mg_guard {
  const char *path; /* for sentences */
  pid_t child;
  int pipe; /* the parent's end */
  unsigned seconds;
} mg_guard;

/* Opens `path` for reading without blocking. MG_ERR_NO_INPUT unless it is a readable regular file.
 */
mg_status mg_guard_open_file(const char *path, int *file);

/* Starts body(pipe, user) in a child that may use `bytes` of memory beyond what is mapped now and
 * `seconds` of processor time. */
mg_status mg_guard_start(mg_guard *guard, const char *path, uint64_t bytes, unsigned seconds,
                         void (*body)(int pipe, void *user), void *user);

/* n bytes from the child; false if it ended before. */
bool mg_guard_read(mg_guard *guard, void *bytes, size_t n);

/* n bytes to the parent, for `body`; ends the child if the parent is gone. */
void mg_guard_write(int pipe, const void *bytes, size_t n);

/* Waits for the child. `complete`: all that was expected came, and the answer is MG_OK; else
 * MG_ERR_DATA with the reason why it ended early. */
mg_status mg_guard_end(mg_guard *guard, bool complete);

#endif
