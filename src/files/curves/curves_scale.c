#include "files/curves/curves_scale.h"

#include "files/h5_util.h"

#include <hdf5_hl.h>

bool mg_scale_make(hid_t scale, const char *name) {
  return H5DSset_scale(scale, name) >= 0;
}

bool mg_scale_attach(hid_t data, hid_t scale, unsigned dimension) {
  return H5DSattach_scale(data, scale, dimension) >= 0;
}

hid_t mg_scale_create(hid_t group, const char *name, int n) {
  const hsize_t size = (hsize_t)n;
  hid_t space = H5Screate_simple(1, &size, NULL);
  hid_t data = H5Dcreate2(group, name, H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  bool ok = data >= 0;
  for (hsize_t i = 0; i < size && ok; i++) {
    const int64_t number = (int64_t)i;
    ok = mg_h5_write_block(data, H5T_NATIVE_INT64, 1, &i, (hsize_t[]){1}, &number);
  }
  ok = ok && mg_scale_make(data, name);
  mg_h5_close(space);
  if (ok) return data;
  mg_h5_close(data);
  return -1;
}
