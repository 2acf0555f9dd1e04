/* Lines for a person: to a stream and, once a run folder exists, to its log.txt as well.
 *
 * Only rank 0 writes; on the others every call is a no-op. A stream that fails (closed, full pipe)
 * is dropped after the first failure and the program goes on. */
#ifndef MG_BASE_LOG_H
#define MG_BASE_LOG_H

#include <stdbool.h>
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

/* Progress: on a terminal replaces the previous progress line; elsewhere an ordinary line. The file
 * gets an ordinary line either way. */
void mg_log_progress(mg_log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
