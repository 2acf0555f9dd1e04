/* The child process in which strangers' files are read. */
#include "files/guard.h"

#include "support/scratch_folder.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- bodies ---- */

static void answer(int pipe, void *user) {
  mg_guard_write(pipe, user, 4);
}
static void crash(int pipe, void *user) {
  answer(pipe, user);
  raise(SIGSEGV);
}
static void corrupt(int pipe, void *user) {
  (void)pipe, (void)user;
  abort();
}
static void loop(int pipe, void *user) {
  (void)pipe, (void)user;
  for (volatile unsigned i = 0;; i++) {}
}
static void leave(int pipe, void *user) {
  (void)pipe, (void)user;
  _exit(3);
}
static void devour(int pipe, void *user) {
  char *volatile memory = malloc((size_t)1 << 30); /* volatile: else clang leaves it out */
  if (memory) memset(memory, 1, (size_t)1 << 30);
  mg_guard_write(pipe, memory ? "much" : "none", 4);
  (void)user;
}
static void devour_blindly(int pipe, void *user) {
  for (int i = 0; i < 1024; i++) {
    volatile char *memory = malloc((size_t)1 << 20);
    for (size_t k = 0; k < (size_t)1 << 20; k += 4096) memory[k] = 1;
  }
  answer(pipe, user);
}
static void devour_and_tell(int pipe, void *user) {
  char *volatile memory = malloc((size_t)1 << 30);
  mg_guard_tell(pipe, memory ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory", (char *)user));
}
static void send_without_end(int pipe, void *user) {
  for (;;) mg_guard_write(pipe, user, 4);
}
static void wait_without_end(int pipe, void *user) {
  (void)pipe, (void)user;
  for (;;) pause();
}
static void print(int pipe, void *user) {
  printf("printed");
  fflush(stdout);
  answer(pipe, user);
}
static void send_nonsense(int pipe, void *user) {
  mg_failure failure = {.status = *(const mg_status *)user};
  memset(failure.sentence, '\n', sizeof failure.sentence);
  mg_guard_write(pipe, &failure, sizeof failure);
}
static void tell_ok(int pipe, void *user) {
  (void)user;
  mg_guard_tell(pipe, MG_OK);
}

/* ---- what comes of them ---- */

static mg_guard start(const mg_guard_limits *limits, void (*body)(int, void *), void *user) {
  mg_guard guard;
  cr_assert(mg_guard_start(&guard, "x.h5", limits, body, user) == MG_OK);
  return guard;
}

static mg_guard_limits usual(unsigned seconds) {
  return (mg_guard_limits){.bytes = 256 << 20, .seconds = seconds};
}

static mg_status run(void (*body)(int, void *), unsigned seconds, char *got) {
  const mg_guard_limits limits = usual(seconds);
  mg_guard guard = start(&limits, body, (char[]){"fine"});
  memset(got, 0, 9);
  bool complete = mg_guard_read(&guard, got, 4);
  bool more = mg_guard_read(&guard, got + 4, 4);
  return mg_guard_end(&guard, complete && !more && body != crash);
}

static mg_status hear(void (*body)(int, void *), void *user) {
  const mg_guard_limits limits = usual(10);
  mg_guard guard = start(&limits, body, user);
  mg_status told;
  bool complete = mg_guard_hear(&guard, &told);
  cr_assert(mg_guard_end(&guard, complete) == MG_OK);
  return told;
}

static void assert_sentence(const char *part) {
  cr_assert(strstr(mg_status_message(), part), "%s", mg_status_message());
}

Test(guard, bytes_arrive) {
  char got[9];
  cr_assert(run(answer, 10, got) == MG_OK && strcmp(got, "fine") == 0);
}

static void handler(int number) {
  (void)number;
  _exit(0); /* as a crash reporter might */
}

Test(guard, a_crash_is_a_sentence) {
  char got[9];
  signal(SIGSEGV, handler);
  cr_assert(run(crash, 10, got) == MG_ERR_DATA);
  assert_sentence("x.h5: crashes the HDF5 library (signal ");
  cr_assert(run(corrupt, 10, got) == MG_ERR_DATA);
  assert_sentence("crashes the HDF5 library");
  cr_assert(run(leave, 10, got) == MG_ERR_DATA);
  assert_sentence("x.h5: reading it ended early");
}

Test(guard, a_loop_ends) {
  char got[9];
  cr_assert(run(loop, 1, got) == MG_ERR_DATA);
  assert_sentence("more than 1 s");
}

static void assert_limits(mg_guard_limits limits, unsigned seconds, uint64_t bytes) {
  cr_assert(limits.seconds == seconds, "%u s", limits.seconds);
  cr_assert(limits.bytes == bytes, "%" PRIu64 " bytes", limits.bytes);
}

Test(guard, what_is_allowed_follows_from_the_size) {
  const uint64_t most = UINT64_C(8000000000);
  assert_limits(mg_guard_limits_for(0, most), 5, 1000000000);
  assert_limits(mg_guard_limits_for(-1, most), 5, 1000000000);
  assert_limits(mg_guard_limits_for(0, 1000), 5, 1000);
  assert_limits(mg_guard_limits_for(455319311, most), 915, most);
  assert_limits(mg_guard_limits_for(INT64_MAX, UINT64_MAX), 14400, UINT64_MAX);
  scratch_make();
  const char *path = scratch_path("file");
  cr_assert(file_write(path, "x", 1) && truncate(path, 12000000) == 0);
  assert_limits(mg_guard_limits_of(path, most), 29, 2200000000);
  scratch_remove();
  assert_limits(mg_guard_limits_of(path, most), 5, 1000000000);
}

Test(guard, memory_is_limited) {
#ifdef __SANITIZE_ADDRESS__
  cr_skip_test("no limit on addresses under AddressSanitizer");
#endif
  char got[9];
  cr_assert(run(devour, 10, got) == MG_OK);
  cr_assert(strcmp(got, "none") == 0);
}

Test(guard, too_much_memory_is_a_sentence) {
#ifdef __SANITIZE_ADDRESS__
  cr_skip_test("no limit on addresses under AddressSanitizer");
#endif
  char got[9];
  cr_assert(hear(devour_and_tell, (char[]){"x.h5"}) == MG_ERR_MEMORY);
  cr_assert_str_eq(mg_status_message(), "x.h5: no memory");
  cr_assert(run(devour_blindly, 10, got) == MG_ERR_DATA);
  assert_sentence("x.h5: crashes the HDF5 library (signal ");
}

/* What the parent has buffered must not be written twice. */
Test(guard, streams_are_not_flushed_by_the_child) {
  char got[9], line[16] = "";
  FILE *file = tmpfile();
  fprintf(file, "once");
  cr_assert(run(answer, 10, got) == MG_OK);
  fflush(file);
  rewind(file);
  cr_assert(fgets(line, sizeof line, file) && strcmp(line, "once") == 0, "'%s'", line);
  fclose(file);
}

/* Bytes on standard output while the body runs. */
static long printed_by(bool prints) {
  mg_guard_limits limits = usual(10);
  limits.prints = prints;
  char got[4];
  FILE *file = tmpfile();
  fflush(stdout);
  int before = dup(STDOUT_FILENO);
  dup2(fileno(file), STDOUT_FILENO);
  mg_guard guard = start(&limits, print, (char[]){"fine"});
  dup2(before, STDOUT_FILENO);
  close(before);
  cr_assert(mg_guard_end(&guard, mg_guard_read(&guard, got, 4)) == MG_OK);
  fseek(file, 0, SEEK_END);
  long bytes = ftell(file);
  fclose(file);
  return bytes;
}

Test(guard, only_who_may_print_does) {
  cr_assert(printed_by(false) == 0);
  cr_assert(printed_by(true) == (long)strlen("printed"));
}

/* ---- the end ---- */

static bool is_gone(pid_t child) {
  return kill(child, 0) != 0 && errno == ESRCH;
}

Test(guard, a_child_that_is_not_waited_for_ends) {
  const mg_guard_limits limits = usual(10);
  mg_guard guard = start(&limits, send_without_end, (char[]){"more"});
  char got[4];
  cr_assert(mg_guard_read(&guard, got, 4));
  cr_assert(mg_guard_end(&guard, true) == MG_OK);
  cr_assert(is_gone(guard.child));
  cr_assert(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "nothing is left to be reaped");
}

static int asked;
static bool stop_at_the_third(void) {
  return ++asked == 3;
}

Test(guard, it_stops_when_asked_to) {
  mg_guard_limits limits = usual(10);
  limits.stopped = stop_at_the_third;
  mg_guard guard = start(&limits, wait_without_end, NULL);
  char got[4];
  cr_assert(!mg_guard_read(&guard, got, 4));
  cr_assert(asked == 3);
  cr_assert(mg_guard_end(&guard, false) == MG_ERR_STOPPED);
  cr_assert_str_eq(mg_status_message(), "x.h5: stopped on request");
  cr_assert(is_gone(guard.child));
}

Test(guard, who_is_not_asked_to_stop_reads_on) {
  mg_guard_limits limits = usual(10);
  limits.stopped = stop_at_the_third;
  asked = 3;
  mg_guard guard = start(&limits, answer, (char[]){"fine"});
  char got[5] = "";
  cr_assert(mg_guard_read(&guard, got, 4) && strcmp(got, "fine") == 0);
  cr_assert(mg_guard_end(&guard, true) == MG_OK);
}

/* ---- a status ---- */

static void fail(int pipe, void *user) {
  mg_guard_tell(pipe, mg_fail(MG_ERR_NO_INPUT, "%s: not there", (char *)user));
}

Test(guard, a_status_comes_with_its_sentence) {
  mg_fail(MG_ERR_IO, "of before");
  cr_assert(hear(fail, (char[]){"x.h5"}) == MG_ERR_NO_INPUT);
  cr_assert_str_eq(mg_status_message(), "x.h5: not there");
  cr_assert(hear(tell_ok, NULL) == MG_OK);
}

Test(guard, a_status_that_no_child_can_mean_is_bad_data) {
  cr_assert(hear(send_nonsense, &(mg_status){(mg_status)12345}) == MG_ERR_DATA);
  cr_assert(strlen(mg_status_message()) == 1023 && strspn(mg_status_message(), "?") == 1023);
  cr_assert(hear(send_nonsense, &(mg_status){MG_ERR_STOPPED}) == MG_ERR_DATA);
  cr_assert(hear(send_nonsense, &(mg_status){MG_OK}) == MG_OK);
}

Test(guard, a_status_that_does_not_come_is_none) {
  const mg_guard_limits limits = usual(10);
  mg_guard guard = start(&limits, leave, NULL);
  mg_status told = MG_ERR_IO;
  cr_assert(!mg_guard_hear(&guard, &told) && told == MG_OK);
  cr_assert(mg_guard_end(&guard, false) == MG_ERR_DATA);
}
