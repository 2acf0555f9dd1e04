#include "thread_comm.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RANKS = 16 };

/* One rank runs at a time and hands over where it waits for the others: OpenBLAS's serial build may
 * not be called from two threads at once. */
typedef struct world {
  int size;
  pthread_mutex_t turn; /* whoever runs holds it */
  pthread_cond_t all_here;
  int waiting;           /* ranks at the barrier */
  unsigned generation;   /* barriers passed */
  void *slot[MAX_RANKS]; /* each rank's argument of the collective under way */
} world;

typedef struct rank_start {
  mg_comm comm;
  void (*body)(mg_comm *, void *);
  void *user;
} rank_start;

static void wait_for_all(world *w) {
  const unsigned generation = w->generation;
  if (++w->waiting == w->size) {
    w->waiting = 0;
    w->generation++;
    pthread_cond_broadcast(&w->all_here);
  }
  while (generation == w->generation) pthread_cond_wait(&w->all_here, &w->turn);
}

static world *meet(mg_comm *comm, const void *argument) {
  world *w = comm->impl;
  w->slot[comm->rank] = (void *)(size_t)argument;
  wait_for_all(w);
  return w;
}

static void part(mg_comm *comm) {
  wait_for_all(comm->impl);
}

#define DEFINE_REDUCE(name, type)                                                                  \
  static void name(mg_comm *comm, mg_reduce op, type *x, size_t n) {                               \
    type *result = malloc((n ? n : 1) * sizeof *result);                                           \
    world *w = meet(comm, x);                                                                      \
    for (size_t i = 0; i < n; i++) {                                                               \
      result[i] = ((type *)w->slot[0])[i];                                                         \
      for (int r = 1; r < w->size; r++) {                                                          \
        type y = ((type *)w->slot[r])[i];                                                          \
        if (op == MG_REDUCE_SUM) result[i] += y;                                                   \
        if (op == MG_REDUCE_MIN && y < result[i]) result[i] = y;                                   \
        if (op == MG_REDUCE_MAX && y > result[i]) result[i] = y;                                   \
      }                                                                                            \
    }                                                                                              \
    part(comm);                                                                                    \
    memcpy(x, result, n * sizeof *result);                                                         \
    free(result);                                                                                  \
  }
DEFINE_REDUCE(thread_reduce_f32, float)
DEFINE_REDUCE(thread_reduce_f64, double)
DEFINE_REDUCE(thread_reduce_u64, uint64_t)

static void thread_sum_f32(mg_comm *comm, float *x, size_t n) {
  thread_reduce_f32(comm, MG_REDUCE_SUM, x, n);
}

static void thread_broadcast(mg_comm *comm, void *bytes, size_t n) {
  world *w = meet(comm, bytes);
  if (comm->rank != 0) memcpy(bytes, w->slot[0], n);
  part(comm);
}

static void thread_gather(mg_comm *comm, const void *bytes, size_t n, int from, void *at_root) {
  world *w = meet(comm, bytes);
  if (comm->rank == 0) memmove(at_root, w->slot[from], n);
  part(comm);
}

/* What rank `of` needs of the rows, from there to here. */
static void copy_rows(const mg_comm *comm, const mg_rows *from, const mg_rows *to, int of,
                      bool owned) {
  const mg_rows source = mg_rows_of_ranks(comm, from, of, of + 1, owned);
  const mg_rows target = mg_rows_of_ranks(comm, to, of, of + 1, owned);
  if (source.count > 0) memcpy(target.bytes, source.bytes, (size_t)source.count * source.size);
}

static void thread_gather_rows(mg_comm *comm, const mg_rows *rows) {
  world *w = meet(comm, rows);
  for (int r = 1; comm->rank == 0 && r < w->size; r++) copy_rows(comm, w->slot[r], rows, r, true);
  part(comm);
}

static void thread_scatter_rows(mg_comm *comm, const mg_rows *rows) {
  world *w = meet(comm, rows);
  if (comm->rank != 0) copy_rows(comm, w->slot[0], rows, comm->rank, false);
  part(comm);
}

static void thread_barrier(mg_comm *comm) {
  part(comm);
}

static void *run_rank(void *argument) {
  rank_start *start = argument;
  world *w = start->comm.impl;
  pthread_mutex_lock(&w->turn);
  start->body(&start->comm, start->user);
  pthread_mutex_unlock(&w->turn);
  return NULL;
}

void run_ranks(int size, void (*body)(mg_comm *, void *), void *user) {
  world w = {.size = size};
  rank_start start[MAX_RANKS];
  pthread_t thread[MAX_RANKS];
  pthread_mutex_init(&w.turn, NULL);
  pthread_cond_init(&w.all_here, NULL);
  for (int r = 0; r < size; r++) {
    start[r] = (rank_start){.body = body,
                            .user = user,
                            .comm = {.rank = r,
                                     .size = size,
                                     .impl = &w,
                                     .sum_f32 = thread_sum_f32,
                                     .reduce_f64 = thread_reduce_f64,
                                     .reduce_u64 = thread_reduce_u64,
                                     .broadcast = thread_broadcast,
                                     .gather = thread_gather,
                                     .gather_rows = thread_gather_rows,
                                     .scatter_rows = thread_scatter_rows,
                                     .barrier = thread_barrier}};
    pthread_create(&thread[r], NULL, run_rank, &start[r]);
  }
  for (int r = 0; r < size; r++) pthread_join(thread[r], NULL);
  pthread_cond_destroy(&w.all_here);
  pthread_mutex_destroy(&w.turn);
}
