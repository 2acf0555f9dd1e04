/* Columns of curves.h5 that grow. */
#ifndef MG_FILES_CURVES_FILE_H
#define MG_FILES_CURVES_FILE_H

#include "files/h5_util.h"

/* A dataset [rows] (width 0) or [rows, width], unlimited in rows, chunked without filters: a kill
 * while a filtered chunk is written again would lose the whole chunk. Unwritten entries read as -1
 * (integer) or NaN. */
typedef struct mg_column {
  hid_t data; /* < 0: not open */
  bool integer;
  int width;
  uint64_t crc;   /* CRC-32 of the first */
  hsize_t summed; /* rows: a write that failed is tried again, and counts once */
} mg_column;

/* unit and help Nullable. */
bool mg_column_create(mg_column *column, hid_t group, const char *name, bool integer, int width,
                      const char *unit, const char *help);

/* False unless it is there with this type and width; rows gets its length. */
bool mg_column_open(mg_column *column, hid_t group, const char *name, bool integer, int width,
                    hsize_t *rows);

/* Rows [first, first + count) from or to int64_t or double; a written column ends after them. */
bool mg_column_write(mg_column *column, hsize_t first, hsize_t count, const void *values);
bool mg_column_read(const mg_column *column, hsize_t first, hsize_t count, void *values);

/* Of the chunks that begin when rows [first, first + count) follow the first `first`. */
hsize_t mg_column_new_bytes(const mg_column *column, hsize_t first, hsize_t count);

bool mg_column_cut(const mg_column *column, hsize_t rows);

/* *rows <- those before the first, of as many, whose whole number is larger than `last` or was never
 * written. */
bool mg_column_find_end(const mg_column *column, int64_t last, hsize_t *rows);

/* Sets crc to that of the first `rows`, read from the file; and the attribute crc32, which is that of all
 * rows where a file was closed and none while it is at work: written, taken back, or, of any column,
 * compared with all rows, which are read (true where there is none). */
bool mg_column_sum(mg_column *column, hsize_t rows);
bool mg_column_seal(const mg_column *column);
bool mg_column_unseal(const mg_column *column);
bool mg_column_is_sound(hid_t data);

bool mg_column_close(mg_column *column);

#endif
