/* Every collective against answers known beforehand. */
#include "base/rng.h"
#include "base/timer.h"
#include "check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Below, at and above the number of ranks, and not its multiple: each has its own path. */
static const size_t LENGTH[] = {0, 1, 2, 3, 4, 5, 1000, 250007};
enum { LENGTHS = sizeof LENGTH / sizeof LENGTH[0], LONGEST = 250007 };

static void check_sum_f32(mg_checks *checks, float *x) {
  const int ranks = checks->comm->size;
  for (int k = 0; k < LENGTHS; k++) {
    for (size_t i = 0; i < LONGEST; i++)
      x[i] = (float)((checks->comm->rank + 1) * (int)(i % 7 + 1));
    mg_comm_sum_f32(checks->comm, x, LENGTH[k]);
    size_t wrong = 0;
    for (size_t i = 0; i < LENGTH[k]; i++)
      wrong += x[i] != (float)(ranks * (ranks + 1) / 2 * (int)(i % 7 + 1));
    CHECK(checks, wrong == 0);
    CHECK(checks, LENGTH[k] == LONGEST ||
                      x[LENGTH[k]] == (float)((checks->comm->rank + 1) * (int)(LENGTH[k] % 7 + 1)));
  }
}

static void check_reduce(mg_checks *checks) {
  mg_comm *comm = checks->comm;
  const int ranks = comm->size;
  enum { N = 9 };
  for (size_t n = 1; n <= N; n++) {
    for (int op = MG_REDUCE_SUM; op <= MG_REDUCE_MAX; op++) {
      double d[N];
      uint64_t u[N];
      /* above 2^53, where a way through double would round */
      const uint64_t base = (uint64_t)1 << 60;
      for (size_t i = 0; i < N; i++) {
        d[i] = 0.5 - 2.0 * comm->rank + (double)i;
        u[i] = base + (uint64_t)comm->rank + i;
      }
      mg_comm_reduce_f64(comm, (mg_reduce)op, d, n);
      mg_comm_reduce_u64(comm, (mg_reduce)op, u, n);
      for (size_t i = 0; i < n; i++) {
        double first = 0.5 + (double)i, last = first - 2.0 * (ranks - 1);
        uint64_t ufirst = base + i, ulast = ufirst + (uint64_t)ranks - 1;
        if (op == MG_REDUCE_SUM) {
          CHECK(checks, d[i] == (first + last) * ranks / 2);
          CHECK(checks, u[i] == (uint64_t)ranks * ufirst + (uint64_t)(ranks * (ranks - 1) / 2));
        } else {
          CHECK(checks, d[i] == (op == MG_REDUCE_MIN ? last : first));
          CHECK(checks, u[i] == (op == MG_REDUCE_MIN ? ufirst : ulast));
        }
      }
    }
  }
}

static unsigned char pattern(int rank, size_t i) {
  return (unsigned char)(i * 31 + i / 251 + (size_t)rank * 17);
}

static size_t differs(const unsigned char *bytes, size_t n, int rank) {
  size_t wrong = 0;
  for (size_t i = 0; i < n; i++) wrong += bytes[i] != pattern(rank, i);
  return wrong;
}

static void fill(unsigned char *bytes, size_t n, int rank) {
  for (size_t i = 0; i < n; i++) bytes[i] = pattern(rank, i);
}

static void check_bytes(mg_checks *checks) {
  mg_comm *comm = checks->comm;
  enum { N = 3000001 };
  unsigned char *mine = malloc(N), *root = malloc(N);
  for (size_t n = 1; n <= N; n = n * 1731 + 1) {
    fill(mine, N, comm->rank);
    mg_comm_broadcast(comm, mine, n);
    CHECK(checks, differs(mine, n, 0) == 0);
    for (int other = 0; other < comm->size; other++) {
      fill(mine, n, comm->rank);
      memset(root, 0, n);
      mg_comm_gather(comm, mine, n, other, comm->rank == 0 ? root : NULL);
      CHECK(checks, comm->rank != 0 || differs(root, n, other) == 0);
      CHECK(checks, differs(mine, n, comm->rank) == 0);
    }
  }
  free(mine);
  free(root);
}

