/* The communicator of one rank of many that are not there. */
#include "app/bench/alike_comm.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run of two iterations: a sum of n numbers in iteration n. */
static void play(mg_comm *comm) {
  char bytes[12] = "";
  const mg_rows rows = {.total = 6, .first = 2, .count = 4, .size = 3, .bytes = bytes};
  float x[2] = {1, 2};
  double d = 3;
  uint64_t least = 5, sum = 5;
  mg_comm_broadcast(comm, bytes, 7);
  mg_comm_doing(comm, "the start");
  mg_comm_reduce_f64(comm, MG_REDUCE_SUM, &d, 1);
  for (int n = 1; n <= 2; n++) {
    mg_comm_doing(comm, "iteration %d", n);
    mg_comm_goes_on(comm);
    mg_comm_sum_f32(comm, x, (size_t)n);
  }
  mg_comm_doing(comm, "the checkpoint of iteration 2");
  mg_comm_gather_rows(comm, &rows);
  mg_comm_doing(comm, "the evaluation at the end"); /* not kept */
  mg_comm_reduce_u64(comm, MG_REDUCE_MIN, &least, 1);
  mg_comm_reduce_u64(comm, MG_REDUCE_SUM, &sum, 1);
  cr_assert(x[0] == 16 && x[1] == 8 && d == 12 && least == 5 && sum == 20);
}

/* Sums of n numbers on their way from iteration n to the next. The fourth, before an evaluation, leaves none, and the
 * fifth finds none. */
Test(alike_comm, keeps_an_iteration_that_leaves_what_it_found) {
  static const char *const expected[] = {
      "iteration poll 0 0 0 0",      "iteration got_on 0 0 0 0",    "iteration end_sum 0 0 0 0",
      "iteration begin_f32 3 0 3 4", "iteration begin_f64 3 0 3 8", "iteration end_sum 0 0 0 0",
      "iteration end 0 0 0 0"};
  float x[4] = {1}, scratch[4];
  double d[4] = {1}, other[4];
  mg_alike alike;
  mg_alike_begin(&alike, 2);
  for (int n = 1; n <= 4; n++) {
    mg_comm_doing(&alike.comm, "iteration %d", n);
    mg_comm_poll(&alike.comm);
    mg_comm_goes_on(&alike.comm);
    if (n > 1) mg_comm_end_sum(&alike.comm, x);
    mg_comm_begin_sum_f32(&alike.comm, x, (size_t)n, scratch);
    mg_comm_begin_sum_f64(&alike.comm, d, (size_t)n, other);
    if (n > 1) mg_comm_end_sum(&alike.comm, d);
  }
  mg_comm_end_sum(&alike.comm, x);
  mg_comm_end_sum(&alike.comm, d);
  mg_comm_doing(&alike.comm, "the evaluation at the end"); /* not kept */
  cr_expect(x[0] == 16 && d[0] == 16 && x[3] == 0);
  mg_comm_doing(&alike.comm, "iteration 5");
  mg_comm_begin_sum_f32(&alike.comm, x, 1, scratch);
  mg_comm_doing(&alike.comm, "the evaluation at the end");
  const mg_phase_record *kept = mg_alike_phase(&alike, MG_PHASE_ITERATION);
  cr_expect_eq(mg_phase_sum(kept).collectives, 2);
  char *text = NULL, *line;
  size_t size;
  FILE *file = open_memstream(&text, &size);
  mg_alike_print(&alike, 1234, file);
  fclose(file);
  line = strtok(strstr(text, "\niteration "), "\n");
  for (size_t k = 0; k < sizeof expected / sizeof *expected; k++, line = strtok(NULL, "\n"))
    cr_assert(line && strncmp(line, expected[k], strlen(expected[k])) == 0, "%s, expected %s",
              line ? line : "nothing", expected[k]);
  cr_expect_null(line);
  free(text);
  mg_alike_end(&alike);
}

Test(alike_comm, lists_the_last_of_each_phase) {
  static const char *const expected[] = {
      "start broadcast 7 0 7 1",  "start end 0 0 0 0",
      "start reduce_f64 1 0 1 8", "start end 0 0 0 0",
      "iteration got_on 0 0 0 0", "iteration sum_f32 2 0 2 4",
      "iteration end 0 0 0 0",    "checkpoint gather_rows 6 2 4 3",
      "checkpoint end 0 0 0 0",
  };
  mg_alike alike;
  mg_alike_begin(&alike, 4);
  cr_assert(alike.comm.size == 4 && alike.comm.rank == 0);
  play(&alike.comm);
  char *text = NULL, *line;
  size_t size;
  FILE *file = open_memstream(&text, &size);
  mg_alike_print(&alike, 1234, file);
  fclose(file);
  line = strtok(text, "\n");
  cr_assert(*line == '#' && strstr(line, "rank 0 of 4, a checkpoint of 1234 bytes"));
  for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
    line = strtok(NULL, "\n");
    cr_assert(line && strncmp(line, expected[k], strlen(expected[k])) == 0, "%s, expected %s",
              line ? line : "nothing", expected[k]);
    cr_assert(atof(strrchr(line, ' ')) >= 0);
  }
  cr_assert_null(strtok(NULL, "\n"));
  const mg_phase_sums iteration = mg_phase_sum(&alike.phase[MG_PHASE_ITERATION]);
  cr_assert(iteration.collectives == 1 && iteration.bytes == 8 && iteration.seconds >= 0);
  free(text);
  mg_alike_end(&alike);
}
