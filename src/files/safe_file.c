#include "files/safe_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

mg_status mg_safe_open_input(const char *path, int *file) {
  *file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (*file < 0) return mg_fail(MG_ERR_NO_INPUT, "%s: %s", path, strerror(errno));
  struct stat info;
  if (fstat(*file, &info) == 0 && S_ISREG(info.st_mode)) return MG_OK;
  close(*file);
  *file = -1;
  return mg_fail(MG_ERR_NO_INPUT, "%s: not a regular file", path);
}

mg_status mg_safe_check_input(const char *path) {
  int file;
  MG_TRY(mg_safe_open_input(path, &file));
  close(file);
  return MG_OK;
}

/* *length: bytes read, at most `most`. */
static mg_status read_all(int file, const char *path, size_t most, char *text, size_t *length) {
  *length = 0;
  while (*length < most) {
    const ssize_t n = read(file, text + *length, most - *length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return mg_fail(MG_ERR_IO, "%s: %s", path, strerror(errno));
    if (n == 0) break;
    *length += (size_t)n;
  }
  if (*length == most || memchr(text, '\0', *length))
    return mg_fail(MG_ERR_DATA, "%s: expected a text file of less than %zu bytes", path, most);
  text[*length] = '\0';
  return MG_OK;
}

mg_status mg_safe_read_text(const char *path, size_t most, char **text) {
  int file;
  size_t length = 0;
  *text = NULL;
  MG_TRY(mg_safe_open_input(path, &file));
  char *all = malloc(most + 1);
  mg_status status = all ? read_all(file, path, most, all, &length)
                         : mg_fail(MG_ERR_MEMORY, "%s: out of memory", path);
  close(file);
  if (status != MG_OK) {
    free(all);
    return status;
  }
  char *fitting = realloc(all, length + 1);
  *text = fitting ? fitting : all;
  return MG_OK;
}

static mg_status join(const char *path, const char *ending, char *joined) {
  int n = snprintf(joined, MG_PATH_MAX, "%s%s", path, ending);
  if (n < 0 || n >= MG_PATH_MAX)
    return mg_fail(MG_ERR_CREATE, "%.64s...: the name is too long", path);
  return MG_OK;
}

mg_status mg_safe_temporary_of(const char *path, long process, char *temporary) {
  char ending[32];
  snprintf(ending, sizeof ending, ".tmp.%ld", process);
  return join(path, ending, temporary);
}

mg_status mg_safe_temporary(const char *path, char *temporary) {
  MG_TRY(mg_safe_temporary_of(path, (long)getpid(), temporary));
  if (unlink(temporary) != 0 && errno != ENOENT)
    return mg_fail(MG_ERR_CREATE, "%s: cannot be removed: %s", temporary, strerror(errno));
  return MG_OK;
}

static mg_status flush(const char *path, int flags) {
  int file = open(path, flags | O_CLOEXEC);
  if (file < 0) return mg_fail(MG_ERR_IO, "%s: %s", path, strerror(errno));
  int result = fsync(file), error = errno;
  if (close(file) != 0 && result == 0) result = -1, error = errno;
  /* Some file systems cannot flush a folder; then there is nothing more to do. */
  if (result != 0 && !((flags & O_DIRECTORY) && (error == EINVAL || error == ENOTSUP)))
    return mg_fail(MG_ERR_IO, "%s: cannot be flushed to disk: %s", path, strerror(error));
  return MG_OK;
}

static mg_status flush_folder(const char *path) {
  char folder[MG_PATH_MAX];
  const char *slash = strrchr(path, '/');
  int length = slash ? (int)(slash - path) : 0;
  snprintf(folder, sizeof folder, "%.*s", length, path);
  return flush(!slash ? "." : length == 0 ? "/" : folder, O_RDONLY | O_DIRECTORY);
}

/* A second name for what is at `path`, so that there is no moment without a whole file. */
static mg_status keep_previous(const char *path, const char *temporary) {
  char previous[MG_PATH_MAX], link_name[MG_PATH_MAX];
  MG_TRY(join(path, ".previous", previous));
  MG_TRY(join(temporary, ".previous", link_name));
  unlink(link_name);
  if (link(path, link_name) == 0) {
    if (rename(link_name, previous) == 0) {
      unlink(link_name); /* still there if both names were the same file already */
      return MG_OK;
    }
    int error = errno;
    unlink(link_name);
    return mg_fail(MG_ERR_IO, "%s: %s", previous, strerror(error));
  }
  if (errno == ENOENT) return MG_OK;
  /* No hard links here: `path` is missing until the new file takes the name. */
  if (rename(path, previous) == 0) return MG_OK;
  return mg_fail(MG_ERR_IO, "%s: %s", previous, strerror(errno));
}

static mg_status commit(const char *temporary, const char *path, bool previous) {
  MG_TRY(flush(temporary, O_RDONLY));
  if (previous) MG_TRY(keep_previous(path, temporary));
  if (rename(temporary, path) != 0)
    return mg_fail(MG_ERR_IO, "%s: cannot be renamed to %s: %s", temporary, path, strerror(errno));
  return flush_folder(path);
}

mg_status mg_safe_commit(const char *temporary, const char *path, bool previous) {
  mg_status status = commit(temporary, path, previous);
  if (status != MG_OK) unlink(temporary);
  return status;
}

mg_status mg_safe_write_text(const char *path, const char *text) {
  char temporary[MG_PATH_MAX];
  MG_TRY(mg_safe_temporary(path, temporary));
  int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (file < 0) return mg_fail(MG_ERR_CREATE, "%s: %s", temporary, strerror(errno));
  int error = 0;
  for (size_t left = strlen(text); left > 0 && !error;) {
    ssize_t put = write(file, text, left);
    if (put > 0)
      text += put, left -= (size_t)put;
    else if (put < 0 && errno != EINTR)
      error = errno;
  }
  if (close(file) != 0 && !error) error = errno;
  if (!error) return mg_safe_commit(temporary, path, false);
  unlink(temporary);
  return mg_fail(MG_ERR_IO, "%s: %s", temporary, strerror(error));
}
