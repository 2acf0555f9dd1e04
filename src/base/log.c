#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CLEAR_LINE "\r\033[K"

mg_log mg_log_open(FILE *stream, int rank) {
  mg_log log = {0};
  if (rank != 0 || !stream) return log;
  const char *kind = getenv("TERM");
  log.stream = stream;
  log.terminal = isatty(fileno(stream)) && kind && strcmp(kind, "dumb") != 0;
  return log;
}

/* Everything goes out at once, so that a failure is seen here and a killed run loses nothing. */
static void finish(FILE **stream) {
  if (*stream && (fflush(*stream) != 0 || ferror(*stream))) *stream = NULL;
}

static void put_line(FILE **stream, const char *before, const char *format, va_list arguments) {
  if (!*stream) return;
  va_list copy;
  va_copy(copy, arguments);
  fputs(before, *stream);
  vfprintf(*stream, format, copy);
  fputc('\n', *stream);
  va_end(copy);
  finish(stream);
}

static void line_with(mg_log *log, const char *before, const char *format, va_list arguments) {
  if (log->stream && log->pending) fputs(CLEAR_LINE, log->stream);
  log->pending = false;
  put_line(&log->stream, before, format, arguments);
  put_line(&log->file, before, format, arguments);
}

void mg_log_line(mg_log *log, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  line_with(log, "", format, arguments);
  va_end(arguments);
}

void mg_log_warning(mg_log *log, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  line_with(log, "warning: ", format, arguments);
  va_end(arguments);
}

/* A line that wraps cannot be redrawn in place: it is cut one short of the terminal's width. */
static int visible_columns(FILE *stream) {
  struct winsize window;
  if (ioctl(fileno(stream), TIOCGWINSZ, &window) == 0 && window.ws_col > 1)
    return window.ws_col - 1;
  return 79;
}

void mg_log_progress(mg_log *log, bool keep, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (keep) put_line(&log->file, "", format, arguments);
  if (keep && !log->terminal) {
    put_line(&log->stream, "", format, arguments);
  } else if (log->terminal && log->stream) {
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    fprintf(log->stream, CLEAR_LINE "%.*s", visible_columns(log->stream), text);
    log->pending = true;
    finish(&log->stream);
  }
  va_end(arguments);
}

void mg_every(int64_t n, const char *thing, char text[MG_EVERY_MAX]) {
  static const char *const endings[] = {"th", "st", "nd", "rd"};
  const int64_t last = n % 10, teen = n / 10 % 10;
  if (n == 1)
    snprintf(text, MG_EVERY_MAX, "every %s", thing);
  else
    snprintf(text, MG_EVERY_MAX, "every %" PRId64 "%s %s", n,
             endings[last <= 3 && teen != 1 ? last : 0], thing);
}
