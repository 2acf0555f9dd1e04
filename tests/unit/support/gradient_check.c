#include "gradient_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double difference(gradient_objective objective, void *context, mg_real *x) {
  const double step = 1e-4;
  const mg_real kept = *x;
  double f[4];
  const double at[4] = {-2 * step, -step, step, 2 * step};
  for (int i = 0; i < 4; i++) {
    *x = (mg_real)((double)kept + at[i]);
    f[i] = objective(context);
  }
  *x = kept;
  return (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * step);
}

gradient_report gradient_check(gradient_objective objective, void *context, size_t n, mg_real *x,
                               const mg_real *claimed) {
  gradient_report report = {0};
  double *measured = malloc((n + 1) * sizeof *measured), largest = 0;
  if (!measured) abort();
  for (size_t i = 0; i < n; i++) {
    measured[i] = difference(objective, context, x + i);
    largest = fmax(largest, fabs(measured[i]));
  }
  for (size_t i = 0; i < n; i++) {
    const double c = (double)claimed[i], m = measured[i];
    double scale = fmax(fmax(fabs(c), fabs(m)), fmax(1e-5 * largest, 1e-9));
    double error = (c - m) / scale;
    if (isnan(error)) error = INFINITY;
    if (fabs(error) > fabs(report.worst))
      report = (gradient_report){.worst = error, .index = i, .claimed = c, .measured = m};
  }
  free(measured);
  return report;
}

int gradient_agrees(const char *what, gradient_report report, double tolerance) {
  if (fabs(report.worst) < tolerance) return 1;
  fprintf(stderr, "%s: entry %zu: gradient %.12g, central difference %.12g, relative error %.3g\n",
          what, report.index, report.claimed, report.measured, report.worst);
  return 0;
}
