/* The origin's attributes of an open file. */
#ifndef MG_DEMOS_ORIGIN_H5_H
#define MG_DEMOS_ORIGIN_H5_H

#include "demos/recording/origin.h"

#include <hdf5.h>

/* All fields that are not missing, and a checksum of them; false if one could not be written. */
bool mg_dataset_origin_write(const mg_dataset_origin *origin, hid_t file);

#endif
