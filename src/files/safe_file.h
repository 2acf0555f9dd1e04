/* Files that are either whole or absent.
 *
 * Write to a temporary name in the same folder, close, fsync, rename, fsync the folder: after a
 * crash at any moment the name holds the old file or the new one. */
#ifndef MG_FILES_SAFE_FILE_H
#define MG_FILES_SAFE_FILE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { MG_PATH_MAX = 4096 };

/* Opens `path` for reading without blocking; the caller closes. MG_ERR_NO_INPUT unless it is a
 * readable regular file. */
mg_status mg_safe_open_input(const char *path, int *file);

/* Whether that would do, for who opens by name. */
mg_status mg_safe_check_input(const char *path);

/* *text <- the whole of a text file of less than `most` bytes, to be freed. MG_ERR_NO_INPUT as above,
 * MG_ERR_DATA for a longer one and for one with zero bytes, MG_ERR_IO, MG_ERR_MEMORY. */
mg_status mg_safe_read_text(const char *path, size_t most, char **text);

/* temporary [MG_PATH_MAX] <- "<path>.tmp.<process id>"; one left behind by a dead process of the
 * same number is removed, so that the file can be created with O_EXCL (which follows no link). */
mg_status mg_safe_temporary(const char *path, char *temporary);

/* The name that another process gives it, of a file that is there. */
mg_status mg_safe_temporary_of(const char *path, long process, char *temporary);

/* Takes a closed temporary file to `path`; with `previous` a file that is there stays as
 * "<path>.previous". On failure the temporary is removed and `path` is untouched. */
mg_status mg_safe_commit(const char *temporary, const char *path, bool previous);

/* The same for a text: creates, writes, commits. */
mg_status mg_safe_write_text(const char *path, const char *text);

#endif
