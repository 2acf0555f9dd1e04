/* The end of curves.h5, moved on disk before chunks that lie beyond it.
 *
 * A flush of HDF5 writes the superblock, which says where the file ends, last: whoever is killed
 * before that leaves a file whose new chunks lie beyond its end, and which is not read. */
#ifndef MG_FILES_CURVES_END_H
#define MG_FILES_CURVES_END_H

#include "files/h5_util.h"

/* The tail, the file's last bytes, keeps the end where it is: HDF5 would cut a free end off before the
 * superblock knows. */
typedef struct mg_curves_end {
  hid_t tail; /* < 0: none yet */
  haddr_t at;
} mg_curves_end;

#define MG_CURVES_END ((mg_curves_end){.tail = -1})

/* Before data sets of `file` grow by so many bytes; flushes the file unless they are 0. */
bool mg_curves_end_reserve(mg_curves_end *end, hid_t file, hsize_t bytes);

/* Before the file is closed; the tail stays in it. */
bool mg_curves_end_close(mg_curves_end *end);

#endif
