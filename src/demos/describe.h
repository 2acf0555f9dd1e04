/* What there is to say about a file of demonstrations, told note by note. The file is read in a
 * child process with limits, one episode in memory at a time. */
#ifndef MG_DEMOS_DESCRIBE_H
#define MG_DEMOS_DESCRIBE_H

#include "base/status.h"

typedef enum mg_note_kind { MG_NOTE_FACT, MG_NOTE_REMARK, MG_NOTE_PROBLEM } mg_note_kind;
typedef void (*mg_note)(void *user, mg_note_kind kind, const char *name, const char *text);

/* Facts, each with its name: layout, types, attributes of the file. */
mg_status mg_dataset_describe(const char *path, mg_note note, void *user);

/* The task that a file, or the metadata beside it, names; "" if none. */
mg_status mg_dataset_env_id(const char *path, char env_id[64]);

#endif
