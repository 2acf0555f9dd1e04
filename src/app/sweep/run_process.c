#define _GNU_SOURCE /* sets of processors */
#include "app/sweep/run_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 96, COMMAND_MAX = 8192, TAIL = 16384 };

/* Time for a checkpoint after a signal; half a minute, not eight, until a cut link is noticed; not all
 * runs on the first core. slurm/openmpi.conf has the same for those who start mpirun themselves. */
static const char MPIRUN[] = "mpirun -n {ranks} --bind-to none --mca odls_base_sigkill_timeout 10 "
                             "--mca oob_tcp_keepalive_time 10 "
                             "--mca oob_tcp_keepalive_intvl 5 --mca oob_tcp_keepalive_probes 3";

int mg_processors(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

/* ---- the command ---- */

typedef struct command {
  char text[COMMAND_MAX]; /* what the words point into */
  size_t used;
  char *word[WORDS_MAX + 1];
  int words;
} command;

static mg_status add_word(command *c, const char *word, size_t length) {
  if (c->words == WORDS_MAX || c->used + length + 1 > sizeof c->text)
    return mg_fail(MG_ERR_USAGE, "--launch: a command of more than %d words or %d bytes", WORDS_MAX,
                   COMMAND_MAX);
  c->word[c->words++] = c->text + c->used;
  memcpy(c->text + c->used, word, length);
  c->text[c->used + length] = '\0';
  c->used += length + 1;
  return MG_OK;
}

static mg_status add_launcher(command *c, const char *launch, const mg_sweep_run *run) {
  mg_sweep_point ranks = {.axes = 1, .axis = {{.name = "ranks"}}};
  char text[COMMAND_MAX];
  snprintf(ranks.axis[0].value, MG_SWEEP_VALUE_MAX, "%d", run->ranks);
  MG_TRY(mg_sweep_fill("--launch",
                       launch           ? launch
                       : run->ranks > 1 ? MPIRUN
                                        : "",
                       &ranks, sizeof text, text));
  for (const char *at = text + strspn(text, " "); *at; at += strspn(at, " ")) {
    const size_t length = strcspn(at, " ");
    MG_TRY(add_word(c, at, length));
    at += length;
  }
  const bool crowded = run->ranks > mg_processors();
  return !launch && crowded ? add_word(c, "--oversubscribe", strlen("--oversubscribe")) : MG_OK;
}

static mg_status compose(const char *folder, const mg_sweep_run *run, const char *launch,
                         command *c) {
  char program[PATH_MAX], settings[MG_FOLDER_PATH_MAX], output[MG_FOLDER_PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (n <= 0) return mg_fail(MG_ERR_LAUNCH, "the program's own file: %s", strerror(errno));
  program[n] = '\0';
  MG_TRY(mg_sweep_path(folder, "settings", run->name, ".ini", settings));
  MG_TRY(mg_sweep_path(folder, "runs", run->name, "", output));
  MG_TRY(add_launcher(c, launch, run));
  const char *const words[] = {program,
                               "train",
                               "--config",
                               settings,
                               "--output",
                               output,
                               mg_sweep_has_begun(folder, run->name) ? "--resume" : NULL};
  for (size_t k = 0; k < sizeof words / sizeof *words && words[k]; k++)
    MG_TRY(add_word(c, words[k], strlen(words[k])));
  return MG_OK;
}

/* ---- the process ---- */

/* In the child. A group of its own: what Ctrl-C sends to all is for the one that waits. */
static void become(const command *c, int log, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGUSR1);
  if (getppid() != parent) _exit(75);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  execvp(c->text, c->word); /* the first word begins the text */
  dprintf(STDERR_FILENO, "mgail: error: %s: %s\n", c->word[0], strerror(errno));
  _exit(66);
}

mg_status mg_run_process_start(const char *folder, const mg_sweep_run *run, const char *launch,
                               pid_t *pid, off_t *log_from) {
  char path[MG_FOLDER_PATH_MAX];
  command *c = calloc(1, sizeof *c);
  if (!c) return *pid = -1, mg_fail(MG_ERR_MEMORY, "out of memory for a command");
  mg_status status = mg_sweep_path(folder, "logs", run->name, ".log", path);
  if (status == MG_OK) status = compose(folder, run, launch, c);
  const int log = status == MG_OK
                      ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666)
                      : -1;
  if (status == MG_OK && log < 0) status = mg_fail(MG_ERR_CREATE, "%s: %s", path, strerror(errno));
  struct stat info;
  *log_from = log >= 0 && fstat(log, &info) == 0 ? info.st_size : 0;
  const pid_t parent = getpid();
  *pid = status == MG_OK ? fork() : -1;
  if (*pid == 0) become(c, log, parent);
  if (status == MG_OK && *pid < 0)
    status = mg_fail(MG_ERR_MEMORY, "no further process: %s", strerror(errno));
  if (log >= 0) close(log);
  free(c);
  return status;
}

