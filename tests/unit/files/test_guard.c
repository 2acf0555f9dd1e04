/* The child process in which strangers' files are read. */
#include "files/guard.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(guard, .timeout = 60);

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

static mg_status run(void (*body)(int, void *), unsigned seconds, char *got) {
  mg_guard guard;
  cr_assert(mg_guard_start(&guard, "x.h5", 256 << 20, seconds, body, (char[]){"fine"}) == MG_OK);
  memset(got, 0, 9);
  bool complete = mg_guard_read(&guard, got, 4);
  bool more = mg_guard_read(&guard, got + 4, 4);
  return mg_guard_end(&guard, complete && !more && body != crash);
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
  cr_assert(strstr(mg_status_message(), "x.h5: crashes the HDF5 library"), "%s",
            mg_status_message());
  cr_assert(run(corrupt, 10, got) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), "crashes the HDF5 library"));
  cr_assert(run(leave, 10, got) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), "ended early"));
}

Test(guard, a_loop_ends) {
  char got[9];
  cr_assert(run(loop, 1, got) == MG_ERR_DATA);
  cr_assert(strstr(mg_status_message(), "more than 1 s"), "%s", mg_status_message());
}

Test(guard, memory_is_limited) {
#ifdef __SANITIZE_ADDRESS__
  cr_skip_test("no limit on addresses under AddressSanitizer");
#endif
  char got[9];
  cr_assert(run(devour, 10, got) == MG_OK);
  cr_assert(strcmp(got, "none") == 0);
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
