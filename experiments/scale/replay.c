/* The collectives of a training run on a simulated cluster: runs under SimGrid's smpirun (simulate.sh).
 *
 *   replay LIST
 *   replay LIST ITERATIONS COLLECTIVES JITTER
 *
 * LIST is what `mgail bench collectives` wrote: every collective of a start, an iteration, an evaluation
 * and a checkpoint of the program itself, as rank 0 of so many ranks makes it, and the processor time before
 * it. Here every rank makes the same calls of the project's own interface (mpi/comm_mpi.c, compiled by
 * smpicc), and the time between them passes on SimGrid's clock.
 *
 * Without more, the start, an evaluation and a checkpoint; else iterations one after the other. With jitter J the
 * rollout of a rank takes 1 + J u times as long (physics), or its whole iteration does (all); u is uniform in [0, 1], drawn anew for each rank and iteration. Printed are seconds:
 *   start T | evaluation T | checkpoint T
 *   iteration KIND J T C      T: of one; C: the mean over ranks of what they compute in it
 * Of an iteration with more than COLLECTIVES the first so many are simulated, and the rest takes as long as
 * those after the rollout did, one by one. */
#include "mpi/comm_mpi.h"

#include <math.h>
#include <mpi.h>
#include <simgrid/actor.h>
#include <smpi/smpi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Looking whether messages have arrived: 80 ns to 1 us with Open MPI. [s] */
static const double LOOK = 1e-6;

typedef struct event {
  char phase[16], kind[16];
  mg_rows rows;
  double seconds;
} event;

typedef struct list {
  event *event;
  int count;
  char *memory; /* of the largest; SMPI copies nothing to and from it, for nobody looks */
} list;

/* A rank has its core to itself, so that computing is sleeping; of what smpi_execute did SimGrid keeps a list, which it
 * searches each time. */
static void compute(double seconds) {
  sg_actor_sleep_for(seconds);
}

/* SMPI says MPI_THREAD_SINGLE; there is no watchdog here and so no other thread. */
int scale_init_thread(int *argc, char ***argv, int required, int *provided);
int scale_init_thread(int *argc, char ***argv, int required, int *provided) {
  *provided = required;
  return MPI_Init(argc, argv);
}

static void die(const char *path, const char *what) {
  fprintf(stderr, "error: replay: %s: %s; expected the list of mgail bench collectives\n", path,
          what);
  exit(66);
}

/* All ranks are threads of one process and have one list: values do not matter, and 4,096 copies would not
 * fit. */
static const list *read_list(const char *path) {
  static list all;
  size_t most = 1;
  char line[256];
  if (all.count > 0) return &all;
  FILE *file = fopen(path, "r");
  if (!file) die(path, "cannot be opened");
  for (int capacity = 0; fgets(line, sizeof line, file);) {
    event e = {0};
    long long total, first, count;
    if (*line == '#') continue;
    if (sscanf(line, "%15s %15s %lld %lld %lld %zu %lf", e.phase, e.kind, &total, &first, &count,
               &e.rows.size, &e.seconds) != 7)
      die(path, "a line that is none of it");
    e.rows.total = total, e.rows.first = first, e.rows.count = count;
    if ((size_t)count * e.rows.size > most) most = (size_t)count * e.rows.size;
    if (all.count == capacity) {
      capacity = capacity ? 2 * capacity : 256;
      all.event = realloc(all.event, (size_t)capacity * sizeof e);
    }
    all.event[all.count++] = e;
  }
  fclose(file);
  all.memory = SMPI_SHARED_MALLOC(most);
  if (all.count == 0) die(path, "empty");
  return &all;
}

static bool is(const event *e, const char *kind) {
  return strcmp(e->kind, kind) == 0;
}

/* A sum on its way: all are of the same memory. */
static bool begins(const event *e) {
  return is(e, "begin_f32") || is(e, "begin_f64");
}

static void call(mg_comm *comm, const event *e, char *memory) {
  mg_rows rows = e->rows;
  const size_t n = (size_t)rows.count;
  rows.bytes = memory;
  if (is(e, "begin_f32")) mg_comm_begin_sum_f32(comm, (float *)memory, n, (float *)memory);
  if (is(e, "begin_f64")) mg_comm_begin_sum_f64(comm, (double *)memory, n, (double *)memory);
  if (is(e, "poll")) mg_comm_poll(comm);
  if (is(e, "end_sum")) mg_comm_end_sum(comm, memory);
  if (is(e, "sum_f32")) mg_comm_sum_f32(comm, (float *)memory, n);
  if (is(e, "reduce_f64")) mg_comm_reduce_f64(comm, MG_REDUCE_SUM, (double *)memory, n);
  if (is(e, "reduce_u64")) mg_comm_reduce_u64(comm, MG_REDUCE_MAX, (uint64_t *)memory, n);
  if (is(e, "broadcast")) mg_comm_broadcast(comm, memory, n);
  if (is(e, "gather_rows")) mg_comm_gather_rows(comm, &rows);
  if (is(e, "scatter_rows")) mg_comm_scatter_rows(comm, &rows);
  if (is(e, "barrier")) mg_comm_barrier(comm);
}

