/* The episodes of one expert file, as the child process sees them; private to this folder. */
#ifndef MG_DATA_DATASET_FILE_H
#define MG_DATA_DATASET_FILE_H

#include "data/dataset.h"

#include <hdf5.h>

typedef struct mg_episode {
  char name[32]; /* group, "episode_K" */
  int64_t id, steps;
  double total_reward; /* this and the next: once loaded */
  bool terminated, truncated;
} mg_episode;

typedef struct mg_dataset_file {
  const char *path; /* for sentences */
  uint64_t max_bytes;
  hid_t file;
  int observation_size, action_size;
  bool discrete;
  int64_t episodes;
  int64_t longest;     /* steps */
  uint64_t bytes;      /* of all episodes in memory */
  mg_episode *episode; /* by id */
} mg_dataset_file;

/* Opens the HDF5 file `name` (a descriptor's name under /proc, or `path` itself) and checks the
 * headers of all episodes; no value is read and nothing of the size of the data allocated. */
mg_status mg_dataset_file_open(const char *name, const char *path, uint64_t max_bytes,
                               mg_dataset_file *file);

/* Reads and checks episode k into arrays that the caller provides. */
mg_status mg_dataset_file_load(mg_dataset_file *file, int64_t k, mg_trajectory *trajectory);

/* A text attribute of the root: env_id, or the id within env_spec. False if there is none. */
bool mg_dataset_file_env_id(const mg_dataset_file *file, char *env_id, size_t capacity);

#endif
