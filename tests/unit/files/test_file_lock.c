/* Locks, the system's and those of files where it has none. */
#include "files/file_lock.h"

#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The system's, but for the file systems that this test stands for: it fails with this errno. */
static int refusal;
int flock(int file, int operation);
int flock(int file, int operation) {
  if (!refusal) return (int)syscall(SYS_flock, file, operation);
  errno = refusal;
  return -1;
}

static void begin(void) {
  scratch_make();
  refusal = 0;
}

TestSuite(file_lock, .init = begin, .fini = scratch_remove);

static void expect_in_use(const char *path, const char *words) {
  mg_file_lock lock;
  cr_assert(mg_file_lock_take(path, "run", &lock) == MG_ERR_CREATE && lock.file < 0);
  cr_assert(strstr(mg_status_message(), "run: in use by process "), "%s", mg_status_message());
  cr_assert(strstr(mg_status_message(), words), "%s", mg_status_message());
}

static void take(const char *path, mg_file_lock *lock) {
  cr_assert(mg_file_lock_take(path, "run", lock) == MG_OK, "%s", mg_status_message());
}

/* A lock that some other process has left. */
static void leave(const char *path, const char *holder, time_t age) {
  cr_assert(file_write(path, holder, strlen(holder)));
  const struct timespec then = {.tv_sec = time(NULL) - age};
  cr_assert(utimensat(AT_FDCWD, path, (struct timespec[]){then, then}, 0) == 0);
}

/* Who only asks takes nothing, and makes no file. */
Test(file_lock, can_be_looked_at) {
  const char *path = scratch_path("lock");
  cr_assert(mg_file_lock_look(path) == MG_LOCK_ABSENT && scratch_count() == 0);
  mg_file_lock lock;
  take(path, &lock);
  cr_assert(mg_file_lock_look(path) == MG_LOCK_HELD);
  mg_file_lock_release(&lock);
  char host[64] = "", holder[160];
  gethostname(host, sizeof host - 1);
  leave(path, "1 on somewhere-else since 5\n", 0);
  cr_assert(mg_file_lock_look(path) == MG_LOCK_ELSEWHERE);
  leave(path, "", 0);
  cr_assert(mg_file_lock_look(path) == MG_LOCK_ELSEWHERE);
  snprintf(holder, sizeof holder, "%ld on %s since 1\n", (long)getpid(), host);
  leave(path, holder, 0);
  cr_assert(mg_file_lock_look(path) == MG_LOCK_DEAD, "the number is another process's now");
  const pid_t child = fork(); /* ends, and is not waited for yet */
  if (child == 0) _exit(0);
  siginfo_t ended;
  cr_assert(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT) == 0);
  snprintf(holder, sizeof holder, "%ld on %s since 0\n", (long)child, host);
  leave(path, holder, 0);
  cr_assert(mg_file_lock_look(path) == MG_LOCK_DEAD, "it has ended");
  cr_assert(waitpid(child, NULL, 0) == child && mg_file_lock_look(path) == MG_LOCK_DEAD);
  cr_assert(scratch_count() == 1);
}

Test(file_lock, one_holder_with_and_without_the_systems_locks) {
  static const int refusals[] = {0, ENOLCK, ENOSYS, EOPNOTSUPP};
  const char *path = scratch_path("lock");
  char own[64];
  snprintf(own, sizeof own, "%ld on ", (long)getpid());
  for (size_t k = 0; k < sizeof refusals / sizeof *refusals; k++) {
    refusal = refusals[k];
    mg_file_lock lock;
    take(path, &lock);
    cr_assert(lock.own == (refusal != 0) && (*lock.remark != '\0') == (refusal != 0));
    cr_assert(mg_file_lock_touch(&lock) == MG_OK);
    expect_in_use(path, own);
    mg_file_lock_release(&lock);
    cr_assert(scratch_count() == 0, "something is left");
    take(path, &lock);
    mg_file_lock_release(&lock);
  }
}

Test(file_lock, the_dead_and_the_silent_hold_nobody_up) {
  const char *path = scratch_path("lock");
  char host[64] = "", text[160];
  gethostname(host, sizeof host - 1);
  refusal = ENOLCK;
  mg_file_lock lock;
  leave(path, "7 on elsewhere since 5\n", 20);
  expect_in_use(path, "7 on elsewhere since 5, silent for 2");
  leave(path, "", 20); /* killed as it was about to sign */
  expect_in_use(path, "unknown");
  snprintf(text, sizeof text, "%ld on %s since 1\n", (long)getppid(), host);
  static const struct {
    const char *holder;
    time_t age;
  } gone[] = {{"7 on elsewhere since 5\n", MG_FILE_LOCK_SILENT + 60},
              {"", MG_FILE_LOCK_SILENT + 60}};
  for (size_t k = 0; k < 2; k++) {
    leave(path, gone[k].holder, gone[k].age);
    take(path, &lock);
    mg_file_lock_release(&lock);
  }
  leave(path, text, 0); /* its number is another's by now */
  take(path, &lock);
  mg_file_lock_release(&lock);
  snprintf(text, sizeof text, "4194303 on %s since 1\n", host); /* the largest: not there */
  leave(path, text, 0);
  take(path, &lock);
  mg_file_lock_release(&lock);
  cr_assert(scratch_count() == 0, "something is left");
}

Test(file_lock, a_holder_notices_that_it_was_taken_over) {
  const char *path = scratch_path("lock");
  refusal = ENOLCK;
  mg_file_lock lock;
  take(path, &lock);
  remove(path);
  leave(path, "7 on elsewhere since 5\n", 0);
  lock.touched -= MG_FILE_LOCK_SILENT;
  cr_assert(mg_file_lock_touch(&lock) == MG_ERR_CREATE);
  mg_file_lock_release(&lock);
  cr_assert(scratch_count() == 1, "the other's lock is gone");
}

Test(file_lock, touched_while_it_is_held) {
  const char *path = scratch_path("lock");
  refusal = ENOLCK;
  mg_file_lock lock;
  take(path, &lock);
  const struct timespec then = {.tv_sec = time(NULL) - 500};
  cr_assert(utimensat(AT_FDCWD, path, (struct timespec[]){then, then}, 0) == 0);
  lock.touched -= 60;
  cr_assert(mg_file_lock_touch(&lock) == MG_OK);
  struct stat info;
  cr_assert(stat(path, &info) == 0 && info.st_mtime > time(NULL) - 100, "not touched");
  mg_file_lock_release(&lock);
}
