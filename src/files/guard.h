/* A child process that does the dangerous reading.
 *
 * HDF5 1.10 can be made to crash or loop by a crafted file. So such a file is opened only in a
 * child with limits on memory and processor time, which sends what it found through a pipe as plain
 * bytes; the parent never hands the file to the library. The child ends by _exit: nothing that the
 * parent started (MPI, open streams) is touched.
 *
 *   mg_guard_start(&guard, path, &limits, body, user);  body(pipe, user) runs in the child
 *   mg_guard_read, mg_guard_hear                        what it sent by mg_guard_write, _tell
 *   mg_guard_end(&guard, complete);                     once it was started, whatever came */
#ifndef MG_FILES_GUARD_H
#define MG_FILES_GUARD_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct mg_guard_limits {
  uint64_t bytes;        /* of memory, beyond what is mapped now */
  unsigned seconds;      /* of processor time */
  bool prints;           /* the child keeps standard output and error; else they lead nowhere */
  bool (*stopped)(void); /* Nullable: asked while the parent waits; true ends the child */
} mg_guard_limits;

typedef struct mg_guard {
  const char *path; /* for sentences */
  pid_t child;
  int pipe; /* the parent's end */
  mg_guard_limits limits;
  bool stopped;
} mg_guard;

/* What reading a file of so many bytes may take: 5 s, and two more for every MB (at most four hours); 1 GB of
 * memory, and 100 bytes for each of the file, at most most_bytes. So a small file that makes the library loop
 * or devour memory is a matter of seconds, and one that is compressed to a hundredth, or holds 100,000 episodes
 * in 8 MB, which takes some 5 s, is not taken for such a one on a busy core. */
mg_guard_limits mg_guard_limits_for(int64_t file_bytes, uint64_t most_bytes);

/* The same, of the file at `path`; of an empty one if there is none. */
mg_guard_limits mg_guard_limits_of(const char *path, uint64_t most_bytes);

/* Starts body(pipe, user) in a child under `limits`. path, of what is read, stays the caller's. */
mg_status mg_guard_start(mg_guard *guard, const char *path, const mg_guard_limits *limits,
                         void (*body)(int pipe, void *user), void *user);

/* All of it for a body that tells one status and nothing else: that status, or why the child ended early. */
mg_status mg_guard_ask(const char *path, const mg_guard_limits *limits,
                       void (*body)(int pipe, void *user), void *user);

/* n bytes from the child; false if it ended before, or was stopped. */
bool mg_guard_read(mg_guard *guard, void *bytes, size_t n);

/* n bytes to the parent, for `body`; ends the child if the parent is gone. */
void mg_guard_write(int pipe, const void *bytes, size_t n);

/* How something went, with the last sentence if it failed: the child tells, the parent hears. False
 * as mg_guard_read (then *told is MG_OK); a status that no child can mean is MG_ERR_DATA. */
void mg_guard_tell(int pipe, mg_status status);
bool mg_guard_hear(mg_guard *guard, mg_status *told);

/* Waits for the child. `complete`: all that was expected came, and the answer is MG_OK (the last
 * sentence stays); else MG_ERR_STOPPED, or MG_ERR_DATA with the reason why it ended early. */
mg_status mg_guard_end(mg_guard *guard, bool complete);

#endif
