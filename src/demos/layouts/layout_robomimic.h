/* Writing of robomimic's layout, for layout_robomimic*.c. */
#ifndef MG_DEMOS_LAYOUT_ROBOMIMIC_H
#define MG_DEMOS_LAYOUT_ROBOMIMIC_H

#include "demos/layouts/layout.h"
#include "demos/layouts/layout_keep.h"

mg_status mg_robomimic_create(mg_sink *s, const mg_extras *x);
mg_status mg_robomimic_append(mg_sink *s, const mg_trajectory *t, const mg_extras *x);
mg_status mg_robomimic_finish(mg_sink *s);
void mg_robomimic_discard(mg_sink *s);

#endif
