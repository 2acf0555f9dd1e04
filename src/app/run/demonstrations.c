#include "app/run/demonstrations.h"

#include "app/json.h"
#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mg_demonstrations_checksum(const mg_expert *e, char text[32]) {
  text[0] = '\0';
  if (!e) return;
  const mg_pairs *const parts[] = {&e->train, &e->validation};
  uint64_t sum = 0;
  for (int k = 0; k < 2; k++) {
    const size_t count = (size_t)parts[k]->count;
    const uint64_t next[] = {
        sum, count, mg_hash_bytes(parts[k]->states, count * (size_t)e->state_size * sizeof(double)),
        mg_hash_bytes(parts[k]->actions, count * (size_t)e->action_size * sizeof(double))};
    sum = mg_hash_bytes(next, sizeof next);
  }
  snprintf(text, 32, "fnv1a:%016" PRIx64, sum);
}

cJSON *mg_demonstrations_json(const mg_expert *e) {
  char checksum[32];
  mg_demonstrations_checksum(e, checksum);
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "file", e->path);
  cJSON_AddStringToObject(json, "checksum", checksum);
  mg_json_add_whole(json, "available", e->available);
  mg_json_add_whole(json, "skipped", e->skipped);
  if (e->skipped > 0) cJSON_AddStringToObject(json, "skipped_episodes", e->skipped_names);
  cJSON_AddNumberToObject(json, "trajectories", e->trajectories);
  cJSON_AddStringToObject(json, "ids", e->ids);
  mg_json_add_summary(json, "return", &e->returns);
  mg_json_add_whole(json, "steps", e->steps);
  cJSON_AddNumberToObject(json, "pairs", e->train.count);
  cJSON_AddNumberToObject(json, "validation_pairs", e->validation.count);
  mg_json_add_whole(json, "action_entries", e->entries);
  mg_json_add_whole(json, "action_entries_outside", e->outside);
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
