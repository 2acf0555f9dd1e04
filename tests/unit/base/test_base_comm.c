#include "base/comm.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Several ranks are tested under mpirun, in tests/mpi. */

Test(base_comm, one_rank_leaves_everything_as_it_is) {
  mg_comm comm = mg_comm_self();
  cr_assert_eq(comm.rank, 0);
  cr_assert_eq(comm.size, 1);
  float f[2] = {1, 2};
  double d[2] = {3, 4};
  uint64_t u[2] = {5, 6};
  mg_comm_sum_f32(&comm, f, 2);
  mg_comm_reduce_f64(&comm, MG_REDUCE_MIN, d, 2);
  mg_comm_reduce_u64(&comm, MG_REDUCE_MAX, u, 2);
  mg_comm_broadcast(&comm, d, sizeof d);
  mg_comm_barrier(&comm);
  cr_assert(f[0] == 1 && f[1] == 2 && d[0] == 3 && d[1] == 4 && u[0] == 5 && u[1] == 6);
}

Test(base_comm, gather_and_scatter_copy) {
  mg_comm comm = mg_comm_self();
  char from[6] = "hello", to[6] = "";
  mg_comm_gather(&comm, from, sizeof from, 0, to);
  cr_assert_str_eq(to, "hello");
  const mg_rows rows = {.total = 3, .count = 3, .size = 2, .bytes = to};
  mg_comm_gather_rows(&comm, &rows);
  mg_comm_scatter_rows(&comm, &rows);
  cr_assert_str_eq(to, "hello");
  mg_comm_gather(&comm, from, sizeof from, 0, from);
  cr_assert_str_eq(from, "hello");
}

Test(base_comm, agreement_of_one_keeps_its_sentence) {
  mg_comm comm = mg_comm_self();
  cr_assert_eq(mg_comm_agree(&comm, MG_OK), MG_OK);
  cr_assert_eq(mg_comm_agree(&comm, mg_fail(MG_ERR_DATA, "bad")), MG_ERR_DATA);
  cr_assert_str_eq(mg_status_message(), "bad");
}
