#include "app/bench/alike_comm.h"

#include "app/bench/bench.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {MG_COLLECTIVE_LIST(MG_NAMED_TEXT)};
static const char *const phases[] = {MG_PHASE_LIST(MG_NAMED_TEXT)};

const char *mg_phase_name(mg_phase phase) {
  return phases[phase];
}

static void note(mg_comm *comm, mg_collective_kind kind, mg_rows rows) {
  mg_alike *alike = comm->impl;
  const double now = mg_bench_now();
  mg_collective *made = NULL;
  if (alike->now >= 0) {
    mg_phase_record *record = &alike->phase[alike->now];
    if (record->count == record->capacity) {
      const int capacity = record->capacity ? 2 * record->capacity : 64;
      made = mg_memory_grow(record->collective, (size_t)capacity * sizeof *made);
      alike->refused |= !made;
      if (made) record->collective = made, record->capacity = capacity;
    }
    rows.bytes = NULL; /* it will be gone */
    if (record->count < record->capacity)
      record->collective[record->count++] = (mg_collective){kind, rows, now - alike->since};
  }
  alike->since = now;
}

static mg_rows entries(size_t n, size_t size) {
  return (mg_rows){.total = (int64_t)n, .count = (int64_t)n, .size = size};
}

static void alike_sum_f32(mg_comm *comm, float *x, size_t n) {
  note(comm, MG_COLLECTIVE_SUM_F32, entries(n, sizeof *x));
  for (size_t i = 0; i < n; i++) x[i] *= (float)comm->size;
}

static void alike_reduce_f64(mg_comm *comm, mg_reduce op, double *x, size_t n) {
  note(comm, MG_COLLECTIVE_REDUCE_F64, entries(n, sizeof *x));
  for (size_t i = 0; op == MG_REDUCE_SUM && i < n; i++) x[i] *= comm->size;
}

static void alike_reduce_u64(mg_comm *comm, mg_reduce op, uint64_t *x, size_t n) {
  note(comm, MG_COLLECTIVE_REDUCE_U64, entries(n, sizeof *x));
  for (size_t i = 0; op == MG_REDUCE_SUM && i < n; i++) x[i] *= (uint64_t)comm->size;
}

static void alike_broadcast(mg_comm *comm, void *bytes, size_t n) {
  (void)bytes;
  note(comm, MG_COLLECTIVE_BROADCAST, entries(n, 1));
}

static void set_on_way(mg_alike *alike, int sums) {
  alike->on_way = sums;
  if (alike->now >= 0) alike->phase[alike->now].left = sums;
}

static void alike_begin_sum(mg_comm *comm, void *x, size_t n, size_t size, void *scratch) {
  mg_alike *alike = comm->impl;
  (void)scratch;
  const bool single = size == sizeof(float);
  note(comm, single ? MG_COLLECTIVE_BEGIN_F32 : MG_COLLECTIVE_BEGIN_F64, entries(n, size));
  if (single)
    for (size_t i = 0; i < n; i++) ((float *)x)[i] *= (float)comm->size;
  else
    for (size_t i = 0; i < n; i++) ((double *)x)[i] *= comm->size;
  set_on_way(alike, alike->on_way + 1);
}

static void alike_poll(mg_comm *comm) {
  note(comm, MG_COLLECTIVE_POLL, (mg_rows){0});
}

static void alike_end_sum(mg_comm *comm, void *x) {
  mg_alike *alike = comm->impl;
  (void)x;
  note(comm, MG_COLLECTIVE_END_SUM, (mg_rows){0});
  set_on_way(alike, alike->on_way - 1);
}

/* Of what failed here alone. */
static void alike_gather(mg_comm *comm, const void *bytes, size_t n, int from, void *at_root) {
  (void)comm;
  if (from == 0) memmove(at_root, bytes, n);
}

static void alike_gather_rows(mg_comm *comm, const mg_rows *rows) {
  note(comm, MG_COLLECTIVE_GATHER_ROWS, *rows);
}

