/* What a child process (files/guard.h) has to say about a file, line by line. */
#ifndef MG_DEMOS_NOTES_H
#define MG_DEMOS_NOTES_H

#include "demos/demo_file.h"

#define MG_NOTES_EPISODE_BYTES (UINT64_C(1) << 31) /* the most of one, as doubles */

typedef struct mg_notes {
  const char *path;
  int file; /* open for reading */
  int pipe;
  int64_t problems; /* told so far */
} mg_notes;

/* In the child: opens the file, one episode of which may be in memory at a time. Of `access` count
 * max_steps, strict, collect and found, whose user is `notes`. */
mg_status mg_notes_open(mg_notes *notes, const mg_dataset_access *access, mg_dataset_file *file);

/* Texts may be long, up to 4 MiB; control characters become '?' in all but MG_NOTE_FACTs. Of
 * problems only the first thousand are passed on, all are counted. */
void mg_notes_tell(mg_notes *notes, mg_note_kind kind, const char *name, const char *text);
void mg_notes_tell_number(mg_notes *notes, const char *name, int64_t value);

/* An mg_found whose user is an mg_notes. */
void mg_notes_found(void *notes, mg_note_kind kind, const char *sentence);

typedef struct mg_notes_job {
  const char *path; /* of the file to read, or its folder (locate.h) */
  mg_status (*body)(mg_notes *notes, void *user);
  void *user;
  mg_note note; /* in the parent, for everything that is told; Nullable */
  void *note_user;
  bool (*stopped)(void); /* Nullable */
  pid_t child;           /* afterwards: who it was */
} mg_notes_job;

/* Opens path, runs body in a child, passes on what it tells and returns its status. MG_ERR_STOPPED
 * once `stopped` says so. */
mg_status mg_notes_run(mg_notes_job *job);

#endif