enum { ROW = 2003, ROWS = 23 };

/* Rows first .. first + count - 1, gathered, marked and brought back. Bytes of a row are pattern(row); what a
 * rank does not hold is 0 before, and what it holds as a copy is wrong, and must not arrive. */
static void check_some_rows(mg_checks *checks, int64_t total, int64_t first, int64_t count,
                            unsigned char *bytes) {
  mg_comm *comm = checks->comm;
  const mg_share share = mg_share_of(total, comm->rank, comm->size);
  const mg_rows rows = {
      .total = total, .first = first, .count = count, .size = ROW, .bytes = (char *)bytes};
  int64_t from;
  const int64_t own = mg_share_overlap(&share, first, count, &from);
  memset(bytes, 0, (size_t)count * ROW);
  for (int64_t row = from; row < from + own; row++)
    fill(bytes + (row - first) * ROW, ROW, share.own ? (int)row : -1);
  mg_comm_gather_rows(comm, &rows);
  for (int64_t k = 0; comm->rank == 0 && k < count; k++) {
    CHECK(checks, differs(bytes + k * ROW, ROW, (int)(first + k)) == 0);
    fill(bytes + k * ROW, ROW, (int)(100 + first + k));
  }
  mg_comm_scatter_rows(comm, &rows);
  for (int64_t row = from; row < from + own; row++)
    CHECK(checks, differs(bytes + (row - first) * ROW, ROW, (int)(100 + row)) == 0);
}

/* Fewer, as many, and more rows than ranks; all of them, and parts in which some ranks have none. */
static void check_rows(mg_checks *checks) {
  unsigned char *bytes = malloc(ROWS * ROW);
  for (int64_t total = 1; total <= ROWS; total++)
    for (int64_t first = 0; first < total; first += 3)
      for (int64_t count = 1; first + count <= total; count += 5)
        check_some_rows(checks, total, first, count, bytes);
  free(bytes);
}

static void check_barrier(mg_checks *checks) {
  mg_comm *comm = checks->comm;
  mg_comm_barrier(comm);
  if (comm->rank == comm->size - 1) usleep(200000);
  double entered = mg_timer_now(); /* by the clock that all processes of a machine have */
  mg_comm_barrier(comm);
  double left = mg_timer_now();
  mg_comm_reduce_f64(comm, MG_REDUCE_MAX, &entered, 1);
  CHECK(checks, left >= entered);
}

static uint64_t hash(const float *x, size_t n) {
  uint64_t h = 1;
  const unsigned char *bytes = (const unsigned char *)x;
  for (size_t i = 0; i < n * sizeof *x; i++) h = h * 1099511628211u + bytes[i];
  return h;
}

/* Whoever comes late, all ranks get the same bits, and get them again. */
static void check_same_bits(mg_checks *checks, float *x) {
  mg_comm *comm = checks->comm;
  for (int k = 1; k < LENGTHS; k++) {
    uint64_t before = 0;
    for (int round = 0; round < 6; round++) {
      mg_rng rng = mg_rng_at(5, MG_RNG_TEST, (uint64_t)comm->rank, (uint64_t)k);
      for (size_t i = 0; i < LENGTH[k]; i++) x[i] = (float)mg_rng_normal(&rng);
      usleep((useconds_t)((comm->rank + round) % comm->size) * 2000);
      mg_comm_sum_f32(comm, x, LENGTH[k]);
      uint64_t lowest = hash(x, LENGTH[k]), highest = lowest;
      CHECK(checks, round == 0 || lowest == before);
      before = lowest;
      mg_comm_reduce_u64(comm, MG_REDUCE_MIN, &lowest, 1);
      mg_comm_reduce_u64(comm, MG_REDUCE_MAX, &highest, 1);
      CHECK(checks, lowest == highest);
    }
  }
}

