/* mgail record: a trained policy becomes an expert data set. */
#include "app/acting_file.h"
#include "app/command.h"
#include "app/provenance.h"
#include "data/dataset.h"
#include "mpi/sync.h"
#include "rollout/evaluate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const mg_option options[] = {
    {"checkpoint", "FILE", "of a run (required)"},
    {"output", "FILE.h5", "data set to write (required); must not exist"},
    {"episodes", "N", "how many (default 50)"},
    {"stochastic", NULL, "sample actions; without: the mean action, or the most probable choice"},
    {"policy", "raw|average", "current parameters or their running average (default, if kept)"},
    {"seed", "N", "of resets and actions (default: the run's)"},
    {0},
};

typedef struct recording {
  mg_dataset_writer *writer;
  int count;
  double *returns; /* [episodes] */
} recording;

static mg_status write_trajectory(void *self, const mg_trajectory *trajectory) {
  recording *r = self;
  r->returns[r->count++] = trajectory->total_reward;
  return mg_dataset_writer_append(r->writer, trajectory);
}

static mg_status roll_out(const mg_acting_file *file, bool stochastic, int episodes, uint64_t seed,
                          recording *r) {
  /* Episodes of a file are in order, so one rank makes them all. */
  mg_comm self = mg_comm_self();
  mg_evaluator *evaluator = NULL;
  MG_TRY(mg_evaluator_create(file->header.env, &file->settings.env, episodes, seed, &self,
                             &file->acting.policy, &file->acting.normaliser, &evaluator));
  mg_status status = mg_evaluator_record(evaluator, file->theta, stochastic, write_trajectory, r);
  mg_evaluator_destroy(evaluator);
  return status;
}

typedef struct request {
  const char *output;
  int64_t episodes, seed; /* seed -1: the run's */
  bool stochastic;
} request;

static mg_status record(mg_app *app, const request *r, const mg_acting_file *file) {
  const char *output = r->output;
  int64_t episodes = r->episodes, seed = r->seed >= 0 ? r->seed : file->settings.run.seed;
  struct stat info;
  if (lstat(output, &info) == 0) {
    return mg_fail(MG_ERR_CREATE, "%s: exists; give another --output", output);
  }
  mg_provenance p = mg_provenance_get();
  char program[160], kwargs[1024];
  MG_TRY(mg_env_options_to_json(&file->settings.env, sizeof kwargs, kwargs));
  snprintf(program, sizeof program, "%s (%s)", p.program, p.git);
  mg_dataset_provenance provenance = {
      .env_id = file->header.env,
      .env_kwargs = kwargs,
      .observation_size = file->spec.observation_size,
      .action_size = file->spec.action_size,
      .discrete = file->spec.discrete,
      .program = program,
      .simulator = p.simulator,
      .policy = r->stochastic ? "stochastic" : "mean action",
      .policy_checksum =
          mg_hash_bytes(file->theta, mg_policy_size(&file->acting.policy) * sizeof(mg_real)),
      .seed = (uint64_t)seed,
  };
  recording made = {.returns = MG_NEW(file->arena, double, (size_t)episodes)};
  MG_TRY(mg_arena_status(file->arena));
  MG_TRY(mg_dataset_writer_create(output, &provenance, &made.writer));
  mg_status status = roll_out(file, r->stochastic, (int)episodes, (uint64_t)seed, &made);
  char sentence[1024];
  snprintf(sentence, sizeof sentence, "%s", mg_status_message());
  mg_status closed = mg_dataset_writer_close(made.writer, status == MG_OK);
  if (status != MG_OK) return mg_fail(status, "%s", sentence);
  MG_TRY(closed);
  mg_summary s = mg_summarise(made.count, made.returns);
  mg_log_line(&app->log, "%s: %d episodes of %s, %s; return %.2f (sd %.2f, min %.2f, max %.2f)",
              output, made.count, file->header.env, provenance.policy, s.mean, s.sd, s.min, s.max);
  return MG_OK;
}

static mg_status run(mg_app *app, const mg_args *args) {
  request r = {.episodes = 50, .seed = -1, .stochastic = mg_args_has(args, "stochastic")};
  MG_TRY(mg_args_require(args, "record", "output", &r.output));
  MG_TRY(mg_args_int(args, "episodes", 1, 1000000, &r.episodes));
  MG_TRY(mg_args_int(args, "seed", 0, INT64_C(1) << 53, &r.seed));
  mg_acting_file file;
  mg_status status = mg_acting_file_open("record", args, app->comm, &file);
  if (status == MG_OK && app->comm->rank == 0) status = record(app, &r, &file);
  mg_acting_file_close(&file);
  return mg_comm_agree(app->comm, status);
}

const mg_command mg_command_record = {
    .name = "record",
    .summary = "Roll a trained policy out into an expert data set",
    .usage = "--checkpoint FILE --output FILE.h5 [OPTION...]",
    .description = "Minari's HDF5 layout with metadata beside it; one episode in memory at a time.",
    .options = options,
    .parallel = true,
    .run = run,
};
