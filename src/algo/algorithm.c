#include "algo/algorithm.h"

#include "algo/cloning/bc.h"
#include "algo/mgail/mgail.h"
#include "algo/on_policy/gail.h"
#include "algo/on_policy/ppo.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const mg_algorithm_class *const mg_algorithms[] = {&mg_mgail_class, &mg_bc_class, &mg_gail_class,
                                                   &mg_ppo_class, NULL};

const mg_algorithm_class *mg_algorithm_find(const char *name) {
  for (int k = 0; mg_algorithms[k]; k++) {
    if (strcmp(mg_algorithms[k]->name, name) == 0) return mg_algorithms[k];
  }
  return NULL;
}

mg_pace mg_algorithm_pace(const mg_algorithm *self, const mg_settings *settings) {
  if (self->class_->pace) return self->class_->pace(self);
  return (mg_pace){.done = self->steps,
                   .total = settings->run.steps,
                   .evaluate_every = settings->evaluate.every,
                   .unit = "steps"};
}

double mg_schedule(double initial, double final, int64_t done, int64_t total) {
  return initial + (final - initial) * fmin(1, (double)done / (double)total);
}

double mg_average_decay(const mg_settings *settings, double steps) {
  return exp(-steps / settings->policy.average_steps);
}

void mg_adam_visit(mg_adam *adam, mg_sync_mode mode, const char *name, mg_archive *archive) {
  mg_real *moments[2] = {adam->m, adam->v};
  char field[64];
  for (int k = 0; k < 2; k++) {
    snprintf(field, sizeof field, "adam/%s/%c", name, "mv"[k]);
    if (mode == MG_SYNC_GRADIENTS) {
      mg_archive_shared(archive, field, MG_TYPE_REAL, moments[k], adam->n);
    } else {
      mg_archive_local(archive, field, MG_TYPE_REAL, moments[k], adam->n);
    }
  }
  snprintf(field, sizeof field, "adam/%s/steps", name);
  mg_archive_local(archive, field, MG_TYPE_I64, &adam->steps, 1);
}
