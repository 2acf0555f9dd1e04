/* Rank 0 of so many ranks that are all alike, and of which the others are not there: for what one rank of
 * many has to do, measured on one process.
 *
 * A sum is that of as many equal values; nothing comes from others, so that what a rank does with the
 * result takes the time that it takes, whatever the values. Every collective is noted, with its sizes
 * and the processor time since the one before, by what the run says that it is at (mg_comm_doing). */
#ifndef MG_APP_BENCH_ALIKE_COMM_H
#define MG_APP_BENCH_ALIKE_COMM_H

#include "base/comm.h"
#include "base/named.h"

#include <stdio.h>

/* Enumerator, name in the list. got_on is mg_comm_goes_on, the first of an iteration at the end of its
 * rollout; begin_...: a sum that is on its way until the end_sum of as many sums later as are on their way; end: of
 * the phase. */
#define MG_COLLECTIVE_LIST(X)                                                                      \
  X(MG_COLLECTIVE_SUM_F32, "sum_f32")                                                              \
  X(MG_COLLECTIVE_REDUCE_F64, "reduce_f64")                                                        \
  X(MG_COLLECTIVE_REDUCE_U64, "reduce_u64")                                                        \
  X(MG_COLLECTIVE_BROADCAST, "broadcast")                                                          \
  X(MG_COLLECTIVE_GATHER_ROWS, "gather_rows")                                                      \
  X(MG_COLLECTIVE_SCATTER_ROWS, "scatter_rows")                                                    \
  X(MG_COLLECTIVE_BARRIER, "barrier")                                                              \
  X(MG_COLLECTIVE_BEGIN_F32, "begin_f32")                                                          \
  X(MG_COLLECTIVE_BEGIN_F64, "begin_f64")                                                          \
  X(MG_COLLECTIVE_POLL, "poll")                                                                    \
  X(MG_COLLECTIVE_END_SUM, "end_sum")                                                              \
  X(MG_COLLECTIVE_GOT_ON, "got_on")                                                                \
  X(MG_COLLECTIVE_END, "end")

/* Of each the last one is kept; of iterations the last that leaves as many sums on their way as it found, for one
 * before an evaluation does not. */
#define MG_PHASE_LIST(X)                                                                           \
  X(MG_PHASE_START, "start")                                                                       \
  X(MG_PHASE_ITERATION, "iteration")                                                               \
  X(MG_PHASE_EVALUATION, "evaluation")                                                             \
  X(MG_PHASE_CHECKPOINT, "checkpoint")

typedef enum mg_collective_kind { MG_COLLECTIVE_LIST(MG_NAMED_ENUM) } mg_collective_kind;
typedef enum mg_phase { MG_PHASE_LIST(MG_NAMED_ENUM) MG_PHASES } mg_phase;

typedef struct mg_collective {
  mg_collective_kind kind;
  mg_rows rows;   /* those of rows; else count entries of `size` bytes */
  double seconds; /* of processor time before it */
} mg_collective;

typedef struct mg_phase_record {
  int count, capacity;
  int found, left; /* sums on their way */
  mg_collective *collective;
} mg_phase_record;

typedef struct mg_alike {
  mg_comm comm; /* what the run is given */
  mg_phase_record phase[MG_PHASES];
  mg_phase_record other; /* memory of the iteration before */
  int on_way;
  int now;      /* the phase, -1: none that is kept */
  double since; /* the collective before */
  bool refused; /* memory for the list */
} mg_alike;

void mg_alike_begin(mg_alike *alike, int ranks);
void mg_alike_end(mg_alike *alike);

/* What is kept of it. */
const mg_phase_record *mg_alike_phase(const mg_alike *alike, mg_phase phase);

const char *mg_phase_name(mg_phase phase);

/* How many collectives, bytes that rank 0 gives or takes in them, seconds between them. */
typedef struct mg_phase_sums {
  int collectives;
  double bytes, seconds;
} mg_phase_sums;
mg_phase_sums mg_phase_sum(const mg_phase_record *record);

/* A line for each: "phase kind total first count size seconds". checkpoint: the size of its file [bytes]. */
void mg_alike_print(const mg_alike *alike, int64_t checkpoint, FILE *file);

#endif
