/* Divided fields that every rank writes itself, at their places in the file.
 *
 * A divided field [total, n] is one block of the file, in which a rank's rows stand next to one another: the block
 * begins at `offset`, and row r of it n r entries later. Rank 0 makes the file with HDF5 and tells the offset; the
 * ranks open the same file by its name, write their rows there, and have a CRC-32 of them, of which rank 0 makes
 * the field's (CRCs of parts can be joined). What was written is read back by another rank than wrote it, half of
 * all ranks away and so on another node where there are several: what that one sees is what a later run will see.
 *
 * So a checkpoint takes the time of the largest share instead of that of all of them, and needs a folder that all
 * ranks share. */
#ifndef MG_FILES_CHECKPOINT_ROWS_H
#define MG_FILES_CHECKPOINT_ROWS_H

#include "base/comm.h"
#include "files/checkpoint/checkpoint_file.h"

/* What a rank needs to know of a field that it has written or will read: its place, and its part's sum. */
typedef struct mg_own_field {
  int index;        /* in the table of fields, on rank 0 */
  uint64_t offset;  /* of the field in the file; MG_NO_OFFSET where rank 0 could not make it */
  int64_t total;    /* rows of all ranks */
  size_t row_bytes; /* of a row */
  uint32_t crc;     /* of this rank's rows; from mg_own_rows_join on, of those that it reads back */
} mg_own_field;

#define MG_NO_OFFSET UINT64_MAX

typedef struct mg_own_rows {
  char path[MG_PATH_MAX]; /* the temporary that rank 0 has made, as this rank calls it */
  int file;               /* < 0: not open */
  int count, capacity;
  mg_own_field *field;
} mg_own_rows;

/* True on all ranks if each of them can open the temporary that rank 0 has made for `path`. Collective. */
bool mg_own_rows_open(mg_own_rows *own, mg_comm *comm, const char *path);

/* Begins a field; only rank 0's index and offset count. Collective. */
mg_status mg_own_rows_begin(mg_own_rows *own, mg_comm *comm, mg_own_field field);

/* The next bytes of this rank's rows, `at` bytes behind the field's first one, in the order of the file. Local. */
mg_status mg_own_rows_write(mg_own_rows *own, uint64_t at, const void *bytes, size_t size);

/* Flushes and closes what this rank wrote. Local. */
mg_status mg_own_rows_flush(mg_own_rows *own);

/* Gives rank 0's table the checksums of the fields, and each rank those of the rows that it is to read back. Collective. */
mg_status mg_own_rows_join(mg_own_rows *own, mg_comm *comm, mg_field_table *table);

/* Reads back what another rank wrote: MG_ERR_IO if it is something else. Local. */
mg_status mg_own_rows_verify(const mg_own_rows *own, const mg_comm *comm);

void mg_own_rows_close(mg_own_rows *own);

#endif
