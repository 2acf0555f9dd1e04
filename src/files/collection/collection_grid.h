/* A run's evaluations on a grid of environment steps. */
#ifndef MG_FILES_COLLECTION_GRID_H
#define MG_FILES_COLLECTION_GRID_H

#include "files/curves/run_curve.h"

/* steps [points] <- evenly from 0 to `most`; the number of points: MG_COLLECTION_GRID, or 1 if most
 * is 0. */
int mg_collection_grid_make(double most, double *steps);

/* raw, average [grid] <- the curve (collection.h says how); taken: environment steps of the run so
 * far. */
void mg_collection_grid_fill(int64_t points, const mg_curve_point *point, double taken, int grid,
                             const double *steps, double *raw, double *average);

#endif
