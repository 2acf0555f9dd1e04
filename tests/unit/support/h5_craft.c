#include "h5_craft.h"

#include <stdio.h>
#include <stdlib.h>

static void make(hid_t group, const char *name, hid_t type, hsize_t rows, hsize_t columns,
                 hid_t creation, const double *values) {
  hsize_t dims[2] = {rows, columns};
  if (H5Lexists(group, name, H5P_DEFAULT) > 0) H5Ldelete(group, name, H5P_DEFAULT);
  hid_t space = H5Screate_simple(columns ? 2 : 1, dims, NULL);
  hid_t data = H5Dcreate2(group, name, type, space, H5P_DEFAULT, creation ? creation : H5P_DEFAULT,
                          H5P_DEFAULT);
  if (values) H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  H5Dclose(data);
  H5Sclose(space);
}

void craft_block(hid_t group, const char *name, hid_t type, int rank, const hsize_t *dims,
                 const double *values) {
  if (H5Lexists(group, name, H5P_DEFAULT) > 0) H5Ldelete(group, name, H5P_DEFAULT);
  hid_t space = H5Screate_simple(rank, dims, NULL);
  hid_t data = H5Dcreate2(group, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  H5Dclose(data);
  H5Sclose(space);
}

void craft_values(hid_t group, const char *name, hid_t type, hsize_t rows, hsize_t columns,
                  const double *values) {
  make(group, name, type, rows, columns, 0, values);
}

hid_t craft_half(void) {
  hid_t half = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(half, 15, 10, 5, 0, 10);
  H5Tset_size(half, 2);
  H5Tset_ebias(half, 15);
  return half;
}

void craft_array(hid_t group, const char *name, hid_t type, hsize_t rows, hsize_t columns,
                 hid_t creation) {
  hsize_t n = rows * (columns ? columns : 1);
  double *values = malloc((size_t)(n ? n : 1) * sizeof *values);
  for (hsize_t i = 0; i < n; i++) values[i] = 0.5 * (double)i;
  make(group, name, type, rows, columns, creation, values);
  free(values);
}

void craft_id(hid_t group, int64_t id) {
  if (H5Aexists(group, "id") > 0) H5Adelete(group, "id");
  hid_t space = H5Screate(H5S_SCALAR);
  hid_t attribute = H5Acreate2(group, "id", H5T_STD_I32BE, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attribute, H5T_NATIVE_INT64, &id);
  H5Aclose(attribute);
  H5Sclose(space);
}

void craft_episode(hid_t file, int k, int64_t id, hsize_t steps, double reward) {
  char name[32];
  snprintf(name, sizeof name, "episode_%d", k);
  hid_t group = H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  double *values = calloc((size_t)steps + 1, sizeof *values);
  craft_id(group, id);
  craft_array(group, "observations", H5T_IEEE_F64LE, steps + 1, CRAFT_OBSERVATION, 0);
  craft_array(group, "actions", H5T_IEEE_F32LE, steps, CRAFT_ACTION, 0);
  craft_values(group, "truncations", H5T_STD_I8LE, steps, 0, values);
  if (steps) values[steps - 1] = 1;
  craft_values(group, "terminations", H5T_STD_I8LE, steps, 0, values);
  for (hsize_t i = 0; i < steps; i++) values[i] = reward;
  craft_values(group, "rewards", H5T_IEEE_F64LE, steps, 0, values);
  free(values);
  H5Gclose(group);
}

hid_t craft_file(const char *path) {
  hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  craft_episode(file, 0, 0, CRAFT_STEPS, 1);
  return file;
}

void craft_text(hid_t object, const char *name, const char *text) {
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, H5T_VARIABLE);
  hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attribute, type, &text);
  H5Aclose(attribute), H5Sclose(space), H5Tclose(type);
}
