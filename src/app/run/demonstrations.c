#include "app/run/demonstrations.h"

#include "app/json.h"

#include <stdlib.h>
#include <string.h>

cJSON *mg_demonstrations_json(const mg_expert *e) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "file", e->path);
  cJSON_AddNumberToObject(json, "available", (double)e->available);
  cJSON_AddNumberToObject(json, "skipped", (double)e->skipped);
  if (e->skipped > 0) cJSON_AddStringToObject(json, "skipped_episodes", e->skipped_names);
  cJSON_AddNumberToObject(json, "trajectories", e->trajectories);
  cJSON_AddStringToObject(json, "ids", e->ids);
  mg_json_add_summary(json, "return", &e->returns);
  cJSON_AddNumberToObject(json, "steps", (double)e->steps);
  cJSON_AddNumberToObject(json, "pairs", e->train.count);
  cJSON_AddNumberToObject(json, "validation_pairs", e->validation.count);
  cJSON_AddNumberToObject(json, "action_entries", (double)e->entries);
  cJSON_AddNumberToObject(json, "action_entries_outside", (double)e->outside);
  cJSON_AddBoolToObject(json, "clipped", e->clipped);
  return json;
}

mg_status mg_demonstrations_text(const mg_expert *expert, char **text) {
  *text = NULL;
  if (expert) {
    cJSON *json = mg_demonstrations_json(expert);
    char *printed = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    if (printed) *text = strdup(printed);
    cJSON_free(printed);
  } else {
    *text = strdup("");
  }
  return *text ? MG_OK : mg_fail(MG_ERR_MEMORY, "out of memory for a JSON text");
}
