/* What can go wrong at run time: a code, and a sentence about it.
 *
 * A function that can fail returns mg_status. The one that detects the failure calls mg_fail with a
 * sentence that names the file, the key, the value and what was expected; callers forward with
 * MG_TRY; only main prints it and exits with the code's exit status. The sentence is kept per
 * thread, like errno. A programmer's mistake is an assert, not a status. */
#ifndef MG_BASE_STATUS_H
#define MG_BASE_STATUS_H

/* One list: name, exit code (sysexits.h where it has one), text. */
#define MG_STATUS_LIST(X)                                                                          \
  X(MG_OK, 0, "done")                                                                              \
  X(MG_ERR_USAGE, 64, "usage")                                                                     \
  X(MG_ERR_DATA, 65, "bad data")                                                                   \
  X(MG_ERR_NO_INPUT, 66, "no input")                                                               \
  X(MG_ERR_LAUNCH, 69, "launcher or MPI")                                                          \
  X(MG_ERR_INTERNAL, 70, "internal")                                                               \
  X(MG_ERR_MEMORY, 71, "out of memory")                                                            \
  X(MG_ERR_CREATE, 73, "cannot create output")                                                     \
  X(MG_ERR_IO, 74, "input/output")                                                                 \
  X(MG_ERR_STOPPED, 75, "stopped on request with a checkpoint")                                    \
  X(MG_ERR_CONFIG, 78, "configuration")

typedef enum mg_status {
#define MG_STATUS_ENUM(name, code, text) name = code,
  MG_STATUS_LIST(MG_STATUS_ENUM)
#undef MG_STATUS_ENUM
} mg_status;

int mg_status_exit_code(mg_status status);

/* Records the sentence (printf style, no newline; cut at 1023 bytes) and returns `status`; or, where
 * memory was refused before (base/arena.h) and `status` would blame a file, "<subject>: no memory" and
 * MG_ERR_MEMORY. */
mg_status mg_fail(mg_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The sentence of the last mg_fail in this thread; "" if there was none. Valid until the next. */
const char *mg_status_message(void);

/* Control characters become '?': what a file or a user named must not move the cursor. */
void mg_make_printable(char *text);

/* The first failure of several steps, whatever fails or is cleaned up after it. {0}: none. */
typedef struct mg_failure {
  mg_status status;
  char sentence[1024];
} mg_failure;

/* Keeps `status` with the sentence of the last mg_fail, if it is a failure and the first. */
void mg_failure_note(mg_failure *failure, mg_status status);

/* Returns what was kept, its sentence the last one again. */
mg_status mg_failure_again(const mg_failure *failure);

/* Forward a failure to the caller. */
#define MG_TRY(expression)                                                                         \
  do {                                                                                             \
    mg_status mg_try_status_ = (expression);                                                       \
    if (mg_try_status_ != MG_OK) return mg_try_status_;                                            \
  } while (0)

#endif
