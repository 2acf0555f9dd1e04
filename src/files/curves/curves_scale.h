/* HDF5's dimension scales: which data set tells what the rows and columns of the others are. With
 * them xarray and netCDF open a group of curves without help. */
#ifndef MG_FILES_CURVES_SCALE_H
#define MG_FILES_CURVES_SCALE_H

#include <hdf5.h>
#include <stdbool.h>

/* Makes an open data set the scale `name`. Its attributes then list all that is attached. */
bool mg_scale_make(hid_t scale, const char *name);

/* Of `dimension` of an open data set. */
bool mg_scale_attach(hid_t data, hid_t scale, unsigned dimension);

/* A new data set `name` in the group: 0, 1, ... n - 1, as a scale; < 0 if that failed. */
hid_t mg_scale_create(hid_t group, const char *name, int n);

#endif
