#include "files/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { POLL_MS = 100 };

/* Mapped bytes of this process, 0 if unknown. */
static uint64_t mapped_bytes(void) {
  uint64_t pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (!file) return 0;
  if (fscanf(file, "%" SCNu64, &pages) != 1) pages = 0;
  fclose(file);
  return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void limit(int resource, uint64_t soft, uint64_t hard) {
  struct rlimit now;
  if (getrlimit(resource, &now) != 0) return;
  if (now.rlim_max != RLIM_INFINITY && hard > now.rlim_max) hard = now.rlim_max;
  if (soft > hard) soft = hard;
  setrlimit(resource, &(struct rlimit){.rlim_cur = (rlim_t)soft, .rlim_max = (rlim_t)hard});
}

/* Crash handlers that MPI or others installed would print and linger; corruption messages of the C
 * library would look like the parent's. */
static void prepare_child(uint64_t mapped, const mg_guard_limits *limits) {
  static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU};
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) signal(crashes[i], SIG_DFL);
  signal(SIGPIPE, SIG_IGN); /* a reader who has seen enough is no crash, */
  signal(SIGXFSZ, SIG_IGN); /* nor is a file that may not grow */
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_CPU, limits->seconds, (uint64_t)limits->seconds + 1);
#if !defined(__SANITIZE_ADDRESS__)
  /* (AddressSanitizer's shadow needs terabytes of addresses.) */
  const uint64_t most = mapped + limits->bytes;
  if (mapped && limits->bytes < UINT64_MAX / 4) limit(RLIMIT_AS, most, most);
#else
  (void)mapped;
#endif
  if (limits->prints) return;
  int null = open("/dev/null", O_RDWR);
  if (null >= 0) {
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    if (null > STDERR_FILENO) close(null);
  }
}

mg_guard_limits mg_guard_limits_for(int64_t file_bytes, uint64_t most_bytes) {
  const uint64_t size = file_bytes > 0 ? (uint64_t)file_bytes : 0;
  const uint64_t seconds = 5 + size / 500000;
  const uint64_t bytes = size > INT64_MAX / 100 ? most_bytes : 1000000000 + 100 * size;
  return (mg_guard_limits){.bytes = bytes < most_bytes ? bytes : most_bytes,
                           .seconds = seconds > 14400 ? 14400 : (unsigned)seconds};
}

mg_guard_limits mg_guard_limits_of(const char *path, uint64_t most_bytes) {
  struct stat about;
  const bool is_file = stat(path, &about) == 0 && S_ISREG(about.st_mode);
  return mg_guard_limits_for(is_file ? about.st_size : 0, most_bytes);
}

mg_status mg_guard_start(mg_guard *guard, const char *path, const mg_guard_limits *limits,
                         void (*body)(int pipe, void *user), void *user) {
  *guard = (mg_guard){.path = path, .limits = *limits, .pipe = -1};
  int ends[2];
  if (pipe(ends) != 0) return mg_fail(MG_ERR_INTERNAL, "pipe: %s", strerror(errno));
  uint64_t mapped = mapped_bytes();
  guard->child = fork();
  if (guard->child == 0) {
    close(ends[0]);
    prepare_child(mapped, limits);
    body(ends[1], user);
    _exit(0);
  }
  close(ends[1]);
  guard->pipe = ends[0];
  if (guard->child > 0) return MG_OK;
  close(ends[0]);
  return mg_fail(MG_ERR_INTERNAL, "fork: %s", strerror(errno));
}

/* False once it is to stop: then the child has ended. */
static bool wait_for(mg_guard *guard) {
  struct pollfd ready = {.fd = guard->pipe, .events = POLLIN};
  while (guard->limits.stopped) {
    if (guard->limits.stopped()) {
      guard->stopped = true;
      kill(guard->child, SIGKILL);
      return false;
    }
    if (poll(&ready, 1, POLL_MS) > 0) break;
  }
  return true;
}

bool mg_guard_read(mg_guard *guard, void *bytes, size_t n) {
  for (char *to = bytes; n > 0;) {
    if (!wait_for(guard)) return false;
    ssize_t got = read(guard->pipe, to, n);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got, n -= (size_t)got;
  }
  return true;
}

void mg_guard_write(int pipe, const void *bytes, size_t n) {
  for (const char *from = bytes; n > 0;) {
    ssize_t put = write(pipe, from, n);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) _exit(1);
    from += put, n -= (size_t)put;
  }
}

void mg_guard_tell(int pipe, mg_status status) {
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  mg_guard_write(pipe, &failure, sizeof failure);
}

/* A child cannot have been asked to stop. */
static bool may_be_told(mg_status status) {
  switch (status) {
#define IS_STATUS(name, code, text) case name:
    MG_STATUS_LIST(IS_STATUS)
#undef IS_STATUS
    return status != MG_ERR_STOPPED;
  }
  return false;
}

bool mg_guard_hear(mg_guard *guard, mg_status *told) {
  mg_failure failure;
  *told = MG_OK;
  if (!mg_guard_read(guard, &failure, sizeof failure)) return false;
  failure.sentence[sizeof failure.sentence - 1] = 0;
  if (failure.status != MG_OK) /* printable, even if the file took the child over */
    *told =
        mg_fail(may_be_told(failure.status) ? failure.status : MG_ERR_DATA, "%s", failure.sentence);
  return true;
}

mg_status mg_guard_end(mg_guard *guard, bool complete) {
  close(guard->pipe);
  int status = 0;
  pid_t waited;
  while ((waited = waitpid(guard->child, &status, 0)) < 0 && errno == EINTR) {}
  if (complete) return MG_OK;
  if (guard->stopped) return mg_fail(MG_ERR_STOPPED, "%s: stopped on request", guard->path);
  if (waited != guard->child || !WIFSIGNALED(status))
    return mg_fail(MG_ERR_DATA, "%s: reading it ended early", guard->path);
  int signal_number = WTERMSIG(status);
  if (signal_number == SIGXCPU || signal_number == SIGKILL)
    return mg_fail(MG_ERR_DATA,
                   "%s: reading it takes more than %u s of processor time or was killed",
                   guard->path, guard->limits.seconds);
  return mg_fail(MG_ERR_DATA, "%s: crashes the HDF5 library (signal %d)", guard->path,
                 signal_number);
}

mg_status mg_guard_ask(const char *path, const mg_guard_limits *limits,
                       void (*body)(int pipe, void *user), void *user) {
  mg_guard guard;
  mg_status told;
  MG_TRY(mg_guard_start(&guard, path, limits, body, user));
  const bool heard = mg_guard_hear(&guard, &told);
  MG_TRY(mg_guard_end(&guard, heard));
  return told;
}