/* Marks that are no call of the interface. */
static bool is_mark(const event *e) {
  return is(e, "got_on") || is(e, "end");
}

/* Ranks may wait for each other in it; but for the end of a sum, which has been on its way. */
static bool is_meeting(const event *e) {
  return !is_mark(e) && !begins(e) && !is(e, "poll") && !is(e, "end_sum");
}

static double slowest(mg_comm *comm, double seconds) {
  mg_comm_reduce_f64(comm, MG_REDUCE_MAX, &seconds, 1);
  return seconds;
}

/* A phase in which rank 0 alone computes, writing a file, or all ranks do. */
static void replay_phase(mg_comm *comm, const list *l, const char *phase, bool rank_0_alone) {
  mg_comm_barrier(comm);
  const double began = MPI_Wtime();
  for (int i = 0; i < l->count; i++) {
    if (strcmp(l->event[i].phase, phase) != 0) continue;
    if (!rank_0_alone || comm->rank == 0) compute(l->event[i].seconds);
    call(comm, &l->event[i], l->memory);
  }
  const double took = slowest(comm, MPI_Wtime() - began);
  if (comm->rank == 0) printf("%s %.6f\n", phase, took);
}

/* In [0, 1], of a rank and an iteration. */
static double draw(int rank, int iteration) {
  uint64_t x = (uint64_t)rank * 1000003u + (uint64_t)iteration + 1;
  for (int k = 0; k < 3; k++) x = (x ^ x >> 31) * 0x9e3779b97f4a7c15u;
  return (double)(x >> 11) / 9007199254740992.0;
}

typedef struct spent {
  double first,
      rest;        /* simulated: up to the first collective after the rollout, and what follows */
  double computed; /* by this rank, of all */
  int calls, simulated;
} spent;

static void replay_iteration(mg_comm *comm, const list *l, int most, double jitter, bool all,
                             spent *s) {
  const double began = MPI_Wtime();
  double first = began;
  bool rollout = true;
  for (int i = 0; i < l->count; i++) {
    const event *e = &l->event[i];
    if (strcmp(e->phase, "iteration") != 0) continue;
    const double seconds = e->seconds * (rollout || all ? 1 + jitter : 1);
    s->computed += seconds;
    if (s->simulated == most) {
      s->calls += is_meeting(e);
      continue;
    }
    compute(is(e, "poll") ? seconds + LOOK : seconds);
    if (is(e, "got_on")) rollout = false;
    if (!is_mark(e)) call(comm, e, l->memory);
    if (!is_meeting(e)) continue;
    s->calls++;
    if (s->simulated++ == 0) first = MPI_Wtime();
  }
  s->first += first - began;
  s->rest += MPI_Wtime() - first;
}

/* With run.overlap an iteration finds the sums of the one before on their way, and leaves as many. */
static void begin_sums(mg_comm *comm, const list *l) {
  for (int i = 0; i < l->count; i++)
    if (strcmp(l->event[i].phase, "iteration") == 0 && begins(&l->event[i]))
      call(comm, &l->event[i], l->memory);
}

static void end_sums(mg_comm *comm, const list *l) {
  for (int i = 0; i < l->count; i++)
    if (strcmp(l->event[i].phase, "iteration") == 0 && begins(&l->event[i]))
      mg_comm_end_sum(comm, l->memory);
}

static void replay_iterations(mg_comm *comm, const list *l, int iterations, int most, double jitter,
                              bool all) {
  double first = 0, rest = 0, computed = 0;
  mg_comm_barrier(comm);
  begin_sums(comm, l);
  for (int k = 0; k < iterations; k++) {
    spent s = {0};
    replay_iteration(comm, l, most, jitter * draw(comm->rank, k), all, &s);
    const double more = s.simulated > 1 ? (double)(s.calls - 1) / (s.simulated - 1) : 1;
    first += s.first;
    rest += s.rest * more;
    computed += s.computed;
  }
  end_sums(comm, l);
  const double took = slowest(comm, first + rest) / iterations;
  mg_comm_reduce_f64(comm, MG_REDUCE_SUM, &computed, 1);
  if (comm->rank == 0)
    printf("iteration %s %g %.6f %.6f\n", all ? "all" : "physics", jitter, took,
           computed / comm->size / iterations);
}

int main(int argc, char **argv) {
  mg_comm *comm;
  if (argc != 2 && argc != 5) {
    fprintf(stderr, "usage: replay LIST [ITERATIONS COLLECTIVES JITTER]\n");
    return 64;
  }
  if (mg_comm_mpi_create(&argc, &argv, &comm) != MG_OK) {
    fprintf(stderr, "error: replay: %s\n", mg_status_message());
    return 69;
  }
  const list *l = read_list(argv[1]);
  if (argc == 2) {
    replay_phase(comm, l, "start", false);
    replay_phase(comm, l, "evaluation", false);
    replay_phase(comm, l, "checkpoint", true);
  } else {
    const int iterations = atoi(argv[2]), most = atoi(argv[3]);
    const double jitter = atof(argv[4]);
    replay_iterations(comm, l, iterations, most, jitter, false);
    if (jitter > 0) replay_iterations(comm, l, iterations, most, jitter, true);
  }
  mg_comm_mpi_destroy(comm);
  return 0;
}
