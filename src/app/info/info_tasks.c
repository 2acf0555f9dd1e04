#include "app/info/info.h"
#include "app/json.h"
#include "envs/env.h"

#include <stdio.h>

static mg_status add_task(const char *id, cJSON *list) {
  mg_env *env = NULL;
  MG_TRY(mg_env_create(id, &env));
  const mg_env_spec *spec = mg_env_get_spec(env);
  cJSON *task = cJSON_CreateObject();
  cJSON_AddStringToObject(task, "id", id);
  cJSON_AddNumberToObject(task, "observation_size", spec->observation_size);
  cJSON_AddNumberToObject(task, "action_size", spec->action_size);
  cJSON_AddBoolToObject(task, "discrete", spec->discrete);
  cJSON_AddNumberToObject(task, "max_episode_steps", spec->max_episode_steps);
  cJSON_AddNumberToObject(task, "random_return", spec->random_return);
  cJSON_AddNumberToObject(task, "reference_return", spec->reference_return);
  cJSON_AddItemToArray(list, task);
  mg_env_destroy(env);
  return MG_OK;
}

mg_status mg_info_tasks(bool json) {
  cJSON *list = json ? cJSON_CreateArray() : NULL;
  mg_status status = MG_OK;
  for (const char *const *id = mg_env_ids(); status == MG_OK && *id; id++)
    if (json)
      status = add_task(*id, list);
    else
      puts(*id);
  if (json && status == MG_OK) return mg_json_print(list);
  cJSON_Delete(list);
  return status;
}
