#include "app/sweep/sweep_state.h"

#include "app/number.h"
#include "files/file_lock.h"
#include "files/safe_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { RECORD_MAX = 4096, QUEUE_MAX = 1 << 26 };

const char *mg_sweep_state_name(mg_sweep_state state) {
#define STATE_TEXT(name, text) text,
  static const char *const names[] = {MG_SWEEP_STATE_LIST(STATE_TEXT)};
#undef STATE_TEXT
  return names[state];
}

/* ---- the record ---- */

/* text <- the value of "key = value", "" if there is none. */
static void field(const char *record, const char *key, char *text, size_t capacity) {
  const size_t length = strlen(key);
  *text = '\0';
  for (const char *line = record; line && *line;) {
    if (strncmp(line, key, length) == 0 && strncmp(line + length, " = ", 3) == 0) {
      const char *value = line + length + 3;
      snprintf(text, capacity, "%.*s", (int)strcspn(value, "\n"), value);
      return;
    }
    line = strchr(line, '\n');
    if (line) line++;
  }
}

static int64_t whole_field(const char *record, const char *key) {
  char text[32];
  int64_t value = 0;
  field(record, key, text, sizeof text);
  mg_number_parse_whole(text, &value);
  return value;
}

mg_status mg_sweep_record_read(const char *folder, const char *name, mg_sweep_record *record) {
  char path[MG_FOLDER_PATH_MAX], state[16], *text;
  struct stat info;
  *record = (mg_sweep_record){.code = -1};
  MG_TRY(mg_sweep_path(folder, "state", name, "", path));
  if (stat(path, &info) != 0) return MG_OK;
  MG_TRY(mg_safe_read_text(path, RECORD_MAX, &text));
  field(text, "state", state, sizeof state);
  for (int s = 0; s < MG_SWEEP_STATES; s++)
    if (strcmp(state, mg_sweep_state_name((mg_sweep_state)s)) == 0)
      record->state = (mg_sweep_state)s, record->there = true;
  record->tries = (int)whole_field(text, "tries");
  record->code = (int)whole_field(text, "code");
  record->since = whole_field(text, "since");
  field(text, "node", record->node, sizeof record->node);
  field(text, "job", record->job, sizeof record->job);
  field(text, "line", record->line, sizeof record->line);
  free(text);
  if (record->there) return MG_OK;
  return mg_fail(MG_ERR_DATA, "%s: state '%s': expected waiting, running, done or failed", path,
                 state);
}

mg_status mg_sweep_record_write(const char *folder, const char *name,
                                const mg_sweep_record *record) {
  char path[MG_FOLDER_PATH_MAX], text[RECORD_MAX];
  MG_TRY(mg_sweep_path(folder, "state", name, "", path));
  snprintf(text, sizeof text,
           "state = %s\ntries = %d\ncode = %d\nsince = %" PRId64
           "\nnode = %s\njob = %s\nline = %s\n",
           mg_sweep_state_name(record->state), record->tries, record->code, record->since,
           record->node, record->job, record->line);
  return mg_safe_write_text(path, text);
}

/* ---- the queue ---- */

mg_status mg_sweep_queue_read(const char *path, mg_sweep_queue *queue) {
  return mg_safe_read_text(path, QUEUE_MAX, &queue->text);
}

void mg_sweep_queue_free(mg_sweep_queue *queue) {
  free(queue->text);
  queue->text = NULL;
}

/* The last line about this run: it may have been submitted more than once. False: there is none. */
static bool in_queue(const mg_sweep_queue *queue, const char *name, char job[64], char state[32],
                     char line[512]) {
  const size_t length = strlen(name);
  bool found = false;
  for (const char *at = queue ? queue->text : NULL; at && *at;) {
    if (strncmp(at, name, length) == 0 && at[length] == '\t') {
      *job = *state = *line = '\0';
      sscanf(at + length + 1, "%63[^\t\n]\t%31[^\t\n]\t%511[^\n]", job, state, line);
      found = true;
    }
    at = strchr(at, '\n');
    if (at) at++;
  }
  return found;
}

static bool is_one_of(const char *word, const char *const *list) {
  for (; *list; list++)
    if (strcmp(word, *list) == 0) return true;
  return false;
}

/* ---- both together ---- */

bool mg_sweep_is_done(const char *folder, const char *name) {
  char path[MG_FOLDER_PATH_MAX];
  struct stat info;
  return mg_sweep_path(folder, "runs", name, "/result.json", path) == MG_OK &&
         stat(path, &info) == 0;
}