/* ---- its end ---- */

/* text [TAIL + 1] <- the last of what was written since. */
static void read_tail(const char *path, off_t from, char *text) {
  const int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  struct stat info;
  ssize_t n = 0;
  if (file >= 0 && fstat(file, &info) == 0) {
    if (info.st_size - from > TAIL) from = info.st_size - TAIL;
    n = pread(file, text, TAIL, from);
  }
  if (file >= 0) close(file);
  text[n > 0 ? n : 0] = '\0';
  for (ssize_t i = 0; i < n; i++)
    if (text[i] == '\0') text[i] = '?';
}

static bool has_word(const char *line, size_t length) {
  for (size_t i = 0; i < length; i++)
    if ((line[i] | 32) >= 'a' && (line[i] | 32) <= 'z') return true;
  return false;
}

static void take_line(const char *text, char line[512]) {
  bool own = false; /* of the program, behind which a launcher has more to say */
  *line = '\0';
  while (*text) {
    const size_t length = strcspn(text, "\r\n");
    const bool is_own = strncmp(text, "mgail: ", 7) == 0;
    if ((is_own || !own) && has_word(text, length)) snprintf(line, 512, "%.*s", (int)length, text);
    own = own || is_own;
    text += length + (text[length] != '\0');
  }
  mg_make_printable(line);
}

int mg_run_end_tries(mg_run_end end) {
  switch (end) {
  case MG_RUN_LATE:
  case MG_RUN_IN_USE:
  case MG_RUN_IO:
    return 8; /* with doubled waits more than MG_FILE_LOCK_SILENT seconds, after which a lock passes on */
  case MG_RUN_LAUNCH:
    return 5;
  case MG_RUN_KILLED:
    return 3;
  default:
    return 1;
  }
}

mg_run_end mg_run_process_judge(const char *folder, const mg_sweep_run *run, off_t log_from,
                                int wait_status, int *code, char line[512]) {
  char path[MG_FOLDER_PATH_MAX], tail[TAIL + 1] = "";
  *code = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
  if (mg_sweep_path(folder, "logs", run->name, ".log", path) == MG_OK)
    read_tail(path, log_from, tail);
  take_line(tail, line);
  if (mg_sweep_is_done(folder, run->name)) return MG_RUN_DONE;
  /* A late rank has to be killed: the launcher's code does not tell it from one that crashed. */
  if (strstr(tail, "(run.watchdog):")) return MG_RUN_LATE;
  if (*code == 73 && strstr(tail, ": in use by process ")) return MG_RUN_IN_USE;
  /* It had not begun when it was started: a process of before, on its way out, wrote its first files since. */
  if (*code == 73 && strstr(tail, "or --resume to go on")) return MG_RUN_IN_USE;
  if (*code == 74) return MG_RUN_IO;
  if (*code == 75) return MG_RUN_STOPPED;
  if (*code > 128) return strstr(line, "mgail: error: ") ? MG_RUN_WRONG : MG_RUN_KILLED;
  /* mpirun and srun have codes of their own below that, and srun has been seen to end with 0 where it
   * could not start the ranks at all. */
  return *code < 64 ? MG_RUN_LAUNCH : MG_RUN_WRONG;
}
