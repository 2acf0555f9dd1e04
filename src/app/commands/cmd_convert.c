/* mgail convert: a data set in another layout. */
#include "app/commands/command.h"
#include "app/run/signals.h"
#include "demos/convert.h"
#include "envs/env.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const mg_option options[] = {
    {"to", "LAYOUT",
     "minari, d4rl, gail, robomimic, sb2 or imitation (default: sb2 for .npz, else minari)"},
    {"env", "ID", "the task, for files that do not name one"},
    {0},
};

static void print_remark(void *user, mg_note_kind kind, const char *name, const char *text) {
  (void)kind, (void)name;
  mg_log_line(user, "remark: %s", text);
}

/* What the layouts cannot know: time limit and number of choices. A file may name a task that is
 * not one of ours, --env may not. */
static mg_status ask_task(const char *id, bool given, mg_convert_options *o) {
  mg_env *env = NULL;
  mg_status status = mg_env_create(id, &env);
  if (status != MG_OK) return given ? status : MG_OK;
  const mg_env_spec *spec = mg_env_get_spec(env);
  o->max_steps = spec->max_episode_steps;
  o->choices = spec->discrete ? spec->action_size : 0;
  mg_env_destroy(env);
  return MG_OK;
}

static mg_status find_task(const char *input, const char *given, char id[64],
                           mg_convert_options *o) {
  MG_TRY(mg_dataset_env_id(input, id));
  if (*id && given && strcmp(id, given) != 0)
    return mg_fail(MG_ERR_USAGE, "convert: --env %s, but %s says %s", given, input, id);
  if (!*id && given) snprintf(id, 64, "%s", given);
  o->env_id = id;
  return *id ? ask_task(id, given, o) : MG_OK;
}

static mg_status run(mg_app *app, const mg_args *args) {
  char id[64];
  mg_convert_result result;
  mg_convert_options o = {.layout = mg_args_text(args, "to"), .stopped = mg_signals_stop_requested};
  if (args->files != 2) return mg_fail(MG_ERR_USAGE, "convert: expected two files, IN and OUT");
  MG_TRY(find_task(args->file[0], mg_args_text(args, "env"), id, &o));
  MG_TRY(mg_dataset_convert(args->file[0], args->file[1], &o, print_remark, &app->log, &result));
  printf("%s: %" PRIi64 " %s, %" PRIi64 " %s, %s to %s\n", args->file[1], result.episodes,
         mg_plural(result.episodes, "episode", "episodes"), result.steps,
         mg_plural(result.steps, "step", "steps"), result.from, result.to);
  return MG_OK;
}

const mg_command mg_command_convert = {
    .name = "convert",
    .summary = "Write a data set in another layout",
    .usage = "IN OUT [OPTION...]",
    .description =
        "OUT must not exist. One episode in memory at a time; types stay as they are, and "
        "what a file carries beside (attributes, infos, metadata) goes along where there is "
        "a place for it.",
    .options = options,
    .files = 2,
    .stops = true,
    .run = run,
};
