#include "files/file_lock.h"

#include "base/timer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const double TOUCH_SECONDS = 30;

typedef struct holder {
  long process;
  char host[64];
  uint64_t since; /* [clock ticks since the machine started]; 0: unknown */
} holder;

/* ---- who holds it ---- */

static const uint64_t ENDED = UINT64_MAX;

/* When a process began, so that its number cannot be another's later; 0: not there, or unknown; ENDED:
 * its parent has yet to take note of that. */
static uint64_t start_of(long process) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%ld/stat", process);
  FILE *file = fopen(path, "re");
  if (!file) return 0;
  const size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  uint64_t start = 0;
  char state = 0;
  const char *after = strrchr(text, ')'); /* the name before it may hold anything */
  if (!after || sscanf(after + 1,
                       " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
                       "%*s %*s %*s %*s %" SCNu64,
                       &state, &start) != 2)
    return 0;
  return state == 'Z' ? ENDED : start;
}

static holder this_process(void) {
  holder h = {.process = (long)getpid()};
  gethostname(h.host, sizeof h.host - 1);
  h.since = start_of(h.process);
  return h;
}

static bool write_holder(int file) {
  char text[160];
  const holder h = this_process();
  const int n =
      snprintf(text, sizeof text, "%ld on %s since %" PRIu64 "\n", h.process, h.host, h.since);
  return ftruncate(file, 0) == 0 && pwrite(file, text, (size_t)n, 0) == n;
}

/* text: its first line. False where it does not name a process, as when that was killed at once. */
static bool read_holder(int file, holder *h, char text[160]) {
  const ssize_t n = pread(file, text, 159, 0);
  text[n > 0 ? n : 0] = '\0';
  text[strcspn(text, "\n")] = '\0';
  *h = (holder){0};
  return sscanf(text, "%ld on %63s since %" SCNu64, &h->process, h->host, &h->since) >= 2;
}

