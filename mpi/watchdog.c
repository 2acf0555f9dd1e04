#include "mpi/watchdog.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NAMED_MAX = 16, SENTENCE_MAX = 2048 };

struct mg_watchdog {
  mg_watch_board *board;
  int seats, mine, ranks;
  double seconds;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool ends; /* under the lock */
};

static int64_t milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool waits(const mg_watch_seat *seat) {
  return atomic_load(&seat->entered) != atomic_load(&seat->left);
}

/* ---- what is said ---- */

/* Late is whose thread does not run any more, wherever it was stopped, and who computes before a
 * collective that this rank is in; who waits in an earlier one is kept waiting, too. */
static const char *lateness(const mg_watchdog *w, const mg_watch_seat *seat, int64_t now) {
  if ((double)(now - atomic_load(&seat->seen)) > 500 * w->seconds) return "does not run, was at";
  const uint64_t here = atomic_load(&w->board->seat[w->mine].entered);
  return !waits(seat) && atomic_load(&seat->entered) < here ? "is still at" : NULL;
}

static void name_late(const mg_watchdog *w, char *text, size_t room) {
  const int64_t now = milliseconds();
  size_t used = 0;
  int late = 0;
  for (int i = 0; i < w->seats; i++) {
    const mg_watch_seat *seat = &w->board->seat[i];
    const char *how = lateness(w, seat, now);
    if (!how || late++ >= NAMED_MAX) continue;
    const int n = snprintf(text + used, room - used, "%srank %d %s %.*s", used ? "; " : "",
                           seat->rank, how, MG_WATCH_DOING_MAX - 1, seat->doing);
    used += (size_t)n;
  }
  if (late > NAMED_MAX) snprintf(text + used, room - used, "; and %d more", late - NAMED_MAX);
  if (late > 0) return;
  if (w->ranks > w->seats)
    snprintf(text, room,
             "the ranks of this node are there, one of another node is late, and says so itself if "
             "it runs, or cut off");
  else
    snprintf(text, room, "all ranks are there, MPI does not deliver their messages");
}

/* One rank of a node speaks; those of other nodes get the time to speak as well. */
static void end_job(const mg_watchdog *w) {
  const mg_watch_seat *own = &w->board->seat[w->mine];
  char host[64] = "", late[SENTENCE_MAX] = "", line[SENTENCE_MAX + 256];
  int nobody = 0;
  if (atomic_compare_exchange_strong(&w->board->spoken, &nobody, 1)) {
    gethostname(host, sizeof host - 1);
    name_late(w, late, sizeof late);
    const int n = snprintf(line, sizeof line,
                           "mgail: error: rank %d on %s waited %g s at %.*s (run.watchdog): %s\n",
                           own->rank, host, w->seconds, MG_WATCH_DOING_MAX - 1, own->doing, late);
    if (write(STDERR_FILENO, line, (size_t)n) != n) {}
  }
  nanosleep(&(struct timespec){.tv_sec = w->ranks > w->seats ? 2 : 1}, NULL);
  _exit(mg_status_exit_code(MG_ERR_LAUNCH));
}

/* Other nodes do not see this board: so a rank that keeps the others waiting, or was stopped and goes on,
 * be it for the last second that launchers leave, tells of itself. */
static void tell_of_itself(const mg_watchdog *w, int64_t still, bool ran) {
  const mg_watch_seat *own = &w->board->seat[w->mine];
  char host[64] = "", line[256];
  gethostname(host, sizeof host - 1);
  const int n =
      snprintf(line, sizeof line, "mgail: rank %d on %s %s %.0f s, at %.*s (run.watchdog)\n",
               own->rank, host, ran ? "has not got on for" : "did not run for",
               (double)still / 1000, MG_WATCH_DOING_MAX - 1, own->doing);
  if (write(STDERR_FILENO, line, (size_t)n) != n) {}
}

/* ---- the thread ---- */

/* False once it is to end. */
static bool pause_for(mg_watchdog *w, int64_t ms) {
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += (time_t)(ms / 1000);
  until.tv_nsec += (long)(ms % 1000) * 1000000;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  pthread_mutex_lock(&w->lock);
  while (!w->ends && pthread_cond_timedwait(&w->changed, &w->lock, &until) == 0) {}
  const bool goes_on = !w->ends;
  pthread_mutex_unlock(&w->lock);
  return goes_on;
}

