/* mgail record: a trained policy becomes an expert data set. */
#include "app/commands/command.h"
#include "app/run/acting_file.h"
#include "app/run/provenance.h"
#include "base/hash.h"
#include "base/statistics.h"
#include "demos/recording/writer.h"
#include "rollout/record.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const mg_option options[] = {
    {"checkpoint", "RUN|FILE", "a run's folder, its checkpoint or an export (required)"},
    {"output", "FILE.h5", "data set to write (required); must not exist"},
    {"episodes", "N", "how many (default 50)"},
    {"minimum-return", "R",
     "keep episodes of at least this return, until there are N (of at most 20 N)"},
    {"stochastic", NULL, "sample actions; without: the mean action, or the most probable choice"},
    {"policy", "raw|average", "current parameters or their running average (default, if kept)"},
    {"seed", "N", "of resets and actions (default: the run's)"},
    {0},
};

/* With a minimum return, so many episodes are drawn at most for each that is wanted. */
enum { TRIES = 20 };

typedef struct request {
  const char *output;
  int64_t episodes, seed; /* seed -1: the run's */
  bool stochastic;
  bool by_return; /* keep only episodes of at least minimum_return */
  double minimum_return;
} request;

typedef struct recording {
  const request *request;
  mg_dataset_writer *writer; /* rank 0 */
  int count, drawn;
  double best;     /* return of those drawn */
  double *returns; /* [request->episodes] of those kept */
} recording;

static mg_status take(void *self, const mg_trajectory *trajectory, bool *enough) {
  recording *r = self;
  const double value = trajectory->total_reward;
  r->best = r->drawn++ ? fmax(r->best, value) : value;
  if (r->request->by_return && !(value >= r->request->minimum_return)) {
    mg_dataset_writer_reject(r->writer);
    return MG_OK;
  }
  MG_TRY(mg_dataset_writer_append(r->writer, trajectory));
  r->returns[r->count++] = value;
  *enough = r->count == r->request->episodes;
  return MG_OK;
}

static mg_status create_writer(const mg_acting_file *file, const request *r,
                               mg_dataset_writer **writer) {
  struct stat info;
  if (lstat(r->output, &info) == 0)
    return mg_fail(MG_ERR_CREATE, "%s: exists; give another --output", r->output);
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
      .seed = (uint64_t)r->seed,
      .algorithm = file->header.algorithm,
      .parameters = file->parameters,
      .trained_steps = file->header.steps,
      .by_return = r->by_return,
      .minimum_return = r->minimum_return,
  };
  return mg_dataset_writer_create(r->output, &provenance, writer);
}

static mg_status roll_out(mg_comm *comm, const mg_acting_file *file, recording *made) {
  const request *r = made->request;
  const int most = (int)r->episodes * (r->by_return ? TRIES : 1);
  mg_evaluator *evaluator = NULL;
  MG_TRY(mg_evaluator_create(file->header.env, &file->settings.env, most, (uint64_t)r->seed, comm,
                             &file->acting.policy, &file->acting.normaliser, &evaluator));
  mg_status status = mg_evaluator_record(evaluator, file->theta, r->stochastic, take, made);
  mg_evaluator_destroy(evaluator);
  if (status == MG_OK && comm->rank == 0 && made->count < r->episodes) {
    status =
        mg_fail(MG_ERR_DATA,
                "%s: %d of %d episodes have a return of at least %.10g, the best %.10g; "
                "expected %" PRId64 ": lower --minimum-return, or take a better policy",
                file->path, made->count, made->drawn, r->minimum_return, made->best, r->episodes);
  }
  return mg_comm_agree(comm, status);
}

static void announce(mg_app *app, const mg_acting_file *file, const recording *made) {
  const request *r = made->request;
  char rejected[64] = "";
  if (made->drawn > made->count)
    snprintf(rejected, sizeof rejected, "; %d %s below %.10g", made->drawn - made->count,
             mg_plural(made->drawn - made->count, "other was", "others were"), r->minimum_return);
  mg_summary s = mg_summarise(made->count, made->returns);
  mg_log_line(&app->log, "%s: %d %s of %s, %s; return %.2f (sd %.2f, min %.2f, max %.2f)%s",
              r->output, made->count, mg_plural(made->count, "episode", "episodes"),
              file->header.env, r->stochastic ? "sampled actions" : "mean action", s.mean, s.sd,
              s.min, s.max, rejected);
}

static mg_status record(mg_app *app, request *r, const mg_acting_file *file) {
  mg_comm *comm = app->comm;
  if (r->seed < 0) r->seed = file->settings.run.seed;
  recording made = {.request = r, .returns = MG_NEW(file->arena, double, (size_t)r->episodes)};
  mg_status status = mg_arena_status(file->arena);
  if (status == MG_OK && comm->rank == 0) status = create_writer(file, r, &made.writer);
  status = mg_comm_agree(comm, status);
  if (status == MG_OK) status = roll_out(comm, file, &made);
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  mg_failure_note(&failure, mg_dataset_writer_close(made.writer, status == MG_OK));
  MG_TRY(mg_comm_agree(comm, mg_failure_again(&failure)));
  announce(app, file, &made);
  return MG_OK;
}

static mg_status run(mg_app *app, const mg_args *args) {
  request r = {.episodes = 50,
               .seed = -1,
               .stochastic = mg_args_has(args, "stochastic"),
               .by_return = mg_args_has(args, "minimum-return")};
  MG_TRY(mg_args_require(args, "record", "output", &r.output));
  MG_TRY(mg_args_int(args, "episodes", 1, 1000000, &r.episodes));
  MG_TRY(mg_args_int(args, "seed", 0, INT64_C(1) << 53, &r.seed));
  MG_TRY(mg_args_number(args, "minimum-return", -1e9, 1e9, &r.minimum_return));
  mg_acting_file file;
  mg_status status = mg_acting_file_open("record", args, app, &file);
  if (status == MG_OK) status = record(app, &r, &file);
  mg_acting_file_close(&file);
  return status;
}

const mg_command mg_command_record = {
    .name = "record",
    .summary = "Roll a trained policy out into an expert data set",
    .usage = "--checkpoint RUN|FILE --output FILE.h5 [OPTION...]",
    .description =
        "Minari's HDF5 layout with metadata beside it; one episode a rank in memory at a "
        "time. The same file on any number of ranks.",
    .options = options,
    .parallel = true,
    .run = run,
};
