#include "files/collection/collection_grid.h"

#include "files/collection/collection.h"

#include <math.h>

int mg_collection_grid_make(double most, double *steps) {
  if (!(most > 0)) return steps[0] = 0, 1;
  for (int i = 0; i < MG_COLLECTION_GRID; i++) steps[i] = most * i / (MG_COLLECTION_GRID - 1);
  return MG_COLLECTION_GRID;
}

void mg_collection_grid_fill(int64_t points, const mg_curve_point *point, double taken, int grid,
                             const double *steps, double *raw, double *average) {
  int64_t next = 0; /* the first evaluation that is later than the grid's point */
  for (int i = 0; i < grid; i++) {
    raw[i] = average[i] = NAN;
    while (next < points && point[next].steps <= steps[i]) next++;
    if (next == 0) continue;
    const mg_curve_point *before = &point[next - 1];
    if (next < points) {
      const mg_curve_point *after = &point[next];
      double share = (steps[i] - before->steps) / (after->steps - before->steps);
      raw[i] = (1 - share) * before->raw + share * after->raw;
      average[i] = (1 - share) * before->average + share * after->average;
    } else if (steps[i] <= fmax(taken, before->steps)) {
      raw[i] = before->raw;
      average[i] = before->average;
    }
  }
}
