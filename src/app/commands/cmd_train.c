/* mgail train: from the command line to one configuration that all ranks agree on. */
#include "app/commands/command.h"
#include "app/config/config_table.h"
#include "app/config/data_path.h"
#include "app/config/settings_args.h"
#include "app/run/train.h"
#include "base/hash.h"
#include "files/checkpoint/checkpoint.h"

static const mg_option options[] = {
    {"output", "DIR", "run folder to make (required)"},
    {"resume", NULL, "go on in DIR from its checkpoint, or anew if it has none yet"},
    {"changed-demonstrations", NULL, "with --resume: though they are not those it began with"},
    {0},
};

/* Different files or programs on different machines would train something nobody asked for. */
static mg_status check_same(mg_comm *comm, const mg_settings *settings) {
  char text[MG_CONFIG_TEXT_MAX];
  size_t length = mg_config_to_text(settings, text);
  uint64_t least = mg_hash_bytes(text, length), most = least;
  mg_comm_reduce_u64(comm, MG_REDUCE_MIN, &least, 1);
  mg_comm_reduce_u64(comm, MG_REDUCE_MAX, &most, 1);
  if (least == most) return MG_OK;
  return mg_fail(MG_ERR_CONFIG,
                 "ranks were started with different settings; expected the same arguments and "
                 "the same --config file everywhere");
}

/* By rank 0's folder and disk, which is where they are read. */
static mg_status find_demonstrations(mg_comm *comm, const mg_args *args, mg_settings *settings) {
  MG_TRY(mg_comm_agree(comm, comm->rank == 0 ? mg_data_path_check(args, settings) : MG_OK));
  if (comm->rank == 0) mg_data_path_absolute(settings);
  mg_comm_broadcast(comm, settings->data.expert, sizeof settings->data.expert);
  return MG_OK;
}

static mg_status run(mg_app *app, const mg_args *args) {
  const char *output;
  MG_TRY(mg_args_require(args, "train", "output", &output));
  mg_settings saved = mg_config_defaults(), settings;
  mg_archive *archive = NULL;
  const bool resume = mg_args_has(args, "resume");
  if (resume) MG_TRY(mg_train_open_checkpoint(app, output, &archive, &saved));
  settings = saved;
  mg_status status = mg_settings_apply(args, &settings);
  if (status == MG_OK && archive) status = mg_train_check_resumed(&saved, &settings);
  status = mg_comm_agree(app->comm, status);
  if (status == MG_OK) status = check_same(app->comm, &settings);
  if (status == MG_OK) status = find_demonstrations(app->comm, args, &settings);
  const mg_train_order order = {
      .settings = &settings,
      .folder = output,
      .archive = archive,
      .anew = resume && !archive,
      .any_demonstrations = mg_args_has(args, "changed-demonstrations"),
  };
  if (status == MG_OK) return mg_train_run(app, &order);
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  if (archive) mg_checkpoint_close(archive);
  return mg_failure_again(&failure);
}

const mg_command mg_command_train = {
    .name = "train",
    .summary = "Train a policy from demonstrations, or from the task's own reward",
    .usage = "--output DIR [--config FILE] [--set SECTION.KEY=VALUE]... [OPTION...]",
    .description =
        "Settings come from the defaults, then the files (where a path is relative to the file), "
        "then the other options in their order. SIGUSR1, SIGTERM, SIGINT and SIGHUP ask for a "
        "checkpoint and exit code 75; "
        "--resume goes on from it. Under mpirun send SIGUSR1 to mpirun: it kills the ranks a "
        "second after SIGTERM or Ctrl-C, unless started with --mca odls_base_sigkill_timeout 10. "
        "The folder gets config.ini, curves.h5, checkpoint.h5, result.json and log.txt.",
    .options = options,
    .settings = true,
    .parallel = true,
    .stops = true,
    .lists_settings = true,
    .run = run,
};
