/* Parts of the GAIL authors' layout, for layout_gail*.c. */
#ifndef MG_DEMOS_LAYOUT_GAIL_H
#define MG_DEMOS_LAYOUT_GAIL_H

#include "demos/layouts/layout.h"

/* The last three below metadata/minari, in files written here. */
enum {
  GAIL_OBSERVATIONS,
  GAIL_ACTIONS,
  GAIL_REWARDS,
  GAIL_LENGTHS,
  GAIL_TERMINATED,
  GAIL_TRUNCATED,
  GAIL_FINAL,
  GAIL_ARRAYS
};

extern const char *const mg_gail_names[GAIL_ARRAYS];

mg_status mg_gail_create(mg_sink *s, const mg_extras *x);
mg_status mg_gail_append(mg_sink *s, const mg_trajectory *t, const mg_extras *x);
mg_status mg_gail_finish(mg_sink *s);
void mg_gail_discard(mg_sink *s);

#endif
