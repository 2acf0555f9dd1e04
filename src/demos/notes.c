#include "demos/notes.h"

#include "files/guard.h"
#include "files/safe_file.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_PROBLEMS = 1000, MOST_TEXT = 4 << 20, END = 1000, NAME = 64, POLL_MS = 100 };

typedef struct line {
  int32_t kind; /* mg_note_kind; END: the last one */
  int32_t status;
  uint32_t length; /* of the text that follows */
  char name[NAME];
} line;

/* ---- in the child ---- */

static void send(int pipe, int kind, mg_status status, const char *name, const char *text) {
  line l;
  memset(&l, 0, sizeof l);
  l.kind = kind, l.status = (int32_t)status;
  l.length = (uint32_t)strnlen(text, MOST_TEXT);
  snprintf(l.name, sizeof l.name, "%s", name);
  mg_guard_write(pipe, &l, sizeof l);
  mg_guard_write(pipe, text, l.length);
}

mg_status mg_notes_open(mg_notes *n, const mg_dataset_access *access, mg_dataset_file *f) {
  mg_dataset_access all = *access;
  all.max_bytes = UINT64_C(1) << 50, all.max_episode_bytes = MG_NOTES_EPISODE_BYTES;
  all.user = n;
  return mg_dataset_file_open(n->file, n->path, &all, f);
}

void mg_notes_tell(mg_notes *n, mg_note_kind kind, const char *name, const char *text) {
  if (kind == MG_NOTE_PROBLEM && ++n->problems > MOST_PROBLEMS) return;
  send(n->pipe, (int)kind, MG_OK, name, text);
}

void mg_notes_tell_number(mg_notes *n, const char *name, int64_t value) {
  char text[32];
  snprintf(text, sizeof text, "%" PRIi64, value);
  mg_notes_tell(n, MG_NOTE_FACT, name, text);
}

void mg_notes_found(void *notes, mg_note_kind kind, const char *sentence) {
  mg_notes_tell(notes, kind, "", sentence);
}

typedef struct opened {
  const mg_notes_job *job;
  int file;
} opened;

static void child(int pipe, void *user) {
  const opened *o = user;
  mg_notes notes = {.path = o->job->path, .file = o->file, .pipe = pipe};
  mg_status status = o->job->body(&notes, o->job->user);
  send(pipe, END, status, "", status == MG_OK ? "" : mg_status_message());
}

/* ---- in the parent ---- */

/* False once it is to stop. */
static bool wait_for(mg_guard *guard, const mg_notes_job *job) {
  if (!job->stopped) return true;
  struct pollfd ready = {.fd = guard->pipe, .events = POLLIN};
  for (;;) {
    if (job->stopped()) return false;
    if (poll(&ready, 1, POLL_MS) > 0) return true;
  }
}

static mg_status read_line(mg_guard *guard, line *l, char **text) {
  *text = NULL;
  if (!mg_guard_read(guard, l, sizeof *l) || l->length > MOST_TEXT) return MG_ERR_DATA;
  l->name[NAME - 1] = 0;
  *text = malloc((size_t)l->length + 1);
  if (!*text) return MG_ERR_MEMORY;
  if (!mg_guard_read(guard, *text, l->length)) return MG_ERR_DATA;
  (*text)[l->length] = 0;
  if (l->kind != MG_NOTE_FACT) mg_make_printable(*text);
  return MG_OK;
}

/* MG_OK: the end came, with *status and *sentence; else what mg_guard_end has to judge. */
static mg_status receive(mg_guard *guard, const mg_notes_job *job, mg_status *status,
                         char sentence[1024]) {
  for (;;) {
    line l;
    char *text;
    if (!wait_for(guard, job)) return MG_ERR_STOPPED;
    mg_status got = read_line(guard, &l, &text);
    if (got == MG_OK && l.kind == END) {
      *status = (mg_status)l.status;
      snprintf(sentence, 1024, "%s", text);
      free(text);
      return MG_OK;
    }
    if (got == MG_OK && job->note) job->note(job->note_user, (mg_note_kind)l.kind, l.name, text);
    free(text);
    if (got != MG_OK) return got;
  }
}

static bool is_status(mg_status status) {
  switch (status) {
#define IS_STATUS(name, code, text) case name:
    MG_STATUS_LIST(IS_STATUS)
#undef IS_STATUS
    return true;
  }
  return false;
}

/* A minute, and one second more for every 500 kB. */
static unsigned seconds_for(off_t bytes) {
  uint64_t seconds = 60 + (uint64_t)bytes / 500000;
  return seconds > 14400 ? 14400 : (unsigned)seconds;
}

mg_status mg_notes_run(mg_notes_job *job) {
  mg_guard guard;
  opened o = {.job = job};
  MG_TRY(mg_safe_open_input(job->path, &o.file));
  unsigned seconds = seconds_for(lseek(o.file, 0, SEEK_END));
  /* One episode as doubles, one as the library's chunks, and room for the library itself. */
  uint64_t bytes = 2 * MG_NOTES_EPISODE_BYTES + (UINT64_C(1) << 30);
  mg_status status = mg_guard_start(&guard, job->path, bytes, seconds, child, &o);
  close(o.file);
  MG_TRY(status);
  job->child = guard.child;
  char sentence[1024] = "";
  mg_status got = receive(&guard, job, &status, sentence);
  if (got == MG_ERR_STOPPED) kill(guard.child, SIGKILL);
  bool complete = got == MG_OK || got == MG_ERR_STOPPED || got == MG_ERR_MEMORY;
  MG_TRY(mg_guard_end(&guard, complete));
  if (got == MG_ERR_STOPPED) return mg_fail(got, "%s: stopped on request", job->path);
  if (got == MG_ERR_MEMORY) return mg_fail(got, "%s: no memory", job->path);
  if (status == MG_OK) return MG_OK;
  return mg_fail(is_status(status) ? status : MG_ERR_DATA, "%s", sentence);
}
