/* Checkpoints: everything training needs to go on bit for bit, in one HDF5 file; an archive
 * (base/archive.h) that is saved or loaded.
 *
 * Saving goes to a temporary name in the same folder, is closed, re-opened, verified, flushed to
 * disk and renamed; the checkpoint before it, if it still verifies, stays as <path>.previous. A
 * checksum over names, types, sizes and bytes is verified when opening. All functions are Collective.
 * Of divided fields each rank writes its own rows (checkpoint_rows.h); where not all ranks see the file, with
 * archive->gathered, and when loading, only rank 0 touches it: divided fields come to it, and go from it, a few
 * megabytes at a time, which is all the memory that a rank needs, along a tree of ranks (mg_comm_gather_rows). */
#ifndef MG_FILES_CHECKPOINT_H
#define MG_FILES_CHECKPOINT_H

#include "base/archive.h"
#include "base/comm.h"

/* Begin saving to `path`. */
mg_status mg_checkpoint_create(const char *path, mg_comm *comm, mg_archive **archive);

/* Begin loading; verifies the checksum first. MG_ERR_NO_INPUT: not there; MG_ERR_DATA: not a
 * checkpoint, damaged, or of a newer format. */
mg_status mg_checkpoint_open(const char *path, mg_comm *comm, mg_archive **archive);

/* Ends the visit and frees. When saving: completes and renames the file, unless a failure was
 * recorded, which is returned; then the old file is untouched. NULL: no-op. */
mg_status mg_checkpoint_close(mg_archive *archive);

#endif
