#include "demos/locate.h"

#include "demos/metadata.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* False if the name is too long, or there is nothing. */
static bool find(const char *folder, const char *name, char *file) {
  struct stat info;
  const int n = snprintf(file, MG_PATH_MAX, "%s/%s", folder, name);
  return n > 0 && n < MG_PATH_MAX && stat(file, &info) == 0;
}

mg_status mg_demonstrations_locate(const char *path, char *file) {
  if (!is_folder(path)) {
    if (strlen(path) >= MG_PATH_MAX)
      return mg_fail(MG_ERR_NO_INPUT, "%.64s...: the name is too long", path);
    strcpy(file, path);
    return MG_OK;
  }
  if (find(path, "data/main_data.hdf5", file) || find(path, "main_data.hdf5", file)) return MG_OK;
  if ((find(path, "data/metadata.json", file) || find(path, "metadata.json", file)) &&
      mg_metadata_is_arrow(file))
    return mg_fail(MG_ERR_DATA,
                   "%s: a Minari data set in Arrow files, which are not read; expected HDF5: in "
                   "Python, give its episodes to minari.create_dataset_from_buffers(..., "
                   "data_format=\"hdf5\")",
                   path);
  return mg_fail(MG_ERR_NO_INPUT,
                 "%s: a folder; expected a file of demonstrations, or a Minari data set's folder, "
                 "which holds data/main_data.hdf5",
                 path);
}
