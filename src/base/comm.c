#include "base/comm.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* ---- one rank ---- */

static void self_sum_f32(mg_comm *comm, float *x, size_t n) {
  (void)comm, (void)x, (void)n;
}

static void self_reduce_f64(mg_comm *comm, mg_reduce op, double *x, size_t n) {
  (void)comm, (void)op, (void)x, (void)n;
}

static void self_reduce_u64(mg_comm *comm, mg_reduce op, uint64_t *x, size_t n) {
  (void)comm, (void)op, (void)x, (void)n;
}

static void self_broadcast(mg_comm *comm, void *bytes, size_t n) {
  (void)comm, (void)bytes, (void)n;
}

static void self_gather(mg_comm *comm, const void *bytes, size_t n, int from, void *at_root) {
  (void)comm, (void)from;
  memmove(at_root, bytes, n);
}

static void self_rows(mg_comm *comm, const mg_rows *rows) {
  (void)comm, (void)rows;
}

static void self_barrier(mg_comm *comm) {
  (void)comm;
}

static void self_begin_sum(mg_comm *comm, void *x, size_t n, size_t size, void *scratch) {
  (void)comm, (void)x, (void)n, (void)size, (void)scratch;
}

static void self_poll(mg_comm *comm) {
  (void)comm;
}

static void self_end_sum(mg_comm *comm, void *x) {
  (void)comm, (void)x;
}

mg_comm mg_comm_self(void) {
  return (mg_comm){
      .rank = 0,
      .size = 1,
      .sum_f32 = self_sum_f32,
      .reduce_f64 = self_reduce_f64,
      .reduce_u64 = self_reduce_u64,
      .broadcast = self_broadcast,
      .gather = self_gather,
      .gather_rows = self_rows,
      .scatter_rows = self_rows,
      .barrier = self_barrier,
      .begin_sum = self_begin_sum,
      .poll = self_poll,
      .end_sum = self_end_sum,
  };
}

/* ---- any number of ranks; n is the same on all of them, so leaving early for 0 is too ---- */

void mg_comm_sum_f32(mg_comm *comm, float *x, size_t n) {
  if (n) comm->sum_f32(comm, x, n);
}

void mg_comm_reduce_f64(mg_comm *comm, mg_reduce op, double *x, size_t n) {
  if (n) comm->reduce_f64(comm, op, x, n);
}

void mg_comm_reduce_u64(mg_comm *comm, mg_reduce op, uint64_t *x, size_t n) {
  if (n) comm->reduce_u64(comm, op, x, n);
}

void mg_comm_begin_sum_f32(mg_comm *comm, float *x, size_t n, float *scratch) {
  comm->begin_sum(comm, x, n, sizeof *x, scratch);
}

void mg_comm_begin_sum_f64(mg_comm *comm, double *x, size_t n, double *scratch) {
  comm->begin_sum(comm, x, n, sizeof *x, scratch);
}

void mg_comm_end_sum(mg_comm *comm, void *x) {
  comm->end_sum(comm, x);
}

void mg_comm_broadcast(mg_comm *comm, void *bytes, size_t n) {
  if (n) comm->broadcast(comm, bytes, n);
}

void mg_comm_gather(mg_comm *comm, const void *bytes, size_t n, int from, void *at_root) {
  assert(from >= 0 && from < comm->size);
  if (n) comm->gather(comm, bytes, n, from, at_root);
}

void mg_comm_gather_rows(mg_comm *comm, const mg_rows *rows) {
  if (rows->count > 0) comm->gather_rows(comm, rows);
}

void mg_comm_scatter_rows(mg_comm *comm, const mg_rows *rows) {
  if (rows->count > 0) comm->scatter_rows(comm, rows);
}

void mg_comm_barrier(mg_comm *comm) {
  comm->barrier(comm);
}

mg_status mg_comm_watch(mg_comm *comm, double seconds) {
  return comm->watch && comm->size > 1 && seconds > 0 ? comm->watch(comm, seconds) : MG_OK;
}

void mg_comm_doing(mg_comm *comm, const char *format, ...) {
  if (!comm->doing) return;
  char what[64];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  comm->doing(comm, what);
}

void mg_comm_goes_on(mg_comm *comm) {
  if (comm->doing) comm->doing(comm, NULL);
}

