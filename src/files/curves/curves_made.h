/* What a curve file was made as: the names and units of its columns, and the attributes of its root. None
 * of these changes later, so that a checksum of them, made_checksum, tells a column that is gone from one
 * that the run never had. It is kept twice, at the root and at /curves: attributes get lost together. */
#ifndef MG_FILES_CURVES_MADE_H
#define MG_FILES_CURVES_MADE_H

#include "base/status.h"

#include <hdf5.h>
#include <stdbool.h>

/* Once all is there. */
bool mg_curves_made_seal(hid_t file);

/* True where a file has no such checksum: older ones. */
bool mg_curves_made_is_sound(hid_t file);

/* MG_ERR_DATA if a column of the file at `path` cannot be read or has not its checksum, or is lost. To be
 * called before anything else is opened: an object that HDF5 1.10 once refused it opens at the second time,
 * without what is damaged. */
mg_status mg_curves_check(const char *path, hid_t file);

#endif
