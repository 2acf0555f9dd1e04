#include "files/curves/curves_summary.h"

#include "files/curves/curves_file.h"
#include "files/curves/curves_made.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LOOK = 1024 };

/* Rows of a one-dimensional dataset and its last value that is a number; not every row has one of what
 * happens now and then. */
static int64_t read_last(hid_t data, double *last) {
  hsize_t rows = 0;
  *last = NAN;
  hid_t space = H5Dget_space(data);
  if (space >= 0 && H5Sget_simple_extent_ndims(space) == 1) {
    H5Sget_simple_extent_dims(space, &rows, NULL);
    double value[LOOK];
    for (hsize_t end = rows, n; end > 0 && isnan(*last); end -= n) {
      n = end < LOOK ? end : LOOK;
      if (!mg_h5_read_block(data, H5T_NATIVE_DOUBLE, 1, (hsize_t[]){end - n}, (hsize_t[]){n},
                            value))
        break;
      for (hsize_t k = n; k > 0 && isnan(*last); k--) *last = value[k - 1];
    }
  }
  mg_h5_close(space);
  return (int64_t)rows;
}

static herr_t add_curve(hid_t group, const char *name, const H5L_info_t *info, void *user) {
  mg_curves_summary *summary = user;
  (void)info;
  if (summary->curves == MG_CURVES_SUMMARY_MAX) return 1;
  hid_t data = mg_h5_open_hard(group, name, H5O_TYPE_DATASET, NULL);
  if (data < 0) return -1;
  int k = summary->curves++;
  snprintf(summary->curve[k].name, sizeof summary->curve[k].name, "%s", name);
  mg_h5_read_text(data, "unit", summary->curve[k].unit, sizeof summary->curve[k].unit);
  summary->curve[k].rows = read_last(data, &summary->curve[k].last);
  mg_h5_close(data);
  return 0;
}

static bool summarise(hid_t file, mg_curves_summary *summary) {
  hid_t curves = H5Gopen(file, "curves", H5P_DEFAULT);
  hid_t iteration = H5Dopen(file, "evaluation/iteration", H5P_DEFAULT);
  const bool ok = curves >= 0 && iteration >= 0 &&
                  H5Literate(curves, H5_INDEX_NAME, H5_ITER_INC, NULL, add_curve, summary) >= 0;
  double last;
  if (iteration >= 0) summary->evaluations = read_last(iteration, &last);
  mg_h5_close(iteration);
  mg_h5_close(curves);
  return ok;
}

mg_status mg_curves_summarise(const char *path, int n, const char *const *attribute,
                              char (*value)[256], mg_curves_summary *summary) {
  memset(summary, 0, sizeof *summary);
  memset(value, 0, (size_t)n * sizeof *value);
  mg_h5_quiet();
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) return mg_fail(MG_ERR_DATA, "%s: not an HDF5 file", path);
  mg_status status = mg_curves_check(path, file);
  for (int k = 0; k < n && status == MG_OK; k++)
    mg_h5_read_text(file, attribute[k], value[k], sizeof value[k]);
  if (status == MG_OK && !summarise(file, summary))
    status = mg_fail(MG_ERR_DATA, "%s: /curves cannot be read", path);
  mg_h5_close(file);
  return status;
}
