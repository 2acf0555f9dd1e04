/* What stands in a curve file, without the curves themselves: for people who ask what a file is. */
#ifndef MG_FILES_CURVES_SUMMARY_H
#define MG_FILES_CURVES_SUMMARY_H

#include "base/status.h"

#include <stdint.h>

enum { MG_CURVES_SUMMARY_MAX = 64 };

typedef struct mg_curves_summary {
  struct {
    char name[64], unit[64];
    int64_t rows;
    double last; /* that is a number; NaN if there is none */
  } curve[MG_CURVES_SUMMARY_MAX];
  int curves; /* by name; more than the array holds are left out */
  int64_t evaluations;
} mg_curves_summary;

/* Local. attribute [n]: names of the root's texts; value [n][256] gets them, "" where missing, cut
 * at 255 bytes. MG_ERR_DATA, also for a data set that cannot be read or has not its checksum. */
mg_status mg_curves_summarise(const char *path, int n, const char *const *attribute,
                              char (*value)[256], mg_curves_summary *summary);

#endif
