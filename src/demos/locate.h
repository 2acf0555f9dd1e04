/* Where the demonstrations are that a user names: a file, or the folder of a Minari data set. */
#ifndef MG_DEMOS_LOCATE_H
#define MG_DEMOS_LOCATE_H

#include "base/status.h"
#include "files/safe_file.h"

/* file [MG_PATH_MAX] <- path itself, or of a folder the main_data.hdf5 in it or in its folder data.
 * MG_ERR_NO_INPUT for other folders; MG_ERR_DATA for one that holds Minari's Arrow files. */
mg_status mg_demonstrations_locate(const char *path, char *file);

#endif
