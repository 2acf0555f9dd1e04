#include "app/info/info.h"
#include "demos/validate.h"
#include "envs/env.h"

#include <inttypes.h>
#include <stdio.h>

static void print_note(void *user, mg_note_kind kind, const char *name, const char *text) {
  (void)name;
  const char *path = user;
  if (kind != MG_NOTE_FACT)
    printf("%s: %s%s\n", path, kind == MG_NOTE_REMARK ? "remark: " : "", text);
}

/* Of the task that the file names, as far as it is one of ours. */
static mg_status validate(const char *path, int64_t *problems) {
  char id[64];
  mg_env *env = NULL;
  MG_TRY(mg_dataset_env_id(path, id));
  mg_dataset_task task = {.env_id = id};
  if (*id && mg_env_create(id, &env) == MG_OK) {
    const mg_env_spec *spec = mg_env_get_spec(env);
    task.observation_size = spec->observation_size, task.action_size = spec->action_size;
    task.discrete = spec->discrete, task.max_steps = spec->max_episode_steps;
    task.action_low = spec->action_low, task.action_high = spec->action_high;
  }
  mg_status status =
      mg_dataset_validate(path, env ? &task : NULL, print_note, (void *)(uintptr_t)path, problems);
  mg_env_destroy(env);
  return status;
}

mg_status mg_info_validate(const char *path, int64_t *problems) {
  *problems = 0;
  MG_TRY(validate(path, problems));
  if (*problems == 0)
    printf("%s: valid\n", path);
  else
    printf("%s: %" PRIi64 " %s\n", path, *problems, *problems == 1 ? "problem" : "problems");
  return MG_OK;
}
