/* Checkpoints: everything training needs to go on bit for bit, in one HDF5 file.
 *
 * A checkpoint is visited, not written and read: one function per object names its fields once and
 * the archive's mode decides which way the bytes go.
 *
 *   mg_archive_shared(a, "policy/theta", MG_TYPE_F32, theta, n);   the same on all ranks, stored
 * once mg_archive_local(a, "replay/rows", MG_TYPE_F32, rows, n);      each rank's own, [ranks, n]
 *
 * Errors are sticky: visit all, then ask once. Saving goes to a temporary name in the same folder,
 * is closed, re-opened, verified, flushed to disk and renamed; the checkpoint before it stays as
 * <path>.previous. A checksum over names, types, sizes and bytes is verified when
 * opening. All functions are Collective; only rank 0 touches the file. */
#ifndef MG_DATA_CHECKPOINT_H
#define MG_DATA_CHECKPOINT_H

#include "base/comm.h"
#include "math/real.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum mg_type { MG_TYPE_F32, MG_TYPE_F64, MG_TYPE_I64, MG_TYPE_U64, MG_TYPE_U8 } mg_type;
#ifdef MG_REAL_DOUBLE
#define MG_TYPE_REAL MG_TYPE_F64
#else
#define MG_TYPE_REAL MG_TYPE_F32
#endif

typedef struct mg_archive mg_archive;

/* Begin saving to `path`. */
mg_status mg_archive_create(const char *path, mg_comm *comm, mg_archive **archive);

/* Begin loading; verifies the checksum first. MG_ERR_NO_INPUT: not there; MG_ERR_DATA: not a
 * checkpoint, damaged, or of a newer format. */
mg_status mg_archive_open(const char *path, mg_comm *comm, mg_archive **archive);

bool mg_archive_is_loading(const mg_archive *archive);

/* Ranks that wrote the file being loaded. Local fields can be loaded only with the same number. */
int mg_archive_ranks(const mg_archive *archive);

/* True if the file being loaded has this field. The same on all ranks. */
bool mg_archive_has(mg_archive *archive, const char *name);

/* One field of n entries, n the same on all ranks; names are unique, below 128 bytes, not "index".
 * Local fields pass through rank 0 one rank at a time. Fields can be loaded in any order; loading
 * checks name, type and size (MG_ERR_DATA, sticky). */
void mg_archive_shared(mg_archive *archive, const char *name, mg_type type, void *data, size_t n);
void mg_archive_local(mg_archive *archive, const char *name, mg_type type, void *data, size_t n);

/* A text, shared; loading writes at most `capacity` bytes with the final 0. */
void mg_archive_text(mg_archive *archive, const char *name, char *text, size_t capacity);

/* First failure so far, the same on all ranks. */
mg_status mg_archive_status(mg_archive *archive);

/* Ends the visit and frees. When saving: completes and renames the file, unless a failure was
 * recorded, which is returned; then the old file is untouched. */
mg_status mg_archive_close(mg_archive *archive);

#endif