static bool message_is(mg_comm *comm, int rank, const char *sentence) {
  char expected[256];
  if (comm->size > 1)
    snprintf(expected, sizeof expected, "rank %d: %s", rank, sentence);
  else
    snprintf(expected, sizeof expected, "%s", sentence);
  return strcmp(mg_status_message(), expected) == 0;
}

static void check_agree(mg_checks *checks) {
  mg_comm *comm = checks->comm;
  const int last = comm->size - 1;
  CHECK(checks, mg_comm_agree(comm, MG_OK) == MG_OK);

  mg_status local = MG_OK;
  if (comm->rank == last) local = mg_fail(MG_ERR_CONFIG, "rate = %d", -1);
  CHECK(checks, mg_comm_agree(comm, local) == MG_ERR_CONFIG);
  CHECK(checks, message_is(comm, last, "rate = -1"));

  /* An agreement on what has been agreed keeps the rank that it was. */
  CHECK(checks, mg_comm_agree(comm, MG_ERR_CONFIG) == MG_ERR_CONFIG);
  CHECK(checks, message_is(comm, last, "rate = -1"));

  /* The worst code wins over the lowest rank. */
  local = mg_fail(comm->rank == last ? MG_ERR_IO : MG_ERR_DATA, "mine is %d", comm->rank);
  char expected[32];
  snprintf(expected, sizeof expected, "mine is %d", last);
  CHECK(checks, mg_comm_agree(comm, local) == MG_ERR_IO);
  CHECK(checks, message_is(comm, last, expected));

  /* Of equal codes the lowest rank's sentence. */
  const int first = comm->size > 1 ? 1 : 0;
  local = comm->rank < first ? MG_OK : mg_fail(MG_ERR_IO, "disk %d full", comm->rank);
  snprintf(expected, sizeof expected, "disk %d full", first);
  CHECK(checks, mg_comm_agree(comm, local) == MG_ERR_IO);
  CHECK(checks, message_is(comm, first, expected));
}

/* ---- sums on their way ---- */

static float term(int rank, int sum, size_t i) {
  return (float)((rank + 1) * (int)((i + (size_t)sum) % 7 + 1));
}

static size_t wrong_of(const mg_comm *comm, int sum, const float *x, size_t n) {
  size_t wrong = 0;
  for (size_t i = 0; i < n; i++)
    wrong += x[i] != (float)(comm->size * (comm->size + 1) / 2) * term(0, sum, i);
  return wrong;
}

/* As many as may be, of each length, with looks, delays and other collectives in between. */
static void check_sums_on_their_way(mg_checks *checks, float *x, float *scratch) {
  mg_comm *comm = checks->comm;
  enum { ROOM = LONGEST + 1 };
  for (int k = 0; k < LENGTHS; k++) {
    const size_t n = LENGTH[k];
    double d[3] = {1, comm->rank, 0.5}, aside[3];
    for (int sum = 0; sum < MG_SUMS_MAX - 1; sum++) {
      float *at = x + (size_t)sum * ROOM;
      for (size_t i = 0; i <= n; i++) at[i] = term(comm->rank, sum, i);
      mg_comm_begin_sum_f32(comm, at, n, scratch + (size_t)sum * ROOM);
    }
    mg_comm_begin_sum_f64(comm, d, 3, aside);
    usleep((useconds_t)(comm->rank * 1000));
    for (int look = 0; look < k; look++) mg_comm_poll(comm);
    uint64_t largest = (uint64_t)comm->rank;
    mg_comm_reduce_u64(comm, MG_REDUCE_MAX, &largest, 1);
    CHECK(checks, largest == (uint64_t)comm->size - 1);
    for (int sum = 0; sum < MG_SUMS_MAX - 1; sum++) {
      const float *at = x + (size_t)sum * ROOM;
      mg_comm_end_sum(comm, x + (size_t)sum * ROOM);
      CHECK(checks, wrong_of(comm, sum, at, n) == 0);
      CHECK(checks, at[n] == term(comm->rank, sum, n));
    }
    mg_comm_end_sum(comm, d);
    CHECK(checks, d[0] == comm->size && d[1] == comm->size * (comm->size - 1) / 2 &&
                      d[2] == 0.5 * comm->size);
  }
}

