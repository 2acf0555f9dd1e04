/* Monotonic time in seconds (CLOCK_MONOTONIC): for rates, deadlines and intervals only. */
#ifndef MG_BASE_TIMER_H
#define MG_BASE_TIMER_H

double mg_timer_now(void);

#endif
