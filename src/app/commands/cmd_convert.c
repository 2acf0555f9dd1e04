/* mgail convert: a data set in another layout. */
#include "algo/demonstrated.h"
#include "app/commands/command.h"
#include "app/run/signals.h"
#include "demos/convert.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const mg_option options[] = {
    {"to", "LAYOUT",
     "minari, d4rl, gail, robomimic, sb2 or imitation (default: sb2 for .npz, else minari)"},
    {"env", "ID", "the task, for files that do not name one"},
    {"skip-bad", NULL, "leave bad episodes out, named; without: nothing is written"},
    {0},
};

static void print_remark(void *user, mg_note_kind kind, const char *name, const char *text) {
  (void)kind, (void)name;
  mg_log_line(user, "remark: %s", text);
}

static mg_status convert(mg_app *app, const mg_args *args, const mg_demonstrated_file *input) {
  mg_convert_result result;
  const mg_convert_options o = {.layout = mg_args_text(args, "to"),
                                .env_id = input->env_id,
                                .task = input->env ? &input->expected.task : NULL,
                                .skip_bad = mg_args_has(args, "skip-bad"),
                                .stopped = mg_signals_stop_requested};
  MG_TRY(mg_dataset_convert(args->file[0], args->file[1], &o, print_remark, &app->log, &result));
  printf("%s: %" PRIi64 " %s, %" PRIi64 " %s, %s to %s\n", args->file[1], result.episodes,
         mg_plural(result.episodes, "episode", "episodes"), result.steps,
         mg_plural(result.steps, "step", "steps"), result.from, result.to);
  return MG_OK;
}

static mg_status run(mg_app *app, const mg_args *args) {
  const char *given = mg_args_text(args, "env");
  mg_demonstrated_file input;
  if (args->files != 2) return mg_fail(MG_ERR_USAGE, "convert: expected two files, IN and OUT");
  MG_TRY(mg_demonstrated_open(args->file[0], given, &input));
  mg_status status = MG_OK;
  if (given && !mg_same_task(input.env_id, given))
    status = mg_fail(MG_ERR_USAGE, "convert: --env %s, but %s says %s", given, args->file[0],
                     input.env_id);
  if (status == MG_OK) status = convert(app, args, &input);
  mg_demonstrated_close(&input);
  return status;
}

const mg_command mg_command_convert = {
    .name = "convert",
    .summary = "Write a data set in another layout",
    .usage = "IN OUT [OPTION...]",
    .description =
        "IN may be the folder of a Minari data set; OUT must not exist. One episode in "
        "memory at a time; types stay as they are, and what a file carries beside "
        "(attributes, infos, metadata) goes along where there is a place for it. Where a "
        "layout holds no last observation of an episode and another needs it, the one "
        "before is repeated and the file marked final_observations_repeated.",
    .options = options,
    .words = "FILE",
    .files = 2,
    .stops = true,
    .run = run,
};
