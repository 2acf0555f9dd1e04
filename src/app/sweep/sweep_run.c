#include "app/sweep/sweep_run.h"

#include "app/config/config_checksum.h"
#include "app/run/signals.h"
#include "app/sweep/run_process.h"
#include "base/timer.h"
#include "files/file_lock.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const double LONGEST_WAIT = 300, TICK = 0.05; /* [s] */
enum { TRIES_HERE = 2 };

typedef enum phase { READY, RUNNING, DONE, FAILED, LEFT } phase;

typedef struct task {
  const mg_sweep_run *run;
  phase phase;
  pid_t pid;
  off_t log_from;
  double at;  /* [s] not begun before */
  int here;   /* tries of this process that ended badly */
  int waits;  /* times that its lock was another's */
  bool asked; /* to stop */
  mg_sweep_record record;
  mg_file_lock lock;
} task;

typedef struct crew {
  mg_app *app;
  const mg_sweep_order *order;
  task *task;
  int running;
  bool deaf; /* a record could not be written, and it was said */
} crew;

/* ---- what is told ---- */

/* That a record cannot be written must not end a run: what is true stands in its folder. */
static void note(crew *c, task *t, mg_sweep_state state) {
  t->record.state = state;
  t->record.there = true;
  t->record.since = (int64_t)time(NULL);
  if (mg_sweep_record_write(c->order->folder, t->run->name, &t->record) == MG_OK || c->deaf) return;
  mg_log_warning(&c->app->log, "%s; the runs go on", mg_status_message());
  c->deaf = true;
}

static void name_node(char node[128]) {
  const char *nodes =
      getenv("SLURM_JOB_NODELIST"); /* all of the job's: the late one is one of them */
  if (nodes)
    snprintf(node, 128, "%s", nodes);
  else
    gethostname(node, 127);
}

static void finish(task *t, phase how) {
  mg_file_lock_release(&t->lock);
  t->phase = how;
}

static void fail(crew *c, task *t) {
  note(c, t, MG_SWEEP_FAILED);
  mg_log_line(&c->app->log, "%s: failed with exit code %d on %s: %s", t->run->name, t->record.code,
              t->record.node, t->record.line);
  finish(t, FAILED);
}

/* A run that could not even be started. */
static void fail_to_start(crew *c, task *t, mg_status status) {
  t->record.code = mg_status_exit_code(status);
  snprintf(t->record.line, sizeof t->record.line, "%.511s", mg_status_message());
  fail(c, t);
}

/* ---- the beginning ---- */

/* False where another process has it; then it is asked for again. */
static bool take_lock(crew *c, task *t) {
  char path[MG_FOLDER_PATH_MAX];
  if (t->lock.file >= 0) return true;
  mg_status status = mg_sweep_path(c->order->folder, "state", t->run->name, ".lock", path);
  if (status == MG_OK) status = mg_file_lock_take(path, t->run->name, &t->lock);
  if (status == MG_OK) return true;
  t->at = mg_timer_now() + (t->waits < 5 ? 0.1 : 1); /* status may just have looked */
  if (++t->waits == 5) mg_log_line(&c->app->log, "%s; waits for it", mg_status_message());
  return false;
}

/* The record of before: of this job, its tries count on; of another, all begins anew. */
static mg_status take_record(crew *c, task *t) {
  const char *job = c->order->job ? c->order->job : "";
  MG_TRY(mg_sweep_record_read(c->order->folder, t->run->name, &t->record));
  if (!*job || strcmp(job, t->record.job) != 0) t->record = (mg_sweep_record){.code = -1};
  snprintf(t->record.job, sizeof t->record.job, "%s", job);
  name_node(t->record.node);
  return MG_OK;
}

static mg_status start(crew *c, task *t) {
  char settings[MG_FOLDER_PATH_MAX];
  MG_TRY(mg_sweep_path(c->order->folder, "settings", t->run->name, ".ini", settings));
  MG_TRY(mg_config_check_seal(settings));
  return mg_run_process_start(c->order->folder, t->run, c->order->launch, &t->pid, &t->log_from);
}

static void begin(crew *c, task *t) {
  const mg_sweep_order *o = c->order;
  if (!take_lock(c, t)) return;
  if (mg_sweep_is_done(o->folder, t->run->name)) {
    if (t->here == 0) mg_log_line(&c->app->log, "%s: finished before", t->run->name);
    finish(t, DONE);
    return;
  }
  mg_status status = t->here ? MG_OK : take_record(c, t);
  if (status == MG_OK && t->record.there && t->record.state == MG_SWEEP_FAILED) {
    mg_log_line(&c->app->log, "%s: has failed in this job: %s", t->run->name, t->record.line);
    finish(t, FAILED);
    return;
  }
  const bool goes_on = mg_sweep_has_begun(o->folder, t->run->name);
  if (status == MG_OK) {
    note(c, t, MG_SWEEP_RUNNING);
    status = start(c, t);
  }
  if (status != MG_OK) {
    fail_to_start(c, t, status);
    return;
  }
  mg_log_line(&c->app->log, "%s: %s", t->run->name, goes_on ? "goes on" : "begins");
  t->phase = RUNNING;
  t->asked = false;
  c->running++;
}

