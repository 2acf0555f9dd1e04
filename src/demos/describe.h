/* What there is to say about a file of demonstrations, told note by note. The file is read in a
 * child process with limits, one episode in memory at a time. */
#ifndef MG_DEMOS_DESCRIBE_H
#define MG_DEMOS_DESCRIBE_H

#include "base/status.h"

typedef enum mg_note_kind { MG_NOTE_FACT, MG_NOTE_REMARK, MG_NOTE_PROBLEM } mg_note_kind;
typedef void (*mg_note)(void *user, mg_note_kind kind, const char *name, const char *text);

/* Facts, each with its name: layout, types, attributes of the file. */
mg_status mg_dataset_describe(const char *path, mg_note note, void *user);

/* The task that a file, or the metadata beside it, names, and its arguments as a recording tells
 * them, a JSON object; "" if none. */
typedef struct mg_named_task {
  char env_id[64], kwargs[1024];
} mg_named_task;
mg_status mg_dataset_named_task(const char *path, mg_named_task *task);

#endif
