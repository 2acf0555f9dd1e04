/* Recording a data set, one trajectory at a time in bounded memory, to a temporary name that is
 * renamed when complete; metadata.json is written beside (path with .h5 replaced by
 * .metadata.json), just before.
 *
 * The pair is a Minari data set in two files: copied to <root>/<id>/data/ as main_data.hdf5 and
 * metadata.json it opens with minari.load_dataset("<id>"). Episodes are numbered as they come:
 * group episode_K with attributes id = K, total_steps, seed; the root has total_episodes,
 * total_steps, the returns' mean, spread and range, and where it comes from (origin.h), of which
 * metadata.json tells the same. Values are float64 (choices int64), so nothing is rounded; the
 * spaces in the metadata have no bounds, for recorded actions need not keep to the task's. */
#ifndef MG_DEMOS_WRITER_H
#define MG_DEMOS_WRITER_H

#include "base/status.h"
#include "base/trajectory.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct mg_dataset_writer mg_dataset_writer;
typedef struct mg_dataset_provenance {
  const char *env_id;
  const char *env_kwargs;            /* arguments of the task, a JSON object; Nullable: none */
  int observation_size, action_size; /* discrete: number of choices */
  bool discrete;
  const char *program;   /* name and version */
  const char *simulator; /* "MuJoCo 3.3.7" */
  const char *policy;    /* "mean action" or "stochastic" */
  uint64_t policy_checksum;
  uint64_t seed;
  const char *algorithm;  /* that trained the policy; Nullable: unknown, the next two too */
  const char *parameters; /* "average" or "raw" */
  int64_t trained_steps;
  bool by_return; /* episodes below minimum_return were drawn and not kept */
  double minimum_return;
} mg_dataset_provenance;
mg_status mg_dataset_writer_create(const char *path, const mg_dataset_provenance *provenance,
                                   mg_dataset_writer **writer);
/* trajectory->id and total_reward are not used; steps >= 1. */
mg_status mg_dataset_writer_append(mg_dataset_writer *writer, const mg_trajectory *trajectory);
/* An episode was drawn and not kept: the file tells how many. */
void mg_dataset_writer_reject(mg_dataset_writer *writer);
/* Flush, rename, free. With `keep` false: remove the temporary file and free. */
mg_status mg_dataset_writer_close(mg_dataset_writer *writer, bool keep);

#endif