bool mg_sweep_has_begun(const char *folder, const char *name) {
  char path[MG_FOLDER_PATH_MAX];
  struct stat info;
  return mg_sweep_path(folder, "runs", name, "", path) == MG_OK && stat(path, &info) == 0;
}

static const char *const PENDING[] = {"PENDING",       "CONFIGURING", "REQUEUED",
                                      "REQUEUE_HOLD",  "REQUEUE_FED", "SPECIAL_EXIT",
                                      "RESV_DEL_HOLD", NULL};
static const char *const AT_WORK[] = {"RUNNING",  "COMPLETING", "SUSPENDED", "STOPPED",
                                      "RESIZING", "SIGNALING",  "STAGE_OUT", NULL};

typedef struct task {
  bool known, pending, at_work;
  char job[64], state[32], line[512];
} task;

static task find_task(const mg_sweep_queue *queue, const char *name) {
  task t = {0};
  t.known = in_queue(queue, name, t.job, t.state, t.line);
  t.pending = t.known && is_one_of(t.state, PENDING);
  t.at_work = t.known && is_one_of(t.state, AT_WORK);
  return t;
}

/* A task that has ended, and left the run without a result and without a word of failure. A cancelled
 * one was to, and of one that Slurm has forgotten nothing is known. */
static void judge_ended(const task *t, mg_sweep_status *s) {
  const mg_sweep_record *r = &s->record;
  const bool unfinished = r->there && r->state == MG_SWEEP_RUNNING;
  const char *line = *t->line ? t->line : r->line;
  const bool cancelled = strcmp(t->state, "CANCELLED") == 0;
  const bool harmless = strcmp(t->state, "COMPLETED") == 0 || strcmp(t->state, "GONE") == 0;
  if (unfinished ? !cancelled : !cancelled && !harmless) s->state = MG_SWEEP_FAILED;
  snprintf(s->why, sizeof s->why, "job %s has ended (%s)%s%s%s%s%.500s", t->job, t->state,
           unfinished ? " without a word" : "", *r->node ? " on " : "", r->node,
           *line ? "; the last was: " : "", line);
}

/* Of a run that has no result and is in nobody's hands that could be seen from here. */
static void judge(const task *t, mg_sweep_status *s) {
  const mg_sweep_record *r = &s->record;
  if (t->pending) {
    s->queued = true;
    snprintf(s->why, sizeof s->why, "job %s%s%.500s", t->job, *r->line ? "; before: " : "",
             r->line);
  } else if (t->at_work) {
    s->state = MG_SWEEP_RUNNING;
    snprintf(s->why, sizeof s->why, "job %s%s%s", t->job, *r->node ? " on " : "", r->node);
  } else if (t->known) {
    judge_ended(t, s);
  } else if (r->there && r->state == MG_SWEEP_RUNNING) {
    snprintf(s->why, sizeof s->why, "was interrupted on %s", r->node);
  } else if (r->there) {
    snprintf(s->why, sizeof s->why, "%s", r->line);
  }
}

mg_status mg_sweep_status_read(const char *folder, const char *name, const mg_sweep_queue *queue,
                               mg_sweep_status *s) {
  char lock[MG_FOLDER_PATH_MAX];
  *s = (mg_sweep_status){.state = MG_SWEEP_WAITING};
  MG_TRY(mg_sweep_path(folder, "state", name, ".lock", lock));
  MG_TRY(mg_sweep_record_read(folder, name, &s->record));
  const mg_sweep_record *r = &s->record;
  const task t = find_task(queue, name);
  const bool again = (t.pending || t.at_work) && strcmp(t.job, r->job) != 0; /* submitted anew */
  s->begun = mg_sweep_has_begun(folder, name);
  if (mg_sweep_is_done(folder, name)) {
    s->state = MG_SWEEP_DONE;
  } else if (r->there && r->state == MG_SWEEP_FAILED && !again) {
    s->state = MG_SWEEP_FAILED;
    snprintf(s->why, sizeof s->why, "exit code %d on %s%s%s: %s", r->code, r->node,
             *r->job ? ", job " : "", r->job, r->line);
  } else if (mg_file_lock_is_held(lock)) {
    s->state = MG_SWEEP_RUNNING;
    s->begun = true;
    snprintf(s->why, sizeof s->why, "on %s%s%s%s%.500s", r->node, *r->job ? ", job " : "", r->job,
             *r->line ? "; before: " : "", r->line);
  } else {
    judge(&t, s);
  }
  return MG_OK;
}
