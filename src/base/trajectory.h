/* One episode as it was: what demonstrations are made of, read or recorded.
 *
 * d numbers an observation, m an action. Who made the arrays owns them. */
#ifndef MG_BASE_TRAJECTORY_H
#define MG_BASE_TRAJECTORY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct mg_trajectory {
  int64_t id;           /* in the file */
  int64_t steps;        /* T >= 1 */
  double *observations; /* [T+1, d]; without final_observation the last repeats its forerunner */
  double *actions;      /* [T, m]; discrete: [T] holding indices */
  double *rewards;      /* [T] */
  bool terminated, truncated; /* how the last step ended */
  double total_reward;
} mg_trajectory;

#endif
