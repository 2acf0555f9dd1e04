/* What a task's id stands for. */
#include "base/nearest.h"
#include "envs/classic/classic_env.h"
#include "envs/mujoco/mujoco_env.h"
#include "envs/tasks.h"

#include <string.h>

typedef struct row {
  const char *id;
  mg_status (*create)(const char *id, const void *task, const mg_env_options *options,
                      mg_env **env);
  const void *task;
} row;

#define MG_TASK_ROW(id, kind, table) {id, mg_##kind##_create, &mg_##table},
#define MG_TASK_ID(id, kind, table)  id,
static const row rows[] = {MG_TASK_LIST(MG_TASK_ROW)};
static const char *const ids[] = {MG_TASK_LIST(MG_TASK_ID) NULL};

const char *const *mg_env_ids(void) {
  return ids;
}

static const char *nearest(const char *id) {
  const char *best = ids[0];
  for (int i = 1; ids[i]; i++)
    if (mg_edit_distance(id, ids[i]) < mg_edit_distance(id, best)) best = ids[i];
  return best;
}

mg_status mg_env_create_with(const char *id, const mg_env_options *options, mg_env **env) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (strcmp(rows[i].id, id) == 0) return rows[i].create(id, rows[i].task, options, env);
  return mg_fail(MG_ERR_CONFIG, "unknown environment '%.60s'; did you mean '%s'?", id, nearest(id));
}

mg_status mg_env_create(const char *id, mg_env **env) {
  return mg_env_create_with(id, NULL, env);
}
