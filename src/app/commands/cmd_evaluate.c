/* mgail evaluate: returns of a trained policy. */
#include "app/commands/command.h"
#include "app/export/portable.h"
#include "app/json.h"
#include "app/run/acting_file.h"
#include "base/log.h"
#include "base/statistics.h"

#include <inttypes.h>
#include <math.h>

static const mg_option options[] = {
    {"checkpoint", "RUN|FILE", "a run's folder, its checkpoint or an export (required)"},
    {"episodes", "N", "how many (default 50)"},
    {"stochastic", NULL, "sample actions; without: the mean action, or the most probable choice"},
    {"policy", "raw|average", "current parameters or their running average (default, if kept)"},
    {"seed", "N", "of resets and actions (default: the run's)"},
    {"json", NULL, "print JSON, with every episode"},
    {"double", NULL,
     "compute the network in float64, as an export does elsewhere: the same episodes to the last "
     "bit"},
    {"starts", NULL, "with --json: also the state that each episode starts from"},
    {0},
};

typedef struct outcome {
  int episodes;
  bool stochastic;
  int64_t seed;
  double *returns, *lengths; /* [episodes] */
  double *starts;            /* [episodes, qpos_size + qvel_size]; NULL: not asked for */
} outcome;

/* Of a mean return: 1 where it is what the run imitated (data), or a published expert's. */
typedef struct scores {
  double data, reference;
} scores;

static scores score(const mg_acting_file *file, double mean) {
  const double random = file->spec.random_return;
  return (scores){mg_stat_score(mean, random, file->header.data_return),
                  mg_stat_score(mean, random, file->spec.reference_return)};
}

static void print_score(const char *of, double value, double random_return, double one) {
  if (isfinite(value))
    printf("score   %10.3f  of the %s (0: random %.1f, 1: %s %.1f)\n", value, of, random_return, of,
           one);
}

/* For who runs the same episodes elsewhere: [{qpos, qvel}]; classic tasks: qpos is all their state. */
static cJSON *list_starts(const mg_acting_file *file, const outcome *o) {
  const int q = file->spec.qpos_size, v = file->spec.qvel_size;
  cJSON *list = cJSON_CreateArray();
  for (int k = 0; k < o->episodes; k++) {
    const double *state = o->starts + (size_t)k * (size_t)(q + v);
    cJSON *start = cJSON_CreateObject();
    cJSON_AddItemToObject(start, "qpos", mg_json_exact(state, q));
    cJSON_AddItemToObject(start, "qvel", mg_json_exact(state + q, v));
    cJSON_AddItemToArray(list, start);
  }
  return list;
}

static mg_status print_json(const mg_acting_file *file, const outcome *o) {
  mg_summary returns = mg_summarise(o->episodes, o->returns);
  mg_summary lengths = mg_summarise(o->episodes, o->lengths);
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "env", file->header.env);
  cJSON_AddStringToObject(json, "algorithm", file->header.algorithm);
  cJSON_AddStringToObject(json, "policy", file->parameters);
  cJSON_AddStringToObject(json, "actions", o->stochastic ? "stochastic" : "mean_action");
  mg_json_add_whole(json, "trained_steps", file->header.steps);
  mg_json_add_whole(json, "seed", o->seed);
  cJSON_AddNumberToObject(json, "episodes", o->episodes);
  mg_json_add_summary(json, "return", &returns);
  mg_json_add_summary(json, "length", &lengths);
  cJSON_AddNumberToObject(json, "score", score(file, returns.mean).data);
  cJSON_AddNumberToObject(json, "reference_score", score(file, returns.mean).reference);
  cJSON_AddNumberToObject(json, "random_return", file->spec.random_return);
  cJSON_AddNumberToObject(json, "data_return", file->header.data_return);
  cJSON_AddNumberToObject(json, "reference_return", file->spec.reference_return);
  cJSON_AddItemToObject(json, "returns", mg_json_exact(o->returns, o->episodes));
  cJSON_AddItemToObject(json, "lengths", mg_json_exact(o->lengths, o->episodes));
  if (o->starts) cJSON_AddItemToObject(json, "starts", list_starts(file, o));
  return mg_json_print(json);
}

static mg_status print_text(const mg_acting_file *file, const outcome *o) {
  mg_summary r = mg_summarise(o->episodes, o->returns), l = mg_summarise(o->episodes, o->lengths);
  printf("%s, %s, %s policy after %" PRId64 " %s, %s, %d %s, seed %" PRId64 "\n", file->header.env,
         file->header.algorithm, file->parameters, file->header.steps,
         mg_plural(file->header.steps, "step", "steps"), o->stochastic ? "sampled" : "mean action",
         o->episodes, mg_plural(o->episodes, "episode", "episodes"), o->seed);
  printf("return  %10.2f  sd %.2f  min %.2f  max %.2f\n", r.mean, r.sd, r.min, r.max);
  printf("length  %10.1f  sd %.1f  min %.0f  max %.0f\n", l.mean, l.sd, l.min, l.max);
  const scores s = score(file, r.mean);
  print_score("data", s.data, file->spec.random_return, file->header.data_return);
  print_score("reference", s.reference, file->spec.random_return, file->spec.reference_return);
  return MG_OK;
}

static mg_status run(mg_app *app, const mg_args *args) {
  int64_t episodes = 50;
  outcome o = {.stochastic = mg_args_has(args, "stochastic"), .seed = -1};
  MG_TRY(mg_args_int(args, "episodes", 1, 1000000, &episodes));
  MG_TRY(mg_args_int(args, "seed", 0, INT64_C(1) << 53, &o.seed));
  o.episodes = (int)episodes;
  const bool json = mg_args_has(args, "json"), starts = mg_args_has(args, "starts");
  const bool in_double = mg_args_has(args, "double");
  if (starts && !json) return mg_fail(MG_ERR_USAGE, "evaluate: --starts needs --json");
  if (in_double && o.stochastic)
    return mg_fail(MG_ERR_USAGE, "evaluate: --double is of the mean action; without --stochastic");
  mg_acting_file file;
  mg_status status = mg_acting_file_open("evaluate", args, app, &file);
  if (status == MG_OK && in_double)
    status = mg_portable_evaluate(&file, app->comm, episodes, &o.seed, &o.returns, &o.lengths);
  else if (status == MG_OK)
    status = mg_acting_file_evaluate(&file, app->comm, episodes, &o.seed, o.stochastic, &o.returns,
                                     &o.lengths);
  if (status == MG_OK && starts && app->comm->rank == 0)
    status = mg_acting_file_starts(&file, episodes, o.seed, &o.starts);
  if (status == MG_OK && app->comm->rank == 0)
    status = json ? print_json(&file, &o) : print_text(&file, &o);
  mg_acting_file_close(&file);
  return status;
}

const mg_command mg_command_evaluate = {
    .name = "evaluate",
    .summary = "Returns, lengths and scores of a trained policy",
    .usage = "--checkpoint RUN|FILE [OPTION...]",
    .description =
        "The same episodes, and so the same numbers, on any number of ranks. A score is 0 "
        "for random actions and 1 for the mean return of the data, the trajectories that "
        "the policy was trained to imitate; beside it the same of a published expert of the "
        "task, the reference.",
    .options = options,
    .parallel = true,
    .run = run,
};
