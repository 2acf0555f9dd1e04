#include "files/file_kind.h"

#include "files/collection/collection_columns.h"
#include "files/h5_util.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* NumPy's archives are zips. */
static bool is_zip(const char *path) {
  char start[2] = "";
  FILE *file = fopen(path, "rb");
  if (!file) return false;
  bool zip = fread(start, 1, sizeof start, file) == sizeof start && memcmp(start, "PK", 2) == 0;
  fclose(file);
  return zip;
}

mg_status mg_file_kind_detect(const char *path, mg_file_kind *kind) {
  struct stat info;
  if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
    return mg_fail(MG_ERR_NO_INPUT, "%s: not there, or not a regular file", path);
  if (is_zip(path)) {
    *kind = MG_FILE_DATASET;
    return MG_OK;
  }
  mg_h5_quiet();
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0)
    return mg_fail(MG_ERR_DATA, "%s: not an HDF5 file, damaged, or in use by its writer", path);
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
