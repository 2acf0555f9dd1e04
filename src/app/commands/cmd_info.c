/* mgail info: what is in a file.
 *
 * Files come from strangers and HDF5 1.10 can be made to crash, so all reading happens in a child
 * process; what it says about a failure comes back through a pipe. */
#include "app/commands/command.h"
#include "app/config/config_table.h"
#include "app/info/info.h"
#include "files/file_kind.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const mg_option options[] = {
    {"json", NULL, "print JSON"},
    {"validate", NULL, "data sets: every problem in a sentence; exit code 65 if there is one"},
    {"settings", NULL, "instead of a file: all settings of train, as Markdown"},
    {"tasks", NULL, "instead of a file: the ids of all tasks; with --json their sizes and returns"},
    {0},
};

enum { CPU_SECONDS = 120 };

typedef struct answer {
  mg_status status;
  char sentence[1024];
} answer;

static mg_status describe(const char *path, bool json) {
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
  return mg_info_dataset(path, json);
}

static _Noreturn void child(int to_parent, const char *path, bool json) {
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  setrlimit(RLIMIT_CPU, &(struct rlimit){CPU_SECONDS, CPU_SECONDS});
  answer a = {.status = describe(path, json)};
  snprintf(a.sentence, sizeof a.sentence, "%s", mg_status_message());
  if (fflush(stdout) != 0 && errno != EPIPE && a.status == MG_OK) {
    a.status = MG_ERR_IO;
    snprintf(a.sentence, sizeof a.sentence, "standard output: %s", strerror(errno));
  }
  ssize_t written = write(to_parent, &a, sizeof a);
  _exit(written == (ssize_t)sizeof a ? 0 : 1); /* skips HDF5's own exit, which may crash too */
}

static mg_status describe_safely(const char *path, bool json) {
  int ends[2];
  if (pipe(ends) != 0) return mg_fail(MG_ERR_INTERNAL, "pipe: %s", strerror(errno));
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    child(ends[1], path, json);
  }
  close(ends[1]);
  answer a;
  ssize_t got = pid < 0 ? -1 : read(ends[0], &a, sizeof a); /* below PIPE_BUF: whole or not */
  close(ends[0]);
  if (pid < 0) return mg_fail(MG_ERR_INTERNAL, "fork: %s", strerror(errno));
  int how = 0;
  while (waitpid(pid, &how, 0) < 0 && errno == EINTR) {}
  if (got != (ssize_t)sizeof a) {
    return mg_fail(MG_ERR_DATA, "%s: crashes the HDF5 library (signal %d)", path,
                   WIFSIGNALED(how) ? WTERMSIG(how) : 0);
  }
  return a.status == MG_OK ? MG_OK : mg_fail(a.status, "%s", a.sentence);
}

/* All files, also after one with problems. */
static mg_status validate(const mg_args *args) {
  int64_t problems = 0, bad = 0;
  for (int i = 0; i < args->files; i++) {
    int64_t found = 0;
    MG_TRY(mg_info_validate(args->file[i], &found));
    problems += found, bad += found > 0;
  }
  if (problems == 0) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%" PRIi64 " %s in %" PRIi64 " of %d files", problems,
                 problems == 1 ? "problem" : "problems", bad, args->files);
}

static mg_status run(mg_app *app, const mg_args *args) {
  (void)app;
  if (mg_args_has(args, "settings")) {
    mg_config_print_markdown(stdout);
    return MG_OK;
  }
  if (mg_args_has(args, "tasks")) return mg_info_tasks(mg_args_has(args, "json"));
  if (args->files == 0) return mg_fail(MG_ERR_USAGE, "info: expected a file");
  if (mg_args_has(args, "validate")) return validate(args);
  for (int i = 0; i < args->files; i++) {
    MG_TRY(describe_safely(args->file[i], mg_args_has(args, "json")));
  }
  return MG_OK;
}

const mg_command mg_command_info = {
    .name = "info",
    .summary = "What is in a data set, a checkpoint, a curve file or a collection of runs",
    .usage = "FILE... [OPTION...], or --settings, or --tasks",
    .description = "",
    .options = options,
    .files = MG_ARGS_MAX,
    .run = run,
};
