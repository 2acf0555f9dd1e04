/* A checksum of a data set's content, whatever the layout: an attribute of the root of HDF5 files
 * written here, compared when all episodes have been read. (NumPy's archives have their own.) */
#ifndef MG_DEMOS_CONTENT_H
#define MG_DEMOS_CONTENT_H

#include "base/status.h"
#include "base/trajectory.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

struct mg_form;
struct mg_dataset_file;

/* Episodes counted in, one after the other. {0}: none. */
typedef struct mg_content {
  int64_t episodes;
  uint64_t hash; /* FNV-1a of each one's steps, ends and, as doubles, values */
} mg_content;

extern const char MG_MARK_CONTENT[]; /* the attribute's name */

/* The next episode. Of `form` counts what files of it hold: rewards, last observations. */
void mg_content_add(mg_content *content, const struct mg_form *form, const mg_trajectory *t);

/* False if writing failed. */
bool mg_content_write(const mg_content *content, hid_t file);

/* Episode k of the file was loaded; MG_ERR_DATA if it was the last of all, which came in order, and
 * the file's checksum is another. */
mg_status mg_content_loaded(struct mg_dataset_file *file, int64_t k, const mg_trajectory *t);

#endif
