/* mgail export: of a checkpoint, what acting needs, in the form that its user has a reader for. */
#include "app/commands/command.h"
#include "app/export/export.h"
#include "base/statistics.h"

#include <inttypes.h>
#include <string.h>

static const mg_option options[] = {
    {"checkpoint", "RUN|FILE", "a run's folder or its checkpoint (required)"},
    {"output", "FILE", "file to write (required); must not exist"},
    {"format", "NAME",
     "h5, npz, safetensors, onnx or c (default: by FILE's ending; h5 without one)"},
    {"policy", "raw|average", "current parameters or their running average (default, if kept)"},
    {"episodes", "N", "also measure the return of so many, and keep it in the file (default 0)"},
    {"seed", "N", "of their resets (default: the run's)"},
    {0},
};

typedef struct request {
  const mg_export_format *format;
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
static mg_status write_file(mg_app *app, const request *r, mg_acting_file *file) {
  double difference;
  MG_TRY(mg_export_write(r->format, file, r->output, &difference));
  mg_log_line(&app->log, "%s: %s policy of %s on %s after %" PRId64 " steps, %zu parameters",
              r->output, file->parameters, file->header.algorithm, file->header.env,
              file->header.steps, mg_policy_size(&file->acting.policy));
  mg_log_line(&app->log, "checked in %d states: largest difference %.1e (%s)", MG_EXPORT_STATES,
              difference, r->format->checked);
  return MG_OK;
}

static mg_status run(mg_app *app, const mg_args *args) {
  request r = {.seed = -1};
  MG_TRY(mg_args_require(args, "export", "output", &r.output));
  MG_TRY(mg_export_format_find(mg_args_text(args, "format"), r.output, &r.format));
  MG_TRY(mg_args_int(args, "episodes", 0, 1000000, &r.episodes));
  MG_TRY(mg_args_int(args, "seed", 0, INT64_C(1) << 53, &r.seed));
  mg_acting_file file;
  mg_status status = mg_acting_file_open("export", args, app, &file);
  if (status == MG_OK) status = measure(app->comm, &r, &file);
  if (status == MG_OK)
    status = mg_comm_agree(app->comm, app->comm->rank == 0 ? write_file(app, &r, &file) : MG_OK);
  mg_acting_file_close(&file);
  return status;
}

const mg_command mg_command_export = {
    .name = "export",
    .summary = "Strip a checkpoint to what acting needs",
    .usage = "--checkpoint RUN|FILE --output FILE [OPTION...]",
    .description =
        "h5: evaluate, record and info take the file as they take the whole checkpoint; a run "
        "cannot go on from it. npz: NumPy's archive. safetensors. onnx: observation [N,d] in "
        "float64, action and sigma (or logits) out. c: a C99 file and its header, without "
        "dependencies or allocation. All hold the observed entries, the normaliser, the network, "
        "shift, scale and sigma of the action; experiments/use_policy.py shows how they act. A "
        "file "
        "is compared with the policy in 100 states before it takes its name.",
    .options = options,
    .parallel = true,
    .run = run,
};
