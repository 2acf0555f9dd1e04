/* mgail info: what is in a file.
 *
 * Files come from strangers and HDF5 1.10 can be made to crash, so all reading happens in a child
 * process (files/guard.h), which prints what it finds. */
#include "app/commands/command.h"
#include "app/info/info.h"
#include "app/manual/manual.h"
#include "demos/locate.h"
#include "files/file_kind.h"
#include "files/guard.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const mg_option options[] = {
    {"json", NULL, "print JSON"},
    {"validate", NULL, "data sets: every problem in a sentence; exit code 65 if there is one"},
    {"env", "ID", "data sets: the task, if the file does not name it"},
    {"settings", NULL, "instead of a file: all settings, as train --help=markdown"},
    {"tasks", NULL, "instead of a file: the ids of all tasks; with --json their sizes and returns"},
    {0},
};

typedef struct question {
  const char *path, *task; /* task Nullable */
  bool json;
} question;

static mg_status describe(const char *path, const char *task, bool json) {
  mg_file_kind kind;
  MG_TRY(mg_file_kind_detect(path, &kind));
  switch (kind) {
  case MG_FILE_CHECKPOINT:
    return mg_info_checkpoint(path, json);
  case MG_FILE_CURVES:
    return mg_info_curves(path, json);
  case MG_FILE_COLLECTION:
    return mg_info_collection(path, json);
  case MG_FILE_DATASET:
    break;
  }
  return mg_info_dataset(path, task, json);
}

static void child(int pipe, void *user) {
  const question *q = user;
  mg_status status = describe(q->path, q->task, q->json);
  if (fflush(stdout) != 0 && errno != EPIPE && status == MG_OK)
    status = mg_fail(MG_ERR_IO, "standard output: %s", strerror(errno));
  mg_guard_tell(pipe, status);
}

static mg_status describe_safely(const char *path, const char *task, bool json) {
  char file[MG_PATH_MAX];
  MG_TRY(mg_demonstrations_locate(path, file));
  /* Of memory as much as a data set of the most bytes takes (info_dataset.c). */
  mg_guard_limits limits = mg_guard_limits_of(file, UINT64_C(9) << 30);
  limits.prints = true;
  question q = {file, task, json};
  fflush(stdout);
  return mg_guard_ask(file, &limits, child, &q);
}

/* All files, also after one with problems. */
static mg_status validate(const mg_args *args) {
  int64_t problems = 0, bad = 0;
  for (int i = 0; i < args->files; i++) {
    int64_t found = 0;
    MG_TRY(mg_info_validate(args->file[i], mg_args_text(args, "env"), &found));
    problems += found, bad += found > 0;
  }
  if (problems == 0) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%" PRIi64 " %s in %" PRIi64 " of %d files", problems,
                 problems == 1 ? "problem" : "problems", bad, args->files);
}

static mg_status run(mg_app *app, const mg_args *args) {
  (void)app;
  if (mg_args_has(args, "settings")) {
    mg_help_print_markdown(&mg_command_train, stdout);
    return MG_OK;
  }
  if (mg_args_has(args, "tasks")) return mg_info_tasks(mg_args_has(args, "json"));
  if (args->files == 0) return mg_fail(MG_ERR_USAGE, "info: expected a file");
  if (mg_args_has(args, "validate")) return validate(args);
  const bool json = mg_args_has(args, "json");
  for (int i = 0; i < args->files; i++)
    MG_TRY(mg_info_is_run(args->file[i])
               ? mg_info_run(args->file[i], json)
               : describe_safely(args->file[i], mg_args_text(args, "env"), json));
  return MG_OK;
}

const mg_command mg_command_info = {
    .name = "info",
    .summary = "What is in a run, a data set, a checkpoint, a curve file or a collection",
    .usage = "RUN|FILE... [OPTION...], or --settings, or --tasks",
    .description = "RUN: a run's folder, finished or not.",
    .options = options,
    .words = "RUN|FILE",
    .files = MG_ARGS_MAX,
    .run = run,
};
