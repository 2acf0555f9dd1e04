#include "app/json.h"
#include "app/run/demonstrations.h"
#include "app/run/train.h"
#include "base/timer.h"
#include "envs/env.h"
#include "rollout/evaluate.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* [policy: raw, average] [action: mean, stochastic] */
typedef struct final_returns {
  int episodes;
  mg_summary of[2][2];
} final_returns;

static const char *const policies[] = {"raw", "average"};
static const char *const actions[] = {"mean_action", "stochastic"};

static mg_status evaluate_finally(mg_train *train, final_returns *result) {
  const mg_settings *s = train->settings;
  const mg_algorithm *algorithm = train->algorithm;
  size_t episodes = (size_t)s->evaluate.final_episodes;
  double *returns = calloc(8 * episodes, sizeof *returns); /* and lengths, of each */
  mg_status status =
      returns ? MG_OK : mg_fail(MG_ERR_MEMORY, "out of memory for %zu episodes", episodes);
  mg_evaluator *evaluator = NULL;
  status = mg_comm_agree(train->app->comm, status);
  if (status == MG_OK) {
    status = mg_evaluator_create(s->run.env, &s->env, s->evaluate.final_episodes,
                                 (uint64_t)s->run.seed, train->app->comm, &algorithm->policy,
                                 algorithm->normaliser, &evaluator);
  }
  const mg_real *theta[2] = {mg_paramset_theta(algorithm->set, 0), algorithm->average};
  const int count = algorithm->average ? 4 : 2;
  mg_evaluated policy[4];
  for (int k = 0; k < 4; k++) {
    double *of = returns + (size_t)k * 2 * episodes;
    policy[k] = (mg_evaluated){theta[k / 2], k % 2, of, of + episodes};
  }
  result->episodes = s->evaluate.final_episodes;
  if (status == MG_OK) mg_evaluator_run_all(evaluator, count, policy);
  for (int k = 0; status == MG_OK && k < count; k++)
    result->of[k / 2][k % 2] = mg_summarise(result->episodes, policy[k].returns);
  mg_evaluator_destroy(evaluator);
  free(returns);
  return status;
}

static void add_evaluations(cJSON *json, const mg_evaluations *evaluations, bool averaged) {
#define NAME_OF(name) #name,
  static const char *const names[] = {MG_EVALUATION_LIST(NAME_OF)};
#undef NAME_OF
  cJSON *list = cJSON_AddArrayToObject(json, "evaluations");
  const int fields = MG_EVALUATION_FIELDS - (averaged ? 0 : MG_EVALUATION_AVERAGES);
  for (int64_t i = 0; i < evaluations->count; i++) {
    const double *field = (const double *)&evaluations->list[i];
    cJSON *row = cJSON_CreateObject();
    for (int k = 0; k < fields; k++) cJSON_AddNumberToObject(row, names[k], field[k]);
    cJSON_AddItemToArray(list, row);
  }
}

static void add_final(cJSON *json, const final_returns *result, bool averaged) {
  cJSON *final = cJSON_AddObjectToObject(json, "final");
  cJSON_AddNumberToObject(final, "episodes", result->episodes);
  for (int p = 0; p < (averaged ? 2 : 1); p++) {
    cJSON *policy = cJSON_AddObjectToObject(final, policies[p]);
    for (int k = 0; k < 2; k++) mg_json_add_summary(policy, actions[k], &result->of[p][k]);
  }
}

/* The registry's returns of random actions and of a reference expert, between which a score is. */
static void add_references(cJSON *json, const mg_settings *s) {
  mg_env *env = NULL;
  if (mg_env_create_with(s->run.env, &s->env, &env) == MG_OK) {
    cJSON_AddNumberToObject(json, "random_return", mg_env_get_spec(env)->random_return);
    cJSON_AddNumberToObject(json, "reference_return", mg_env_get_spec(env)->reference_return);
  }
  mg_env_destroy(env);
}

