/* Sums over ranks that are on their way while the ranks do something else: Rabenseifner's algorithm, by messages that
 * nobody waits for, one step after the other as they arrive.
 *
 * m = 2^L ranks take part, m the largest power of two that is not above the number of ranks P; of the first
 * 2 (P - m) ranks the even ones give all that they have to the one behind them and get the sum back. Number v of the m
 * has all n entries at first:
 *   halving   d = 0 .. L-1: v and v ^ 2^d split what they have; each gives one half and adds to the other (the upper
 *             one where bit d of v is set), so that in the end each has n / m entries, summed
 *   doubling  d = L-1 .. 0: they give each other what they have
 * Neighbours, which launchers put on one node, so exchange the largest parts. Every entry is summed on one rank, in an
 * order that the number of ranks alone decides: the same bits everywhere and each time. */
#ifndef MG_MPI_FLIGHT_H
#define MG_MPI_FLIGHT_H

#include "base/comm.h"

#include <mpi.h>

typedef struct mg_flight {
  char *x, *scratch;
  int n, size; /* entries, and bytes of one: float or double */
  MPI_Datatype type;
  int tag;
  int step; /* whose messages are on their way */
} mg_flight;

/* Those that have begun and not ended: `count` of a ring, the oldest at `first`. */
typedef struct mg_flights {
  int rank, ranks;
  int levels;  /* L */
  int outside; /* 2 (P - m): the even ranks below it do not take part */
  int number;  /* v */
  int first, count;
  mg_flight flight[MG_SUMS_MAX];
  MPI_Request request[2 * MG_SUMS_MAX]; /* two of each */
} mg_flights;

void mg_flights_prepare(mg_flights *flights, int rank, int ranks);

/* type: MPI_FLOAT or MPI_DOUBLE. */
void mg_flights_begin(mg_flights *flights, void *x, int n, MPI_Datatype type, void *scratch);

/* Whatever has arrived is added, and the next message sent. Does not wait. */
void mg_flights_poll(mg_flights *flights);

/* Waits for the oldest, which is that of x; moves the others on meanwhile. */
void mg_flights_end(mg_flights *flights, const void *x);

#endif