/* True for "rank 3: ...", the sentence of an earlier agreement. */
static bool names_a_rank(const char *sentence) {
  if (strncmp(sentence, "rank ", 5) != 0 || !isdigit((unsigned char)sentence[5])) return false;
  const char *c = sentence + 5;
  while (isdigit((unsigned char)*c)) c++;
  return c[0] == ':' && c[1] == ' ';
}

mg_status mg_comm_agree(mg_comm *comm, mg_status local) {
  /* One reduction finds both: the code in the high half, in the low half what is largest for the
   * lowest rank. From here on every rank takes the same branches. */
  uint64_t key = (uint64_t)local << 32 | (UINT32_MAX - (uint32_t)comm->rank);
  mg_comm_reduce_u64(comm, MG_REDUCE_MAX, &key, 1);
  mg_status worst = (mg_status)(key >> 32);
  if (worst == MG_OK || comm->size == 1) return worst;

  int from = (int)(UINT32_MAX - (uint32_t)key);
  char mine[1024] = {0}, sentence[1024] = {0};
  snprintf(mine, sizeof mine, "%s", mg_status_message());
  mg_comm_gather(comm, mine, sizeof mine, from, sentence);
  mg_comm_broadcast(comm, sentence, sizeof sentence);
  if (names_a_rank(sentence)) return mg_fail(worst, "%s", sentence);
  return mg_fail(worst, "rank %d: %s", from, sentence);
}

/* ---- shares ---- */

mg_share mg_share_of(int64_t total, int rank, int ranks) {
  assert(total > 0 && rank >= 0 && rank < ranks);
  mg_share share = {.total = total, .ranks = ranks, .copies = 1, .own = rank < total};
  if (ranks <= total) {
    const int64_t each = total / ranks, more = total % ranks;
    share.first = rank * each + (rank < more ? rank : more);
    share.count = each + (rank < more);
  } else {
    share.first = rank % total;
    share.count = 1;
    share.copies = (int)(ranks / total) + (share.first < ranks % total);
  }
  return share;
}

/* The first row of a rank; of rank `size`: the end. */
static int64_t first_by_speed(const mg_comm *comm, int64_t total, int rank) {
  return rank + (int64_t)floor((double)(total - comm->size) * comm->reach[rank] + 0.5);
}

mg_share mg_comm_share(const mg_comm *comm, int64_t total, int rank) {
  mg_share share = mg_share_of(total, rank, comm->size);
  if (!comm->reach || comm->size >= total) return share;
  share.first = first_by_speed(comm, total, rank);
  share.count = first_by_speed(comm, total, rank + 1) - share.first;
  return share;
}

double mg_share_weight(const mg_share *s) {
  return (double)(s->ranks * s->count) / (double)(s->total * s->copies);
}

int64_t mg_share_part(const mg_share *s, int64_t amount) {
  const int64_t part = amount * s->count / (s->total * s->copies);
  return part > 0 ? part : 1;
}

int64_t mg_share_overlap(const mg_share *s, int64_t first, int64_t count, int64_t *from) {
  const int64_t end = first + count, own_end = s->first + s->count;
  *from = first > s->first ? first : s->first;
  const int64_t rows = (end < own_end ? end : own_end) - *from;
  return rows > 0 ? rows : 0;
}

mg_rows mg_rows_of_ranks(const mg_comm *comm, const mg_rows *rows, int rank, int end, bool owned) {
  const int64_t total = rows->total;
  const int ranks = comm->size;
  if (owned && end > total) end = (int)total;
  mg_share needed = {.first = 0, .count = 0};
  if (rank < end) {
    /* Those of following ranks lie together, but where their copies begin anew at row 0. */
    const mg_share first = mg_comm_share(comm, total, rank),
                   last = mg_comm_share(comm, total, end - 1);
    const bool together = rank / total == (end - 1) / total || ranks <= total;
    needed.first = together ? first.first : 0;
    needed.count = together ? last.first + last.count - first.first : total;
  }
  mg_rows part = *rows;
  part.count = mg_share_overlap(&needed, rows->first, rows->count, &part.first);
  part.bytes =
      part.count > 0 ? rows->bytes + (size_t)(part.first - rows->first) * rows->size : NULL;
  return part;
}
