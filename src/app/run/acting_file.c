#include "app/run/acting_file.h"

#include "envs/env.h"
#include "files/checkpoint/checkpoint.h"
#include "rollout/evaluate.h"

#include <string.h>
#include <sys/stat.h>

/* A run's folder stands for its last checkpoint. */
static mg_status open_checkpoint(const char *given, mg_app *app, mg_archive **archive,
                                 mg_acting_file *file) {
  mg_comm *comm = app->comm;
  struct stat info;
  bool folder = comm->rank == 0 && stat(given, &info) == 0 && S_ISDIR(info.st_mode);
  mg_comm_broadcast(comm, &folder, sizeof folder);
  if (strlen(given) + sizeof "/checkpoint.h5.previous" > sizeof file->path)
    return mg_fail(MG_ERR_NO_INPUT, "--checkpoint: path of more than %zu bytes",
                   sizeof file->path - sizeof "/checkpoint.h5.previous");
  strcpy(file->path, given);
  if (!folder) return mg_run_header_open(given, comm, archive, &file->header, &file->settings);
  return mg_run_header_open_last(given, &app->log, comm, archive, &file->header, &file->settings,
                                 file->path);
}

static mg_status choose_policy(const char *which, mg_acting_file *file) {
  const char *path = file->path;
  const mg_acting *acting = &file->acting;
  if (which && strcmp(which, "raw") != 0 && strcmp(which, "average") != 0)
    return mg_fail(MG_ERR_USAGE, "--policy %s: expected raw or average", which);
  const char *exported = file->header.exported;
  if (*exported) {
    if (which && strcmp(which, exported) != 0) {
      return mg_fail(MG_ERR_DATA, "%s: an export of the run's %s parameters; it has no %s ones",
                     path, exported, which);
    }
    file->parameters = strcmp(exported, "average") == 0 ? "average" : "raw";
    file->theta = acting->theta;
    return MG_OK;
  }
  if (which && strcmp(which, "average") == 0 && !acting->average) {
    return mg_fail(MG_ERR_DATA, "%s: the run kept no running average (policy.average_steps = 0)",
                   path);
  }
  const bool average = acting->average && !(which && strcmp(which, "raw") == 0);
  file->parameters = average ? "average" : "raw";
  file->theta = average ? acting->average : acting->theta;
  return MG_OK;
}

static mg_status check_task(mg_acting_file *file) {
  const char *path = file->path;
  mg_env *env = NULL;
  MG_TRY(mg_env_create_with(file->header.env, &file->settings.env, &env));
  file->spec = *mg_env_get_spec(env);
  file->spec.action_low = file->spec.action_high = NULL;
  mg_env_destroy(env);
  const mg_policy *policy = &file->acting.policy;
  const int observations = file->acting.normaliser.raw_size;
  if (observations == file->spec.observation_size &&
      policy->action_size == file->spec.action_size && policy->discrete == file->spec.discrete)
    return MG_OK;
  return mg_fail(MG_ERR_DATA, "%s: the policy has %d observations and %d actions, %s has %d and %d",
                 path, observations, policy->action_size, file->header.env,
                 file->spec.observation_size, file->spec.action_size);
}

mg_status mg_acting_file_open(const char *command, const mg_args *args, mg_app *app,
                              mg_acting_file *file) {
  const char *given;
  memset(file, 0, sizeof *file);
  MG_TRY(mg_args_require(args, command, "checkpoint", &given));
  return mg_acting_file_open_path(given, mg_args_text(args, "policy"), app, file);
}

mg_status mg_acting_file_open_path(const char *given, const char *which, mg_app *app,
                                   mg_acting_file *file) {
  mg_comm *comm = app->comm;
  const char *path = file->path;
  memset(file, 0, sizeof *file);
  mg_archive *archive = NULL;
  MG_TRY(open_checkpoint(given, app, &archive, file));
  file->arena = mg_arena_create();
  mg_status status = file->arena ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: out of memory", path);
  status = mg_comm_agree(comm, status);
  if (status == MG_OK)
    status = mg_comm_agree(comm, mg_acting_load(archive, file->arena, &file->acting));
  if (status == MG_OK) status = choose_policy(which, file);
  if (status == MG_OK) status = check_task(file);
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  mg_checkpoint_close(archive);
  return mg_comm_agree(comm, mg_failure_again(&failure));
}

mg_status mg_acting_file_evaluate(mg_acting_file *file, mg_comm *comm, int64_t episodes,
                                  int64_t *seed, bool stochastic, double **returns,
                                  double **lengths) {
  if (*seed < 0) *seed = file->settings.run.seed;
  *returns = MG_NEW(file->arena, double, (size_t)episodes);
  *lengths = MG_NEW(file->arena, double, (size_t)episodes);
  MG_TRY(mg_comm_agree(comm, mg_arena_status(file->arena)));
  mg_evaluator *evaluator = NULL;
  MG_TRY(mg_evaluator_create(file->header.env, &file->settings.env, (int)episodes, (uint64_t)*seed,
                             comm, &file->acting.policy, &file->acting.normaliser, &evaluator));
  mg_evaluator_run(evaluator, file->theta, stochastic, *returns, *lengths);
  mg_evaluator_destroy(evaluator);
  return MG_OK;
}

mg_status mg_acting_file_starts(mg_acting_file *file, int64_t episodes, int64_t seed,
                                double **starts) {
  const size_t q = (size_t)file->spec.qpos_size, v = (size_t)file->spec.qvel_size;
  double *observation = MG_NEW(file->arena, double, (size_t)file->spec.observation_size);
  double *state = *starts = MG_NEW(file->arena, double, ((size_t)episodes * (q + v)));
  MG_TRY(mg_arena_status(file->arena));
  mg_env *env;
  MG_TRY(mg_env_create_with(file->header.env, &file->settings.env, &env));
  for (int64_t k = 0; k < episodes; k++, state += q + v) {
    mg_evaluate_reset(env, (uint64_t)seed, (int)k, observation);
    mg_env_get_qpos_qvel(env, state, state + q);
  }
  mg_env_destroy(env);
  return MG_OK;
}

void mg_acting_file_close(mg_acting_file *file) {
  mg_arena_destroy(file->arena);
  file->arena = NULL;
}
