#include "algo/acting.h"
#include "app/info/info.h"
#include "app/json.h"
#include "app/run/run_header.h"
#include "base/log.h"
#include "files/checkpoint/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct contents {
  mg_run_header header;
  mg_acting acting;
  int ranks;
} contents;

static void print_text(const char *path, const contents *c) {
  const mg_run_header *h = &c->header;
  const mg_mlp *net = &c->acting.policy.net;
  if (*h->exported) {
    printf("%s: export of a checkpoint\n", path);
    printf("made by       %s (%s), exported by %s\n", h->program, h->git, h->exporter);
  } else {
    printf("%s: checkpoint\n", path);
    printf("made by       %s (%s), %d %s\n", h->program, h->git, c->ranks,
           mg_plural(c->ranks, "rank", "ranks"));
  }
  printf("run           %s on %s\n", h->algorithm, h->env);
  printf("progress      iteration %" PRId64 ", %" PRId64 " steps, %.1f s\n", h->iteration, h->steps,
         h->seconds);
  printf("policy        ");
  for (int k = 0; k <= net->layers; k++) printf("%s%d", k ? "-" : "", net->width[k]);
  printf(", %zu parameters%s%s%s\n", mg_policy_size(&c->acting.policy),
         c->acting.policy.discrete ? ", discrete" : "",
         c->acting.average ? ", running average kept" : "",
         !*h->exported                         ? ""
         : strcmp(h->exported, "average") == 0 ? ", the running average"
                                               : ", the current ones");
  if (h->measured_episodes > 0)
    printf("return        %.2f  sd %.2f  min %.2f  max %.2f  (mean action, %" PRId64 " %s)\n",
           h->measured[0], h->measured[1], h->measured[2], h->measured[3], h->measured_episodes,
           mg_plural(h->measured_episodes, "episode", "episodes"));
  putchar('\n');
  fputs(h->config, stdout);
}

static mg_status print_json(const char *path, const contents *c) {
  const mg_run_header *h = &c->header;
  const mg_mlp *net = &c->acting.policy.net;
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "file", path);
  cJSON_AddStringToObject(json, "kind", "checkpoint");
  cJSON_AddStringToObject(json, "program", h->program);
  cJSON_AddStringToObject(json, "git", h->git);
  if (*h->exported) {
    cJSON_AddStringToObject(json, "exported", h->exported);
    cJSON_AddStringToObject(json, "exporter", h->exporter);
  } else {
    cJSON_AddNumberToObject(json, "ranks", c->ranks);
  }
  if (h->measured_episodes > 0) {
    const mg_summary s = {h->measured[0], h->measured[1], h->measured[2], h->measured[3]};
    mg_json_add_summary(json, "return", &s);
    mg_json_add_whole(json, "return_episodes", h->measured_episodes);
  }
  cJSON_AddStringToObject(json, "algorithm", h->algorithm);
  cJSON_AddStringToObject(json, "env", h->env);
  mg_json_add_whole(json, "iteration", h->iteration);
  mg_json_add_whole(json, "steps", h->steps);
  cJSON_AddNumberToObject(json, "seconds", h->seconds);
  cJSON_AddItemToObject(json, "policy_widths", cJSON_CreateIntArray(net->width, net->layers + 1));
  cJSON_AddBoolToObject(json, "discrete", c->acting.policy.discrete);
  cJSON_AddBoolToObject(json, "average", c->acting.average != NULL);
  cJSON_AddStringToObject(json, "config", h->config);
  return mg_json_print(json);
}

mg_status mg_info_checkpoint(const char *path, bool json) {
  mg_comm self = mg_comm_self();
  mg_archive *archive;
  mg_settings settings;
  contents c;
  MG_TRY(mg_run_header_open(path, &self, &archive, &c.header, &settings));
  c.ranks = mg_archive_ranks(archive);
  mg_arena *arena = mg_arena_create();
  mg_status status = arena ? mg_acting_load(archive, arena, &c.acting)
                           : mg_fail(MG_ERR_MEMORY, "%s: out of memory", path);
  if (status == MG_OK) {
    if (json)
      status = print_json(path, &c);
    else
      print_text(path, &c);
  }
  mg_arena_destroy(arena);
  mg_status closed = mg_checkpoint_close(archive);
  return status != MG_OK ? status : closed;
}
