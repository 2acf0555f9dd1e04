#include "files/file_kind.h"

#include "files/collection/collection_columns.h"
#include "files/h5_cause.h"
#include "files/h5_util.h"
#include "files/safe_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* NumPy's archives are zips. */
static bool is_zip(int file) {
  char start[2];
  return pread(file, start, sizeof start, 0) == sizeof start && memcmp(start, "PK", 2) == 0;
}

mg_status mg_file_kind_detect(const char *path, mg_file_kind *kind) {
  int opened;
  MG_TRY(mg_safe_open_input(path, &opened));
  const bool zip = is_zip(opened);
  close(opened);
  if (zip) {
    *kind = MG_FILE_DATASET;
    return MG_OK;
  }
  mg_h5_quiet();
  hid_t file = mg_h5_open_file(path);
  if (file < 0) return mg_h5_open_failed(path);
  *kind = MG_FILE_DATASET;
  if (H5Aexists(file, "format") > 0 && H5Aexists(file, "checksum") > 0) *kind = MG_FILE_CHECKPOINT;
  if (mg_h5_is_hard(file, "curves", H5O_TYPE_GROUP, NULL) &&
      mg_h5_is_hard(file, "evaluation", H5O_TYPE_GROUP, NULL))
    *kind = MG_FILE_CURVES;
  char format[64] = "";
  mg_h5_read_text(file, "format", format, sizeof format);
  if (strncmp(format, MG_COLLECTION_FORMAT, strlen("mgail collection")) == 0)
    *kind = MG_FILE_COLLECTION;
  mg_h5_close(file);
  return MG_OK;
}

void mg_hdf5_describe(char text[32]) {
  mg_h5_quiet(); /* before HDF5 is used at all */
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  snprintf(text, 32, "HDF5 %u.%u.%u", major, minor, release);
}