/* Of the session that ended the run. */
static void add_session(cJSON *json, const mg_train *train) {
  cJSON *session = cJSON_AddObjectToObject(json, "session");
  cJSON_AddNumberToObject(session, "start_seconds", train->starting.seconds);
  mg_json_add_whole(session, "evaluations", train->evaluating.times);
  cJSON_AddNumberToObject(session, "evaluation_seconds", train->evaluating.seconds);
  mg_json_add_whole(session, "checkpoints", train->saving.times);
  cJSON_AddNumberToObject(session, "checkpoint_seconds", train->saving.seconds);
}

static cJSON *describe(const mg_train *train, const final_returns *result, double seconds) {
  const mg_settings *s = train->settings;
  const mg_algorithm *algorithm = train->algorithm;
  const mg_provenance *p = &train->provenance;
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "program", p->program);
  cJSON_AddStringToObject(json, "git", p->git);
  cJSON_AddStringToObject(json, "algorithm", s->run.algorithm);
  cJSON_AddStringToObject(json, "env", s->run.env);
  mg_json_add_whole(json, "seed", s->run.seed);
  cJSON_AddNumberToObject(json, "ranks", train->app->comm->size);
  cJSON_AddNumberToObject(json, "environments", s->run.environments);
  add_references(json, s);
  cJSON_AddStringToObject(json, "expert", s->data.expert);
  if (algorithm->expert)
    cJSON_AddItemToObject(json, "demonstrations", mg_demonstrations_json(algorithm->expert));
  cJSON_AddStringToObject(json, "host", p->host);
  cJSON_AddStringToObject(json, "started", p->started);
  mg_json_add_libraries(json, p);
  mg_json_add_whole(json, "iterations", algorithm->iteration);
  mg_json_add_whole(json, "steps", algorithm->steps);
  cJSON_AddNumberToObject(json, "seconds", seconds);
  add_session(json, train);
  cJSON_AddNumberToObject(json, "update_flops_per_rank", algorithm->flops);
  bool averaged = algorithm->average != NULL;
  add_final(json, result, averaged);
  add_evaluations(json, &train->evaluations, averaged);
  return json;
}

mg_status mg_train_finish(mg_train *train) {
  double seconds = mg_train_seconds(train); /* of training: the evaluation below is not in it */
  const double began = mg_timer_now();
  final_returns result = {0};
  mg_comm_doing(train->app->comm, "the evaluation at the end");
  MG_TRY(evaluate_finally(train, &result));
  mg_train_worked(&train->evaluating, began);
  mg_status status = MG_OK;
  if (train->app->comm->rank == 0) {
    char *text;
    status = mg_json_finish(describe(train, &result, seconds), &text);
    if (status == MG_OK) status = mg_run_folder_write(&train->folder, "result.json", text);
    free(text);
    /* Nothing will be written over the last checkpoint any more. */
    if (status == MG_OK) mg_run_folder_remove(&train->folder, "checkpoint.h5.previous");
  }
  MG_TRY(mg_comm_agree(train->app->comm, status));
  mg_log *log = &train->app->log;
  for (int p = 0; p < (train->algorithm->average ? 2 : 1); p++) {
    for (int k = 0; k < 2; k++) {
      const mg_summary *r = &result.of[p][k];
      mg_log_line(log, "final, %s policy, %s: return %.1f (sd %.1f, min %.1f) of %d %s",
                  policies[p], k ? "sampled" : "mean action", r->mean, r->sd, r->min,
                  result.episodes, mg_plural(result.episodes, "episode", "episodes"));
    }
  }
  mg_log_line(log,
              "of this session: start %.2f s, evaluations %.2f s (%d), checkpoints %.2f s (%d)",
              train->starting.seconds, train->evaluating.seconds, train->evaluating.times,
              train->saving.seconds, train->saving.times);
  char time[32];
  mg_progress_format_time(seconds, time);
  const mg_pace pace = mg_algorithm_pace(train->algorithm, train->settings);
  const int one = pace.done == 1; /* without its s */
  mg_log_line(log, "done: %" PRId64 " %.*s in %s (%.0f %s/s), results in %s", pace.done,
              (int)strlen(pace.unit) - one, pace.unit, time, (double)pace.done / seconds, pace.unit,
              train->folder_path);
  return MG_OK;
}