/* Changes whenever a rank of the node enters a collective or gets on between two. */
static uint64_t progress(const mg_watchdog *w) {
  uint64_t sum = 0;
  for (int i = 0; i < w->seats; i++)
    sum += atomic_load(&w->board->seat[i].entered) + atomic_load(&w->board->seat[i].steps);
  return sum;
}

/* Whether the own rank is late, on a job of several nodes: said once for each time. */
typedef struct patience {
  uint64_t before;
  int64_t since; /* it has been the same: the look before */
  bool said;
} patience;

static void watch_itself(const mg_watchdog *w, patience *own, int64_t now, int64_t passed) {
  const mg_watch_seat *seat = &w->board->seat[w->mine];
  const uint64_t after = atomic_load(&seat->entered) + atomic_load(&seat->steps);
  if (after != own->before || waits(seat))
    *own = (patience){.before = after, .since = now - passed};
  const int64_t still = now - own->since;
  if (own->said || w->ranks == w->seats || (double)still < 1000 * w->seconds) return;
  tell_of_itself(w, still, 2 * passed < still);
  own->said = true;
}

static void *watch(void *user) {
  mg_watchdog *w = user;
  mg_watch_seat *own = &w->board->seat[w->mine];
  const int64_t tick = w->seconds < 10 ? (int64_t)(100 * w->seconds) + 1 : 1000;
  uint64_t before = 0;
  int64_t waited = 0, last = milliseconds();
  patience self = {.since = last};
  while (pause_for(w, tick)) {
    const int64_t now = milliseconds(), passed = now - last;
    const uint64_t after = progress(w);
    last = now;
    atomic_store(&own->seen, now);
    watch_itself(w, &self, now, passed);
    if (!waits(own) || after != before)
      waited = 0;
    else /* at most two ticks: longer than that this process did not run itself */
      waited += passed < 2 * tick ? passed : 2 * tick;
    before = after;
    if ((double)waited >= 1000 * w->seconds) end_job(w);
  }
  return NULL;
}

/* Signals are the other threads'. */
static bool start_thread(mg_watchdog *w) {
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  atomic_store(&w->board->seat[w->mine].seen, milliseconds());
  const bool started = pthread_create(&w->thread, NULL, watch, w) == 0;
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  return started;
}

mg_status mg_watchdog_start(mg_watch_board *board, int seats, int mine, int ranks, double seconds,
                            mg_watchdog **watchdog) {
  mg_watchdog *w = *watchdog = calloc(1, sizeof *w);
  if (!w) return mg_fail(MG_ERR_MEMORY, "out of memory for the watchdog");
  *w = (mg_watchdog){
      .board = board, .seats = seats, .mine = mine, .ranks = ranks, .seconds = seconds};
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&w->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  pthread_mutex_init(&w->lock, NULL);
  if (start_thread(w)) return MG_OK;
  *watchdog = NULL;
  free(w);
  return mg_fail(MG_ERR_MEMORY, "no thread for the watchdog");
}

void mg_watchdog_enter(mg_watchdog *w) {
  if (w) atomic_fetch_add_explicit(&w->board->seat[w->mine].entered, 1, memory_order_relaxed);
}

void mg_watchdog_leave(mg_watchdog *w) {
  if (w) atomic_fetch_add_explicit(&w->board->seat[w->mine].left, 1, memory_order_relaxed);
}

void mg_watchdog_doing(mg_watchdog *w, const char *what) {
  if (!w) return;
  mg_watch_seat *own = &w->board->seat[w->mine];
  if (what) snprintf(own->doing, sizeof own->doing, "%s", what);
  atomic_fetch_add_explicit(&own->steps, 1, memory_order_relaxed);
}

void mg_watchdog_stop(mg_watchdog *w) {
  if (!w) return;
  pthread_mutex_lock(&w->lock);
  w->ends = true;
  pthread_cond_signal(&w->changed);
  pthread_mutex_unlock(&w->lock);
  pthread_join(w->thread, NULL);
  pthread_cond_destroy(&w->changed);
  pthread_mutex_destroy(&w->lock);
  free(w);
}
