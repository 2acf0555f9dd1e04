#include "algo/demonstrated.h"
#include "app/info/info.h"
#include "app/info/info_origin.h"
#include "app/json.h"
#include "demos/dataset.h"
#include "demos/describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct contents {
  mg_dataset data;
  mg_dataset_origin origin;
  mg_summary returns, lengths;
  int64_t steps;
  int terminated;
  struct {
    char name[16], text[64];
  } fact[8]; /* layout and types */
  int facts;
} contents;

/* Attributes are told by info_origin. */
static void take_fact(void *user, mg_note_kind kind, const char *name, const char *text) {
  static const char *const taken[] = {"layout", "observations", "actions", "rewards",
                                      "final observations"};
  contents *c = user;
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
    if (kind != MG_NOTE_FACT || strcmp(name, taken[i]) != 0 || c->facts == 8) continue;
    snprintf(c->fact[c->facts].name, sizeof c->fact[0].name, "%s", i == 4 ? "final state" : name);
    snprintf(c->fact[c->facts++].text, sizeof c->fact[0].text, "%s", text);
  }
}

static mg_status summarise(contents *c, mg_arena *arena) {
  const mg_dataset *d = &c->data;
  double *values = MG_NEW(arena, double, 2 * (size_t)d->trajectories);
  MG_TRY(mg_arena_status(arena));
  double *lengths = values + d->trajectories;
  for (int k = 0; k < d->trajectories; k++) {
    const mg_trajectory *t = &d->trajectory[k];
    values[k] = t->total_reward;
    lengths[k] = (double)t->steps;
    c->steps += t->steps;
    c->terminated += t->terminated;
  }
  c->returns = mg_summarise(d->trajectories, values);
  c->lengths = mg_summarise(d->trajectories, lengths);
  return MG_OK;
}

static void print_text(const char *path, const contents *c) {
  const mg_dataset *d = &c->data;
  printf("%s: expert data set\n", path);
  printf("task          %s\n", *d->env_id ? d->env_id : "unknown");
  for (int i = 0; i < c->facts; i++) printf("%-13s %s\n", c->fact[i].name, c->fact[i].text);
  printf("trajectories  %d, %d of them ended by the task\n", d->trajectories, c->terminated);
  printf("steps         %" PRId64 "\n", c->steps);
  printf("length        %.1f  sd %.1f  min %.0f  max %.0f\n", c->lengths.mean, c->lengths.sd,
         c->lengths.min, c->lengths.max);
  printf("return        %.2f  sd %.2f  min %.2f  max %.2f\n", c->returns.mean, c->returns.sd,
         c->returns.min, c->returns.max);
  mg_info_origin_print(&c->origin);
  for (const char *line = d->remarks; *line; line += strspn(line, "\n")) {
    const int length = (int)strcspn(line, "\n");
    printf("remark        %.*s\n", length, line);
    line += length;
  }
}

static mg_status print_json(const char *path, const contents *c) {
  const mg_dataset *d = &c->data;
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "file", path);
  cJSON_AddStringToObject(json, "kind", "dataset");
  cJSON_AddStringToObject(json, "env", d->env_id);
  cJSON_AddNumberToObject(json, "observation_size", d->observation_size);
  cJSON_AddNumberToObject(json, "action_size", d->action_size);
  cJSON_AddBoolToObject(json, "discrete", d->discrete);
  for (int i = 0; i < c->facts; i++)
    if (strcmp(c->fact[i].name, "layout") == 0)
      cJSON_AddStringToObject(json, "layout", c->fact[i].text);
  cJSON_AddBoolToObject(json, "rewards", d->rewards);
  cJSON_AddBoolToObject(json, "final_observation", d->final_observation);
  cJSON_AddNumberToObject(json, "trajectories", d->trajectories);
  cJSON_AddNumberToObject(json, "terminated", c->terminated);
  mg_json_add_whole(json, "steps", c->steps);
  mg_json_add_summary(json, "length", &c->lengths);
  mg_json_add_summary(json, "return", &c->returns);
  cJSON *remarks = cJSON_AddArrayToObject(json, "remarks");
  for (const char *line = d->remarks; *line; line += strspn(line, "\n")) {
    char one[1024];
    const int length = (int)strcspn(line, "\n");
    snprintf(one, sizeof one, "%.*s", length, line);
    cJSON_AddItemToArray(remarks, cJSON_CreateString(one));
    line += length;
  }
  mg_dataset_origin_add(json, &c->origin);
  return mg_json_print(json);
}

/* The time limit of the task that is given or else named; 0: unknown. */
static mg_status find_limit(const char *path, const char *given, int64_t *limit) {
  mg_demonstrated_file f;
  MG_TRY(mg_demonstrated_open(path, given, &f));
  *limit = f.env ? f.expected.task.max_steps : 0;
  mg_demonstrated_close(&f);
  return MG_OK;
}

static mg_status describe(const char *path, const char *task, bool json, mg_arena *arena) {
  mg_dataset_options all = {.choice = MG_CHOICE_FIRST, .max_bytes = UINT64_C(4000000000)};
  contents c = {0};
  MG_TRY(find_limit(path, task, &all.max_steps));
  MG_TRY(mg_dataset_read(path, &all, arena, &c.data));
  MG_TRY(summarise(&c, arena));
  MG_TRY(mg_dataset_describe(path, take_fact, &c));
  MG_TRY(mg_dataset_origin_read(path, &c.origin));
  if (json) return print_json(path, &c);
  print_text(path, &c);
  return MG_OK;
}

mg_status mg_info_dataset(const char *path, const char *task, bool json) {
  mg_arena *arena = mg_arena_create();
  if (!arena) return mg_fail(MG_ERR_MEMORY, "%s: out of memory", path);
  mg_status status = describe(path, task, json, arena);
  mg_arena_destroy(arena);
  return status;
}
