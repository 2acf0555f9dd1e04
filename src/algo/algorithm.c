#include "algo/algorithm.h"

#include "algo/cloning/bc.h"
#include "algo/mgail/mgail.h"
#include "algo/on_policy/gail.h"
#include "algo/on_policy/ppo.h"

#include <string.h>

const mg_algorithm_class *const mg_algorithms[] = {&mg_mgail_class, &mg_bc_class, &mg_gail_class,
                                                   &mg_ppo_class, NULL};

const mg_algorithm_class *mg_algorithm_find(const char *name) {
  for (int k = 0; mg_algorithms[k]; k++)
    if (strcmp(mg_algorithms[k]->name, name) == 0) return mg_algorithms[k];
  return NULL;
}

mg_pace mg_algorithm_pace(const mg_algorithm *self, const mg_settings *settings) {
  if (self->class_->pace) return self->class_->pace(self);
  return (mg_pace){.done = self->steps,
                   .total = settings->run.steps,
                   .evaluate_every = settings->evaluate.every,
                   .unit = "steps"};
}
