/* Parts of D4RL's layout, for layout_d4rl*.c. */
#ifndef MG_DEMOS_LAYOUT_D4RL_H
#define MG_DEMOS_LAYOUT_D4RL_H

#include "demos/layouts/layout_arrays.h"

enum {
  D4RL_OBSERVATIONS,
  D4RL_ACTIONS,
  D4RL_REWARDS,
  D4RL_TERMINALS,
  D4RL_TIMEOUTS,
  D4RL_NEXT,
  D4RL_ARRAYS
};

extern const mg_array_row mg_d4rl_rows[D4RL_ARRAYS + 1];

/* An array of N rows beside the known ones: infos/qpos, say. */
typedef struct mg_d4rl_column {
  char *path;
  mg_value_type type;
  int rank;
  hsize_t dims[8];
} mg_d4rl_column;

typedef struct mg_d4rl {
  mg_array array[D4RL_ARRAYS]; /* id < 0: not there */
  hsize_t rows;
  int64_t columns;
  mg_d4rl_column *column;
} mg_d4rl;

/* Finds the episodes from ends, breaks and time limit. */
mg_status mg_d4rl_split(mg_dataset_file *file);

/* Finds the columns, and reads those of an episode. */
mg_status mg_d4rl_find_columns(mg_dataset_file *file);
mg_status mg_d4rl_read_extras(mg_dataset_file *f, mg_extras *x);
mg_status mg_d4rl_read_episode_extras(mg_dataset_file *f, int64_t k, mg_extras *x);

extern const mg_layout_writer mg_d4rl_writer;

#endif