static void alike_scatter_rows(mg_comm *comm, const mg_rows *rows) {
  note(comm, MG_COLLECTIVE_SCATTER_ROWS, *rows);
}

static void alike_barrier(mg_comm *comm) {
  note(comm, MG_COLLECTIVE_BARRIER, (mg_rows){0});
}

/* The sentences of app/run/train_loop.c. */
static int phase_of(const char *doing) {
  static const char *const begins[MG_PHASES] = {"the start", "iteration ", "the evaluation after ",
                                                "the checkpoint of "};
  for (int k = 0; k < MG_PHASES; k++)
    if (strncmp(doing, begins[k], strlen(begins[k])) == 0) return k;
  return -1;
}

/* Room for the next; an iteration that is worth keeping stays as the other one. */
static void begin_record(mg_alike *alike) {
  mg_phase_record *record = &alike->phase[alike->now];
  if (alike->now == MG_PHASE_ITERATION && record->found == record->left) {
    const mg_phase_record kept = *record;
    *record = alike->other;
    alike->other = kept;
  }
  record->count = 0;
  record->found = record->left = alike->on_way;
}

static void alike_doing(mg_comm *comm, const char *what) {
  mg_alike *alike = comm->impl;
  note(comm, what ? MG_COLLECTIVE_END : MG_COLLECTIVE_GOT_ON, (mg_rows){0});
  const int before = alike->now;
  if (what) alike->now = phase_of(what);
  /* The start is announced after its first steps. */
  const bool begins =
      what && alike->now >= 0 && !(before == alike->now && before == MG_PHASE_START);
  if (begins) begin_record(alike);
}

void mg_alike_begin(mg_alike *alike, int ranks) {
  *alike = (mg_alike){.now = MG_PHASE_START,
                      .since = mg_bench_now(),
                      .comm = {.size = ranks,
                               .alone = true,
                               .impl = alike,
                               .sum_f32 = alike_sum_f32,
                               .reduce_f64 = alike_reduce_f64,
                               .reduce_u64 = alike_reduce_u64,
                               .broadcast = alike_broadcast,
                               .gather = alike_gather,
                               .gather_rows = alike_gather_rows,
                               .scatter_rows = alike_scatter_rows,
                               .barrier = alike_barrier,
                               .begin_sum = alike_begin_sum,
                               .poll = alike_poll,
                               .end_sum = alike_end_sum,
                               .doing = alike_doing}};
}

void mg_alike_end(mg_alike *alike) {
  for (int k = 0; k < MG_PHASES; k++) free(alike->phase[k].collective);
  free(alike->other.collective);
}

const mg_phase_record *mg_alike_phase(const mg_alike *alike, mg_phase phase) {
  const mg_phase_record *record = &alike->phase[phase];
  const bool before = phase == MG_PHASE_ITERATION && record->found != record->left;
  return before && alike->other.count > 0 ? &alike->other : record;
}

mg_phase_sums mg_phase_sum(const mg_phase_record *record) {
  mg_phase_sums sums = {0};
  for (int i = 0; i < record->count; i++) {
    const mg_collective *c = &record->collective[i];
    sums.collectives += c->kind < MG_COLLECTIVE_POLL;
    sums.bytes += (double)c->rows.count * (double)c->rows.size;
    sums.seconds += c->seconds;
  }
  return sums;
}

void mg_alike_print(const mg_alike *alike, int64_t checkpoint, FILE *file) {
  fprintf(file,
          "# phase kind total first count size seconds; rank 0 of %d, a checkpoint of %" PRId64
          " bytes\n",
          alike->comm.size, checkpoint);
  for (int k = 0; k < MG_PHASES; k++) {
    const mg_phase_record *record = mg_alike_phase(alike, (mg_phase)k);
    for (int i = 0; i < record->count; i++) {
      const mg_collective *c = &record->collective[i];
      fprintf(file, "%s %s %" PRId64 " %" PRId64 " %" PRId64 " %zu %.9f\n", phases[k],
              kinds[c->kind], c->rows.total, c->rows.first, c->rows.count, c->rows.size,
              c->seconds);
    }
  }
}
