/* Reads recorded traces: HDF5, layout "conformance-1".
 *
 * Root attributes layout, kind ("mujoco" | "classic"), env_id, env_kwargs, obs_dim,
 * max_episode_steps, gymnasium_version; mujoco also mujoco_version, act_dim, nq, nv; classic also
 * num_actions. Groups episode_0, episode_1, ..., each may have env_kwargs of its own; T steps, row
 * t is what came back from step t: init_obs [d], init_qpos [nq], init_qvel [nv] or init_state [ns]
 *   actions [T,m] or [T], observations [T,d], rewards [T], terminated [T], truncated [T],
 *   qpos [T,nq], qvel [T,nv] or state [T,ns]
 * Numbers of any size and byte order are converted to double. */
#ifndef MG_ENVS_TRACE_FILE_H
#define MG_ENVS_TRACE_FILE_H

#include "base/status.h"

#include <stdbool.h>

typedef struct mg_trace_file {
  char path[1024];
  long long handle; /* hid_t */
  bool classic;
  char id[32], kwargs[256], mujoco_version[32], gymnasium_version[32];
  int observation_size;
  int action_size; /* entries of an action; classic: number of choices */
  int max_episode_steps;
  int qpos_size, qvel_size; /* classic: those of the state, and 0; known once an episode is read */
  int episodes;
} mg_trace_file;

/* Arrays as above; qpos is the state of classic tasks. */
typedef struct mg_trace_episode {
  int steps;
  char kwargs[256];
  double *init_observation, *init_qpos, *init_qvel;
  double *actions, *observations, *rewards, *terminated, *truncated, *qpos, *qvel;
} mg_trace_episode;

/* MG_ERR_NO_INPUT if there is no such regular file, MG_ERR_DATA if it is not HDF5, has another
 * layout or lacks an attribute. Close it also after a failure. */
mg_status mg_trace_file_open(const char *path, mg_trace_file *file);
void mg_trace_file_close(mg_trace_file *file);

/* Episode k, 0 <= k < file->episodes. MG_ERR_DATA naming what is missing or misshapen,
 * MG_ERR_MEMORY. Free it also after a failure. */
mg_status mg_trace_file_read(mg_trace_file *file, int k, mg_trace_episode *episode);
void mg_trace_episode_free(mg_trace_episode *episode);

#endif