/* By the clock that also times the touches: another machine's, perhaps. [s] */
static double now_there(const char *path) {
  char probe[MG_PATH_MAX + 32];
  struct stat info;
  snprintf(probe, sizeof probe, "%s.clock.%ld", path, (long)getpid());
  const int file = open(probe, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  const bool known = file >= 0 && fstat(file, &info) == 0;
  if (file >= 0) close(file);
  if (file >= 0) unlink(probe);
  return known ? (double)info.st_mtime : (double)time(NULL);
}

static double silence(const char *path, int file) {
  struct stat info;
  return fstat(file, &info) == 0 ? now_there(path) - (double)info.st_mtime : 0;
}

/* Of the process that an open file names. */
static mg_lock_state look(int file) {
  holder h;
  char text[160];
  const holder self = this_process();
  if (!read_holder(file, &h, text) || strcmp(h.host, self.host) != 0) return MG_LOCK_ELSEWHERE;
  if (kill((pid_t)h.process, 0) != 0 && errno == ESRCH) return MG_LOCK_DEAD;
  const uint64_t start = start_of(h.process);
  return start == ENDED || (h.since && start && start != h.since) ? MG_LOCK_DEAD : MG_LOCK_HELD;
}

mg_lock_state mg_file_lock_look(const char *path) {
  const int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return errno == ENOENT ? MG_LOCK_ABSENT : MG_LOCK_ELSEWHERE;
  const mg_lock_state state = look(file);
  close(file);
  return state;
}

/* A lock of this program's making whose process is known to be dead, or has been silent for long. */
static bool is_abandoned(const char *path, int file) {
  return look(file) == MG_LOCK_DEAD || silence(path, file) > MG_FILE_LOCK_SILENT;
}

/* ---- taking it ---- */

/* True while `path` names what is open: the holder before may have removed it just as it was opened
 * here, and a lock on a removed file locks nobody out. */
static bool still_named(int file, const char *path) {
  struct stat opened, named;
  return fstat(file, &opened) == 0 && lstat(path, &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

/* Out of the way; if another process did so in the meantime and has made its own, that is put back. */
static void set_aside(const char *path, int file) {
  char aside[MG_PATH_MAX + 32];
  snprintf(aside, sizeof aside, "%s.dead.%ld", path, (long)getpid());
  if (rename(path, aside) != 0) return;
  if (still_named(file, aside))
    unlink(aside);
  else
    rename(aside, path);
}

static mg_status fail_in_use(const char *path, const char *what, int file, bool own) {
  holder h;
  char text[160], silent[128] = "";
  read_holder(file, &h, text);
  if (own)
    snprintf(silent, sizeof silent, ", silent for %.0f s; taken over after %d s",
             silence(path, file), MG_FILE_LOCK_SILENT);
  return mg_fail(MG_ERR_CREATE, "%s: in use by process %s%s", what, *text ? text : "unknown",
                 silent);
}

/* No locks on this file system, or not for this kind of file. */
static bool is_lockless(int error) {
  return error == ENOLCK || error == ENOSYS || error == EOPNOTSUPP || error == EINVAL;
}

/* *made: the file is new. < 0: errno. */
static int open_file(const char *path, bool *made) {
  for (int tries = 0; tries < 100; tries++) {
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    *made = file >= 0;
    if (file >= 0 || errno != EEXIST) return file;
    file = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (file >= 0 || errno != ENOENT) return file;
  }
  return -1;
}

/* *held false and MG_OK: try again. */
static mg_status try_once(mg_file_lock *lock, const char *what, bool *held) {
  bool made;
  const char *path = lock->path;
  const int file = lock->file = open_file(path, &made);
  if (file < 0) return mg_fail(MG_ERR_CREATE, "%s: %s", path, strerror(errno));
  const int error = flock(file, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  lock->own = is_lockless(error);
  if (error && !lock->own && error != EWOULDBLOCK)
    return mg_fail(MG_ERR_CREATE, "%s: %s", path, strerror(error));
  *held = error == 0 ? still_named(file, path) : lock->own && made;
  if (*held && lock->own)
    snprintf(lock->remark, sizeof lock->remark,
             "%.300s: no locks on this file system (%s): the file itself keeps other processes out",
             path, strerror(error));
  if (*held || error == 0) return MG_OK;
  if (!lock->own || !is_abandoned(path, file)) return fail_in_use(path, what, file, lock->own);
  set_aside(path, file);
  return MG_OK;
}

mg_status mg_file_lock_take(const char *path, const char *what, mg_file_lock *lock) {
  *lock = (mg_file_lock){.file = -1};
  if (strlen(path) + 64 > sizeof lock->path)
    return mg_fail(MG_ERR_CREATE, "%.64s...: the name is too long", path);
  strcpy(lock->path, path);
  mg_status status = MG_OK;
  bool held = false;
  for (int tries = 0; tries < 100 && status == MG_OK && !held; tries++) {
    status = try_once(lock, what, &held);
    if (!held && lock->file >= 0) close(lock->file), lock->file = -1;
  }
  if (status == MG_OK && !held)
    status = mg_fail(MG_ERR_CREATE, "%s: other processes take and leave it all the time", path);
  lock->touched = mg_timer_now();
  if (status != MG_OK || write_holder(lock->file)) return status;
  status = mg_fail(MG_ERR_IO, "%s: %s", path, strerror(errno));
  mg_file_lock_release(lock);
  return status;
}

bool mg_file_lock_is_held(const char *path) {
  const int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return false;
  const int error = flock(file, LOCK_SH | LOCK_NB) == 0 ? 0 : errno;
  const bool held = error == EWOULDBLOCK || (is_lockless(error) && !is_abandoned(path, file));
  close(file);
  return held;
}

mg_status mg_file_lock_touch(mg_file_lock *lock) {
  if (lock->file < 0 || !lock->own || mg_timer_now() - lock->touched < TOUCH_SECONDS) return MG_OK;
  if (!still_named(lock->file, lock->path))
    return mg_fail(MG_ERR_CREATE, "%s: taken over by another process while this one was silent",
                   lock->path);
  lock->touched = mg_timer_now();
  futimens(lock->file, NULL); /* where that fails, silence is what others see */
  return MG_OK;
}

void mg_file_lock_release(mg_file_lock *lock) {
  if (lock->file < 0) return;
  if (still_named(lock->file, lock->path)) unlink(lock->path); /* while it is held, so it is ours */
  close(lock->file);
  lock->file = -1;
}
