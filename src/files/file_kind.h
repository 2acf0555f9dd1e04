/* Which of this project's kinds of HDF5 file a file is. */
#ifndef MG_FILES_FILE_KIND_H
#define MG_FILES_FILE_KIND_H

#include "base/status.h"

typedef enum mg_file_kind {
  MG_FILE_DATASET,
  MG_FILE_CHECKPOINT,
  MG_FILE_CURVES,
  MG_FILE_COLLECTION
} mg_file_kind;

/* By what stands at the file's root; what is none of the others is taken for a data set.
 * MG_ERR_NO_INPUT: not there, not a regular file, not to be read or being written; MG_ERR_DATA: not
 * HDF5, or damaged. Opens the file with HDF5: for files from strangers, call it in a child process. */
mg_status mg_file_kind_detect(const char *path, mg_file_kind *kind);

/* "HDF5 1.10.8": the library that is loaded. */
void mg_hdf5_describe(char text[32]);

#endif
