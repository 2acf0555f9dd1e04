#include "algo/algorithm.h"

#include "algo/mgail.h"
#include "algo/ppo.h"

#include <math.h>
#include <string.h>

const mg_algorithm_class *const mg_algorithms[] = {&mg_mgail_class, &mg_ppo_class, NULL};

const mg_algorithm_class *mg_algorithm_find(const char *name) {
  for (int k = 0; mg_algorithms[k]; k++) {
    if (strcmp(mg_algorithms[k]->name, name) == 0) return mg_algorithms[k];
  }
  return NULL;
}

double mg_schedule(double initial, double final, int64_t done, int64_t total) {
  return initial + (final - initial) * fmin(1, (double)done / (double)total);
}
