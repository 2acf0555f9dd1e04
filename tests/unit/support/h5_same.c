#include "h5_same.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct pair {
  hid_t other;
  const char *path;
  char *what;
  size_t capacity;
} pair;

static bool differ(const pair *p, const char *name, const char *how) {
  if (!*p->what) snprintf(p->what, p->capacity, "%s/%s: %s", p->path, name, how);
  return false;
}

/* Values of a variable text are compared as texts, all others as bytes. */
static bool same_values(hid_t type, hid_t space, const void *a, const void *b) {
  hssize_t n = H5Sget_simple_extent_npoints(space);
  if (H5Tis_variable_str(type) <= 0) return memcmp(a, b, (size_t)n * H5Tget_size(type)) == 0;
  for (hssize_t i = 0; i < n; i++)
    if (strcmp(((char *const *)a)[i], ((char *const *)b)[i]) != 0) return false;
  return true;
}

static bool same_shape(hid_t a, hid_t b) {
  hsize_t x[H5S_MAX_RANK], y[H5S_MAX_RANK];
  int rank = H5Sget_simple_extent_ndims(a);
  if (H5Sget_simple_extent_type(a) != H5Sget_simple_extent_type(b) ||
      rank != H5Sget_simple_extent_ndims(b))
    return false;
  H5Sget_simple_extent_dims(a, x, NULL);
  H5Sget_simple_extent_dims(b, y, NULL);
  return memcmp(x, y, (size_t)rank * sizeof *x) == 0;
}

static bool same_data(const pair *p, const char *name, hid_t a, hid_t b, bool attribute) {
  hid_t type_a = attribute ? H5Aget_type(a) : H5Dget_type(a);
  hid_t type_b = attribute ? H5Aget_type(b) : H5Dget_type(b);
  hid_t space_a = attribute ? H5Aget_space(a) : H5Dget_space(a);
  hid_t space_b = attribute ? H5Aget_space(b) : H5Dget_space(b);
  bool same = H5Tequal(type_a, type_b) > 0 || differ(p, name, "another type");
  same = same && (same_shape(space_a, space_b) || differ(p, name, "another shape"));
  if (same) {
    size_t bytes = (size_t)H5Sget_simple_extent_npoints(space_a) * H5Tget_size(type_a);
    void *x = calloc(1, bytes + 8), *y = calloc(1, bytes + 8);
    if (attribute) {
      H5Aread(a, type_a, x);
      H5Aread(b, type_b, y);
    } else {
      H5Dread(a, type_a, H5S_ALL, H5S_ALL, H5P_DEFAULT, x);
      H5Dread(b, type_b, H5S_ALL, H5S_ALL, H5P_DEFAULT, y);
    }
    same = same_values(type_a, space_a, x, y) || differ(p, name, "other values");
    if (H5Tis_variable_str(type_a) > 0) {
      H5Dvlen_reclaim(type_a, space_a, H5P_DEFAULT, x);
      H5Dvlen_reclaim(type_b, space_b, H5P_DEFAULT, y);
    }
    free(x);
    free(y);
  }
  H5Tclose(type_a), H5Tclose(type_b), H5Sclose(space_a), H5Sclose(space_b);
  return same;
}

static herr_t visit_attribute(hid_t a, const char *name, const H5A_info_t *info, void *user) {
  (void)info;
  const pair *p = user;
  if (H5Aexists(p->other, name) <= 0) return !differ(p, name, "attribute missing") ? 1 : 0;
  hid_t x = H5Aopen(a, name, H5P_DEFAULT), y = H5Aopen(p->other, name, H5P_DEFAULT);
  bool same = same_data(p, name, x, y, true);
  H5Aclose(x), H5Aclose(y);
  return same ? 0 : 1;
}

static bool same_object(pair p, hid_t a);

static herr_t visit_link(hid_t a, const char *name, const H5L_info_t *info, void *user) {
  (void)info;
  const pair *p = user;
  if (H5Lexists(p->other, name, H5P_DEFAULT) <= 0) return differ(p, name, "missing") ? 0 : 1;
  char path[512];
  snprintf(path, sizeof path, "%s/%s", p->path, name);
  hid_t x = H5Oopen(a, name, H5P_DEFAULT), y = H5Oopen(p->other, name, H5P_DEFAULT);
  bool same = H5Iget_type(x) == H5Iget_type(y) || differ(p, name, "another kind of object");
  same = same && same_object((pair){y, path, p->what, p->capacity}, x);
  H5Oclose(x), H5Oclose(y);
  return same ? 0 : 1;
}

static bool same_object(pair p, hid_t a) {
  hsize_t index = 0;
  if (H5Aiterate2(a, H5_INDEX_NAME, H5_ITER_INC, &index, visit_attribute, &p) != 0) return false;
  if (H5Iget_type(a) == H5I_DATASET) return same_data(&p, "", a, p.other, false);
  return H5Literate(a, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_link, &p) == 0;
}

bool h5_same(const char *a, const char *b, char *what, size_t capacity) {
  *what = 0;
  hid_t x = H5Fopen(a, H5F_ACC_RDONLY, H5P_DEFAULT), y = H5Fopen(b, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t root_x = H5Gopen2(x, "/", H5P_DEFAULT), root_y = H5Gopen2(y, "/", H5P_DEFAULT);
  /* Both ways: what one has beside is a difference too. */
  bool same = same_object((pair){root_y, "", what, capacity}, root_x) &&
              same_object((pair){root_x, "", what, capacity}, root_y);
  H5Gclose(root_x), H5Gclose(root_y);
  H5Fclose(x), H5Fclose(y);
  return same;
}
