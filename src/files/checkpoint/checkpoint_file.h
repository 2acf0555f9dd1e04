/* The HDF5 file behind a checkpoint, as rank 0 sees it.
 *
 *   /<field name>   [n], or [environments, n] for a divided field; a text is one string
 *   /index          one line a field in order of writing: "crc type rows n name"
 *   attributes      format "mgail checkpoint", format_version, ranks, checksum
 *
 * crc is zlib's CRC-32 of the field's bytes (little-endian); checksum is that of
 * "<format_version> <ranks>\n" and the index, so it covers names, types, sizes and bytes. rows: 0 for a
 * field that is not divided. Version 1 had fields [ranks, n] by rank and a mark (1) in place of rows; it
 * is still read. Apart from the number of ranks a file is the same bits whatever that was. */
#ifndef MG_FILES_CHECKPOINT_FILE_H
#define MG_FILES_CHECKPOINT_FILE_H

#include "files/checkpoint/checkpoint.h"

#include "files/safe_file.h"

#include <hdf5.h>

enum {
  MG_CHECKPOINT_VERSION = 2,
  MG_CHECKPOINT_BY_RANK = 1, /* the version that is still read */
  MG_FIELD_NAME_MAX = 128,
  MG_TYPE_TEXT = 5
};

typedef struct mg_field {
  char name[MG_FIELD_NAME_MAX];
  int type;         /* mg_type or MG_TYPE_TEXT */
  uint64_t rows, n; /* [rows, n]; rows = 0: [n] */
  uint32_t crc;
} mg_field;

/* Entries first .. first + count - 1 of rows row .. row + rows - 1. */
typedef struct mg_piece {
  uint64_t row, rows, first, count;
} mg_piece;

/* The pieces of [rows, n], n > 0, in the file's order, of at most `most` > 0 entries each: whole rows
 * where that is room for one, else parts of one. Begin with {0}; false: there are no more. */
bool mg_piece_next(mg_piece *piece, uint64_t rows, uint64_t n, uint64_t most);

typedef struct mg_field_table {
  int count, capacity;
  mg_field *field;
} mg_field_table;

typedef struct mg_checkpoint_file {
  const char *path;         /* for sentences: where it will be or is */
  char opened[MG_PATH_MAX]; /* the file that is open */
  hid_t file;               /* < 0: none */
  int ranks;
  bool by_rank; /* read: version 1 */
  mg_field_table table;
  hid_t data; /* of the field being written or read */
  bool
      rows_aside; /* written: divided fields by whoever has their rows (checkpoint_rows.h), who verify them */
} mg_checkpoint_file;

size_t mg_type_size(int type);
const char *mg_type_name(int type);
const mg_field *mg_field_find(const mg_field_table *table, const char *name);

/* Creates a temporary file beside `path`, which stays the caller's and alive. */
mg_status mg_checkpoint_file_create(mg_checkpoint_file *f, const char *path, int ranks);

/* Begin a field, rows = 0 if it is not divided; then all its pieces in the file's order; then end. */
mg_status mg_checkpoint_file_begin(mg_checkpoint_file *f, const char *name, int type, uint64_t rows,
                                   uint64_t n);
mg_status mg_checkpoint_file_write(mg_checkpoint_file *f, mg_piece piece, const void *bytes);
mg_status mg_checkpoint_file_end(mg_checkpoint_file *f);

/* Where the field begun is in the file; UINT64_MAX if nowhere. */
uint64_t mg_checkpoint_file_offset(const mg_checkpoint_file *f);

/* Writes index and attributes, closes, opens and verifies the temporary. */
mg_status mg_checkpoint_file_finish(mg_checkpoint_file *f);

/* Renames what was finished. The file before it stays as <path>.previous if it verifies, which is not asked again
 * of the one that this process wrote before, if nobody has changed it since. */
mg_status mg_checkpoint_file_commit(mg_checkpoint_file *f);

/* Opens and verifies everything. */
mg_status mg_checkpoint_file_open(mg_checkpoint_file *f, const char *path);
mg_status mg_checkpoint_file_read(mg_checkpoint_file *f, const mg_field *field, mg_piece piece,
                                  void *bytes);

/* Closes; removes the temporary of a save that was not committed. Frees what f owns. */
void mg_checkpoint_file_close(mg_checkpoint_file *f);

#endif
