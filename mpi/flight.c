#include "mpi/flight.h"

#include <assert.h>

/* Steps: to the neighbour that takes part, L of halving, L of doubling, back from the neighbour. */
enum { GIVE };

static int halving(int step) {
  return step - 1; /* d */
}
static int doubling(const mg_flights *f, int step) {
  return 2 * f->levels - step; /* d */
}
static int back(const mg_flights *f) {
  return 2 * f->levels + 1;
}
static bool arrived(const mg_flights *f, const mg_flight *of) {
  return of->step > back(f);
}

void mg_flights_prepare(mg_flights *f, int rank, int ranks) {
  *f = (mg_flights){.rank = rank, .ranks = ranks};
  while (2 << f->levels <= ranks) f->levels++;
  f->outside = 2 * (ranks - (1 << f->levels));
  f->number = rank < f->outside ? rank / 2 : rank - f->outside / 2;
  for (int k = 0; k < 2 * MG_SUMS_MAX; k++) f->request[k] = MPI_REQUEST_NULL;
}

static bool takes_part(const mg_flights *f) {
  return f->rank >= f->outside || f->rank % 2 == 1;
}

static int rank_of(const mg_flights *f, int number) {
  return 2 * number < f->outside ? 2 * number + 1 : number + f->outside / 2;
}

typedef struct range {
  int first, end;
} range;

/* What number v has after so many halvings. */
static range after(const mg_flight *of, int v, int halvings) {
  range r = {0, of->n};
  for (int d = 0; d < halvings; d++) {
    const int middle = r.first + (r.end - r.first) / 2;
    *(v >> d & 1 ? &r.first : &r.end) = middle;
  }
  return r;
}

/* ---- one step ---- */

static void send(const mg_flight *of, range r, int to, MPI_Request *request) {
  if (r.end > r.first)
    MPI_Isend(of->x + (size_t)r.first * (size_t)of->size, r.end - r.first, of->type, to, of->tag,
              MPI_COMM_WORLD, request);
}

static void receive(const mg_flight *of, char *into, range r, int from, MPI_Request *request) {
  if (r.end > r.first)
    MPI_Irecv(into + (size_t)r.first * (size_t)of->size, r.end - r.first, of->type, from, of->tag,
              MPI_COMM_WORLD, request);
}

static void add(const mg_flight *of, range r) {
  if (of->type == MPI_FLOAT) {
    float *x = (float *)of->x;
    const float *y = (const float *)of->scratch;
    for (int i = r.first; i < r.end; i++) x[i] += y[i];
  } else {
    double *x = (double *)of->x;
    const double *y = (const double *)of->scratch;
    for (int i = r.first; i < r.end; i++) x[i] += y[i];
  }
}

/* The messages of its step. */
static void post(const mg_flights *f, const mg_flight *of, MPI_Request request[2]) {
  const range all = {0, of->n};
  const int v = f->number, step = of->step;
  if (step == GIVE || step == back(f)) {
    if (f->rank >= f->outside) return;
    if (takes_part(f) == (step == GIVE))
      receive(of, takes_part(f) ? of->scratch : of->x, all, f->rank ^ 1, request);
    else
      send(of, all, f->rank ^ 1, request);
  } else if (takes_part(f) && step <= f->levels) {
    const int d = halving(step), other = v ^ 1 << d;
    receive(of, of->scratch, after(of, v, d + 1), rank_of(f, other), &request[0]);
    send(of, after(of, other, d + 1), rank_of(f, other), &request[1]);
  } else if (takes_part(f)) {
    const int d = doubling(f, step), other = v ^ 1 << d;
    receive(of, of->x, after(of, other, d + 1), rank_of(f, other), &request[0]);
    send(of, after(of, v, d + 1), rank_of(f, other), &request[1]);
  }
}

/* What came with it. */
static void take(const mg_flights *f, const mg_flight *of) {
  const range all = {0, of->n};
  if (!takes_part(f)) return;
  if (of->step == GIVE && f->rank < f->outside) add(of, all);
  if (of->step > GIVE && of->step <= f->levels)
    add(of, after(of, f->number, halving(of->step) + 1));
}

/* ---- all of them ---- */

static void move_on(mg_flights *f, int place) {
  mg_flight *of = &f->flight[place];
  MPI_Request *request = &f->request[2 * place];
  while (!arrived(f, of)) {
    int there;
    MPI_Testall(2, request, &there, MPI_STATUSES_IGNORE);
    if (!there) return;
    take(f, of);
    of->step++;
    if (!arrived(f, of)) post(f, of, request);
  }
}

void mg_flights_begin(mg_flights *f, void *x, int n, MPI_Datatype type, void *scratch) {
  assert(f->count < MG_SUMS_MAX);
  const int place = (f->first + f->count++) % MG_SUMS_MAX;
  f->flight[place] = (mg_flight){.x = x,
                                 .scratch = scratch,
                                 .n = n,
                                 .size = type == MPI_FLOAT ? sizeof(float) : sizeof(double),
                                 .type = type,
                                 /* 0 is of messages that are waited for */
                                 .tag = 1 + place};
  post(f, &f->flight[place], &f->request[2 * place]);
  move_on(f, place);
}

void mg_flights_poll(mg_flights *f) {
  for (int k = 0; k < f->count; k++) move_on(f, (f->first + k) % MG_SUMS_MAX);
}

void mg_flights_end(mg_flights *f, const void *x) {
  assert(f->count > 0 && f->flight[f->first].x == x);
  (void)x;
  for (mg_flights_poll(f); !arrived(f, &f->flight[f->first]); mg_flights_poll(f)) {
    int any;
    MPI_Waitany(2 * MG_SUMS_MAX, f->request, &any, MPI_STATUS_IGNORE);
  }
  f->first = (f->first + 1) % MG_SUMS_MAX;
  f->count--;
}
