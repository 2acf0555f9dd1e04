/* HDF5's types of a value (value_type.h) in a file and in memory, made anew; to be closed. */
#ifndef MG_FILES_H5_VALUE_H
#define MG_FILES_H5_VALUE_H

#include "files/value_type.h"

#include <hdf5.h>
#include <stdint.h>

hid_t mg_h5_file_type(mg_value_type type);
hid_t mg_h5_memory_type(mg_value_type type);

/* Texts of `size` bytes (padded with zeros), or of any length if that is 0; UTF-8 unless ASCII. */
hid_t mg_h5_text_type(uint64_t size, bool ascii);

#endif
