/* Opening and verifying a checkpoint file, and what writing shares with it. */
#ifndef MG_FILES_CHECKPOINT_VERIFY_H
#define MG_FILES_CHECKPOINT_VERIFY_H

#include "files/checkpoint/checkpoint_file.h"

#define MG_CHECKPOINT_FORMAT "mgail checkpoint"

hid_t mg_field_h5_type(const mg_field *field, bool memory);

/* A new zeroed entry, NULL when memory is out. */
mg_field *mg_field_add(mg_field_table *table);

/* A piece, to or from the dataset. */
bool mg_field_transfer(hid_t data, const mg_field *field, mg_piece piece, void *bytes, bool write);

/* mg_checkpoint_file_open, without the sums of divided fields if not `rows`. */
mg_status mg_checkpoint_file_check(mg_checkpoint_file *f, const char *path, bool rows);

uint64_t mg_index_checksum(int64_t version, int64_t ranks, const char *text, size_t length);

#endif
