/* An open file as a source of libzip.
 *
 * Positions are its own (pread, pwrite), so that several sources, here or in another process, may
 * share one descriptor. */
#ifndef MG_DEMOS_ZIP_DESCRIPTOR_H
#define MG_DEMOS_ZIP_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <zip.h>

typedef struct mg_zip_descriptor {
  int file; /* stays the caller's to close */
  bool writable;
  uint64_t size, read_at, write_at; /* bytes */
  uint64_t budget;                  /* bytes that may still be read */
  bool over_budget;                 /* more were asked for; the read failed */
  zip_error_t error;
} mg_zip_descriptor;

/* The source, or NULL and `error`; `descriptor` has to outlive it. The size is the file's now. */
zip_source_t *mg_zip_descriptor_source(mg_zip_descriptor *descriptor, int file, bool writable,
                                       uint64_t budget, zip_error_t *error);

#endif
