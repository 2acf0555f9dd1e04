/* Small helpers over HDF5's C interface.
 *
 * Functions that return bool say whether all went well; the caller writes the sentence, for it
 * knows the file and what it was about. */
#ifndef MG_FILES_H5_UTIL_H
#define MG_FILES_H5_UTIL_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

/* HDF5 prints nothing itself (h5_cause.h has what it said) and loads no plugins. To be called before any other use of HDF5. */
void mg_h5_quiet(void);

/* Closes an id that is >= 0; false if closing failed, which is where a full disk shows itself. */
bool mg_h5_close(hid_t id);

/* Attributes. Reading: a missing one, another class or size gives false and leaves the value. */
bool mg_h5_write_text(hid_t object, const char *name, const char *text);

/* In the object's header, whose checksum HDF5 compares where the file is of a version that has one.
 * The other lies in a heap without; HDF5 1.10 searches a damaged one for ever. */
bool mg_h5_write_fixed_text(hid_t object, const char *name, const char *text);

bool mg_h5_write_i64(hid_t object, const char *name, int64_t value);
bool mg_h5_write_u64(hid_t object, const char *name, uint64_t value);
bool mg_h5_write_f64(hid_t object, const char *name, double value);
bool mg_h5_read_i64(hid_t object, const char *name, int64_t *value);
bool mg_h5_read_u64(hid_t object, const char *name, uint64_t *value);
bool mg_h5_read_f64(hid_t object, const char *name, double *value);
/* Variable or fixed length text, cut at capacity - 1 bytes. */
bool mg_h5_read_text(hid_t object, const char *name, char *text, size_t capacity);

/* Whether there is this text (of up to 63 bytes), written as one of fixed length. Of variable length it
 * would stand in a heap without a checksum, a damaged one of which keeps HDF5 1.10 busy for ever: such a
 * text is not read, and taken for this one. */
bool mg_h5_has_label(hid_t object, const char *name, const char *text);

/* True if `name` (no slashes) is a hard link to an object of this type in `group`; `why` (Nullable)
 * gets what it is instead, e.g. "missing" or "an external link". */
bool mg_h5_is_hard(hid_t group, const char *name, H5O_type_t type, const char **why);

/* The same, and opens it, with fewer searches for the name; < 0 if it is something else. */
hid_t mg_h5_open_hard(hid_t group, const char *name, H5O_type_t type, const char **why);

/* A new group at `path`, which may lead through others that are made too; < 0 if it is there. */
hid_t mg_h5_create_group(hid_t parent, const char *path);

/* The block [count...] at `start` of a dataset of this rank, which has it, from or to memory, where
 * its values are dense. */
bool mg_h5_read_block(hid_t data, hid_t memory_type, int rank, const hsize_t *start,
                      const hsize_t *count, void *values);
bool mg_h5_write_block(hid_t data, hid_t memory_type, int rank, const hsize_t *start,
                       const hsize_t *count, const void *values);

/* a * b, or UINT64_MAX where that overflows. */
uint64_t mg_h5_product(uint64_t a, uint64_t b);

#endif
