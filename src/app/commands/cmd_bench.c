/* mgail bench: what the program reaches of what the machine can do. */
#include "app/bench/bench.h"
#include "app/config/config_table.h"
#include "app/config/settings_args.h"
#include "app/json.h"

#include <math.h>
#include <string.h>

static const mg_option options[] = {
    {"seconds", "S", "to measure each for, about (default 5)"},
    {"json", NULL, "print JSON"},
    {"ranks", "P", "collectives: of so many ranks (default 1024)"},
    {"output", "FILE", "collectives: their list, one a line"},
    {0},
};

static const struct {
  const char *name;
  mg_status (*run)(const mg_bench *bench, mg_bench_result *result);
} benches[] = {{"rollout", mg_bench_rollout}, {"products", mg_bench_products},
               {"update", mg_bench_update},   {"allreduce", mg_bench_allreduce},
               {"train", mg_bench_train},     {"collectives", mg_bench_collectives}};
enum { BENCHES = sizeof benches / sizeof *benches };

static void print_text(const mg_bench_result *result) {
  printf("%s", result->title);
  if (result->rounds > 0) printf(" (medians of %d rounds)", result->rounds);
  putchar('\n');
  printf("bare: %s\n", result->bare);
  printf("  %-52s %12s %12s %7s\n", "", "rate", "bare", "ratio");
  for (int k = 0; k < result->rows; k++) {
    const mg_bench_row *row = &result->row[k];
    printf("  %-52s %12.5g", row->name, row->rate);
    if (isfinite(row->bare)) printf(" %12.5g", row->bare);
    if (isfinite(row->ratio)) printf(" %7.3f", row->ratio);
    printf(" %s\n", row->unit);
  }
}

static void add_json(cJSON *json, const char *name, const mg_bench_result *result) {
  cJSON *bench = cJSON_AddObjectToObject(json, name);
  cJSON_AddStringToObject(bench, "title", result->title);
  cJSON_AddStringToObject(bench, "bare", result->bare);
  cJSON_AddNumberToObject(bench, "rounds", result->rounds);
  cJSON *rows = cJSON_AddArrayToObject(bench, "rows");
  for (int k = 0; k < result->rows; k++) {
    cJSON *row = cJSON_CreateObject();
    cJSON_AddStringToObject(row, "name", result->row[k].name);
    cJSON_AddStringToObject(row, "unit", result->row[k].unit);
    cJSON_AddNumberToObject(row, "rate", result->row[k].rate);
    cJSON_AddNumberToObject(row, "bare", result->row[k].bare);
    cJSON_AddNumberToObject(row, "ratio", result->row[k].ratio);
    cJSON_AddItemToArray(rows, row);
  }
}

static mg_status run_one(mg_bench bench, int which, cJSON *json) {
  mg_app *app = bench.app;
  mg_arena *arena = mg_arena_create();
  mg_status status = arena ? MG_OK : mg_fail(MG_ERR_MEMORY, "out of memory for a benchmark");
  bench.arena = arena;
  mg_bench_result result = {.title = "", .bare = ""};
  status = mg_comm_agree(app->comm, status);
  if (status == MG_OK) status = benches[which].run(&bench, &result);
  mg_arena_destroy(arena);
  MG_TRY(mg_comm_agree(app->comm, status));
  if (app->comm->rank != 0) return MG_OK;
  if (json)
    add_json(json, benches[which].name, &result);
  else
    print_text(&result);
  return MG_OK;
}

static mg_status choose(const mg_args *args, bool chosen[BENCHES]) {
  /* That of collectives is no rate, and needs a file. */
  for (int k = 0; k < BENCHES; k++)
    chosen[k] = args->files == 0 && benches[k].run != mg_bench_collectives;
  for (int i = 0; i < args->files; i++) {
    int k = 0;
    while (k < BENCHES && strcmp(args->file[i], benches[k].name) != 0) k++;
    if (k == BENCHES) {
      return mg_fail(MG_ERR_USAGE,
                     "bench: '%s': expected rollout, products, update, allreduce, train or "
                     "collectives",
                     args->file[i]);
    }
    chosen[k] = true;
  }
  return MG_OK;
}

static mg_status run(mg_app *app, const mg_args *args) {
  bool chosen[BENCHES];
  int64_t ranks = 1024;
  mg_settings settings = mg_config_defaults();
  mg_bench bench = {.app = app, .settings = &settings, .seconds = 5};
  MG_TRY(choose(args, chosen));
  MG_TRY(mg_args_number(args, "seconds", 0, 86400, &bench.seconds));
  MG_TRY(mg_args_int(args, "ranks", 1, 1 << 20, &ranks));
  bench.ranks = (int)ranks;
  if (mg_args_has(args, "output")) MG_TRY(mg_args_require(args, "bench", "output", &bench.output));
  MG_TRY(mg_comm_agree(app->comm, mg_settings_apply(args, &settings)));
  cJSON *json = mg_args_has(args, "json") && app->comm->rank == 0 ? cJSON_CreateObject() : NULL;
  for (int k = 0; k < BENCHES; k++) {
    if (!chosen[k]) continue;
    mg_status status = run_one(bench, k, json);
    if (status != MG_OK) {
      cJSON_Delete(json);
      return status;
    }
  }
  return json ? mg_json_print(json) : MG_OK;
}

const mg_command mg_command_bench = {
    .name = "bench",
    .summary = "Rates beside the bare rates of the same machine, measured in the same run",
    .usage = "[rollout] [products] [update] [allreduce] [train] [collectives] [OPTION...]",
    .description =
        "rollout takes --env all for every task. products: every product of MGAIL's "
        "networks at the settings' sizes. update and train run the algorithm of the "
        "settings: imitation needs --expert, ppo does not. collectives: a training run by the "
        "settings, of which rank 0 of --ranks does its part and the others are not there; "
        "--output lists the last start, iteration, evaluation and checkpoint, collective by "
        "collective, with the processor time between them (experiments/scale).",
    .options = options,
    .words = "rollout|products|update|allreduce|train|collectives",
    .settings = true,
    .files = 6,
    .parallel = true,
    .run = run,
};
