/* The folder of a run: made, locked and named in one place. Local; rank 0 only.
 *
 *   config.ini  curves.h5  checkpoint.h5  result.json  log.txt  lock
 *
 * `lock` is held as long as the run lives and names its process (files/file_lock.h). */
#ifndef MG_APP_RUN_FOLDER_H
#define MG_APP_RUN_FOLDER_H

#include "base/status.h"
#include "files/file_lock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { MG_FOLDER_PATH_MAX = 1024 };

typedef struct mg_run_folder {
  char path[MG_FOLDER_PATH_MAX];
  FILE *log; /* log.txt, appended to */
  mg_file_lock lock;
  bool made; /* the folder itself was made by open */
} mg_run_folder;

/* Name of a file in the folder. MG_ERR_CREATE if it is too long. */
mg_status mg_run_folder_file(const char *folder, const char *name, char *path, size_t capacity);

/* The folder and its parents; *made, Nullable: it was not there. MG_ERR_CREATE. */
mg_status mg_make_folders(const char *path, bool *made);

/* A new run: makes the folder and its parents. MG_ERR_CREATE if it cannot, or if the folder exists
 * and holds anything but what a run leaves that was killed before it had written its settings. */
mg_status mg_run_folder_create(const char *path, mg_run_folder *folder);

/* An existing one, to go on in; what a killed process had begun to write is removed.
 * MG_ERR_NO_INPUT if it is not there; MG_ERR_CREATE if another
 * process holds it, naming that. */
mg_status mg_run_folder_reopen(const char *path, mg_run_folder *folder);

/* Whether it is a folder that a run left before its first checkpoint: empty, or with some of what a
 * run makes first, but with no checkpoint and no result. */
bool mg_run_folder_is_new(const char *path);

/* Renames a file of the folder that cannot be gone on with: kept [capacity] <- its new name in the
 * folder, "<name>.kept-1" or the next number that is free. */
mg_status mg_run_folder_keep(const mg_run_folder *folder, const char *name, char *kept,
                             size_t capacity);

/* A file of the folder, whole or not at all: temporary name, flush to disk, rename. */
mg_status mg_run_folder_write(const mg_run_folder *folder, const char *name, const char *text);

/* What is not needed any more; that it stays is no failure. */
void mg_run_folder_remove(const mg_run_folder *folder, const char *name);

/* Closes and unlocks. With `discard`, for a run that failed before its first iteration: removes
 * what open and write put there, so that the same command can be given again. */
void mg_run_folder_close(mg_run_folder *folder, bool discard);

#endif
