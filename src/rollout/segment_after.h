/* The states after each step of segments, packed.
 *
 * Where no episode ended, next_x of a step is x of the next one, so a checkpoint holds what is not: after the last step of
 * each segment, and after each end of an episode. Per environment, in the order of time:
 *
 *   after [K,N,S]    the k-th such state of environment n; zeros where n has fewer than K
 *
 * `held` are whole segments of `each` steps, one behind the other; only their next_x, x and ends matter. */
#ifndef MG_ROLLOUT_SEGMENT_AFTER_H
#define MG_ROLLOUT_SEGMENT_AFTER_H

#include "rollout/segment.h"

/* The most that an environment has. K is to be that of all ranks. */
size_t mg_segment_after_most(const mg_segment *held, int each);

/* after [K,N,S] <- next_x, and the way back: next_x <- after and x. */
void mg_segment_after_pack(const mg_segment *held, int each, size_t K, mg_real *after);
void mg_segment_after_unpack(const mg_segment *held, int each, size_t K, const mg_real *after);

#endif
