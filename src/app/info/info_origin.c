#include "app/info/info_origin.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void mg_info_origin_print(const mg_dataset_origin *o) {
  if (*o->program) printf("recorded by   %s, %s\n", o->program, o->simulator);
  if (*o->env_kwargs && strcmp(o->env_kwargs, "{}") != 0)
    printf("arguments     %s\n", o->env_kwargs);
  if (*o->policy) {
    printf("policy        %s", o->policy);
    if (*o->parameters) printf(" of the %s parameters", o->parameters);
    if (*o->algorithm) printf(", %s after %" PRId64 " steps", o->algorithm, o->trained_steps);
    printf(", checksum %016" PRIx64 ", seed %" PRIu64 "\n", o->policy_checksum, o->seed);
  }
  if (!isnan(o->minimum_return)) {
    printf("kept          episodes with a return of at least %.10g; %" PRId64
           " below it were not\n",
           o->minimum_return, o->rejected_episodes);
  }
}
