#include "app/info/info.h"
#include "app/json.h"
#include "base/log.h"
#include "files/collection/collection.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_same_cell(const mg_collected_run *a, const mg_collected_run *b) {
  return a->trajectories == b->trajectories && strcmp(a->task, b->task) == 0 &&
         strcmp(a->method, b->method) == 0;
}

/* Runs of the cell of run `first`; 0: the cell stood before. */
static int count_cell(const mg_collection *c, int first, int *finished) {
  int runs = 0;
  *finished = 0;
  for (int i = 0; i < c->runs; i++) {
    if (!is_same_cell(&c->run[i], &c->run[first])) continue;
    if (i < first) return 0;
    runs++;
    *finished += strcmp(c->run[i].state, "finished") == 0;
  }
  return runs;
}

static void print_text(const mg_collection *c) {
  int finished;
  printf("%s: %d %s, collected %s\n", c->path, c->runs, mg_plural(c->runs, "run", "runs"),
         c->created);
  for (int i = 0; i < c->runs; i++) {
    const mg_collected_run *run = &c->run[i];
    int runs = count_cell(c, i, &finished);
    if (runs > 0)
      printf("  %-16s %-12s %4" PRId64 " %-12s  %4d %s, %d finished\n", run->task, run->method,
             run->trajectories, mg_plural(run->trajectories, "trajectory", "trajectories"), runs,
             mg_plural(runs, "run", "runs"), finished);
  }
  for (int i = 0; i < c->skipped; i++) printf("skipped       %s\n", c->skip[i][1]);
}

static mg_status print_json(const mg_collection *c) {
  int finished;
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "file", c->path);
  cJSON_AddStringToObject(json, "kind", "collection");
  cJSON_AddStringToObject(json, "created", c->created);
  cJSON_AddNumberToObject(json, "runs", c->runs);
  cJSON *cells = cJSON_AddArrayToObject(json, "cells");
  for (int i = 0; i < c->runs; i++) {
    const mg_collected_run *run = &c->run[i];
    int runs = count_cell(c, i, &finished);
    if (runs == 0) continue;
    cJSON *cell = cJSON_CreateObject();
    cJSON_AddStringToObject(cell, "task", run->task);
    cJSON_AddStringToObject(cell, "method", run->method);
    mg_json_add_whole(cell, "trajectories", run->trajectories);
    cJSON_AddNumberToObject(cell, "runs", runs);
    cJSON_AddNumberToObject(cell, "finished", finished);
    cJSON_AddItemToArray(cells, cell);
  }
  cJSON *skipped = cJSON_AddArrayToObject(json, "skipped");
  for (int i = 0; i < c->skipped; i++)
    cJSON_AddItemToArray(skipped, cJSON_CreateString(c->skip[i][1]));
  return mg_json_print(json);
}

mg_status mg_info_collection(const char *path, bool as_json) {
  mg_collection collection;
  MG_TRY(mg_collection_compare(path));
  MG_TRY(mg_collection_read(path, &collection));
  mg_status status = MG_OK;
  if (as_json)
    status = print_json(&collection);
  else
    print_text(&collection);
  mg_collection_free(&collection);
  return status;
}
