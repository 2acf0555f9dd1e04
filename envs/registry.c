/* What a task's id stands for. */
#include "base/arena.h"
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

/* What one holds after some steps, by a spare one: a new environment has not needed all yet. */
static mg_status measure(const char *id, const mg_env_options *options, size_t *bytes) {
  enum { STEPS = 20, CONTROLS_MAX = 64 };
  const double action[CONTROLS_MAX] = {0};
  mg_env *env = NULL;
  MG_TRY(mg_env_create_with(id, options, &env));
  if (mg_env_get_spec(env)->action_size <= CONTROLS_MAX) mg_env_bare_step(env, action, STEPS);
  *bytes = mg_env_bytes(env);
  mg_env_destroy(env);
  return MG_OK;
}

/* `made` of them are there already. */
static mg_status expect_room(const char *id, size_t bytes, int count, int made) {
  const size_t available = mg_memory_available();
  if ((size_t)(count - made) <= available / bytes) return MG_OK;
  return mg_fail(MG_ERR_MEMORY,
                 "%d environments of %s need about %.3g GB of memory, %.3g GB are available; lower "
                 "run.environments",
                 count, id, 1e-9 * (double)bytes * count,
                 1e-9 * (double)(available + (size_t)made * bytes));
}

mg_status mg_env_expect_room(const char *id, const mg_env_options *options, int count) {
  size_t bytes;
  MG_TRY(measure(id, options, &bytes));
  return expect_room(id, bytes, count, 0);
}

/* Looked at again and again: other ranks take from the same memory. */
mg_status mg_env_create_many(const char *id, const mg_env_options *options, int count,
                             mg_env **env) {
  enum { BETWEEN = 256 };
  size_t bytes;
  for (int n = 0; n < count; n++) env[n] = NULL;
  MG_TRY(measure(id, options, &bytes));
  for (int n = 0; n < count; n++) {
    if (n % BETWEEN == 0) MG_TRY(expect_room(id, bytes, count, n));
    MG_TRY(mg_env_create_with(id, options, &env[n]));
  }
  return MG_OK;
}
