/* Which run folders are meant: by themselves, or all that a folder holds. Local. */
#ifndef MG_APP_RUN_FOLDERS_H
#define MG_APP_RUN_FOLDERS_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct mg_run_folders {
  struct {
    char *path;
    const char *reason; /* Nullable: it is left out, and this is why; the caller's */
    dev_t device;
    ino_t inode;
  } * run;
  int count, capacity;
} mg_run_folders;

/* A run folder, or one that holds run folders, in the order of their names; what is neither is added
 * as it is, to be named later. A folder that is there already, under whatever name, counts once. {0}:
 * none. MG_ERR_NO_INPUT, MG_ERR_MEMORY. */
mg_status mg_run_folders_add(mg_run_folders *folders, const char *word);

/* A run folder as it is, or one that is known not to be readable. MG_ERR_MEMORY. */
mg_status mg_run_folders_put(mg_run_folders *folders, const char *path, const char *reason);

/* Whether it is one: holds settings, curves or a result. */
bool mg_is_run_folder(const char *path);

/* How much of both paths, up to a slash and at most `length`, is the same: what need not be said of
 * runs that are beside one another. */
size_t mg_same_folder(const char *a, const char *b, size_t length);

void mg_run_folders_free(mg_run_folders *folders);

#endif
