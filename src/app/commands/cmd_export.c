/* mgail export: of a checkpoint, what acting needs. */
#include "app/commands/command.h"
#include "app/run/acting_file.h"
#include "app/run/provenance.h"
#include "base/statistics.h"
#include "files/checkpoint/checkpoint.h"
#include "rollout/evaluate.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

static const mg_option options[] = {
    {"checkpoint", "RUN|FILE", "a run's folder or its checkpoint (required)"},
    {"output", "FILE.h5", "file to write (required); must not exist"},
    {"policy", "raw|average", "current parameters or their running average (default, if kept)"},
    {"episodes", "N", "also measure the return of so many, and keep it in the file (default 0)"},
    {"seed", "N", "of their resets (default: the run's)"},
    {0},
};

typedef struct request {
  const char *output;
  int64_t episodes, seed; /* seed -1: the run's */
} request;

/* Of the mean action. Collective. */
static mg_status measure(mg_comm *comm, const request *r, mg_acting_file *file) {
  if (r->episodes == 0) return MG_OK;
  int64_t seed = r->seed;
  double *returns, *lengths;
  MG_TRY(mg_acting_file_evaluate(file, comm, r->episodes, &seed, false, &returns, &lengths));
  mg_summary s = mg_summarise((int)r->episodes, returns);
  const double measured[4] = {s.mean, s.sd, s.min, s.max};
  file->header.measured_episodes = r->episodes;
  memcpy(file->header.measured, measured, sizeof measured);
  return MG_OK;
}

/* Rank 0 alone, so that the file is the same whatever the number of ranks. */
static mg_status write_file(const request *r, mg_acting_file *file) {
  struct stat info;
  if (lstat(r->output, &info) == 0)
    return mg_fail(MG_ERR_CREATE, "%s: exists; give another --output", r->output);
  mg_run_header *header = &file->header;
  mg_provenance p = mg_provenance_get();
  snprintf(header->exported, sizeof header->exported, "%s", file->parameters);
  snprintf(header->exporter, sizeof header->exporter, "%s (%s)", p.program, p.git);
  mg_comm self = mg_comm_self();
  mg_archive *archive = NULL;
  MG_TRY(mg_checkpoint_create(r->output, &self, &archive));
  mg_run_header_visit(header, archive);
  mg_acting_save(&file->acting, file->theta, archive);
  return mg_checkpoint_close(archive);
}

static mg_status run(mg_app *app, const mg_args *args) {
  request r = {.seed = -1};
  MG_TRY(mg_args_require(args, "export", "output", &r.output));
  MG_TRY(mg_args_int(args, "episodes", 0, 1000000, &r.episodes));
  MG_TRY(mg_args_int(args, "seed", 0, INT64_C(1) << 53, &r.seed));
  mg_acting_file file;
  mg_status status = mg_acting_file_open("export", args, app, &file);
  if (status == MG_OK) status = measure(app->comm, &r, &file);
  if (status == MG_OK)
    status = mg_comm_agree(app->comm, app->comm->rank == 0 ? write_file(&r, &file) : MG_OK);
  if (status == MG_OK) {
    mg_log_line(&app->log, "%s: %s policy of %s on %s after %" PRId64 " steps, %zu parameters",
                r.output, file.parameters, file.header.algorithm, file.header.env,
                file.header.steps, mg_policy_size(&file.acting.policy));
  }
  mg_acting_file_close(&file);
  return status;
}

const mg_command mg_command_export = {
    .name = "export",
    .summary = "Strip a checkpoint to what acting needs",
    .usage = "--checkpoint RUN|FILE --output FILE.h5 [OPTION...]",
    .description =
        "evaluate, record and info take the file as they take the whole checkpoint; a run "
        "cannot go on from it.",
    .options = options,
    .parallel = true,
    .run = run,
};
