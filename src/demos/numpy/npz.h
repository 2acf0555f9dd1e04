/* NumPy's .npz archives, read without trusting them.
 *
 *   mg_npz_open(file, path, max_bytes, &npz);
 *   mg_npz_stream_open(npz, "obs", &obs);       by name, without ".npy"
 *   mg_npz_stream_read(obs, first, n, values);  rows as doubles, forwards
 *   mg_npz_stream_close(obs);
 *   mg_npz_close(npz);
 *
 * Opening reads the zip's directory and the members' headers, no values. Values are inflated as
 * they are asked for: a stream holds some 64 KiB, whatever the array's size. Python objects
 * (pickles) are never read, nothing is extracted. A member that cannot be read (objects, Fortran
 * order, encrypted, a size that is not its shape's) is listed with the reason, which is the failure
 * of who asks for it; names that do not end in ".npy" or occur twice refuse the file.
 *
 * Inflating and the directory are libzip's work: for files from strangers call it in a child with
 * limits, as data sets are (files/guard.h). One thread. */
#ifndef MG_DEMOS_NPZ_H
#define MG_DEMOS_NPZ_H

#include "base/status.h"
#include "demos/numpy/npy.h"

enum { MG_NPZ_MAX_NAME = 256, MG_NPZ_MAX_MEMBERS = 4096 };

typedef struct mg_npz mg_npz;
typedef struct mg_npz_stream mg_npz_stream;

typedef struct mg_npz_member {
  char name[MG_NPZ_MAX_NAME]; /* without ".npy" */
  mg_npy_header header;       /* type, shape, order; as far as it could be read */
  uint64_t rows;              /* dims[0]; 1 for a single value */
  uint64_t row_size;          /* values a row: the product of the other dimensions */
  mg_npy_problem problem;     /* why it cannot be read; "" if it can */
} mg_npz_member;

/* Of an open descriptor, whose position is not used and which stays the caller's; `path` is for
 * sentences only. An array of more than max_bytes as doubles cannot be read; so of a readable one
 * 8 * rows * row_size, and 8 * rows, are at most max_bytes. MG_ERR_NO_INPUT: not a regular file;
 * MG_ERR_DATA: no archive of arrays, or damaged. */
mg_status mg_npz_open(int file, const char *path, uint64_t max_bytes, mg_npz **npz);

/* Streams are closed before. Nullable. */
void mg_npz_close(mg_npz *npz);

/* NULL if there is none. */
const mg_npz_member *mg_npz_find(const mg_npz *npz, const char *name);

/* MG_ERR_DATA if there is no such member, or it cannot be read. Any number may be open at once, of
 * the same member too. */
mg_status mg_npz_stream_open(mg_npz *npz, const char *name, mg_npz_stream **stream);

const mg_npz_member *mg_npz_stream_member(const mg_npz_stream *stream);

/* values [n, row_size] <- rows first .. first + n. Reading on where the last call ended costs
 * nothing extra; skipping forward inflates what lies between; going back in a deflated member
 * inflates it from the start. The checksum is verified with the last value, unless rows of a stored
 * member were skipped. MG_ERR_DATA: fewer rows, truncated, damaged, or an integer beyond +-2^53.
 * Values may be NaN or infinite. */
mg_status mg_npz_stream_read(mg_npz_stream *stream, uint64_t first, uint64_t n, double *values);

/* Nullable. */
void mg_npz_stream_close(mg_npz_stream *stream);

#endif
