/* What `mgail info` prints about each kind of file, to standard output. Local. */
#ifndef MG_APP_INFO_H
#define MG_APP_INFO_H

#include "base/status.h"

#include <stdbool.h>

mg_status mg_info_dataset(const char *path, bool json);
mg_status mg_info_checkpoint(const char *path, bool json);
mg_status mg_info_curves(const char *path, bool json);

#endif
