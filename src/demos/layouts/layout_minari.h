/* Parts of Minari's layout, of which the recorder (recording/writer.c) shares some. */
#ifndef MG_DEMOS_LAYOUT_MINARI_H
#define MG_DEMOS_LAYOUT_MINARI_H

#include "demos/layouts/layout.h"

/* "episode_" and 1 to 18 digits. */
bool mg_minari_is_episode_name(const char *name);

/* The five arrays of an episode; false if writing failed. */
bool mg_minari_write_arrays(hid_t group, const mg_form *form, const mg_trajectory *trajectory);

mg_status mg_minari_create(mg_sink *s, const mg_extras *x);
mg_status mg_minari_append(mg_sink *s, const mg_trajectory *t, const mg_extras *x);
mg_status mg_minari_finish(mg_sink *s);
void mg_minari_discard(mg_sink *s);

#endif
