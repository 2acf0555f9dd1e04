/* The tasks: one row each. */
#include "envs/cartpole.h"
#include "envs/env_impl.h"
#include "envs/hopper.h"

#include <ctype.h>
#include <string.h>

/* id, constructor, task. */
#define MG_TASK_LIST(X)                                                                            \
  X("CartPole-v0", mg_classic_create, mg_cartpole_v0)                                              \
  X("CartPole-v1", mg_classic_create, mg_cartpole_v1)                                              \
  X("Hopper-v4", mg_mujoco_create, mg_hopper_v4)                                                   \
  X("Hopper-v5", mg_mujoco_create, mg_hopper_v5)

typedef struct row {
  const char *id, *kwargs;
  mg_status (*create)(const char *id, const void *task, mg_env **env);
  const void *task;
} row;

#define MG_TASK_ROW(id, create, task) {id, "{}", create, &task},
#define MG_TASK_ID(id, create, task)  id,
static const row rows[] = {MG_TASK_LIST(MG_TASK_ROW)};
static const char *const ids[] = {MG_TASK_LIST(MG_TASK_ID) NULL};

const char *const *mg_env_ids(void) {
  return ids;
}

/* Levenshtein distance without regard to case; anything past 63 characters is ignored. */
static int distance(const char *a, const char *b) {
  enum { LONGEST = 63 };
  int n = (int)strnlen(b, LONGEST), cost[LONGEST + 1];
  for (int j = 0; j <= n; j++) cost[j] = j;
  for (int i = 1; i <= LONGEST && a[i - 1]; i++) {
    int diagonal = cost[0];
    cost[0] = i;
    for (int j = 1; j <= n; j++) {
      int same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
      int best = diagonal + !same;
      diagonal = cost[j];
      if (cost[j] + 1 < best) best = cost[j] + 1;
      if (cost[j - 1] + 1 < best) best = cost[j - 1] + 1;
      cost[j] = best;
    }
  }
  return cost[n];
}

static const char *nearest(const char *id) {
  const char *best = ids[0];
  for (int i = 1; ids[i]; i++)
    if (distance(id, ids[i]) < distance(id, best)) best = ids[i];
  return best;
}

static bool same_but_spaces(const char *a, const char *b) {
  for (;; a++, b++) {
    while (isspace((unsigned char)*a)) a++;
    while (isspace((unsigned char)*b)) b++;
    if (*a != *b) return false;
    if (!*a) return true;
  }
}

mg_status mg_env_create_variant(const char *id, const char *kwargs, mg_env **env) {
  bool known = false;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (strcmp(rows[i].id, id) != 0) continue;
    known = true;
    if (same_but_spaces(rows[i].kwargs, kwargs)) return rows[i].create(id, rows[i].task, env);
  }
  if (known)
    return mg_fail(MG_ERR_CONFIG, "environment %s does not take the arguments %.200s", id, kwargs);
  return mg_fail(MG_ERR_CONFIG, "unknown environment '%.60s'; did you mean '%s'?", id, nearest(id));
}

mg_status mg_env_create(const char *id, mg_env **env) {
  return mg_env_create_variant(id, "{}", env);
}
