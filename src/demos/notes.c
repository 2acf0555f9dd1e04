#include "demos/notes.h"

#include "demos/locate.h"
#include "files/guard.h"
#include "files/safe_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_PROBLEMS = 1000, MOST_TEXT = 4 << 20, END = 1000, NAME = 64 };

typedef struct line {
  int32_t kind;    /* mg_note_kind; END: the last one, after which the status comes */
  uint32_t length; /* of the text that follows */
  char name[NAME];
} line;

/* ---- in the child ---- */

static void send(int pipe, int kind, const char *name, const char *text) {
  line l;
  memset(&l, 0, sizeof l);
  l.kind = kind;
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
  send(n->pipe, (int)kind, name, text);
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
  const char *path; /* of the file itself */
  int file;
} opened;

static void child(int pipe, void *user) {
  const opened *o = user;
  mg_notes notes = {.path = o->path, .file = o->file, .pipe = pipe};
  mg_status status = o->job->body(&notes, o->job->user);
  send(pipe, END, "", "");
  mg_guard_tell(pipe, status);
}

/* ---- in the parent ---- */

/* Passes everything on, up to the end and what the child says of it. *complete: it came so far. */
static mg_status receive(mg_guard *guard, const mg_notes_job *job, bool *complete) {
  mg_status told;
  for (*complete = false;;) {
    line l;
    if (!mg_guard_read(guard, &l, sizeof l) || l.length > MOST_TEXT) return MG_OK;
    if (l.kind == END) {
      *complete = mg_guard_hear(guard, &told);
      return told;
    }
    char *text = calloc(1, (size_t)l.length + 1);
    if (!text) {
      *complete = true;
      return mg_fail(MG_ERR_MEMORY, "%s: no memory", job->path);
    }
    bool got = mg_guard_read(guard, text, l.length);
    l.name[NAME - 1] = 0;
    if (l.kind != MG_NOTE_FACT) mg_make_printable(text);
    if (got && job->note) job->note(job->note_user, (mg_note_kind)l.kind, l.name, text);
    free(text);
    if (!got) return MG_OK;
  }
}

mg_status mg_notes_run(mg_notes_job *job) {
  mg_guard guard;
  char path[MG_PATH_MAX];
  MG_TRY(mg_demonstrations_locate(job->path, path));
  opened o = {.job = job, .path = path};
  MG_TRY(mg_safe_open_input(path, &o.file));
  /* One episode as doubles, one as the library's chunks, and room for the library itself. */
  mg_guard_limits limits = mg_guard_limits_for(lseek(o.file, 0, SEEK_END),
                                               2 * MG_NOTES_EPISODE_BYTES + (UINT64_C(1) << 30));
  limits.stopped = job->stopped;
  mg_status status = mg_guard_start(&guard, path, &limits, child, &o);
  close(o.file);
  MG_TRY(status);
  job->child = guard.child;
  bool complete;
  status = receive(&guard, job, &complete);
  MG_TRY(mg_guard_end(&guard, complete));
  return status;
}
