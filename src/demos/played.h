/* One episode of a file of demonstrations, to be looked at: what happened, and the simulator's states
 * that it went through where the file has them (infos/qpos, as Minari's and D4RL's files do). */
#ifndef MG_DEMOS_PLAYED_H
#define MG_DEMOS_PLAYED_H

#include "base/arena.h"
#include "base/trajectory.h"
#include "demos/judge/task.h"

typedef struct mg_played {
  mg_trajectory trajectory;
  int64_t available;      /* episodes in the file */
  bool final_observation; /* s_T is the true one */
  bool rewards;           /* the file has them; else they are zeros */
  int64_t states;         /* rows of qpos: T + 1, or T where the last one is missing; 0: none */
  double *qpos;           /* [states,qpos_size] */
} mg_played;

/* Reads episode k, counted from 0 in ascending order of id, in a child process as dataset.h says;
 * arrays are the arena's. MG_ERR_USAGE if the file has fewer; MG_ERR_NO_INPUT, MG_ERR_DATA. */
mg_status mg_played_read(const char *path, int64_t k, const mg_dataset_task *task, int qpos_size,
                         mg_arena *arena, mg_played *played);

#endif
