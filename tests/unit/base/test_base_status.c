#include "base/arena.h"
#include "base/status.h"
#include "base/timer.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

Test(base_status, fail_keeps_the_sentence_and_returns_the_code) {
  cr_assert_str_eq(mg_status_message(), "");
  mg_status status = mg_fail(MG_ERR_DATA, "%s: %d episodes, expected %d", "a.h5", 0, 1);
  cr_assert_eq(status, MG_ERR_DATA);
  cr_assert_str_eq(mg_status_message(), "a.h5: 0 episodes, expected 1");
}

Test(base_status, a_sentence_may_quote_the_one_before) {
  mg_fail(MG_ERR_IO, "disk full");
  mg_fail(MG_ERR_IO, "checkpoint: %s", mg_status_message());
  cr_assert_str_eq(mg_status_message(), "checkpoint: disk full");
}

Test(base_status, a_long_sentence_is_cut_at_1023_bytes) {
  char longer[3000];
  memset(longer, 'x', sizeof longer - 1);
  longer[sizeof longer - 1] = '\0';
  mg_fail(MG_ERR_IO, "%s", longer);
  cr_assert_eq(strlen(mg_status_message()), 1023);
}

Test(base_status, control_characters_do_not_reach_the_terminal) {
  mg_fail(MG_ERR_DATA, "dataset '%s'", "a\nb\033[2J\x7f");
  cr_assert_str_eq(mg_status_message(), "dataset 'a?b?[2J?'");
}

Test(base_status, text_is_made_printable) {
  char text[] = "a\tb\x1b[0m \xc3\xa9";
  mg_make_printable(text);
  cr_assert_str_eq(text, "a?b?[0m \xc3\xa9");
}

Test(base_status, the_first_failure_is_kept_with_its_sentence) {
  mg_failure failure = {0};
  mg_fail(MG_ERR_USAGE, "of before");
  mg_failure_note(&failure, MG_OK);
  cr_assert_eq(mg_failure_again(&failure), MG_OK);
  cr_assert_str_eq(mg_status_message(), "of before");

  mg_failure_note(&failure, mg_fail(MG_ERR_IO, "a.h5: disk full"));
  mg_failure_note(&failure, mg_fail(MG_ERR_DATA, "a.h5: not closed"));
  mg_failure_note(&failure, MG_OK);
  mg_fail(MG_ERR_MEMORY, "of after");
  cr_assert_eq(mg_failure_again(&failure), MG_ERR_IO);
  cr_assert_str_eq(mg_status_message(), "a.h5: disk full");
  cr_assert_eq(mg_failure_again(&failure), MG_ERR_IO);
}

Test(base_status, a_long_sentence_is_kept_whole) {
  char longer[3000];
  memset(longer, 'x', sizeof longer - 1);
  longer[sizeof longer - 1] = '\0';
  mg_failure failure = {0};
  mg_failure_note(&failure, mg_fail(MG_ERR_IO, "%s", longer));
  mg_fail(MG_ERR_IO, "short");
  mg_failure_again(&failure);
  cr_assert_eq(strlen(mg_status_message()), 1023);
}

static mg_status forward(mg_status status, int *reached) {
  MG_TRY(status);
  *reached = 1;
  return MG_OK;
}

Test(base_status, try_forwards_failures_only) {
  int reached = 0;
  cr_assert_eq(forward(MG_ERR_USAGE, &reached), MG_ERR_USAGE);
  cr_assert_eq(reached, 0);
  cr_assert_eq(forward(MG_OK, &reached), MG_OK);
  cr_assert_eq(reached, 1);
}

static void *fail_elsewhere(void *unused) {
  mg_fail(MG_ERR_IO, "another thread");
  return unused;
}

Test(base_status, each_thread_has_its_own_sentence) {
  mg_fail(MG_ERR_IO, "this thread");
  pthread_t thread;
  cr_assert_eq(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
  pthread_join(thread, NULL);
  cr_assert_str_eq(mg_status_message(), "this thread");
}

Test(base_timer, goes_forward_in_seconds) {
  double start = mg_timer_now(), now = start;
  for (long i = 0; now - start < 0.01 && i < 100000000; i++) {
    double next = mg_timer_now();
    cr_assert_geq(next, now);
    now = next;
  }
  cr_assert_geq(now - start, 0.01);
}

Test(base_status, nothing_is_blamed_on_a_file_once_memory_was_refused) {
  cr_assert(!mg_memory_refused());
  char *copy = mg_memory_copy("text"), *nothing = mg_memory_take(0, 0);
  cr_assert(copy && nothing && strcmp(copy, "text") == 0 && !mg_memory_refused());
  copy = mg_memory_grow(copy, 100);
  free(copy), free(nothing);
  cr_assert_eq(mg_fail(MG_ERR_DATA, "a.h5: damaged: it ends early"), MG_ERR_DATA);

  volatile size_t huge = SIZE_MAX / 2;
  cr_assert(!mg_memory_take(huge, 1) && mg_memory_refused());
  cr_assert_eq(mg_fail(MG_ERR_DATA, "a.h5: damaged: it ends early"), MG_ERR_MEMORY);
  cr_assert_str_eq(mg_status_message(), "a.h5: no memory");
  cr_assert_eq(mg_fail(MG_ERR_IO, "writing failed"), MG_ERR_MEMORY);
  cr_assert_str_eq(mg_status_message(), "no memory");
  cr_assert_eq(mg_fail(MG_ERR_USAGE, "--seed: expected a number"), MG_ERR_USAGE);
}