/* ---- the end ---- */

/* 5, 10, 20, ... s: what is wrong may need as long to pass as it has lasted. */
static double wait_before(const crew *c, int tries) {
  double wait = c->order->patience;
  for (int k = 1; k < tries && wait < LONGEST_WAIT; k++) wait *= 2;
  return wait < LONGEST_WAIT ? wait : LONGEST_WAIT;
}

static void leave(crew *c, task *t, const char *why) {
  note(c, t, MG_SWEEP_WAITING);
  mg_log_line(&c->app->log, "%s: %s", t->run->name, why);
  finish(t, LEFT);
}

/* Where a run is on several nodes, one that is lost looks like a killed rank until the batch system
 * has noticed it, which takes minutes. */
static int most_tries(const task *t, mg_run_end end) {
  const bool several = strpbrk(t->record.node, "[,") != NULL;
  return mg_run_end_tries(end == MG_RUN_KILLED && several ? MG_RUN_LATE : end);
}

static void try_again(crew *c, task *t, mg_run_end end) {
  const int most = most_tries(t, end);
  t->here++;
  if (++t->record.tries >= most) {
    fail(c, t);
    return;
  }
  const bool elsewhere = c->order->job && t->here >= TRIES_HERE && end != MG_RUN_KILLED;
  if (elsewhere) {
    leave(c, t, "left to a restart of the job, perhaps on other nodes");
    return;
  }
  const double wait = wait_before(c, t->record.tries);
  note(c, t, MG_SWEEP_RUNNING);
  mg_log_line(&c->app->log, "%s: exit code %d: %s; again in %g s (%d of %d)", t->run->name,
              t->record.code, t->record.line, wait, t->record.tries, most - 1);
  t->at = mg_timer_now() + wait;
  t->phase = READY;
}

static void end(crew *c, task *t, int wait_status) {
  mg_sweep_record *r = &t->record;
  const mg_run_end how =
      mg_run_process_judge(c->order->folder, t->run, t->log_from, wait_status, &r->code, r->line);
  c->running--;
  if (how == MG_RUN_DONE) {
    note(c, t, MG_SWEEP_DONE);
    mg_log_line(&c->app->log, "%s: done", t->run->name);
    finish(t, DONE);
  } else if (how == MG_RUN_STOPPED || t->asked) {
    leave(c, t, "stopped");
  } else if (mg_run_end_tries(how) > 1) {
    try_again(c, t, how);
  } else {
    fail(c, t);
  }
}

/* ---- all of them ---- */

static void ask_to_stop(task *t) {
  if (t->phase != RUNNING || t->asked) return;
  kill(t->pid, SIGUSR1); /* which launchers pass on, and survive */
  t->asked = true;
}

/* What waited for its turn, or for better times. */
static void leave_waiting(crew *c, task *t) {
  if (t->phase != READY) return;
  if (t->here)
    leave(c, t, "stopped");
  else
    finish(t, LEFT);
}

static void tend(crew *c, task *t, bool stopping) {
  int wait_status;
  if (t->lock.file >= 0) mg_file_lock_touch(&t->lock);
  if (t->phase == RUNNING) {
    const pid_t ended = waitpid(t->pid, &wait_status, WNOHANG);
    if (ended == t->pid) end(c, t, wait_status);
  }
  if (stopping) {
    ask_to_stop(t);
    leave_waiting(c, t);
  } else if (t->phase == READY && c->running < c->order->jobs && mg_timer_now() >= t->at) {
    begin(c, t);
  }
}

static void count(const crew *c, mg_sweep_outcome *outcome) {
  *outcome = (mg_sweep_outcome){0};
  for (int i = 0; i < c->order->runs; i++) {
    const phase p = c->task[i].phase;
    outcome->done += p == DONE;
    outcome->failed += p == FAILED;
    outcome->left += p == LEFT;
  }
}

mg_status mg_sweep_run_all(mg_app *app, const mg_sweep_order *order, mg_sweep_outcome *outcome) {
  crew c = {.app = app, .order = order, .task = calloc((size_t)order->runs, sizeof *c.task)};
  if (!c.task) return mg_fail(MG_ERR_MEMORY, "out of memory for %d runs", order->runs);
  for (int i = 0; i < order->runs; i++)
    c.task[i] = (task){.run = order->run[i], .lock = {.file = -1}};
  for (;;) {
    const bool stopping = mg_signals_stop_requested();
    for (int i = 0; i < order->runs; i++) tend(&c, &c.task[i], stopping);
    count(&c, outcome);
    if (outcome->done + outcome->failed + outcome->left == order->runs) break;
    nanosleep(&(struct timespec){.tv_nsec = (long)(1e9 * TICK)}, NULL);
  }
  free(c.task);
  if (outcome->left == 0) return MG_OK;
  return mg_fail(MG_ERR_STOPPED, "%d %s stopped; the same command goes on", outcome->left,
                 mg_plural(outcome->left, "run is", "runs are"));
}
