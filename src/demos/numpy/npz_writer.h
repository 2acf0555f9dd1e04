/* Writes a NumPy .npz archive whose arrays grow row by row.
 *
 *   mg_npz_writer_create("expert.npz", true, &writer);
 *   mg_npz_writer_add(writer, "obs", MG_NPY_F32, 11, &obs);         [rows, 11]
 *   mg_npz_writer_add(writer, "rewards", MG_NPY_F64, 0, &rewards);  [rows]
 *   mg_npz_writer_append(writer, obs, 100, values);
 *   mg_npz_writer_close(writer, true);
 *
 * Each array waits in a nameless file beside the output, so memory stays small; the disk needs room
 * for the values and for the archive. The output is created under a temporary name, which is
 * renamed when it is complete (files/safe_file.h). The same values give the same bytes. */
#ifndef MG_DEMOS_NPZ_WRITER_H
#define MG_DEMOS_NPZ_WRITER_H

#include "base/status.h"
#include "demos/numpy/npy.h"

enum { MG_NPZ_MAX_WRITTEN = 32 }; /* arrays */

typedef struct mg_npz_writer mg_npz_writer;

/* `deflate`: compressed, else stored. MG_ERR_CREATE: the folder takes no file. */
mg_status mg_npz_writer_create(const char *path, bool deflate, mg_npz_writer **writer);

/* A new array of F64, F32, I64, U8 or BOOL, of `columns` > 0 values a row, or, with 0, of rank 1.
 * index <- its own. Names are unique, without ".npy", below 128 bytes. */
mg_status mg_npz_writer_add(mg_npz_writer *w, const char *name, mg_npy_type type, int columns,
                            int *index);

/* Appends values [rows, columns]; MG_ERR_DATA for what an I64 or U8 array cannot hold: other than
 * whole numbers within +-2^53, or 0 to 255. */
mg_status mg_npz_writer_append(mg_npz_writer *w, int index, uint64_t rows, const double *values);

/* With `keep` completes the archive of one or more arrays and takes it to its name; else, and on
 * failure, nothing is left. Frees. NULL is a no-op. */
mg_status mg_npz_writer_close(mg_npz_writer *writer, bool keep);

#endif
