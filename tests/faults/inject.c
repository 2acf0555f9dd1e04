/* A library to preload: the n-th call of one function, and only that, or every one, fails.
 *
 *   INJECT_CALL    open, read, write, fsync, rename, link, flock or malloc
 *   INJECT_AT      which call, from 1; 0: all of them
 *   INJECT_ERRNO   a number
 *   INJECT_UNDER   only calls about files whose path holds this text
 *   INJECT_FIRED   a file that is made when it happens
 *   INJECT_KILL    if set, the process is killed there (SIGKILL), before the call
 *
 * Functions of the same kind count together: write with pwrite, malloc with calloc, realloc, strdup and the
 * aligned ones. Of these only calls by the program itself count, those that return into its own code:
 * what MPI, HDF5 and MuJoCo do without memory (some end the process) is not ours. A child that is forked
 * goes on counting where its parent was. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long calls;
static _Thread_local bool inside; /* of this library */

/* What a call is about if not files. */
enum { NO_FILE = -2 };

static bool concerns(int file, const char *path) {
  const char *under = getenv("INJECT_UNDER");
  char name[64], target[4096] = "";
  if (!under || file == NO_FILE) return true;
  if (path) return strstr(path, under) != NULL;
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  return readlink(name, target, sizeof target - 1) > 0 && strstr(target, under) != NULL;
}

/* What it is about: the path, or if that is NULL the open file. */
static bool fails(const char *call, int file, const char *path) {
  const char *chosen = getenv("INJECT_CALL"), *at = getenv("INJECT_AT");
  if (inside || !chosen || !at || strcmp(chosen, call) != 0) return false;
  inside = true;
  const long n = atol(at);
  const bool counts = concerns(file, path);
  const bool fires = counts && (atomic_fetch_add(&calls, 1) + 1 == n || n == 0);
  if (fires) {
    const char *fired = getenv("INJECT_FIRED"), *number = getenv("INJECT_ERRNO");
    const int mark =
        fired ? (int)syscall(SYS_openat, AT_FDCWD, fired, O_CREAT | O_WRONLY, 0666) : -1;
    if (mark >= 0) close(mark);
    if (getenv("INJECT_KILL")) kill(getpid(), SIGKILL);
    errno = number ? atoi(number) : EIO;
  }
  inside = false;
  return fires;
}

static mode_t mode_of(int flags, va_list rest) {
  return flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name)                                                                                 \
  int name(const char *path, int flags, ...) {                                                     \
    va_list rest;                                                                                  \
    va_start(rest, flags);                                                                         \
    const mode_t mode = mode_of(flags, rest);                                                      \
    va_end(rest);                                                                                  \
    return fails("open", -1, path) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);   \
  }
OPEN(open)
OPEN(open64)

#define READ(name, type)                                                                           \
  ssize_t name(int file, type bytes, size_t n) {                                                   \
    return fails(#name, file, NULL) ? -1 : syscall(SYS_##name, file, bytes, n);                    \
  }
READ(read, void *)
READ(write, const void *)

#define PREAD(name, call, number, type)                                                            \
  ssize_t name(int file, type bytes, size_t n, off_t at) {                                         \
    return fails(call, file, NULL) ? -1 : syscall(number, file, bytes, n, at);                     \
  }
PREAD(pread, "read", SYS_pread64, void *)
PREAD(pread64, "read", SYS_pread64, void *)
PREAD(pwrite, "write", SYS_pwrite64, const void *)
PREAD(pwrite64, "write", SYS_pwrite64, const void *)

int fsync(int file) {
  return fails("fsync", file, NULL) ? -1 : (int)syscall(SYS_fsync, file);
}

int rename(const char *from, const char *to) {
  return fails("rename", -1, to) ? -1
                                 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int link(const char *from, const char *to) {
  return fails("link", -1, to) ? -1 : (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int flock(int file, int operation) {
  return fails("flock", file, NULL) ? -1 : (int)syscall(SYS_flock, file, operation);
}

/* ---- memory ---- */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t n);
void *__libc_memalign(size_t alignment, size_t n);

static uintptr_t code_begin, code_end; /* of the program; nothing until it is known */

/* The program is the first of the objects. */
static int find_code(struct dl_phdr_info *object, size_t size, void *user) {
  (void)size, (void)user;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
    code_begin = object->dlpi_addr + part->p_vaddr;
    code_end = code_begin + part->p_memsz;
  }
  return 1;
}

__attribute__((constructor)) static void begin(void) {
  dl_iterate_phdr(find_code, NULL);
}

#define NO_MEMORY(caller)                                                                          \
  ((uintptr_t)(caller)-code_begin < code_end - code_begin && fails("malloc", NO_FILE, NULL))
#define CALLER __builtin_return_address(0)

void *malloc(size_t n) {
  return NO_MEMORY(CALLER) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size) {
  return NO_MEMORY(CALLER) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t n) {
  return NO_MEMORY(CALLER) ? NULL : __libc_realloc(old, n);
}

void *aligned_alloc(size_t alignment, size_t n) {
  return NO_MEMORY(CALLER) ? NULL : __libc_memalign(alignment, n);
}

int posix_memalign(void **p, size_t alignment, size_t n) {
  void *made = NO_MEMORY(CALLER) ? NULL : __libc_memalign(alignment, n);
  if (!made) return ENOMEM;
  *p = made;
  return 0;
}

char *strdup(const char *text) {
  const size_t n = strlen(text) + 1;
  char *made = NO_MEMORY(CALLER) ? NULL : __libc_malloc(n);
  return made ? memcpy(made, text, n) : NULL;
}
