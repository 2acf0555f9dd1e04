/* Vectorised collection: N environments of one rank stepped with the policy.
 *
 * Which of all environments these are, a share says (base/comm.h). Resets and action noise of an
 * environment are keyed by (seed, its index among all, episode or step), so that they do not depend on
 * how environments are spread over ranks, and ranks that hold the same one see the same.
 *
 * Shaping (Ng, Harada, Russell 1999): with a weight w the segment's reward is
 *   r + w (gamma Phi(s') - Phi(s)),
 * Phi the task's potential (mg_env_potential) and 0 after a termination, which leaves the best
 * policies what they were; at a time limit the episode could have gone on and Phi(s') is that of
 * the state. Returns of episodes are always sums of the task's own reward. */
#ifndef MG_ROLLOUT_COLLECTOR_H
#define MG_ROLLOUT_COLLECTOR_H

#include "base/archive.h"
#include "base/comm.h"
#include "envs/env.h"
#include "model/normaliser.h"
#include "model/policy.h"
#include "rollout/segment.h"

typedef struct mg_collector mg_collector;

/* Sums over the episodes that ended since the last mg_collector_take_episodes, of this rank. */
typedef struct mg_episodes {
  double count, total_return, total_length, unstable;
} mg_episodes;

typedef struct mg_collector_options {
  const char *env_id;
  const mg_env_options *env_options; /* Nullable: the task's defaults */
  mg_share share;                    /* N = count, and their indices */
  uint64_t seed;
  bool observe;   /* feed raw observations to the normaliser's running moments */
  double shaping; /* w; 0: the task's own reward, else the task must have a potential */
  double gamma;   /* of the shaping */
  mg_comm *comm;  /* polled after each step of each environment; NULL: nothing is on its way */
} mg_collector_options;

/* Environments are created and reset (step 0, episode 0). The caller destroys it. */
mg_status mg_collector_create(const mg_collector_options *options, const mg_policy *policy,
                              mg_normaliser *normaliser, mg_arena *arena, mg_collector **collector);
void mg_collector_destroy(mg_collector *collector);

/* Fills the segment: its steps, its environments = N. theta: the policy's. No allocation. */
void mg_collector_run(mg_collector *collector, const mg_real *theta, mg_segment *segment);

mg_episodes mg_collector_take_episodes(mg_collector *collector);

/* Fields of a checkpoint: simulator states, counters, running returns, by environment. Episodes that
 * have ended are to be taken before. */
void mg_collector_visit(mg_collector *collector, mg_archive *archive);

#endif
