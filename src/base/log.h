/* Lines for a person: to a stream and, once a run folder exists, to its log.txt as well.
 *
 * Only rank 0 writes; on the others every call is a no-op. A stream that fails (closed, full pipe)
 * is dropped after the first failure and the program goes on. */
#ifndef MG_BASE_LOG_H
#define MG_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct mg_log {
  FILE *stream;  /* Nullable; not owned */
  FILE *file;    /* Nullable; not owned */
  bool terminal; /* stream is a terminal: progress is redrawn in place */
  bool pending;  /* a progress line without newline stands on the terminal */
} mg_log;

/* rank != 0 gives a log that writes nothing. */
mg_log mg_log_open(FILE *stream, int rank);

/* One line, "\n" is added. */
void mg_log_line(mg_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "warning: " line. */
void mg_log_warning(mg_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Progress: on a terminal replaces the previous progress line. With `keep` it is an ordinary line of
 * the file too, and of a stream that is no terminal. */
void mg_log_progress(mg_log *log, bool keep, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- numbers in sentences ---- */

/* The word that goes with n: "1 rank", "0 ranks", "2 ranks". */
static inline const char *mg_plural(int64_t n, const char *one, const char *many) {
  return n == 1 ? one : many;
}

/* text <- "every pair", "every 2nd pair", "every 20th pair" for n = 1, 2, 20 of thing "pair". */
enum { MG_EVERY_MAX = 64 };
void mg_every(int64_t n, const char *thing, char text[MG_EVERY_MAX]);

#endif
