/* Replays recorded traces through the environments: do they return what Gymnasium returned?
 *
 * Every episode of a file (trace_file.h) starts from its recorded initial state and takes its
 * recorded actions; what comes back is compared with what was recorded, entry by entry. The same
 * MuJoCo release gives exactly 0. */
#ifndef MG_ENVS_TRACE_H
#define MG_ENVS_TRACE_H

#include "base/status.h"

/* What is compared. For classic tasks qpos is the whole state, and qvel is empty. */
#define MG_TRACE_FIELDS(X)                                                                         \
  X(MG_TRACE_INITIAL_OBSERVATION, "initial observation")                                           \
  X(MG_TRACE_OBSERVATION, "observation")                                                           \
  X(MG_TRACE_REWARD, "reward")                                                                     \
  X(MG_TRACE_QPOS, "qpos")                                                                         \
  X(MG_TRACE_QVEL, "qvel")                                                                         \
  X(MG_TRACE_TERMINATED, "terminated")                                                             \
  X(MG_TRACE_TRUNCATED, "truncated")

typedef enum mg_trace_field {
#define MG_TRACE_ENUM(name, text) name,
  MG_TRACE_FIELDS(MG_TRACE_ENUM)
#undef MG_TRACE_ENUM
      MG_TRACE_FIELD_COUNT
} mg_trace_field;

const char *mg_trace_field_name(mg_trace_field field);

/* The largest absolute difference, and where it first stood. A NaN on one side alone counts as
 * infinity, on both as 0. A difference of 0 stands nowhere: episode, step and entry are -1. */
typedef struct mg_trace_maximum {
  double difference;
  int episode, step, entry; /* from 0; step: the row, so the observation after action `step` */
} mg_trace_maximum;

typedef struct mg_trace_episode_report {
  int steps;
  mg_trace_maximum field[MG_TRACE_FIELD_COUNT];
} mg_trace_episode_report;

typedef struct mg_trace_report {
  char id[32];
  char recorded_mujoco[32], recorded_gymnasium[32]; /* releases; classic: "" for MuJoCo */
  long long steps;
  int episode_count;
  mg_trace_episode_report *episodes;            /* [episode_count] */
  mg_trace_maximum field[MG_TRACE_FIELD_COUNT]; /* over all episodes */
} mg_trace_report;

/* Local. MG_ERR_NO_INPUT: no such file. MG_ERR_DATA: unknown layout, something missing or
 * misshapen, or sizes that are not the task's. MG_ERR_CONFIG: a task, or arguments of it, that the
 * registry does not have. Free the report also after a failure. */
mg_status mg_trace_verify(const char *path, mg_trace_report *report);
void mg_trace_report_free(mg_trace_report *report);

/* The largest difference of any field. */
double mg_trace_report_worst(const mg_trace_report *report);

#endif
