/* Why HDF5 failed, in words: its own are for who wrote it. */
#ifndef MG_FILES_H5_CAUSE_H
#define MG_FILES_H5_CAUSE_H

#include "base/status.h"

#include <hdf5.h>
#include <stddef.h>

/* What the last call of HDF5 that failed in this thread met. */
typedef enum mg_h5_cause {
  MG_H5_DAMAGED,  /* nothing else that we know of: what stands there cannot be */
  MG_H5_NEWER,    /* a form that this release does not know */
  MG_H5_IN_USE,   /* somebody writes the file */
  MG_H5_LOCKLESS, /* the file system has no locks */
  MG_H5_MEMORY,
  MG_H5_STORAGE, /* type, dimensions, filter or place of values are not read */
  MG_H5_SYSTEM   /* the system refused: mg_h5_reason has its words */
} mg_h5_cause;

/* Has HDF5 tell of failures from now on, and print none. */
void mg_h5_listen(void);

/* As if none had failed so far; as if one had met MG_H5_STORAGE, which we refuse ourselves. */
void mg_h5_forget(void);
void mg_h5_met_storage(void);

mg_h5_cause mg_h5_last_cause(void);

/* The same as what a thing "is": "damaged", "of a newer HDF5 than this program's (...)", "No space
 * left on device", ... Valid until the next failure. */
const char *mg_h5_reason(void);

/* Opens for reading, without locks where the file system has none; < 0 if that failed. */
hid_t mg_h5_open_file(const char *path);

/* What is to be said after that: a status and a sentence about `path`. */
mg_status mg_h5_open_failed(const char *path);

/* A new file, which nobody else knows of and so without locks; MG_ERR_CREATE. */
mg_status mg_h5_create_file(const char *path, hid_t *file);

/* Why a write failed: "<path>: write failed: No space left on device". MG_ERR_IO. */
mg_status mg_h5_write_failed(const char *path, const char *what);

#endif
