/* What the recorder of data sets (recording/writer.c) shares of Minari's layout. */
#ifndef MG_DEMOS_LAYOUT_MINARI_H
#define MG_DEMOS_LAYOUT_MINARI_H

#include "demos/demo_file.h"

/* The five arrays of an episode; false if writing failed. */
bool mg_minari_write_arrays(hid_t group, const mg_form *form, const mg_trajectory *trajectory);

#endif
