/* The HDF5 file behind a checkpoint, as rank 0 sees it.
 *
 *   /<field name>   [n], or [ranks, n] for a local field; a text is one string
 *   /index          one line a field in order of writing: "crc type local n name"
 *   attributes      format "mgail checkpoint", format_version, ranks, checksum
 *
 * crc is zlib's CRC-32 of the field's bytes (little-endian); checksum is that of
 * "<format_version> <ranks>\n" and the index, so it covers names, types, sizes and bytes. */
#ifndef MG_FILES_CHECKPOINT_FILE_H
#define MG_FILES_CHECKPOINT_FILE_H

#include "files/checkpoint/checkpoint.h"

#include "files/safe_file.h"

#include <hdf5.h>

enum { MG_CHECKPOINT_VERSION = 1, MG_FIELD_NAME_MAX = 128, MG_TYPE_TEXT = 5 };

typedef struct mg_field {
  char name[MG_FIELD_NAME_MAX];
  int type;  /* mg_type or MG_TYPE_TEXT */
  int local; /* 1: [ranks, n] */
  uint64_t n;
  uint32_t crc;
} mg_field;

typedef struct mg_field_table {
  int count, capacity;
  mg_field *field;
} mg_field_table;

typedef struct mg_checkpoint_file {
  const char *path;         /* for sentences: where it will be or is */
  char opened[MG_PATH_MAX]; /* the file that is open */
  hid_t file;               /* < 0: none */
  int ranks;
  mg_field_table table;
  hid_t data; /* of the field being written or read */
} mg_checkpoint_file;

size_t mg_type_size(int type);
const char *mg_type_name(int type);
const mg_field *mg_field_find(const mg_field_table *table, const char *name);

/* Creates a temporary file beside `path`, which stays the caller's and alive. */
mg_status mg_checkpoint_file_create(mg_checkpoint_file *f, const char *path, int ranks);

/* Begin a field; then its row for every rank (one row if shared), in order; then end. */
mg_status mg_checkpoint_file_begin(mg_checkpoint_file *f, const char *name, int type, bool local,
                                   size_t n);
mg_status mg_checkpoint_file_write(mg_checkpoint_file *f, int row, const void *bytes);
mg_status mg_checkpoint_file_end(mg_checkpoint_file *f);

/* Writes index and attributes, closes, opens and verifies the temporary, renames it. */
mg_status mg_checkpoint_file_commit(mg_checkpoint_file *f);

/* Opens and verifies everything. */
mg_status mg_checkpoint_file_open(mg_checkpoint_file *f, const char *path);
mg_status mg_checkpoint_file_read(mg_checkpoint_file *f, const mg_field *field, int row,
                                  void *bytes);

/* Closes; removes the temporary of a save that was not committed. Frees what f owns. */
void mg_checkpoint_file_close(mg_checkpoint_file *f);

#endif