static bool is_there(const char *folder, int rank) {
  char path[64];
  snprintf(path, sizeof path, "%s/%d", folder, rank);
  return access(path, F_OK) == 0;
}

/* A rank that only looks keeps nobody waiting: rank 0 does not end its sum before all others have ended theirs. */
static void check_looking(mg_checks *checks, float *x, float *scratch) {
  mg_comm *comm = checks->comm;
  char folder[32] = "/tmp/mgail_comm.XXXXXX", path[64];
  bool made = comm->rank != 0 || mkdtemp(folder);
  CHECK(checks, made);
  mg_comm_broadcast(comm, folder, sizeof folder);
  for (size_t i = 0; i < LONGEST; i++) x[i] = term(comm->rank, 0, i);
  mg_comm_begin_sum_f32(comm, x, LONGEST, scratch);
  if (comm->rank == 0) {
    const double began = mg_timer_now();
    int others = 1;
    while (others < comm->size && mg_timer_now() < began + 60) {
      mg_comm_poll(comm);
      others += is_there(folder, others);
    }
    CHECK(checks, others == comm->size);
  }
  mg_comm_end_sum(comm, x);
  CHECK(checks, wrong_of(comm, 0, x, LONGEST) == 0);
  snprintf(path, sizeof path, "%s/%d", folder, comm->rank);
  FILE *file = comm->rank != 0 ? fopen(path, "w") : NULL;
  if (file) fclose(file);
  mg_comm_barrier(comm);
  if (comm->rank != 0) unlink(path);
  mg_comm_barrier(comm);
  if (comm->rank == 0) rmdir(folder);
}

/* Whoever comes late, and whether it looks or not. */
static void check_same_bits_on_the_way(mg_checks *checks, float *x, float *scratch) {
  mg_comm *comm = checks->comm;
  for (int k = 1; k < LENGTHS; k++) {
    uint64_t before = 0;
    for (int round = 0; round < 6; round++) {
      mg_rng rng = mg_rng_at(5, MG_RNG_TEST, (uint64_t)comm->rank, (uint64_t)k);
      for (size_t i = 0; i < LENGTH[k]; i++) x[i] = (float)mg_rng_normal(&rng);
      usleep((useconds_t)((comm->rank + round) % comm->size) * 2000);
      mg_comm_begin_sum_f32(comm, x, LENGTH[k], scratch);
      for (int look = 0; look < 1000 * (round % 2); look++) mg_comm_poll(comm);
      mg_comm_end_sum(comm, x);
      uint64_t lowest = hash(x, LENGTH[k]), highest = lowest;
      CHECK(checks, round == 0 || lowest == before);
      before = lowest;
      mg_comm_reduce_u64(comm, MG_REDUCE_MIN, &lowest, 1);
      mg_comm_reduce_u64(comm, MG_REDUCE_MAX, &highest, 1);
      CHECK(checks, lowest == highest);
    }
  }
}

int main(int argc, char **argv) {
  mg_checks checks = {0};
  if (!checks_begin(&checks, &argc, &argv)) return 1;
  float *x = malloc((MG_SUMS_MAX - 1) * (LONGEST + 1) * sizeof *x);
  float *scratch = malloc((MG_SUMS_MAX - 1) * (LONGEST + 1) * sizeof *x);
  CHECK(&checks, *mg_comm_mpi_library());
  check_sum_f32(&checks, x);
  check_reduce(&checks);
  check_bytes(&checks);
  check_rows(&checks);
  check_barrier(&checks);
  check_same_bits(&checks, x);
  check_agree(&checks);
  check_sums_on_their_way(&checks, x, scratch);
  check_looking(&checks, x, scratch);
  check_same_bits_on_the_way(&checks, x, scratch);
  check_sum_f32(&checks, x); /* the agreements left no message behind */
  free(scratch);
  free(x);
  return checks_finish(&checks);
}
