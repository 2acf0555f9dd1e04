/* Who keeps the others waiting.
 *
 * Collectives come in the same order on all ranks, so a rank that waits in one for long waits for
 * those that have not come to it: they compute, hang, are stopped, or cannot be reached. MPI finds
 * none of these. Ranks of one node share a board, on which each notes the collectives that it enters
 * and leaves and what it is at; a thread of each rank, which does nothing else, shows there that its
 * process runs, and looks how long its rank has waited while no rank of the node got on. Once that is too long it says which ranks are
 * late and at what, and ends its process with the exit code of MG_ERR_LAUNCH; the launcher ends the
 * others. Boards of several nodes do not know of each other: there a rank that is late says so itself,
 * from its own thread, as soon as it is so late that the others end, or, if it was stopped, when the
 * launcher has it go on to end it. Costs no message and, in a collective, two stores.
 *
 * A process that was stopped as a whole (Ctrl-Z, a suspended machine) has not waited meanwhile. */
#ifndef MG_MPI_WATCHDOG_H
#define MG_MPI_WATCHDOG_H

#include "base/status.h"

#include <stdatomic.h>
#include <stdint.h>

enum { MG_WATCH_DOING_MAX = 64 };

typedef struct mg_watch_seat {
  _Atomic uint64_t entered, left; /* collectives */
  _Atomic uint64_t steps;         /* that its rank has got on, between them */
  _Atomic int64_t seen;           /* [ms] of the monotonic clock, when its thread ran last */
  int rank;
  char doing[MG_WATCH_DOING_MAX]; /* written by its rank alone */
} mg_watch_seat;

/* In memory that the ranks of a node share; zeroed, and seats taken, before any watchdog starts. */
typedef struct mg_watch_board {
  _Atomic int spoken; /* one of the node has said it */
  mg_watch_seat seat[];
} mg_watch_board;

typedef struct mg_watchdog mg_watchdog;

/* Watches seat `mine` of the node's `seats`; ranks: of the whole job. MG_ERR_MEMORY. */
mg_status mg_watchdog_start(mg_watch_board *board, int seats, int mine, int ranks, double seconds,
                            mg_watchdog **watchdog);

/* Before and after each collective; NULL: no-op. */
void mg_watchdog_enter(mg_watchdog *watchdog);
void mg_watchdog_leave(mg_watchdog *watchdog);

/* What the rank is at from here on, NULL: the same, but it has got on; without a watchdog: no-op. */
void mg_watchdog_doing(mg_watchdog *watchdog, const char *what);

/* NULL: no-op. The board stays the caller's. */
void mg_watchdog_stop(mg_watchdog *watchdog);

#endif
