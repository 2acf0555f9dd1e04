/* What an open .npz archive is made of; for npz.c, npz_stream.c and tests. */
#ifndef MG_DEMOS_NPZ_ARCHIVE_H
#define MG_DEMOS_NPZ_ARCHIVE_H

#include "demos/numpy/npz.h"
#include "demos/numpy/zip_descriptor.h"

typedef struct mg_npz_entry {
  mg_npz_member member;
  size_t header_bytes;
  uint64_t value_bytes;
  bool stored; /* not deflated: any byte can be read at once */
} mg_npz_entry;

struct mg_npz {
  char *path;
  int file;
  uint64_t max_bytes;
  mg_zip_descriptor descriptor;
  zip_t *zip;
  int count, streams;  /* members; open streams */
  mg_npz_entry *entry; /* [count], in the order of the zip's directory */
};

/* bytes <- the next n of a member, all of them or a problem. */
bool mg_npz_get_bytes(zip_file_t *file, void *bytes, size_t n, mg_npy_problem *problem);

#endif
